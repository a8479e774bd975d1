/**
 * Findings → text for people, JSON and SARIF for programs.
 *
 * @module
 */

import { printable } from "../http/printable.ts";
import { FINDING_RULES, type RuleId, SEVERITIES } from "./finding_rules.ts";
import type { FindingGroup, Findings, Place } from "./findings.ts";

/** What a report is about. */
export interface ReportDetails {
  /** What was checked: a directory, or a server. */
  readonly subject: string;
  /** What was gone through, as in "12 files, 3 documents". */
  readonly extent: string;
  /** The version of skiff. */
  readonly version: string;
}

/** The formats of a report. */
export type ReportFormat = "text" | "json" | "sarif";

/** Places that the text shows; the other formats have more. */
const SHOWN_PLACES = 3;

/** Writes a report in a format; ends with a line feed. */
export function reportText(
  findings: Findings,
  details: ReportDetails,
  format: ReportFormat,
): string {
  switch (format) {
    case "text":
      return plainText(findings, details);
    case "json":
      return jsonText(jsonReport(findings, details));
    case "sarif":
      return jsonText(sarifLog(findings, details));
  }
}

/** Writes JSON whose texts are harmless to a terminal: what names and servers put into them is escaped. Ends with a line feed. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split("\n")
    .map((line) => `${printable(line)}\n`).join("");
}

/** A place as editors understand it: "docs/index.html:12". */
function placeText({ path, line }: Place): string {
  const name = path.length > 1 ? path.replace(/^\//, "") : path;
  return line === undefined ? name : `${name}:${line}`;
}

function plainText(findings: Findings, details: ReportDetails): string {
  const lines: string[] = [];
  const mended = new Set<RuleId>();
  for (const { rule, severity, message, places, count } of findings.groups) {
    const [first, ...others] = places;
    lines.push(`${placeText(first!)}: ${severity} ${rule}: ${message}`);
    if (count > 1) {
      const shown = others.slice(0, SHOWN_PLACES - 1).map(placeText);
      const more = count - 1 - shown.length;
      if (more > 0) shown.push(`${more} more`);
      lines.push(`    also ${listed(shown)}`);
    }
    if (mended.has(rule)) continue;
    mended.add(rule);
    lines.push(`    ${FINDING_RULES[rule].mend}`);
  }
  if (lines.length > 0) lines.push("");
  lines.push(...summaryLines(findings, details));
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1)!;
  return parts.length === 1
    ? last
    : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

function summaryLines(
  { counts, ignored, dropped }: Findings,
  { extent }: ReportDetails,
): string[] {
  const found = SEVERITIES.map((severity) =>
    counted(counts[severity], severity)
  );
  const lines = [`${extent}: ${listed(found)}`];
  if (ignored > 0) lines.push(`${counted(ignored, "finding")} ignored`);
  if (dropped > 0) {
    lines.push(`${counted(dropped, "finding")} more than are listed`);
  }
  return lines;
}

/** "1 error", "2 errors", "1,200 notes". */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}

function jsonReport(findings: Findings, details: ReportDetails) {
  const { counts, ignored, dropped, groups } = findings;
  return {
    subject: details.subject,
    extent: details.extent,
    counts,
    ignored,
    dropped,
    findings: groups.map(({ rule, severity, message, places, count }) => ({
      rule,
      severity,
      message,
      mend: FINDING_RULES[rule].mend,
      count,
      places,
    })),
  };
}

/** The schema of the log. */
const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** A log as SARIF 2.1.0 defines it, whose levels are the severities here: a result for each finding, its other places as related locations. */
function sarifLog(findings: Findings, details: ReportDetails) {
  const ids = [...new Set(findings.groups.map(({ rule }) => rule))];
  const rules = ids.map((id) => {
    const { title, mend, severity } = FINDING_RULES[id];
    return {
      id,
      shortDescription: { text: title },
      help: { text: mend },
      defaultConfiguration: { level: severity },
    };
  });
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{
      tool: {
        driver: { name: "skiff check", version: details.version, rules },
      },
      originalUriBaseIds: { ROOT: { description: { text: details.subject } } },
      columnKind: "utf16CodeUnits",
      results: findings.groups.map((group) => resultOf(group, ids)),
    }],
  };
}

function resultOf(
  { rule, severity, message, places, count }: FindingGroup,
  ids: readonly RuleId[],
) {
  const [first, ...others] = places;
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: severity,
    message: { text: message },
    occurrenceCount: count,
    locations: [locationOf(first!)],
    ...others.length > 0 && {
      relatedLocations: others.map((place, id) => ({
        id,
        ...locationOf(place),
      })),
    },
  };
}

function locationOf({ path, line }: Place) {
  const uri = path.replace(/^\//, "").split("/")
    .map((segment) => encodeURIComponent(segment.toWellFormed())).join("/");
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: "ROOT" },
      ...line !== undefined && { region: { startLine: line } },
    },
  };
}
