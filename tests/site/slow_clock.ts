/**
 * Counts how often long work lets other work run.
 *
 * @module
 */

import { TurnCounter } from "../turn_counter.ts";

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
  using other = new TurnCounter();
  await work();
  return other.turns;
}
