/**
 * The access log. It writes lines in batches, so that logging costs little,
 * never delays an answer and never ends the server.
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import { type ByteSink, LineWriter } from "./line_writer.ts";

/** How long a line waits for others, in ms. */
const BATCH_MS = 100;

/** Most bytes that wait while the log is read slowly. Further lines are dropped and counted. */
export const BACKLOG_BYTES_MAX: number = 4 * 1024 * 1024;

/** Writes a line for each exchange. */
export class AccessLog {
  readonly #lines: LineWriter;
  readonly #format: (exchange: Exchange) => string;
  readonly #report: (error: unknown) => void;

  /**
   * A log that writes to `sink`. Calls `report` for each failure of the sink, and with the number of dropped lines
   * when the sink takes lines again or the log is closed.
   */
  constructor(
    sink: ByteSink,
    format: (exchange: Exchange) => string,
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
      onDropped: (count) => {
        const lines = count === 1 ? "1 line" : `${count} lines`;
        const were = count === 1 ? "was" : "were";
        report(`${lines} of the access log ${were} dropped`);
      },
    });
  }

  /** Adds the line of an exchange. */
  readonly record = (exchange: Exchange): void => {
    this.append(this.#format(exchange));
  };

  /** Adds whole lines. */
  append(lines: string): void {
    this.#lines.append(lines);
  }

  /** Writes what waits. Resolves when that is written, has failed, or takes too long. */
  async close(): Promise<void> {
    if (!await this.#lines.close()) {
      this.#report("The access log is not read: its last lines are lost");
    }
    this.#lines.reportDropped();
  }
}
