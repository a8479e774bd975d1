/**
 * Problems of rules that a change brings.
 *
 * @module
 */

import { PlanError } from "./plan.ts";

/**
 * Throws a PlanError for rules with problems that the rules served now do not have. At a start the operator sees which
 * rules are left out; a reload may run unattended.
 */
export function refuseNewProblems(
  current: readonly string[],
  found: readonly string[],
): void {
  const known = new Set(current.map(withoutLine));
  const added = found.filter((problem) => !known.has(withoutLine(problem)));
  if (added.length === 0) return;
  const more = added.length === 1 ? "" : ` (and ${added.length - 1} more)`;
  throw new PlanError(added[0]! + more);
}

/** A problem without its line number, which changes with every line added above it. */
function withoutLine(problem: string): string {
  return problem.replace(/:\d+: /, ": ");
}
