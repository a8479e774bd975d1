/**
 * Results of probes → a table for people, JSON for programs.
 *
 * @module
 */

import type { ProbeResult } from "./probe_run.ts";
import { jsonText, printableText } from "./report.ts";

/** How much a probe that failed counts, as the table says it. */
const WORDS = { must: "FAULT", should: "advice" } as const;

/** Writes the results in a format; ends with a line feed. */
export function probeReport(
  results: readonly ProbeResult[],
  server: string,
  format: "text" | "json",
): string {
  if (format === "json") {
    return jsonText({ server, counts: countsOf(results), results });
  }
  const failed = results.filter(({ outcome }) => outcome === "fail");
  const width = Math.max(0, ...failed.map(({ section }) => section.length));
  const lines = failed.map(({ level, section, title, reason }) =>
    `${WORDS[level].padEnd(6)}  ${section.padEnd(width)}  ${title}: ${reason}`
  );
  if (lines.length > 0) lines.push("");
  lines.push(...tableOf(results));
  return printableText(lines);
}

/** A row for each group, and one for all. */
function tableOf(results: readonly ProbeResult[]): string[] {
  const groups = [...Map.groupBy(results, ({ group }) => group)];
  const rows = [
    ["", ...Object.keys(countsOf(results))],
    ...[...groups, ["all", results] as const].map((
      [name, own],
    ) => [name, ...Object.values(countsOf(own)).map(String)]),
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
    ).join("  ").trimEnd()
  );
}

/** Counts results by what they came to, in the order of the table. */
export function countsOf(results: readonly ProbeResult[]): {
  readonly passed: number;
  readonly faults: number;
  readonly advice: number;
  readonly skipped: number;
} {
  const failed = results.filter(({ outcome }) => outcome === "fail");
  const faults = failed.filter(({ level }) => level === "must").length;
  return {
    passed: results.filter(({ outcome }) => outcome === "pass").length,
    faults,
    advice: failed.length - faults,
    skipped: results.filter(({ outcome }) => outcome === "skip").length,
  };
}
