/**
 * What a log says of another site → text and JSON.
 *
 * @module
 */

import { counted, formatCount } from "../http/counts.ts";
import type { PathChange, PathChangeKind } from "./log_compare.ts";
import type { LogTally } from "./log_tally.ts";
import type { Proposal } from "./redirect_proposals.ts";
import { jsonText, printableText } from "./report.ts";

/** Paths of one kind that the text shows. */
const SHOWN = 50;

/** How many paths that were missing before the text shows: scanners request most of them. */
const MISSING_SHOWN = 10;

/** The headings of the text, in their order. */
const HEADINGS: Readonly<Record<PathChangeKind, string>> = {
  gone: "Would be gone",
  moved: "Would be redirected",
  larger: "Would be larger",
  uncached: "Would no longer be cached",
  missing: "Were missing, and still would be",
};

/** Writes a report; ends with a line feed. */
export function logReport(
  tally: LogTally,
  changes: readonly PathChange[],
  proposals: readonly Proposal[],
  format: "text" | "json",
): string {
  if (format === "json") {
    const { requests, unread, others, beyond, paths } = tally;
    const log = { requests, paths: paths.size, unread, others, beyond };
    return jsonText({ log, changes, redirects: proposals });
  }
  const byKind = Map.groupBy(changes, ({ kind }) => kind);
  const lines = Object.entries(HEADINGS).flatMap(([kind, heading]) =>
    section(
      heading,
      byKind.get(kind as PathChangeKind) ?? [],
      kind === "missing" ? MISSING_SHOWN : SHOWN,
    )
  );
  if (proposals.length > 0) {
    lines.push("Redirects to look at, for the beginning of _redirects:");
    lines.push(...proposals.map(({ line }) => `  ${line}`), "");
  }
  lines.push(summary(tally, byKind));
  return printableText(lines);
}

function section(
  heading: string,
  changes: readonly PathChange[],
  shown: number,
): string[] {
  if (changes.length === 0) return [];
  const rows = changes.slice(0, shown).map(({ hits, path, detail }) =>
    `${formatCount(hits).padStart(9)}  ${path}  (${detail})`
  );
  const more = changes.length - rows.length;
  if (more > 0) rows.push(`           and ${counted(more, "path")} more`);
  return [`${heading}, by requests:`, ...rows, ""];
}

function summary(
  { requests, paths, unread, others, beyond }: LogTally,
  byKind: ReadonlyMap<PathChangeKind, readonly PathChange[]>,
): string {
  const gone = byKind.get("gone") ?? [];
  const lost = gone.reduce((sum, { hits }) => sum + hits, 0);
  const parts = [
    `${counted(requests, "request")} for ${counted(paths.size, "path")}`,
    `${counted(gone.length, "path")} gone with ${counted(lost, "request")}`,
    ...others > 0
      ? [`${counted(others, "request")} of other kinds left out`]
      : [],
    ...beyond > 0
      ? [`${counted(beyond, "request")} beyond the bound left out`]
      : [],
    ...unread > 0 ? [`${counted(unread, "line")} not understood`] : [],
  ];
  return parts.join("; ");
}
