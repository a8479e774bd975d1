/**
 * Says on a terminal how far a command is, on a line that goes away.
 *
 * @module
 */

import { formatCount } from "../http/counts.ts";

/** Milliseconds between two texts: readers do not need more, and terminals cost time. */
const INTERVAL_MS = 100;

/** What is written to. */
export interface ProgressSink {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The progress of one command. Writes nothing but to a terminal. */
export class Progress implements Disposable {
  readonly #what: string;
  readonly #sink: ProgressSink;
  readonly #isShown: boolean;
  #last = -Infinity;
  #width = 0;

  /** Makes a progress that counts `what`, as in "files". */
  constructor(what: string, sink: ProgressSink = Deno.stderr) {
    this.#what = what;
    this.#sink = sink;
    this.#isShown = sink.isTerminal();
  }

  /** Shows how much of it is done, if the last text is old enough. */
  readonly update = (done: number, total: number): void => {
    if (!this.#isShown) return;
    const now = performance.now();
    if (now - this.#last < INTERVAL_MS) return;
    this.#last = now;
    this.#write(
      `Checked ${formatCount(done)} of ${formatCount(total)} ${this.#what}`,
    );
  };

  /** Removes the text. */
  [Symbol.dispose](): void {
    if (this.#width > 0) this.#write("");
  }

  #write(text: string): void {
    const line = `\r${text.padEnd(this.#width)}${text === "" ? "\r" : ""}`;
    this.#width = text.length;
    this.#sink.writeSync(new TextEncoder().encode(line));
  }
}
