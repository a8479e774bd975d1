/**
 * Results of probes → a table for people, JSON for programs.
 *
 * @module
 */

import { printable } from "../http/printable.ts";
import type { ProbeResult } from "./probe_run.ts";
import { jsonText } from "./report.ts";

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
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A row for each group, and one for all. */
function tableOf(results: readonly ProbeResult[]): string[] {
  const groups = [...Map.groupBy(results, ({ group }) => group)];
  const rows = [
    ["", "passed", "faults", "advice", "skipped"],
    ...[...groups, ["all", results] as const].map(([name, own]) => {
      const { passed, faults, advice, skipped } = countsOf(own);
      return [name, ...[passed, faults, advice, skipped].map(String)];
    }),
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

/** Counts results by what they came to. */
export function countsOf(results: readonly ProbeResult[]): {
  readonly passed: number;
  readonly faults: number;
  readonly advice: number;
  readonly skipped: number;
} {
  const count = (is: (result: ProbeResult) => boolean) =>
    results.filter(is).length;
  return {
    passed: count(({ outcome }) => outcome === "pass"),
    faults: count(({ outcome, level }) =>
      outcome === "fail" && level === "must"
    ),
    advice: count(({ outcome, level }) =>
      outcome === "fail" && level === "should"
    ),
    skipped: count(({ outcome }) => outcome === "skip"),
  };
}
