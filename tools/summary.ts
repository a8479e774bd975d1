/**
 * What the operator sees of a pack: its progress, and its result. Pure.
 *
 * @module
 */

import type { BundleFile, KeptFile } from "../lib/site/bundle/format.ts";
import { counted, formatCount } from "../lib/http/counts.ts";
import { humanSize } from "../lib/site/listing/format.ts";
import type { PackProgress } from "./contents.ts";

function percentText(part: number, whole: number): string {
  return whole === 0 ? "0%" : `${Math.floor(100 * part / whole)}%`;
}

/** One line that fits this many columns; `ms` is how long it has taken so far. */
export function progressText(
  { files, filesTotal, bytes, bytesTotal }: PackProgress,
  ms: number,
  columns: number,
): string {
  const rate = ms > 0 ? `, ${humanSize(1000 * bytes / ms)}/s` : "";
  const line = `Packing ${formatCount(files)} of ${
    counted(filesTotal, "file")
  }, ${humanSize(bytes)} of ${humanSize(bytesTotal)}, ${
    percentText(bytes, bytesTotal)
  }${rate}`;
  return line.slice(0, columns);
}

/** A line of the table. */
interface Row {
  readonly type: string;
  files: number;
  /** Bytes as they are. */
  raw: number;
  /** Bytes as a client gets them that knows all codings. */
  best: number;
}

/** A table of media types, those with most bytes first, and the sum. */
export function summaryText(files: readonly BundleFile[]): string {
  const rows = new Map<string, Row>();
  const total: Row = { type: "Total", files: 0, raw: 0, best: 0 };
  for (const { contentType, identity, encoded } of files) {
    const type = contentType.split(";", 1)[0]!;
    const row = rows.get(type) ?? { type, files: 0, raw: 0, best: 0 };
    rows.set(type, row);
    const lengths = [identity, ...encoded].map(({ bytes }) => bytes.length);
    for (const sum of [row, total]) {
      sum.files++;
      sum.raw += identity.bytes.length;
      sum.best += Math.min(...lengths);
    }
  }
  const sorted = [...rows.values()].sort((a, b) =>
    b.raw - a.raw || (a.type < b.type ? -1 : 1)
  );
  return tableText([
    ["Type", "Files", "Raw", "Best encoding", "Saved"],
    ...[...sorted, total].map(({ type, files, raw, best }) => [
      type,
      formatCount(files),
      humanSize(raw),
      humanSize(best),
      percentText(raw - best, raw),
    ]),
  ]);
}

/** A line about files of older builds: how many, and the bytes that only they take, in all their encodings. */
export function keptText(
  kept: readonly KeptFile[],
  files: readonly BundleFile[],
): string {
  const lengths = new Map<string, number>();
  const contentsOf = ({ identity, encoded }: BundleFile) => [
    identity,
    ...encoded,
  ];
  for (const { etag, bytes } of kept.flatMap(contentsOf)) {
    lengths.set(etag, bytes.length);
  }
  for (const { etag } of files.flatMap(contentsOf)) lengths.delete(etag);
  const bytes = [...lengths.values()].reduce((sum, each) => sum + each, 0);
  const builds = new Set(kept.map(({ age }) => age)).size;
  return `Kept ${counted(kept.length, "file")} of ${
    counted(builds, "older release")
  }, ${humanSize(bytes)}`;
}

/** Cells in columns: the first to the left, the others to the right. */
function tableText(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]!.length))
  );
  return lines.map((cells) =>
    cells.map((cell, column) =>
      column === 0
        ? cell.padEnd(widths[column]!)
        : cell.padStart(widths[column]!)
    ).join("  ") + "\n"
  ).join("");
}
