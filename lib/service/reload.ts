/**
 * Reload: reads the settings and certificates again while skiff runs, and serves
 * them if all of it is valid.
 *
 * @module
 */

import { join } from "@std/path/join";
import { failureText } from "../cli/banner.ts";
import type { Options } from "../cli/options.ts";
import { configPathFor, resolveSettings } from "../cli/settings.ts";
import { isSameKeyPair, readKeyPair } from "./certificates.ts";
import {
  isSameRelease,
  type Plan,
  type PlanReader,
  type PlanUpdate,
  refuseNewProblems,
  reloadableOptions,
} from "./plan.ts";
import { quote } from "../http/printable.ts";
import { errorMessage } from "../observe/error_text.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { RULE_FILES } from "../site/hidden.ts";
import type { FileWatch } from "./file_watch.ts";
import type { ReleaseWatch } from "./release_watch.ts";
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

/**
 * Rebuilds the plan from the command line, with the warnings to print. Options that only a restart can change keep
 * their value. `problems` are those of the plan now. Throws a UsageError, StartError or PlanError if any of it is
 * invalid.
 */
export async function readPlan(
  current: Plan,
  problems: readonly string[],
  { args, home }: PlanSource,
): Promise<PlanUpdate> {
  const { options: requested, warnings } = await resolveSettings(
    readSources(args),
  );
  const { options, restartOnly } = reloadableOptions(
    current.options,
    requested,
  );
  // A certificate that skiff made is not a file that the operator could have changed.
  const pair = options.https === undefined
    ? readKeyPair(options)
    : { keyPair: current.keyPair, warnings: [] };
  const built = await buildPlan({
    options,
    home,
    memory: current.memory,
    keyPair: pair.keyPair,
    before: { plan: current, problems },
  });
  const found = checkPlan(built.plan);
  refuseNewProblems(problems, found);
  const kept = restartOnly.length === 0
    ? []
    : [`Only a restart will change ${restartOnly.join(", ")}`];
  return {
    plan: built.plan,
    problems: found,
    warnings: [
      ...warnings,
      ...kept,
      ...pair.warnings,
      ...built.warnings,
      ...found,
    ],
  };
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

/** Watches the folder of releases, if the plan has one. */
export async function watchReleases(
  reloader: Reloader,
  say: (text: string) => void,
): Promise<ReleaseWatch | undefined> {
  if (reloader.plan.releases === undefined) return undefined;
  const { ReleaseWatch } = await import("./release_watch.ts");
  return new ReleaseWatch({ reloader, say });
}

/** Watches files that the options name. */
export async function watchFiles(
  paths: () => readonly string[],
  onChange: () => void,
  { watch }: Pick<Options, "watch">,
): Promise<FileWatch> {
  const { FileWatch } = await import("./file_watch.ts");
  return new FileWatch(paths, onChange, { watch });
}

/** Reloads when a file of the settings or rules has changed, if pages are live. */
export async function watchSettings(
  reloader: Reloader,
): Promise<FileWatch | undefined> {
  const { options } = reloader.plan;
  if (!options.live) return undefined;
  return await watchFiles(
    () => settingFiles(reloader.plan),
    reloader.reload,
    options,
  );
}

/** The files that decide how a plan serves its site; each may be missing. */
function settingFiles({ options, root, kind }: Plan): string[] {
  const inRoot = kind === "directory" ? RULE_FILES : [];
  return [
    configPathFor(options),
    options.authFile,
    ...inRoot.map((name) => join(root, name)),
  ].filter((path) => path !== undefined);
}

/** Says which release a plan serves. */
function releaseText({ releases }: Plan): string {
  const name = releases?.all[0]?.name;
  return name === undefined ? "" : ` release ${quote(name)}`;
}

/** Keeps a service up to date. If anything is invalid, the running configuration stays and the error is printed. */
export class Reloader {
  readonly #deps: ReloaderDeps;
  #plan: Plan;
  #problems: readonly string[];
  /** Resolves when no change is in progress. */
  #changing: Promise<void> = Promise.resolve();

  /** Makes a reloader for a service that serves a plan. */
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
    const { source } = this.#deps;
    return this.#try("Nothing was reloaded", async () => {
      const read = await readPlan(this.#plan, this.#problems, source);
      this.#serve(read, `Reloaded${releaseText(read.plan)}`);
    });
  };

  /**
   * Serves other releases, if `choose` returns a plan with others. That gets the plan, and the problems of its rules.
   * Resolves like {@linkcode reload}.
   */
  readonly changeReleases = (choose: PlanReader): Promise<void> =>
    this.#try("The release was not changed", async () => {
      const read = await choose(this.#plan, this.#problems);
      if (read === undefined) return;
      const [before, after] = [this.#plan, read.plan]
        .map(({ releases }) => releases?.all[0]);
      const isSame = before && after && isSameRelease(before, after);
      const message = `Serving${releaseText(read.plan)}`;
      this.#serve(read, isSame ? undefined : message);
    });

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

  /** Makes one change after another, so that the last one read is the one that is served. */
  #try(failure: string, change: () => void | Promise<void>): Promise<void> {
    return this.#changing = this.#changing.then(change).catch((error) => {
      // No error of a reload is a reason to stop serving.
      this.#warn([`${failure}: ${errorMessage(error)}`]);
    });
  }

  /** Makes the service take a plan. Throws if it cannot, and then prints only the warnings. */
  #serve({ plan, problems, warnings }: PlanUpdate, message?: string): void {
    this.#warn(warnings);
    this.#deps.service.reload(plan);
    this.#problems = problems;
    this.#adopt(plan, message);
  }

  #adopt(plan: Plan, message?: string): void {
    this.#plan = plan;
    this.#deps.onPlan(plan);
    if (message !== undefined) this.#deps.say(`${message}\n`);
  }

  #warn(texts: readonly string[]): void {
    for (const text of texts) this.#deps.say(failureText(text));
  }
}
