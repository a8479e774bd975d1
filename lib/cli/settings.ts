/**
 * Combines the sources of settings: a flag takes precedence over the environment,
 * and that over the configuration file.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { resolve } from "@std/path/resolve";
import { printable, quote } from "../http/printable.ts";
import { type Arguments, optionsOf, readArguments } from "./arguments.ts";
import { needsSite } from "./commands.ts";
import { type Origins, refuseCombinations } from "./combinations.ts";
import type { FileSettings } from "./config_file.ts";
import { readEnvironment, type Variables } from "./environment.ts";
import { isFrom, type Setting, shownDefault, valueOf } from "./option_row.ts";
import { OPTION_TABLE, type OptionKey, type Options } from "./options.ts";
import { atOrigin, originText } from "./origin.ts";
import { UsageError } from "./values.ts";

/** The sources of settings. */
export interface SettingSources {
  /** The command line, without the program's name. */
  readonly args: readonly string[];
  /** Gets an environment variable. */
  readonly variables: Variables;
  /** The names of all environment variables, if they can be listed. */
  readonly variableNames?: readonly string[];
  /** Reads a file; returns undefined if it does not exist. Its errors are passed on. */
  readonly read: (path: string) => string | undefined;
  /** Returns whether a path is a file. Without it, skiff does not look for a configuration that it will not read. */
  readonly isFile?: (path: string) => boolean;
}

/** The settings in effect, and where they were given. */
export interface ResolvedSettings extends Omit<Arguments, "settings"> {
  /** The value of every option. */
  readonly options: Options;
  /** Where the options were given. */
  readonly origins: Origins;
  /** The configuration file, if one was read. */
  readonly configPath: string | undefined;
  /** Probable mistakes, one sentence each. */
  readonly warnings: readonly string[];
}

/** The name of the configuration file. */
const CONFIG_NAME = "skiff.json";

/**
 * Resolves the settings. Reads nothing but the command line if that requests help,
 * the version or what needs no site. Throws a {@linkcode UsageError} for anything
 * invalid. A reload calls it again. Loads the parser of the file when there is one.
 */
export async function resolveSettings(
  sources: SettingSources,
): Promise<ResolvedSettings> {
  const { args, variables, variableNames, read, isFile } = sources;
  const { settings, ...request } = readArguments(args);
  const { help, version } = optionsOf(settings);
  const readsAll = help === undefined && !version &&
    needsSite(request.command, request.flags);
  const environment = readsAll
    ? readEnvironment(variables, variableNames)
    : { settings: [], warnings: [] };
  const above = [...environment.settings, ...settings];
  const file = readsAll ? await findConfig(above, read) : undefined;
  const all = [...file?.settings ?? [], ...above];
  const options = optionsOf(all);
  if (file !== undefined) options.rules = file.rules;
  const origins = new Map(all.map(({ row, origin }) => [row.key, origin]));
  if (readsAll) refuseCombinations(options, origins);
  const warnings = [
    ...environment.warnings,
    ...exposures(options, file?.path),
    ...misplaced(above, isFile),
  ];
  return { ...request, options, origins, configPath: file?.path, warnings };
}

/** The last setting of an option, which wins. */
function lastOf(
  settings: readonly Setting[],
  key: OptionKey,
): Setting | undefined {
  return settings.findLast(({ row }) => row.key === key);
}

/** Reads the file of --config, or else the one beside the root, if there is one. */
async function findConfig(
  settings: readonly Setting[],
  read: SettingSources["read"],
): Promise<FileSettings & { path: string } | undefined> {
  const named = lastOf(settings, "config");
  const path = named === undefined
    ? pathBeside(servedPath(settings))
    : named.value as string;
  const text = path === undefined ? undefined : read(path);
  if (path !== undefined && text !== undefined) {
    const { readConfig } = await import("./config_file.ts");
    return { ...readConfig(text, path), path };
  }
  if (named === undefined) return undefined;
  const message = `Cannot read the configuration ${
    quote(named.value as string)
  }: it does not exist, or skiff may not read it`;
  throw new UsageError(atOrigin(message, named.origin));
}

/** The root, or the folder of releases, if one was given. */
function servedPath(settings: readonly Setting[]): string | undefined {
  const { value } = lastOf(settings, "root") ?? lastOf(settings, "releases") ??
    {};
  return value as string | undefined;
}

/** Whether skiff serves its own site, the built-in or the packed one: none is named. */
export function servesOwnSite(
  { root, releases }: Pick<Options, "root" | "releases">,
): boolean {
  return root === undefined && releases === undefined;
}

