/**
 * How long something takes, on a machine that does other things as well.
 *
 * @module
 */

import { assert } from "@std/assert";

/** How often something is tried that did not take its time for want of a processor, perhaps. */
const TRIES = 10;

/**
 * Fails unless something takes less than so many ms in one of several tries, which together take no longer than as many
 * that just fail: what is slow by nature is not waited for again and again.
 */
export async function assertQuick(
  ms: number,
  run: () => unknown,
): Promise<void> {
  let least = Infinity;
  for (let spent = 0; spent < TRIES * ms && least >= ms;) {
    const start = performance.now();
    await run();
    const took = performance.now() - start;
    least = Math.min(least, took);
    spent += took;
  }
  assert(least < ms, `${least} ms at least, not ${ms}`);
}
