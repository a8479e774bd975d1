/**
 * Finds destinations of rules, and a shell, that lead to nothing in the site.
 * This runs once at the start, so that the operator learns of a typo before a
 * client does.
 *
 * @module
 */

import { Finder } from "./find.ts";
import type { Policy } from "./policy.ts";
import type { FixedDestination } from "./rules/redirect_rules.ts";
import { quote } from "../http/printable.ts";
import { FILE_PROBLEMS_MAX, type Problem } from "./rules/texts.ts";
import type { Rules } from "./rules/rules.ts";
import type { Site } from "./site.ts";

/**
 * Names error pages, rewrites and a `policy.spa` that lead to nothing, at most {@linkcode FILE_PROBLEMS_MAX} of them.
 * Skips destinations with placeholders, which depend on the request. `now` is in milliseconds since the epoch.
 */
export function findDeadEnds(
  site: Site,
  policy: Policy,
  rules: Rules,
  now: number,
): readonly Problem[] {
  const problems: Problem[] = [];
  const { spa } = policy.options;
  if (spa !== undefined && site.lookup(spa, now).kind !== "file") {
    const text = `Cannot find ${quote(spa)} in the site: ` +
      "pages that do not exist get 404 until it exists";
    problems.push({ where: "--spa", text });
  }
  const finder = new Finder(site, policy);
  for (const destination of rules.fixedDestinations()) {
    if (problems.length >= FILE_PROBLEMS_MAX) break;
    const { path, isPage, where } = destination;
    const target = { path, query: undefined };
    const { kind } = finder.findInside(target, now);
    const isThere = kind === "file" || kind === "directory" && !isPage;
    if (!isThere) problems.push({ where, text: textFor(destination) });
  }
  return problems;
}

function textFor({ path, isPage }: FixedDestination): string {
  return isPage
    ? `Cannot find the page ${
      quote(path)
    } in the site: the usual page is sent until it exists`
    : `Cannot find ${
      quote(path)
    } in the site: rewrites to it get 404 until it exists`;
}
