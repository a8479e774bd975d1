/**
 * How long something takes, on a machine that does other things as well.
 *
 * @module
 */

import { assert } from "@std/assert";

/** How often something is tried that did not take its time for want of a processor, perhaps. */
const TRIES = 10;

/** Fails unless something takes less than so many ms in one of several tries. */
export async function assertQuick(
  ms: number,
  run: () => unknown,
): Promise<void> {
  let least = Infinity;
  for (let count = 0; count < TRIES && least >= ms; count++) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  assert(least < ms, `${least} ms at least, not ${ms}`);
}
