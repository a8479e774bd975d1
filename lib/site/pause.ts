/**
 * Pauses, so that long work in the background leaves time for requests.
 *
 * @module
 */

/**
 * Work that is repeated for lack of memory is followed by a pause of this many times its duration: it takes at most one
 * 21st of one processor.
 */
export const PAUSE_FACTOR = 20;

/** Lets other work run. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
