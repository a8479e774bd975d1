/**
 * Task: what an isolate is to do, and what becomes of it when the files that it
 * was made from have changed.
 *
 * @module
 */

import { resolveSettings } from "../cli/settings.ts";
import { checkPlan } from "./site_handler.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { readKeyPair } from "./certificates.ts";
import { type Plan, PlanError, reloadableOptions } from "./plan.ts";
import { buildPlan, readSources } from "./sources.ts";

/** What an isolate is to do, in a form that can be sent to it; the numbers change with what they count. */
export interface Task {
  /** What is served, and how. */
  readonly plan: Plan;
  /** Goes up when the plan changes. */
  readonly planVersion: number;
  /** undefined when there is no TLS. */
  readonly tls: KeyPair | undefined;
  /** Goes up when the key pair changes. */
  readonly tlsVersion: number;
  /** The address that is listened on. */
  readonly hostname: string;
  /** The port that is listened on. */
  readonly port: number;
  /** What is wrong with its rules, a sentence each: they are served without those. */
  readonly problems: readonly string[];
}

/** The versions that a task begins with. */
export const FIRST_VERSIONS = { planVersion: 0, tlsVersion: 0 } as const;

/** The key pair that a plan names, if it names one, and what ought to be said of it. Throws a StartError. */
export function keyPairOf(
  { options }: Plan,
): { tls: KeyPair | undefined; remarks: string[] } {
  const { tlsCert, tlsKey } = options;
  if (tlsCert === undefined || tlsKey === undefined) {
    return { tls: undefined, remarks: [] };
  }
  const tls = readKeyPair(tlsCert, tlsKey);
  const remarks = tls.expired === undefined
    ? []
    : [`The certificate "${tlsCert}" has expired on ${tls.expired}`];
  return { tls, remarks };
}

/**
 * The task that a command line comes to now, in place of an older one, and what ought to be said of it. What only a
 * start can change stays as it is. Throws a UsageError, StartError or PlanError when it cannot be followed.
 */
export function nextTask(
  task: Task,
  args: readonly string[],
  home: string,
): { task: Task; remarks: readonly string[] } {
  const { plan } = task;
  const { options: requested, warnings } = resolveSettings(readSources(args));
  const { options, restartOnly } = reloadableOptions(plan.options, requested);
  const next = buildPlan(options, home, plan.memory);
  const pair = keyPairOf(next);
  const problems = checkPlan(next);
  refuseWorse(task.problems, problems);
  const remarks = [
    ...warnings,
    ...restartOnly.length === 0
      ? []
      : [`Only a restart will change ${restartOnly.join(", ")}`],
    ...pair.remarks,
    ...problems,
  ];
  return {
    task: {
      ...withKeyPair(task, pair.tls),
      plan: next,
      planVersion: task.planVersion + 1,
      problems,
    },
    remarks,
  };
}

/**
 * Throws a PlanError for rules in which more is wrong than in those that are served by: nobody is there to see that
 * some are left out, as there is at a start.
 */
function refuseWorse(known: readonly string[], found: readonly string[]): void {
  const old = new Set(known.map(withoutLine));
  const worse = found.filter((problem) => !old.has(withoutLine(problem)));
  if (worse.length === 0) return;
  const more = worse.length === 1 ? "" : ` (and ${worse.length - 1} more)`;
  throw new PlanError(worse[0]! + more);
}

/** A line above it makes no other problem of one. */
function withoutLine(problem: string): string {
  return problem.replace(/:\d+: /, ": ");
}

/**
 * The task with the key pair that its files hold now, and what ought to be said of it; the same task when that is the
 * pair it has. Throws a StartError when the files cannot be used.
 */
export function renewedTask(
  task: Task,
): { task: Task; remarks: readonly string[] } {
  const { tls, remarks } = keyPairOf(task.plan);
  return { task: withKeyPair(task, tls), remarks };
}

function withKeyPair(task: Task, tls: KeyPair | undefined): Task {
  if (tls?.cert === task.tls?.cert && tls?.key === task.tls?.key) return task;
  return { ...task, tls, tlsVersion: task.tlsVersion + 1 };
}

/** The files that the key pair of a task is in. */
export function keyPairPaths({ plan }: Task): string[] {
  const { tlsCert, tlsKey } = plan.options;
  return [tlsCert, tlsKey].filter((path) => path !== undefined);
}
