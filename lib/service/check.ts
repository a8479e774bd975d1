/**
 * `skiff check`: judges a site by the code that will serve it.
 *
 * @module
 */

import { checkSite, type CheckSummary } from "../check/checker.ts";
import { FINDING_RULES, isRuleId } from "../check/finding_rules.ts";
import { FindingCollector, type Ignored } from "../check/findings.ts";
import { counted, type ReportFormat, reportText } from "../check/report.ts";
import { UsageError } from "../cli/options.ts";
import { nearest } from "../cli/values.ts";
import { quote } from "../http/printable.ts";
import { compilePattern } from "../site/rules/pattern.ts";
import { openCheckedSite } from "./checked_site.ts";
import type { Plan } from "./plan.ts";
import { Progress } from "./progress.ts";

/** The flags of the command, as the command line gives them. */
export type CheckFlags = readonly (readonly [name: string, value: string])[];

/** What a check prints and ends with. */
export interface CheckResult {
  readonly text: string;
  /** 0, or 1 if there are errors. */
  readonly code: number;
}

/** Checks the site of a plan. Throws a UsageError for invalid flags, and like SiteHandler. */
export async function checkPlanned(
  plan: Plan,
  flags: CheckFlags,
  version: string,
): Promise<CheckResult> {
  const collector = new FindingCollector(ignoredOf(flags));
  const site = await openCheckedSite(plan);
  const progress = new Progress("files");
  let summary: CheckSummary;
  try {
    summary = await checkSite(site, collector, progress.update);
  } finally {
    progress.end();
    site.close();
  }
  const externals = await checkExternals(summary, flags, collector);
  const findings = collector.result();
  const extent = [
    counted(summary.files, "file"),
    counted(summary.documents, "document"),
    counted(summary.references, "reference") + externals,
  ].join(", ");
  const details = { subject: plan.root, extent, version };
  return {
    text: reportText(findings, details, formatOf(flags)),
    code: findings.counts.error > 0 ? 1 : 0,
  };
}

/** Returns the format of the report; the last of several counts. */
export function formatOf(flags: CheckFlags): ReportFormat {
  const given = flags.findLast(([name]) => name === "format")?.[1];
  return (given ?? "text") as ReportFormat;
}

/** Reads `RULE` and `RULE:PATH`. Throws a UsageError for a rule that does not exist. */
export function ignoredOf(flags: CheckFlags): Ignored[] {
  return flags.filter(([name]) => name === "ignore").map(([, value]) => {
    const colon = value.indexOf(":");
    const rule = colon === -1 ? value : value.slice(0, colon);
    if (!isRuleId(rule)) {
      const meant = nearest(rule, Object.keys(FINDING_RULES));
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

/** Checks addresses of other servers, if that is asked for. Returns what to add to the extent. */
async function checkExternals(
  { externals }: CheckSummary,
  flags: CheckFlags,
  collector: FindingCollector,
): Promise<string> {
  if (!flags.some(([name]) => name === "external")) return "";
  const { checkExternal } = await import("./external_links.ts");
  const progress = new Progress("links");
  try {
    await checkExternal(externals, collector, progress.update);
  } finally {
    progress.end();
  }
  return `, ${counted(externals.size, "link")} to other servers`;
}
