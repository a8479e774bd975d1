/**
 * Findings → text for people, JSON and SARIF for programs.
 *
 * @module
 */

import { counted, formatCount } from "../http/counts.ts";
import { printable } from "../http/printable.ts";
import { FINDING_RULES, type RuleId, SEVERITIES } from "./finding_rules.ts";
import type {
  FindingGroup,
  FindingPlace,
  Findings,
  RuleCount,
} from "./findings.ts";

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

/** Findings of one rule and severity that the text shows: people mend the first and look again. */
const SHOWN_FINDINGS = 50;

/** Writes "a, b and c". */
const LIST = new Intl.ListFormat("en-GB");

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
  return printableText(JSON.stringify(value, undefined, 2).split("\n"));
}

/** Makes lines harmless for a terminal, and ends each with a line feed. */
export function printableText(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A place as editors understand it: "docs/index.html:12". */
function placeText({ path, line }: FindingPlace): string {
  const name = path.length > 1 ? path.replace(/^\//, "") : path;
  return line === undefined ? name : `${name}:${line}`;
}

function plainText(findings: Findings, details: ReportDetails): string {
  const lines: string[] = [];
  const byRule = Map.groupBy(
    findings.groups,
    ({ severity, rule }) => `${severity} ${rule}`,
  );
  for (const groups of byRule.values()) {
    lines.push(...groups.slice(0, SHOWN_FINDINGS).flatMap(findingLines));
    const more = groups.length - SHOWN_FINDINGS;
    if (more > 0) {
      const { rule } = groups[0]!;
      lines.push(
        `${counted(more, "more finding")} of ${rule}: --format json has them`,
      );
    }
  }
  if (lines.length > 0) lines.push("", ...ruleTable(findings), "");
  lines.push(...summaryLines(findings, details));
  return printableText(lines);
}

/** A finding with its first places; the first of a rule says how to mend it. */
function findingLines(
  { rule, severity, message, places, count }: FindingGroup,
  index: number,
): string[] {
  const [first, ...others] = places;
  const lines = [`${placeText(first!)}: ${severity} ${rule}: ${message}`];
  if (count > 1) {
    const shown = others.slice(0, SHOWN_PLACES - 1).map(placeText);
    const more = count - 1 - shown.length;
    if (more > 0) shown.push(`${formatCount(more)} more`);
    lines.push(`    also ${LIST.format(shown)}`);
  }
  if (index === 0) lines.push(`    ${FINDING_RULES[rule].mend}`);
  return lines;
}

/** How many findings each rule has. */
function ruleTable({ rules }: Findings): string[] {
  const rows = rules.map((row) => ({
    ...row,
    count: formatCount(row.count),
  }));
  const width = (column: keyof RuleCount) =>
    Math.max(...rows.map((row) => row[column].length));
  const widths = [width("count"), width("severity"), width("rule")] as const;
  return rows.map(({ count, severity, rule }) =>
    `${count.padStart(widths[0])} ${severity.padEnd(widths[1])} ${
      rule.padEnd(widths[2])
    }  ${FINDING_RULES[rule].title}`
  );
}

function summaryLines(
  { counts, ignored, dropped }: Findings,
  { extent }: ReportDetails,
): string[] {
  const found = SEVERITIES.map((severity) =>
    counted(counts[severity], severity)
  );
  const lines = [`${extent}: ${LIST.format(found)}`];
  if (ignored > 0) lines.push(`${counted(ignored, "finding")} ignored`);
  if (dropped > 0) {
    lines.push(`${counted(dropped, "finding")} more than are listed`);
  }
  return lines;
}

function jsonReport(findings: Findings, { subject, extent }: ReportDetails) {
  const { counts, rules, ignored, dropped, groups } = findings;
  return {
    subject,
    extent,
    counts,
    rules,
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

function locationOf({ path, line }: FindingPlace) {
  const uri = path.replace(/^\//, "").split("/")
    .map((segment) => encodeURIComponent(segment.toWellFormed())).join("/");
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: "ROOT" },
      ...line !== undefined && { region: { startLine: line } },
    },
  };
}
