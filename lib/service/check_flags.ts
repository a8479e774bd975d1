/**
 * The flags of `skiff check`, and what it ends with.
 *
 * @module
 */

import { isRuleId, RULE_IDS } from "../check/finding_rules.ts";
import type { IgnoreRule } from "../check/findings.ts";
import type { ReportFormat } from "../check/report.ts";
import { UsageError } from "../cli/options.ts";
import { nearest } from "../cli/values.ts";
import { quote } from "../http/printable.ts";
import { compilePattern } from "../site/rules/pattern.ts";

/** The flags of the command, as the command line gives them. */
export type CheckFlags = readonly (readonly [name: string, value: string])[];

/** What a check prints and ends with. */
export interface CheckResult {
  readonly text: string;
  /** 0, or 1 if there are errors. */
  readonly code: number;
}

/** Returns the last value of a flag; undefined if it was not given. */
export function flagValueOf(
  flags: CheckFlags,
  wanted: string,
): string | undefined {
  return flags.findLast(([name]) => name === wanted)?.[1];
}

/** Returns the format of the report; the last of several counts. */
export function formatOf(flags: CheckFlags): ReportFormat {
  return (flagValueOf(flags, "format") ?? "text") as ReportFormat;
}

/** Returns the format of a report that has no places in files. Throws a UsageError for SARIF, which is about them. */
export function formatWithoutPlaces(
  flags: CheckFlags,
  option: "--log" | "--server",
): "text" | "json" {
  const format = formatOf(flags);
  if (format !== "sarif") return format;
  throw new UsageError(
    `Cannot write SARIF with ${option}: expected text or json`,
  );
}

/** Reads `RULE` and `RULE:PATH`. Throws a UsageError for a rule that does not exist. */
export function ignoredOf(flags: CheckFlags): IgnoreRule[] {
  return flags.filter(([name]) => name === "ignore").map(([, value]) => {
    const colon = value.indexOf(":");
    const rule = colon === -1 ? value : value.slice(0, colon);
    if (!isRuleId(rule)) {
      const meant = nearest(rule, RULE_IDS);
      throw new UsageError(
        `Cannot ignore ${quote(rule)}: expected the name of a rule${
          meant === undefined ? "" : `, perhaps ${meant}`
        }`,
      );
    }
    if (colon === -1) return { rule };
    const pattern = compilePattern(value.slice(colon + 1));
    if ("problem" in pattern) throw new UsageError(pattern.problem);
    return { rule, pattern };
  });
}
