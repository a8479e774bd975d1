/**
 * What holds: the layers of settings put on each other, flag over environment
 * over file over default, and looked at together.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "@std/path";
import { printable, quote } from "../http/printable.ts";
import { type Arguments, optionsOf, readArguments } from "./arguments.ts";
import { type Origins, refuseCombinations } from "./combinations.ts";
import { type FileSettings, readConfig } from "./config_file.ts";
import { readEnvironment, type Variables } from "./environment.ts";
import { isFrom, type Setting, shownDefault, valueOf } from "./option_row.ts";
import { OPTION_TABLE, type OptionKey, type Options } from "./options.ts";
import { atOrigin, type Origin, originText } from "./origin.ts";
import { UsageError } from "./values.ts";

/** Where settings come from. */
export interface SettingSources {
  /** The command line. */
  readonly args: readonly string[];
  /** Gives the value of a variable of the environment. */
  readonly variables: Variables;
  /** The names of all variables, where they can be listed. */
  readonly variableNames?: readonly string[];
  /** Gives the text of a file; undefined when there is none. Whatever it throws is not caught. */
  readonly read: (path: string) => string | undefined;
}

/** What holds, and why. */
export interface ResolvedSettings {
  /** What is to be done. */
  readonly command: Arguments["command"];
  /** What it is to be done with; see {@linkcode Arguments}. */
  readonly operands: readonly string[];
  /** The fields of the request to explain. */
  readonly fields: Arguments["fields"];
  /** The values of all options. */
  readonly options: Options;
  /** Where those come from that were given. */
  readonly origins: Origins;
  /** The configuration file that was read; undefined when there is none. */
  readonly configPath: string | undefined;
  /** What looks like a mistake, and perhaps is none: a sentence each. */
  readonly warnings: readonly string[];
}

/** The name of the configuration file that is looked for. */
const CONFIG_NAME = "skiff.json";

/**
 * Works out what holds. Throws a {@linkcode UsageError} for anything that cannot
 * be followed. May be called again, to see what has changed. Where help or version
 * is asked for, nothing but the command line is looked at.
 */
export function resolveSettings(sources: SettingSources): ResolvedSettings {
  const { args, variables, variableNames, read } = sources;
  const { command, operands, fields, settings } = readArguments(args);
  const asked = optionsOf(settings);
  const isSmall = asked.help !== undefined || asked.version ||
    command === "hash-password";
  const frame = { command, operands, fields };
  if (isSmall) {
    const origins = originsOf(settings);
    const configPath = undefined;
    return { ...frame, options: asked, origins, configPath, warnings: [] };
  }
  const environment = readEnvironment(variables, variableNames);
  const above = [...environment.settings, ...settings];
  const file = findConfig(above, read);
  const all = [...file?.settings ?? [], ...above];
  const options = optionsOf(all);
  if (file !== undefined) options.rules = file.rules;
  const origins = originsOf(all);
  refuseCombinations(options, origins);
  const warnings = [
    ...environment.warnings,
    ...exposures(options, file?.path),
  ];
  return { ...frame, options, origins, configPath: file?.path, warnings };
}

function originsOf(settings: readonly Setting[]): Origins {
  const origins = new Map<OptionKey, Origin>();
  for (const { row, origin } of settings) {
    origins.set(row.key, origin);
  }
  return origins;
}

/** The last setting of an option: the one that holds. */
function lastOf(
  settings: readonly Setting[],
  key: OptionKey,
): Setting | undefined {
  return settings.findLast(({ row }) => row.key === key);
}

/** The file that is named; else the one beside the root, if there is one. */
function findConfig(
  settings: readonly Setting[],
  read: SettingSources["read"],
): FileSettings & { path: string } | undefined {
  const named = lastOf(settings, "config");
  const path = named === undefined
    ? pathBeside(lastOf(settings, "root")?.value as string | undefined)
    : named.value as string;
  const text = path === undefined ? undefined : read(path);
  if (path !== undefined && text !== undefined) {
    return { ...readConfig(text, path), path };
  }
  if (named === undefined) return undefined;
  const message = `Cannot read the configuration ${
    quote(named.value as string)
  }: it does not exist, or may not be read`;
  throw new UsageError(atOrigin(message, named.origin));
}

/** The path of a file beside the root, and so never inside it; of one here when there is no root. */
function pathBeside(root: string | undefined): string | undefined {
  if (root === undefined) return CONFIG_NAME;
  const path = resolve(root);
  return dirname(path) === path ? undefined : join(root, "..", CONFIG_NAME);
}

/** Files of skiff's own that would be served to everybody. */
function exposures(options: Options, configPath: string | undefined): string[] {
  const { root, authFile, tlsKey } = options;
  if (root === undefined) return [];
  return [configPath, authFile, tlsKey]
    .filter((path) => path !== undefined)
    .filter((path) => isServed(resolve(root), resolve(path)))
    .map((path) =>
      `Cannot keep ${quote(path)} from clients: it is inside of ${
        quote(root)
      }, so move it`
    );
}

/** Whether a path lies inside of a directory, and no part of its name begins with a dot. */
function isServed(root: string, path: string): boolean {
  const parts = relative(root, path).split(/[\\/]/);
  return !parts.some((part) => part === "" || part.startsWith(".")) &&
    // On Windows, what is on another drive has no relative path.
    !parts[0]!.endsWith(":");
}

/** Longer values push the column of their origins to the right in their own lines only, in characters. */
const VALUE_WIDTH = 40;

/** The values of all options that can be configured, a line each: its key, the value as JSON, and where it comes from. */
export function printConfigText(
  { options, origins, configPath }: ResolvedSettings,
): string {
  const rows = OPTION_TABLE.filter((row) =>
    isFrom(row, "environment") || isFrom(row, "file")
  ).map((row) => {
    const value = row.key === "config" ? configPath : valueOf(row, options);
    const origin = origins.get(row.key);
    const by = origin === undefined
      ? value === undefined ? `default: ${shownDefault(row)}` : "default"
      : originText(origin);
    return [row.key, jsonText(value ?? null), printable(by)] as PrintedRow;
  });
  const lines = [...rows, ...ruleRows(options)];
  const keys = Math.max(...lines.map(([key]) => key.length));
  const values = Math.max(
    ...lines.map(([, value]) => value.length <= VALUE_WIDTH ? value.length : 0),
  );
  return lines.map(([key, value, by]) =>
    `${key.padEnd(keys)}  ${value.padEnd(values)}  ${by}\n`
  ).join("");
}

/** A value as JSON that any terminal can show. */
function jsonText(value: unknown): string {
  return printable(JSON.stringify(value));
}

/** OptionKey, value as JSON, and origin. */
type PrintedRow = readonly [key: string, value: string, origin: string];

function ruleRows({ rules }: Options): PrintedRow[] {
  const row = (key: string, value: unknown, where: string): PrintedRow => [
    key,
    jsonText(value),
    printable(where),
  ];
  return [
    ...rules.headers.map(({ where, values, ...rule }) =>
      row("headers", { ...rule, values: Object.fromEntries(values) }, where)
    ),
    ...rules.redirects.map(({ where, ...rule }) =>
      row("redirects", rule, where)
    ),
    ...rules.errorPages.map(({ where, status, path }) =>
      row("errorPages", { [status]: path }, where)
    ),
  ];
}
