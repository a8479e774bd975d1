/**
 * Pauses between pieces of long work, so that requests get their turn.
 *
 * @module
 */

/**
 * Repeated work is followed by a pause of this many times its duration, so it takes at most a 21st of one processor.
 */
export const PAUSE_FACTOR = 20;

/** How long work goes on before others get their turn, in milliseconds: a pause costs one itself. */
const STEP_MS = 4;

/** Lets other work run. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The steps of long work, each of a few milliseconds. Pieces of it may take very different times. */
export class Steps {
  #end = performance.now() + STEP_MS;

  /** Call between pieces. Resolves when the next one may begin; undefined if that is now. */
  next(): Promise<void> | undefined {
    if (performance.now() < this.#end) return undefined;
    return pause().then(() => {
      this.#end = performance.now() + STEP_MS;
    });
  }
}
