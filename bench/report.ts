/**
 * What a run has come to, for people (Markdown) and for programs (JSON).
 *
 * @module
 */

import { type Machine, machineText } from "./machine.ts";
import { CANNED_LOOP, PEER_NAMES, RIVALS } from "./peers.ts";
import { median } from "./statistics.ts";
import { type Row, rowsOf, type Sample, tableText } from "./table.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

/** A run. */
export interface Report {
  readonly date: Date;
  readonly machine: Machine;
  /** Which cores were used for what. */
  readonly pinning: string;
  readonly rounds: number;
  /** Of one timing. */
  readonly seconds: number;
  /** Versions of the servers that took part, in the order of the table; skiff first. */
  readonly versions: ReadonlyMap<string, string>;
  readonly workloads: readonly Workload[];
  readonly samples: readonly Sample[];
  /** What a reader must know beside the figures. */
  readonly notes: readonly string[];
}

/** Fewer rounds, or fewer seconds in all, say nothing about speed. */
const ROUNDS_MIN = 3;
const SECONDS_MIN = 5;

/** The report in Markdown. */
export function reportText(report: Report): string {
  const { date, machine, pinning, rounds, seconds, versions, notes } = report;
  const peers = [...versions.keys()];
  const rows = rowsOf(report.workloads, peers, report.samples);
  const first = ["skiff", ...RIVALS, CANNED_LOOP];
  const main = peers.filter((peer) => first.includes(peer));
  const rest = peers.filter((peer) => !first.includes(peer));
  const isTrial = rounds < ROUNDS_MIN || rounds * seconds < SECONDS_MIN;
  return [
    ...(isTrial ? [TRIAL] : []),
    `Measured on ${date.toISOString().slice(0, 10)}: ${
      machineText(machine)
    }. ` +
    `${capitalised(pinning)}. Rounds: ${rounds}, of ${seconds} s each.\n`,
    `Versions: ${
      [...versions].map(([name, version]) => `${name} ${version}`).join(", ")
    }.\n`,
    tableText(rows, main, true),
    ...(rest.length === 0 ? [] : [tableText(rows, ["skiff", ...rest], false)]),
    LEGEND,
    othersText(report.samples),
    ...(notes.length === 0 ? [] : [listText(notes)]),
  ].join("\n");
}

const TRIAL = "**A trial, not a result**: with so few rounds, or so short " +
  "ones, the figures below only show what the table looks like.\n";

const LEGEND = "In brackets: skiff's figure divided by the one in the cell, " +
  "as the median of the rounds' ratios. † The server's core had nothing to " +
  "do for part of the time: the load generator set the pace, and the server " +
  "could have done more.\n";

/** With more of the servers' core gone elsewhere, in percent, the figures are not worth much. */
const OTHERS_PERCENT = 5;

const UNREST = "**The machine was not at rest; do not trust the figures.** ";

/** How much of the servers' core went elsewhere; "" when nobody has looked. */
function othersText(samples: readonly Sample[]): string {
  const shares = samples.map(({ measures }) => measures.others ?? NaN)
    .filter((share) => !Number.isNaN(share));
  if (shares.length === 0) return "";
  const middle = Math.round(median(shares));
  const most = Math.round(Math.max(...shares));
  const warning = middle > OTHERS_PERCENT ? UNREST : "";
  return `${warning}Other processes took ${middle} % of the servers' core in the ` +
    `middle one of ${shares.length} timings, ${most} % in the worst.\n`;
}

function listText(notes: readonly string[]): string {
  return notes.map((note) => `- ${note}\n`).join("");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The report in JSON. */
export function reportJson(report: Report): string {
  const { versions, workloads, ...rest } = report;
  const rows: Row[] = rowsOf(workloads, [...versions.keys()], report.samples);
  const whole = { ...rest, versions: Object.fromEntries(versions), rows };
  return JSON.stringify(whole, null, 2) + "\n";
}

/**
 * The report of several runs, each of other workloads, from their JSON. Throws
 * when they do not belong together: another skiff, other rounds or lengths, or
 * a workload twice.
 */
export function mergedReport(texts: readonly string[]): Report {
  const runs = texts.map((text): Report => {
    const { date, versions, ...rest } = JSON.parse(text);
    const versionMap = new Map<string, string>(Object.entries(versions));
    return { ...rest, date: new Date(date), versions: versionMap };
  }).sort((a, b) => a.date.getTime() - b.date.getTime());
  const [first] = runs;
  const namesOf = (run: Report) =>
    new Set(run.samples.map(({ workload }) => workload));
  const names = runs.flatMap((run) => [...namesOf(run)]);
  const isWhole = runs.every((run) =>
    run.rounds === first!.rounds && run.seconds === first!.seconds &&
    run.versions.get("skiff") === first!.versions.get("skiff")
  );
  if (!isWhole || new Set(names).size < names.length) {
    throw new Error("The runs do not belong together");
  }
  const versions = new Map(runs.flatMap((run) => [...run.versions]));
  const order = ["skiff", ...PEER_NAMES];
  return {
    ...first!,
    versions: new Map(
      [...versions].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
    ),
    workloads: WORKLOADS.filter(({ name }) => names.includes(name)),
    samples: runs.flatMap((run) => run.samples),
    notes: [...new Set(runs.flatMap((run) => run.notes))],
  };
}

const BEGIN = "<!-- Figures: written by bench:compare --into -->";
const END = "<!-- End of figures -->";

/** A document with the figures between its marks replaced. Throws when the marks are not there. */
export function withFigures(document: string, figures: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new Error(`There are no lines "${BEGIN}" and "${END}" to write into`);
  }
  const before = document.slice(0, begin + BEGIN.length);
  return `${before}\n\n${figures}\n${document.slice(end)}`;
}
