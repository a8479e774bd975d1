/**
 * `skiff check --log`: what a site would answer to the requests of a log.
 *
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { gzipSync } from "node:zlib";
import type { Fetcher } from "../check/answer.ts";
import { compareLog } from "../check/log_compare.ts";
import { logReport } from "../check/log_report.ts";
import { LOG_LINE_CHARACTERS_MAX, LogTally } from "../check/log_tally.ts";
import { proposeRedirects } from "../check/redirect_proposals.ts";
import { errorMessage } from "../observe/error_text.ts";
import { COMPRESS_BYTES_MAX } from "../site/content/file.ts";
import { isCompressible } from "../site/content/media_type.ts";
import {
  type CheckFlags,
  type CheckResult,
  formatWithoutPlaces,
} from "./check_flags.ts";
import { openCheckedSite, type OpenSite } from "./checked_site.ts";
import { logLinesOf, openLog } from "./log_lines.ts";
import type { Plan } from "./plan.ts";
import { Progress } from "./progress.ts";
import { StartError } from "./startup.ts";

/** Asks the site of a plan for everything in a log. Throws a StartError if the log cannot be read. */
export async function checkLog(
  path: string,
  plan: Plan,
  flags: CheckFlags,
): Promise<CheckResult> {
  const format = formatWithoutPlaces(flags, "--log");
  const tally = await readLog(path);
  using site = await openCheckedSite(plan);
  using progress = new Progress("paths");
  const ask: Fetcher = (target, asker) => site.open(target, asker);
  const changes = await compareLog(
    tally,
    { ask, smallest: (target) => smallest(site, target) },
    progress.update,
  );
  const gone = changes.filter(({ kind }) => kind === "gone");
  const { files, index } = site;
  const deps = { files, index, ask, distance: levenshteinDistance };
  const paths = gone.map(({ path }) => path);
  const proposals = await proposeRedirects(paths, deps);
  return {
    text: logReport(tally, changes, proposals, format),
    code: gone.length > 0 ? 1 : 0,
  };
}

/** Reads and counts a log. */
async function readLog(path: string): Promise<LogTally> {
  const tally = new LogTally();
  try {
    const bytes = openLog(path);
    for await (const line of logLinesOf(bytes, LOG_LINE_CHARACTERS_MAX)) {
      tally.add(line);
    }
  } catch (error) {
    throw new StartError(
      `Cannot read the log "${path}": ${errorMessage(error)}`,
    );
  }
  if (tally.requests === 0 && tally.unread > 0) {
    throw new StartError(
      `Cannot understand the log "${path}": expected the common or combined format, or JSON`,
    );
  }
  return tally;
}

/** Returns the bytes that a target takes with gzip, or without where that does not help. */
async function smallest(site: OpenSite, target: string): Promise<number> {
  const opened = await site.open(target, "asset");
  const { length, type } = opened;
  if (!isCompressible(type) || length > COMPRESS_BYTES_MAX) return length;
  return Math.min(length, gzipSync(opened.read(length)).length);
}
