/**
 * A clock that only a test moves.
 *
 * @module
 */

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Takes the place of the clock and of timers until it is disposed of. */
export class FakeTime implements Disposable {
  #now: number = Date.now();
  #id = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #real = {
    now: Date.now,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
  };

  constructor() {
    Date.now = () => this.#now;
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms = 0) => {
        this.#timers.set(++this.#id, { at: this.#now + ms, callback });
        return this.#id;
      },
      clearTimeout: (id: number) => this.#timers.delete(id),
    });
  }

  /** Moves the clock, and runs what is due on the way. */
  async tickAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.#settle();
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end)
        .sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [id, { at, callback }] = next;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
  }

  /** Lets promises that can resolve do so. */
  #settle(): Promise<void> {
    // Old runtimes refuse another receiver than the global scope.
    const { setTimeout } = this.#real;
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  [Symbol.dispose](): void {
    Date.now = this.#real.now;
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
  }
}
