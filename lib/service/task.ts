/**
 * Task: what an isolate is to do, and what becomes of it when the files that it
 * was made from have changed.
 *
 * @module
 */

import { settle } from "../cli/settings.ts";
import { checkPlan } from "./answers.ts";
import { type KeyPair, readKeyPair } from "./certificates.ts";
import { changesOnlyAtStart, type Plan } from "./plan.ts";
import { planOf, surroundingsOf } from "./surroundings.ts";

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
  const { options, warnings } = settle(surroundingsOf(args));
  const late = changesOnlyAtStart(plan.options, options);
  const next = {
    ...planOf(options, home, plan.memory),
    isolates: plan.isolates,
  };
  const pair = keyPairOf(next);
  const tls = task.tls && pair.tls;
  const isNewPair = tls?.cert !== task.tls?.cert || tls?.key !== task.tls?.key;
  const remarks = [
    ...warnings,
    ...late.length === 0
      ? []
      : [`Only a restart will change ${late.join(", ")}`],
    ...pair.remarks,
    ...checkPlan(next),
  ];
  return {
    task: {
      ...task,
      plan: next,
      planVersion: task.planVersion + 1,
      tls: tls ?? task.tls,
      tlsVersion: task.tlsVersion + (isNewPair ? 1 : 0),
    },
    remarks,
  };
}
