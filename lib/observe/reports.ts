/**
 * Standard error. Writes never block: a pipe that is not read would otherwise
 * stop the process at its next warning.
 *
 * @module
 */

import { type ByteSink, droppedText, LineWriter } from "./line_writer.ts";

/** Most characters that wait while standard error is not read. Further lines are dropped and counted. */
export const REPORTS_BYTES_MAX: number = 256 * 1024;

/**
 * A writer of reports to `sink`. A sink that is full or fails costs reports, never an answer. When it takes lines again,
 * it gets the number of dropped ones first.
 */
export function reportWriter(sink: ByteSink): LineWriter {
  const reports = new LineWriter({
    sink,
    batchMs: 0,
    backlogMax: REPORTS_BYTES_MAX,
    onDropped: (count) =>
      reports.append(
        `skiff: warning: ${
          droppedText(count)
        } here: no program read standard error\n`,
      ),
  });
  return reports;
}
