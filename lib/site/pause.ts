/**
 * Pauses between pieces of long work, so that requests get their turn.
 *
 * @module
 */

/**
 * Repeated work is followed by a pause of this many times its duration, so it takes at most a 21st of one processor.
 */
export const PAUSE_FACTOR = 20;

/** Lets other work run. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
