/**
 * Standard error. Writes never block: a pipe that is not read would otherwise
 * stop the process at its next warning.
 *
 * @module
 */

import { type ByteSink, LineWriter } from "./line_writer.ts";

/** Most characters that wait while standard error is not read. Further lines are dropped and counted. */
export const REPORTS_BYTES_MAX: number = 256 * 1024;

/** Writes reports in order. A sink that is full or fails costs reports, never an answer. */
export class Reports {
  readonly #lines: LineWriter;

  /** Reports that go to `sink`. When the sink takes lines again, it gets the number of dropped ones first. */
  constructor(sink: ByteSink) {
    const lines = new LineWriter({
      sink,
      batchMs: 0,
      backlogMax: REPORTS_BYTES_MAX,
      onFailure: () => {
        // There is no other place to report it to.
      },
      onDropped: (count) => {
        const what = count === 1 ? "1 line was" : `${count} lines were`;
        lines.append(
          `skiff: warning: ${what} dropped here: no program read standard error\n`,
        );
      },
    });
    this.#lines = lines;
  }

  /** Adds whole lines. Never throws, never blocks. */
  readonly write = (lines: string): void => this.#lines.append(lines);

  /** Writes what waits. Resolves when that is written, has failed, or takes longer than two seconds. */
  async close(): Promise<void> {
    await this.#lines.close();
  }
}
