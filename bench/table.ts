/**
 * Samples of all rounds → figures, ratios, verdicts → Markdown and JSON.
 *
 * @module
 */

import type { Measures } from "./measure_requests.ts";
import { RIVALS } from "./peers.ts";
import { median } from "./statistics.ts";
import type { Bar, Figure, Workload } from "./workloads.ts";

/** What was measured of one server in one round. */
export interface Sample {
  readonly workload: string;
  readonly peer: string;
  /** From 0. */
  readonly round: number;
  readonly measures: Measures;
}

/** One row of the table: one figure of one workload. */
export interface Row {
  readonly workload: string;
  readonly title: string;
  readonly figure: Figure;
  readonly cells: readonly Cell[];
  /** skiff's figure as a multiple of the best rival's; NaN when there is none. */
  readonly bestRatio: number;
  /** The bars as text, "" when there are none. */
  readonly bar: string;
  /** Whether they are all reached; undefined when there are none, or nothing to tell it by. */
  readonly isReached: boolean | undefined;
}

/** One server's place in a row. */
export interface Cell {
  readonly peer: string;
  /** The figure of all rounds; NaN when there is none. */
  readonly value: number;
  /** Median of the rounds' ratios, skiff's figure divided by this one's; NaN for skiff itself. */
  readonly ratio: number;
  /** Whether the server's core was idle for part of the time: then it was not the server that set the pace. */
  readonly isWaiting: boolean;
}

/** A server whose core does nothing for more than this share of the time, in percent, waits for the load. */
const IDLE_PERCENT = 10;

/** The name that the others are compared with. */
const SKIFF = "skiff";

/** The rows of some workloads. */
export function rowsOf(
  workloads: readonly Workload[],
  peers: readonly string[],
  samples: readonly Sample[],
): Row[] {
  return workloads.flatMap((workload) => {
    const own = samples.filter((sample) => sample.workload === workload.name);
    return workload.figures
      .map((figure) => rowOf(workload, figure, peers, own))
      .filter((row) => row.cells.some(({ value }) => !Number.isNaN(value)));
  });
}

function rowOf(
  workload: Workload,
  figure: Figure,
  peers: readonly string[],
  samples: readonly Sample[],
): Row {
  const cells = peers.map((peer) => cellOf(figure, peer, samples));
  const ratios = cells
    .filter(({ peer, ratio }) => RIVALS.includes(peer) && !Number.isNaN(ratio))
    .map(({ ratio }) => ratio);
  const bars = workload.bars.filter((bar) => bar.figure === figure.name);
  const verdicts = bars.map((bar) => isReached(bar, cells));
  return {
    workload: workload.name,
    title: workload.title,
    figure,
    cells,
    bestRatio: ratios.length === 0
      ? NaN
      : figure.isMoreBetter
      ? Math.min(...ratios)
      : Math.max(...ratios),
    bar: bars.map(barText).join(", "),
    isReached: verdicts.length === 0 || verdicts.includes(undefined)
      ? undefined
      : !verdicts.includes(false),
  };
}

function cellOf(
  figure: Figure,
  peer: string,
  samples: readonly Sample[],
): Cell {
  const own = samples.filter((sample) => sample.peer === peer);
  const values = own.map(({ measures }) => measures[figure.name] ?? NaN)
    .filter((value) => !Number.isNaN(value));
  const shares = own.map(({ measures }) => measures.idle ?? NaN)
    .filter((share) => !Number.isNaN(share));
  return {
    peer,
    value: valueOf(figure, values),
    ratio: peer === SKIFF || !figure.isCompared
      ? NaN
      : ratioOf(figure, own, samples),
    isWaiting: median(shares) > IDLE_PERCENT,
  };
}

function valueOf(figure: Figure, values: readonly number[]): number {
  if (figure.take === "median" || values.length === 0) return median(values);
  return figure.isMoreBetter ? Math.min(...values) : Math.max(...values);
}

/** Rounds are compared one by one: what slows the machine for a while slows both. */
function ratioOf(
  figure: Figure,
  own: readonly Sample[],
  samples: readonly Sample[],
): number {
  const ratios = own.map(({ round, measures }) => {
    const skiff = samples.find((sample) =>
      sample.peer === SKIFF && sample.round === round
    );
    return (skiff?.measures[figure.name] ?? NaN) /
      (measures[figure.name] ?? NaN);
  });
  return median(ratios.filter(Number.isFinite));
}

function isReached(bar: Bar, cells: readonly Cell[]): boolean | undefined {
  const { against, atLeast = -Infinity, atMost = Infinity } = bar;
  const value = against === undefined
    ? cells.find(({ peer }) => peer === SKIFF)?.value
    : cells.find(({ peer }) => peer === against)?.ratio;
  if (value === undefined || Number.isNaN(value)) return undefined;
  return value >= atLeast && value <= atMost;
}

/** A bar in few words. */
export function barText(bar: Bar): string {
  const limit = bar.atLeast === undefined
    ? `≤ ${bar.atMost}`
    : `≥ ${bar.atLeast}`;
  return bar.against === undefined ? limit : `${limit} × ${bar.against}`;
}

/** A table of some servers in Markdown, with its columns aligned; with or without the bars. */
export function tableText(
  rows: readonly Row[],
  peers: readonly string[],
  hasBars: boolean,
): string {
  const others = peers.filter((peer) => peer !== SKIFF);
  const told = rows.filter((row) =>
    hasBars || cellsOf(row, others).some(({ value }) => !Number.isNaN(value))
  );
  const head = ["workload", "figure", ...peers];
  if (hasBars) head.push("best of three", "bar", "met");
  const body = told.map((row, index) => {
    const isSame = told[index - 1]?.workload === row.workload;
    const cells = cellsOf(row, peers).map((cell) => cellText(cell, row.figure));
    return [
      isSame ? "" : row.title,
      row.figure.title,
      ...cells,
      ...(hasBars ? barTexts(row) : []),
    ];
  });
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((line) => line[column]!.length))
  );
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...body].map((line) => {
    const padded = line.map((text, column) => text.padEnd(widths[column]!));
    return `| ${padded.join(" | ")} |\n`;
  }).join("");
}

function cellsOf(row: Row, peers: readonly string[]): Cell[] {
  return peers.map((peer) => row.cells.find((cell) => cell.peer === peer)!);
}

function barTexts({ bestRatio, bar, isReached }: Row): string[] {
  const verdict = isReached === undefined ? "" : isReached ? "yes" : "**no**";
  return [numberText(bestRatio, 2), bar, verdict];
}

function cellText(cell: Cell, figure: Figure): string {
  if (Number.isNaN(cell.value)) return "";
  const mark = cell.isWaiting ? "†" : "";
  const ratio = Number.isNaN(cell.ratio)
    ? ""
    : ` (${numberText(cell.ratio, 2)})`;
  return numberText(cell.value, figure.digits) + mark + ratio;
}

function numberText(value: number, digits: number): string {
  if (Number.isNaN(value)) return "";
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
