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

/** Thrown by work whose client has left: it gets no reply. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/** The steps of long work, each of a few milliseconds. Pieces of it may take very different times. */
export class Steps {
  #end = performance.now() + STEP_MS;
  readonly #isWanted: () => boolean;

  /** The work goes on only while `isWanted` returns true. */
  constructor(isWanted: () => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  /**
   * Call between pieces. Resolves when the next one may begin; undefined if that is now. Rejects like
   * {@linkcode Steps.pause}.
   */
  next(): Promise<void> | undefined {
    return performance.now() < this.#end ? undefined : this.pause();
  }

  /** Lets other work run. Rejects with {@linkcode CancelledError} if the rest is not wanted. */
  async pause(): Promise<void> {
    await pause();
    if (!this.#isWanted()) throw new CancelledError("The client has left");
    this.#end = performance.now() + STEP_MS;
  }
}
