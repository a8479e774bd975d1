/**
 * The access log. It writes lines in batches, so that logging costs little,
 * never delays an answer and never ends the server.
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import { type ByteSink, droppedText, LineWriter } from "./line_writer.ts";

/** How long a line waits for others, in ms. */
const BATCH_MS = 100;

/** Most bytes that wait while the log is read slowly. Further lines are dropped and counted. */
export const BACKLOG_BYTES_MAX: number = 4 * 1024 * 1024;

/** How long what a format has folded waits for more, in ms. */
const REST_MS = 1_000;

/** Makes the lines of a log. */
export interface LineFormat {
  /** The lines for an exchange; none if it is kept for {@linkcode LineFormat.rest}. */
  readonly format: (exchange: Exchange) => string;
  /** The lines for what was kept. Without it, nothing ever is. */
  rest?(): string;
}

/** Writes a line for each exchange. */
export class AccessLog {
  /** Whether lines are written; those of other exchanges are lost. */
  isOn = true;
  readonly #lines: LineWriter;
  readonly #format: LineFormat;
  readonly #report: (error: unknown) => void;
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * A log that writes to `sink`. Calls `report` for each failure of the sink, and with the number of dropped lines
   * when the sink takes lines again or the log is closed.
   */
  constructor(
    sink: ByteSink,
    format: LineFormat,
    report: (error: unknown) => void,
  ) {
    this.#format = format;
    this.#report = report;
    this.#lines = new LineWriter({
      sink,
      batchMs: BATCH_MS,
      backlogMax: BACKLOG_BYTES_MAX,
      onFailure: (reason) =>
        report(`The access log cannot be written: ${reason}`),
      onDropped: (count) => report(droppedText(count, " of the access log")),
    });
  }

  /** Adds the line of an exchange. */
  readonly record = (exchange: Exchange): void => {
    if (!this.isOn) return;
    const lines = this.#format.format(exchange);
    if (lines !== "") this.#lines.append(lines);
    if (this.#format.rest !== undefined) {
      this.#restTimer ??= setTimeout(() => this.#appendRest(), REST_MS);
    }
  };

  /** Adds whole lines. */
  append(lines: string): void {
    if (this.isOn) this.#lines.append(lines);
  }

  #appendRest(): void {
    clearTimeout(this.#restTimer);
    this.#restTimer = undefined;
    const lines = this.#format.rest?.() ?? "";
    if (lines !== "") this.append(lines);
  }

  /** Writes what waits. Resolves when that is written, has failed, or takes too long. */
  async close(): Promise<void> {
    this.#appendRest();
    if (!await this.#lines.close()) {
      this.#report("No program reads the access log: its last lines are lost");
    }
    this.#lines.reportDropped();
  }
}
