/**
 * `skiff check`: judges a site by the code that will serve it.
 *
 * @module
 */

import { checkSite, type CheckSummary } from "../check/checker.ts";
import { UsageError } from "../cli/options.ts";
import { FindingCollector } from "../check/findings.ts";
import { reportText } from "../check/report.ts";
import { counted } from "../http/counts.ts";
import {
  type CheckFlags,
  type CheckResult,
  flagValueOf,
  formatOf,
  ignoredOf,
} from "./check_flags.ts";
import { openCheckedSite } from "./checked_site.ts";
import type { Plan } from "./plan.ts";
import { Progress } from "./progress.ts";

/** Runs the command. `planOf` builds the plan of the site, if the flags need one. Throws like what it runs. */
export async function runCheck(
  flags: CheckFlags,
  planOf: () => Promise<Plan>,
  version: string,
): Promise<CheckResult> {
  const server = flagValueOf(flags, "server");
  const log = flagValueOf(flags, "log");
  if (server !== undefined && log !== undefined) {
    throw new UsageError("Cannot use --log with --server: choose one");
  }
  if (log !== undefined) {
    const { checkLog } = await import("./check_log.ts");
    return await checkLog(log, await planOf(), flags);
  }
  if (server === undefined) {
    return await checkPlanned(await planOf(), flags, version);
  }
  const { checkServer } = await import("./check_server.ts");
  return await checkServer(server, flags);
}

/** Checks the site of a plan. Throws a UsageError for invalid flags, and like SiteHandler. */
export async function checkPlanned(
  plan: Plan,
  flags: CheckFlags,
  version: string,
): Promise<CheckResult> {
  const collector = new FindingCollector(ignoredOf(flags));
  const summary = await checkFiles(plan, collector);
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

async function checkFiles(
  plan: Plan,
  collector: FindingCollector,
): Promise<CheckSummary> {
  using site = await openCheckedSite(plan);
  using progress = new Progress("files");
  return await checkSite(site, collector, progress.update);
}

/** Checks addresses of other servers, if the flags say so. Returns what to add to the extent. */
async function checkExternals(
  { externals }: CheckSummary,
  flags: CheckFlags,
  collector: FindingCollector,
): Promise<string> {
  if (!flags.some(([name]) => name === "external")) return "";
  const { checkExternal } = await import("./external_links.ts");
  using progress = new Progress("links");
  await checkExternal(externals, collector, progress.update);
  return `, ${counted(externals.size, "link")} to other servers`;
}
