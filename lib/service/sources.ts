/**
 * Builds the plan from the command line, environment variables and files.
 *
 * @module
 */

import { connectionMemory, rateMemory } from "../access/limits.ts";
import { loginMemory } from "../access/login_limits.ts";
import { VARIABLES } from "../cli/environment.ts";
import type { Options } from "../cli/options.ts";
import type { SettingSources } from "../cli/settings.ts";
import { metricMemory } from "../observe/metric_layout.ts";
import { ARCHIVE_NAME } from "../site/bundle/bundle.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import type { Plan, SharedMemory } from "./plan.ts";
import { isFileAt, isGranted, rootAt, textAt, textIfAny } from "./startup.ts";

/** Returns the sources of settings: the command line, environment variables that permissions allow to read, and files. */
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

/**
 * Builds the plan for options. `home` is the directory of the program, where the built-in site is. Throws a StartError
 * if a file that the options name cannot be read.
 */
export function buildPlan(
  options: Options,
  home: string,
  memory: SharedMemory,
  keyPair?: KeyPair,
): Plan {
  const isArchive = options.root === undefined && Deno.build.standalone;
  const { root = `${home}/${isArchive ? ARCHIVE_NAME : "static"}` } = options;
  const found = isArchive ? { path: root, file: undefined } : rootAt(root);
  return {
    options,
    root: found.path,
    isArchive,
    file: found.file,
    isolates: isolateCount(options),
    credentials: options.authFile === undefined
      ? undefined
      : textAt(options.authFile, "--auth-file"),
    keyPair,
    memory,
  };
}
