/**
 * Reload: reads the settings and certificates again while skiff runs, and serves
 * them if all of it is valid.
 *
 * @module
 */

import { failureText } from "../cli/banner.ts";
import { resolveSettings } from "../cli/settings.ts";
import { isSameKeyPair, readKeyPair } from "./certificates.ts";
import { prepareRoot } from "./open_site.ts";
import { type Plan, PlanError, reloadableOptions } from "./plan.ts";
import { errorMessage } from "../observe/error_text.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import type { Service } from "./service.ts";
import { checkPlan } from "./site_handler.ts";
import { buildPlan, readSources } from "./sources.ts";

/** Where a plan comes from. */
export interface PlanSource {
  /** The command line. */
  readonly args: readonly string[];
  /** The directory of the program. */
  readonly home: string;
}

/** A plan that was read again. */
export interface Reading {
  /** The plan to serve from now on. */
  readonly plan: Plan;
  /** Problems of the site's rules, one sentence each. The invalid rules are left out. */
  readonly problems: readonly string[];
  /** What to print for the operator, including the problems. */
  readonly warnings: readonly string[];
}

/**
 * Rebuilds the plan from the command line, with the warnings to print. Options that only a restart can change keep
 * their value. `problems` are those of the plan now. Throws a UsageError, StartError or PlanError if any of it is
 * invalid.
 */
export async function readPlan(
  current: Plan,
  problems: readonly string[],
  { args, home }: PlanSource,
): Promise<Reading> {
  const { options: requested, warnings } = await resolveSettings(
    readSources(args),
  );
  const { options, restartOnly } = reloadableOptions(
    current.options,
    requested,
  );
  // What skiff has made itself is no file that somebody could have changed.
  const pair = options.https === undefined
    ? readKeyPair(options)
    : { keyPair: current.keyPair, warnings: [] };
  const plan = buildPlan(options, home, current.memory, pair.keyPair);
  await prepareRoot(plan);
  const found = checkPlan(plan);
  refuseNewProblems(problems, found);
  const kept = restartOnly.length === 0
    ? []
    : [`Only a restart will change ${restartOnly.join(", ")}`];
  return {
    plan,
    problems: found,
    warnings: [...warnings, ...kept, ...pair.warnings, ...found],
  };
}

/**
 * Throws a PlanError for rules with problems that the rules served now do not have. At a start the operator sees which
 * rules are left out; a reload may run unattended.
 */
function refuseNewProblems(
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

/** What a {@linkcode Reloader} needs. */
export interface ReloaderDeps {
  /** Where the plan comes from. */
  readonly source: PlanSource;
  /** What serves: a Service or Workers. */
  readonly service: Pick<Service, "reload" | "renew" | "warnings">;
  /** Called with each new plan after the service has accepted it. */
  readonly onPlan: (plan: Plan) => void;
  /** Prints whole lines for the operator. */
  readonly say: (text: string) => void;
}

/** Keeps a service up to date. If anything is invalid, the running configuration stays and the error is printed. */
export class Reloader {
  readonly #deps: ReloaderDeps;
  #plan: Plan;
  #problems: readonly string[];
  /** Resolves when no change is in progress. */
  #changing: Promise<void> = Promise.resolve();

  /** A reloader for a service that has begun to serve a plan. */
  constructor(plan: Plan, deps: ReloaderDeps) {
    this.#deps = deps;
    this.#plan = plan;
    this.#problems = deps.service.warnings;
  }

  /** The plan that is served now. */
  get plan(): Plan {
    return this.#plan;
  }

  /** Reads everything again that can change while skiff runs. Resolves when that is served, or the error is printed. */
  readonly reload = (): Promise<void> => {
    const { source, service } = this.#deps;
    return this.#try("Nothing was reloaded", async () => {
      const read = await readPlan(this.#plan, this.#problems, source);
      this.#warn(read.warnings);
      service.reload(read.plan);
      this.#problems = read.problems;
      this.#adopt(read.plan, "Reloaded");
    });
  };

  /** Reads the certificate and its key again, and nothing else. Resolves like {@linkcode reload}. */
  readonly renew = (): Promise<void> =>
    this.#try("The certificate was not reloaded", () => {
      const { keyPair, warnings } = readKeyPair(this.#plan.options);
      if (keyPair === undefined || isSameKeyPair(keyPair, this.#plan.keyPair)) {
        return;
      }
      this.#warn(warnings);
      this.#deps.service.renew(keyPair);
      this.#adopt({ ...this.#plan, keyPair }, "The certificate was reloaded");
    });

  /** Shows a pair that skiff has made. Resolves like {@linkcode reload}. */
  readonly show = (make: () => Promise<KeyPair>): Promise<void> =>
    this.#try("The certificate was not renewed", async () => {
      const keyPair = await make();
      this.#deps.service.renew(keyPair);
      this.#adopt({ ...this.#plan, keyPair }, "The certificate was renewed");
    });

  /** Makes a change after those before it, so that the last one read is the one that is served. */
  #try(failure: string, change: () => void | Promise<void>): Promise<void> {
    return this.#changing = this.#changing.then(change).catch((error) => {
      // No error of a reload is a reason to stop serving.
      this.#warn([`${failure}: ${errorMessage(error)}`]);
    });
  }

  #adopt(plan: Plan, message: string): void {
    this.#plan = plan;
    this.#deps.onPlan(plan);
    this.#deps.say(`${message}\n`);
  }

  #warn(texts: readonly string[]): void {
    for (const text of texts) this.#deps.say(failureText(text));
  }
}
