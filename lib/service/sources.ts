/**
 * From a command line and what is around it to a plan.
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
import {
  directoryAt,
  isFileAt,
  isGranted,
  textAt,
  textIfAny,
} from "./startup.ts";

/** What settings are made of: the command line, variables as far as they may be read, and files. */
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

/** How many isolates serve. Only Linux spreads the connections of one port over several listeners. */
export function isolateCount({ workers }: Options): number {
  if (Deno.build.os !== "linux") return 1;
  return workers === "auto" ? navigator.hardwareConcurrency : workers;
}

/** Memory for so many isolates. */
export function sharedMemory(isolates: number): SharedMemory {
  return {
    requests: rateMemory(),
    logins: loginMemory(),
    connections: connectionMemory(isolates),
    metrics: metricMemory(isolates),
  };
}

/**
 * The plan for options. `home` is the directory of the program, where the built-in site is. Throws a StartError
 * when something that the options name cannot be read.
 */
export function buildPlan(
  options: Options,
  home: string,
  memory: SharedMemory,
  keyPair?: KeyPair,
): Plan {
  const isArchive = options.root === undefined && Deno.build.standalone;
  const { root = `${home}/${isArchive ? ARCHIVE_NAME : "static"}` } = options;
  return {
    options,
    root: isArchive ? root : directoryAt(root),
    isArchive,
    isolates: isolateCount(options),
    credentials: options.authFile === undefined
      ? undefined
      : textAt(options.authFile, "--auth-file"),
    keyPair,
    memory,
  };
}
