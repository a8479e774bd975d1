/**
 * What tells a process to end, as an AbortSignal, so that it can clean up before.
 *
 * @module
 */

/** Thrown when the process was told to end; everything is cleaned up by then. */
export class Interrupted extends Error {
  /** Its name. */
  override name = "Interrupted";
}

/** What tells a process to end; from a terminal its children as well. */
export const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns what would end the process into an AbortSignal, for as long as it is in scope. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = () => this.#controller.abort();

  /** From now on, signals no longer end the process. */
  constructor() {
    for (const signal of SIGNALS) {
      Deno.addSignalListener(signal, this.#listener);
    }
  }

  /** Aborts when the process gets a signal to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on, signals end the process again. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) {
      Deno.removeSignalListener(signal, this.#listener);
    }
  }
}