/** The path where the configuration is, or would be if there were one; undefined if there can be none. */
export function configPathFor(
  { config, root, releases }: Options,
): string | undefined {
  return config ?? pathBeside(root ?? releases);
}

/** The path of the configuration beside the root, so never inside it; in the current directory if there is no root. */
function pathBeside(root: string | undefined): string | undefined {
  if (root === undefined) return CONFIG_NAME;
  const path = resolve(root);
  return dirname(path) === path ? undefined : join(root, "..", CONFIG_NAME);
}

/** Warnings about secret files inside the root, which clients could fetch. */
function exposures(options: Options, configPath: string | undefined): string[] {
  const { authFile, tlsKey } = options;
  return [configPath, authFile, tlsKey]
    .filter((path) => path !== undefined)
    .filter((path) => isExposed(path, options))
    .map((path) =>
      `Cannot keep ${quote(path)} from clients: it is inside ${
        quote((options.root ?? options.releases)!)
      }; move it`
    );
}

/** Whether clients could fetch what is at a path. */
export function isExposed(
  path: string,
  { root, releases }: Pick<Options, "root" | "releases">,
): boolean {
  if (root !== undefined) return isServed(resolve(root), resolve(path));
  // What is beside the releases is in none of them.
  return releases !== undefined && isServed(resolve(releases), resolve(path)) &&
    resolve(path, "..") !== resolve(releases);
}

/**
 * The warning about a configuration inside the root, where other servers look for theirs. skiff does not read it,
 * because clients can fetch it. None if another file was named, or the file names the root.
 */
function misplaced(
  settings: readonly Setting[],
  isFile: SettingSources["isFile"],
): string[] {
  const root = lastOf(settings, "root")?.value as string | undefined;
  if (root === undefined || lastOf(settings, "config") !== undefined) return [];
  const beside = pathBeside(root);
  const inside = join(root, CONFIG_NAME);
  if (beside === undefined || !isFile?.(inside)) return [];
  return [
    `Cannot use ${quote(inside)} as the configuration: ` +
    `clients can fetch it there; move it to ${quote(dirname(resolve(root)))}`,
  ];
}

/** Whether a path is inside a directory and not hidden by a name that begins with a dot. */
function isServed(root: string, path: string): boolean {
  const parts = relative(root, path).split(/[\\/]/);
  return !parts.some((part) => part === "" || part.startsWith(".")) &&
    // On Windows, a path on another drive has no relative form.
    !parts[0]!.endsWith(":");
}

/** The widest value that widens the column of all lines, in characters; longer ones extend their own line only. */
const VALUE_WIDTH = 40;

/** A line of --print-config before it is formatted. */
type ConfigRow = readonly [key: string, value: unknown, origin: string];

/** The text of --print-config: a line for each option with its key, its value as JSON, and where it was given. */
export function printConfigText(
  { options, origins, configPath }: ResolvedSettings,
): string {
  const rows = OPTION_TABLE.filter((row) =>
    isFrom(row, "environment") || isFrom(row, "file")
  ).map((row): ConfigRow => {
    const value = row.key === "config" ? configPath : valueOf(row, options);
    const preset = value === undefined
      ? `default: ${shownDefault(row)}`
      : "default";
    const origin = origins.get(row.key);
    return [row.key, value ?? null, origin ? originText(origin) : preset];
  });
  const lines = [...rows, ...ruleRows(options)].map((
    [key, value, origin],
  ) => [key, printable(JSON.stringify(value)), printable(origin)] as const);
  const keys = Math.max(...lines.map(([key]) => key.length));
  const values = Math.max(
    ...lines.map(([, value]) => value.length <= VALUE_WIDTH ? value.length : 0),
  );
  return lines.map(([key, value, origin]) =>
    `${key.padEnd(keys)}  ${value.padEnd(values)}  ${origin}\n`
  ).join("");
}

function ruleRows({ rules }: Options): ConfigRow[] {
  const lists = {
    headers: rules.headers.map(({ values, ...rule }) => ({
      ...rule,
      values: Object.fromEntries(values),
    })),
    redirects: rules.redirects,
    errorPages: rules.errorPages.map(({ where, status, path }) => ({
      where,
      [status]: path,
    })),
  };
  return Object.entries(lists).flatMap(([key, list]) =>
    list.map(({ where, ...rule }): ConfigRow => [key, rule, where])
  );
}
