/**
 * Sites for the tests of checks: files in a directory, and what is found in
 * them.
 *
 * @module
 */

import { checkSite } from "../../lib/check/checker.ts";
import { FindingCollector, type Findings } from "../../lib/check/findings.ts";
import type { Options } from "../../lib/cli/options.ts";
import { openCheckedSite } from "../../lib/service/checked_site.ts";
import { type Files, TemporaryDirectory } from "../helpers.ts";
import { planFor } from "../service/plans.ts";

/** What every page needs, so that a row shows only what it is about. */
export const PAGE =
  "<!doctype html>\n<html lang=en><head><title>Page</title></head>\n";

/** Checks a site of these files, with an error page unless there is one. */
export async function check(
  files: Files,
  options: Partial<Options> = {},
  prepare: (directory: TemporaryDirectory) => void = () => {},
): Promise<Findings> {
  using directory = new TemporaryDirectory({ "404.html": PAGE, ...files });
  prepare(directory);
  using site = await openCheckedSite(planFor(directory.path, { options }));
  const collector = new FindingCollector();
  await checkSite(site, collector);
  return collector.result();
}

/** Findings as lines: "dead-link /index.html:3 "/x" gets 404". */
export function linesOf({ groups }: Findings): string[] {
  return groups.flatMap(({ rule, message, places }) =>
    places.map(({ path, line }) =>
      `${rule} ${path}${line === undefined ? "" : `:${line}`} ${message}`
    )
  ).sort();
}
