/**
 * A clock that only a test moves.
 *
 * @module
 */

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  /** After how many ms it is due again; undefined for one that is due once. */
  readonly every?: number;
}

/** Takes the place of the clocks and of timers until it is disposed of. */
export class FakeTime implements Disposable {
  #now: number = Date.now();
  #id = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #real = {
    dateNow: Date.now,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  };

  constructor() {
    Date.now = () => this.#now;
    performance.now = () => this.#now;
    const clear = (id: number) => void this.#timers.delete(id);
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms = 0) =>
        this.#add({ at: this.#now + ms, callback }),
      setInterval: (callback: () => void, every: number) =>
        this.#add({ at: this.#now + every, callback, every }),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  #add(timer: Timer): number {
    this.#timers.set(++this.#id, timer);
    return this.#id;
  }

  /** Moves the clock, and runs what is due on the way. */
  async tickAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.#settle();
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end)
        .sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [id, timer] = next;
      const { at, callback, every } = timer;
      this.#now = Math.max(this.#now, at);
      if (every === undefined) this.#timers.delete(id);
      else this.#timers.set(id, { ...timer, at: this.#now + every });
      callback();
    }
    this.#now = end;
  }

  /** Moves the clock while nothing can run, as when something blocks the event loop. */
  block(ms: number): void {
    this.#now += ms;
  }

  /** Lets promises that can resolve do so. */
  #settle(): Promise<void> {
    // Old runtimes refuse another receiver than the global scope.
    const { setTimeout } = this.#real;
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  [Symbol.dispose](): void {
    const { dateNow, ...timers } = this.#real;
    Date.now = dateNow;
    // Own property: the real one is inherited.
    Reflect.deleteProperty(performance, "now");
    Object.assign(globalThis, timers);
  }
}
