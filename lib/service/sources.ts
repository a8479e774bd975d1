/**
 * Builds the plan from the command line, environment variables and files.
 *
 * @module
 */

import { join } from "@std/path/join";
import { quote } from "../http/printable.ts";
import { connectionMemory, rateMemory } from "../access/limits.ts";
import { loginMemory } from "../access/login_limits.ts";
import { VARIABLES } from "../cli/environment.ts";
import type { Options } from "../cli/options.ts";
import { servesOwnSite, type SettingSources } from "../cli/settings.ts";
import { metricMemory } from "../observe/metric_layout.ts";
import { ARCHIVE_NAME } from "../site/bundle/archive.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { prepareRoot } from "./open_site.ts";
import { shallowPaths } from "./access.ts";
import type { Plan, PlanUpdate, SharedMemory, SiteRoot } from "./plan.ts";
import {
  isDirectoryAt,
  isFileAt,
  isGranted,
  rootAt,
  textAt,
  textIfAny,
} from "./startup.ts";

/**
 * Returns the sources of settings: the command line, readable environment variables, and files.
 */
export function readSources(args: readonly string[]): SettingSources {
  const mayListAll = isGranted({ name: "env" });
  const variables = (name: string) =>
    isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;
  return {
    args,
    variables,
    variableNames: mayListAll ? Object.keys(Deno.env.toObject()) : VARIABLES,
    read: textIfAny,
    isFile: isFileAt,
  };
}

/** Returns how many isolates serve: one on systems that cannot spread the connections of a port over listeners. */
export function isolateCount({ workers }: Options): number {
  if (Deno.build.os !== "linux") return 1;
  return workers === "auto" ? navigator.hardwareConcurrency : workers;
}

/** Allocates the memory that isolates share. */
export function sharedMemory(isolates: number): SharedMemory {
  return {
    requests: rateMemory(),
    logins: loginMemory(),
    connections: connectionMemory(isolates),
    metrics: metricMemory(isolates),
  };
}

/** What a plan is built from. */
export interface PlanParts {
  readonly options: Options;
  /** The directory of the program, where the built-in site is. */
  readonly home: string;
  readonly memory: SharedMemory;
  readonly keyPair?: KeyPair | undefined;
  /** The plan that is served now, and the problems of its rules; undefined at a start. */
  readonly before?: {
    readonly plan: Plan;
    readonly problems: readonly string[];
  };
}

/**
 * Builds the plan for options, ready to be opened, with warnings to print. Rejects with a StartError if a file that the
 * options name cannot be read, and with a PlanError if no release can be served.
 */
export async function buildPlan(
  { options, home, memory, keyPair, before }: PlanParts,
): Promise<Omit<PlanUpdate, "problems">> {
  const isPacked = servesOwnSite(options) && Deno.build.standalone;
  const { root = `${home}/${isPacked ? ARCHIVE_NAME : "static"}` } = options;
  const site: SiteRoot = isPacked || options.releases !== undefined
    ? { root, kind: isPacked ? "archive" : "directory" }
    : rootAt(root);
  const plan: Plan = {
    ...site,
    options,
    isolates: isolateCount(options),
    credentials: options.authFile === undefined
      ? undefined
      : textAt(options.authFile, "--auth-file"),
    keyPair,
    memory,
  };
  if (options.releases === undefined) {
    await prepareRoot(plan);
    return { plan, warnings: openDirectories(plan) };
  }
  const { chooseReleases } = await import("./releases.ts");
  // Releases that are there at a start, or when the operator requests a reload, count as complete.
  const base = { ...plan, releases: before?.plan.releases };
  const chosen = await chooseReleases(base, before?.problems, () => true);
  return {
    plan: chosen.plan,
    warnings: [...chosen.warnings, ...openDirectories(chosen.plan)],
  };
}

/** Says which directories need a password, while nothing in them does. */
function openDirectories({ options, root }: Plan): string[] {
  if (options.authFile === undefined) return [];
  return shallowPaths(options.authPaths)
    .filter((path) => isDirectoryAt(join(root, path)))
    .map((path) =>
      `--auth-paths ${quote(path)} protects this path only: add ${
        quote(`${path.replace(/\/$/, "")}/*`)
      } to protect what is in it`
    );
}
