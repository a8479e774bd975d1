/**
 * Counts how often long work lets other work run.
 *
 * @module
 */

/** Makes each look at the clock take a millisecond until it is disposed of. */
export class SlowClock implements Disposable {
  readonly #now = performance.now;
  #time = 0;

  constructor() {
    performance.now = () => ++this.#time;
  }

  [Symbol.dispose](): void {
    performance.now = this.#now;
  }
}

/** How often other work had its turn during work for which each look at the clock takes a millisecond. */
export async function turnsDuring(
  work: () => Promise<unknown>,
): Promise<number> {
  using _clock = new SlowClock();
  let turns = 0;
  let timer: ReturnType<typeof setTimeout>;
  const turn = () => {
    turns++;
    timer = setTimeout(turn, 0);
  };
  timer = setTimeout(turn, 0);
  try {
    await work();
    return turns;
  } finally {
    clearTimeout(timer);
  }
}
