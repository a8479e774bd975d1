/**
 * The command line: a command, its operands, and settings.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { quote } from "../http/printable.ts";
import { type Command, commandNamed, type CommandRow } from "./commands.ts";
import { GROUPS } from "./option_kinds.ts";
import {
  applySetting,
  flagOf,
  hasNegative,
  isFrom,
  needsValue,
  negativeOf,
  type Setting,
  settingOf,
  shortFlagOf,
  shownFlag,
} from "./option_row.ts";
import { defaultOptions, OPTION_TABLE, type Options } from "./options.ts";
import type { Origin } from "./origin.ts";
import { commandHint, portHint, synonymHint } from "./synonyms.ts";
import { nearest, UsageError } from "./values.ts";

/** A parsed command line. */
export interface Arguments {
  /** The command; "serve" if none is named. */
  readonly command: Command;
  /** The argument of the command, unless it has none or it was left out. */
  readonly operand: string | undefined;
  /** The flags that only this command has, in order; the value of a switch is "". */
  readonly flags: readonly (readonly [name: string, value: string])[];
  /** The options, those given several times in order; a list is one setting. */
  readonly settings: readonly Setting[];
}

/** The options that can be given on the command line. */
const FLAG_ROWS = OPTION_TABLE.filter((row) => isFrom(row, "flag"));

/** A token of node:util's parser. */
type Token = ReturnType<typeof tokensOf>[number];

/** Parses a command line. Throws a {@linkcode UsageError} that says what is wrong and what would be right. */
export function readArguments(args: readonly string[]): Arguments {
  if (args[0] === "help") args = helpArguments(args.slice(1));
  const row = commandNamed(args[0]);
  const line = row === undefined ? args : args.slice(1);
  const tokens = tokensOf(line, row);
  const flags: [string, string][] = [];
  const settings: Setting[] = [];
  const positionals: string[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === "positional") {
      if (topicAt(tokens, index) === undefined) positionals.push(token.value);
      return;
    }
    if (token.kind !== "option") return;
    refuseLongWithOneDash(line[token.index]!);
    const own = commandFlag(token, row);
    if (own !== undefined) {
      flags.push(own);
      return;
    }
    const value = valueOf(token) ?? topicAt(tokens, index + 1);
    settings.push(flagSetting(token.rawName, value));
  });
  const command = row?.name ?? "serve";
  const isHelp = settings.some(({ row }) => row.key === "help");
  if (row !== undefined && !row.takesOptions) refuseSettings(settings, row);
  if (isHelp) {
    return { command, operand: undefined, flags, settings: joined(settings) };
  }
  const operand = row?.operand && positionals.shift();
  row?.operand?.check(operand);
  if (row !== undefined && !row.takesOptions) refuseMore(positionals, row);
  settings.unshift(...impliedBy(row));
  settings.push(...rootOf(positionals));
  return { command, operand, flags, settings: joined(settings) };
}

/** The settings that a command stands for. */
function impliedBy(command: CommandRow | undefined): Setting[] {
  const { name = "", implies = [] } = command ?? {};
  const origin: Origin = { source: "flag", name, where: "" };
  return FLAG_ROWS.filter(({ key }) => implies.includes(key))
    .map((row) => settingOf(row, "true", origin));
}

/** `help` and `help tls` as `--help` and `--help tls`; `help explain` as `explain --help`. */
function helpArguments(topics: readonly string[]): readonly string[] {
  const command = commandNamed(topics[0])?.name;
  return command === undefined ? ["--help", ...topics] : [command, "--help"];
}

/** Applies settings to the defaults; later ones win. Throws a {@linkcode UsageError} for an invalid value. */
export function optionsOf(settings: readonly Setting[]): Options {
  const options = defaultOptions();
  for (const setting of settings) applySetting(options, setting);
  return options;
}

/** Tokenizes the arguments. The parser knows which flags take a value, and nothing else about them. */
function tokensOf(args: readonly string[], command: CommandRow | undefined) {
  const typeOf = (hasValue: boolean) =>
    hasValue ? "string" as const : "boolean" as const;
  const types = Object.fromEntries([
    ...FLAG_ROWS.map((row) => [
      flagOf(row.key).slice(2),
      {
        type: typeOf(needsValue(row)),
        ...row.short !== undefined && { short: row.short },
      },
    ]),
    ...command?.flags?.map(({ name, value }) => [
      name,
      { type: typeOf(value !== undefined) },
    ]) ?? [],
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

/** The name and the value of a flag that only the command has; undefined for an option of the table. */
function commandFlag(
  token: Token & { kind: "option" },
  command: CommandRow | undefined,
): [name: string, value: string] | undefined {
  const flag = command?.flags?.find(({ name }) => name === token.name);
  if (flag === undefined) return undefined;
  if (flag.value === undefined && token.value !== undefined) {
    throw new UsageError(
      `Cannot give ${token.rawName} a value: it takes none`,
    );
  }
  const text = token.value ?? "";
  flag.check?.(text, token.rawName);
  if (flag.value !== undefined && text === "") {
    throw new UsageError(
      `Cannot use ${token.rawName} without a value: expected ${flag.value}`,
    );
  }
  return [flag.name, text];
}

/** The value of an option. Drops the "=" of `-p=80`, which the parser leaves in. */
function valueOf(token: Token & { kind: "option" }): string | undefined {
  const isShort = !token.rawName.startsWith("--");
  return isShort && token.inlineValue
    ? token.value.replace(/^=/, "")
    : token.value;
}

/** Refuses "-port 80", which would otherwise mean -p with the value "ort". */
function refuseLongWithOneDash(arg: string): void {
  const name = /^-\w[\w-]+/.exec(arg)?.[0];
  if (name === undefined) return;
  if (FLAG_ROWS.some(({ key }) => flagOf(key) === `-${name}`)) {
    throw new UsageError(
      `Cannot understand option ${quote(name)}: did you mean -${name}?`,
    );
  }
}

/** The topic at this place, which follows a `--help` without a value; undefined for any other word, such as a directory. */
function topicAt(tokens: readonly Token[], index: number): string | undefined {
  const [before, token] = [tokens[index - 1], tokens[index]];
  const isAfterHelp = before?.kind === "option" && before.name === "help" &&
    before.value === undefined;
  if (!isAfterHelp || token?.kind !== "positional") return undefined;
  return ["all", ...GROUPS].find((topic) => topic === token.value);
}

function flagSetting(name: string, value: string | undefined): Setting {
  const origin: Origin = { source: "flag", name, where: "" };
  const row = FLAG_ROWS.find((each) =>
    flagOf(each.key) === name || shortFlagOf(each) === name
  );
  if (row === undefined) {
    const negated = FLAG_ROWS.find((each) =>
      (each.type === "switch" || hasNegative(each)) &&
      negativeOf(each.key) === name
    );
    if (negated === undefined) throw new UsageError(unknownOption(name));
    if (value === undefined) return settingOf(negated, "false", origin);
    throw new UsageError(
      `Cannot give ${name} a value: use ${flagOf(negated.key)}=${quote(value)}`,
    );
  }
  if (needsValue(row) && (value === undefined || value === "")) {
    throw new UsageError(
      `Cannot use ${name} without a value: expected ${row.value}`,
    );
  }
  return settingOf(row, value ?? "true", origin);
}

function unknownOption(name: string): string {
  const flags = FLAG_ROWS
    .flatMap((row) => [...new Set([flagOf(row.key), shownFlag(row)])]);
  const meant = name.startsWith("--") ? nearest(name, flags) : undefined;
  const hint = synonymHint(name) ??
    (meant === undefined ? "see --help all" : `did you mean ${meant}?`);
  return `Cannot understand option ${quote(name)}: ${hint}`;
}

function refuseSettings(
  settings: readonly Setting[],
  { name, operand }: CommandRow,
): void {
  const wrong = settings.find(({ row }) => row.key !== "help");
  if (wrong === undefined) return;
  const expected = operand === undefined ? "nothing" : operand.value;
  throw new UsageError(
    `Cannot use ${wrong.origin.name} with ${name}: expected ${expected} alone`,
  );
}

function refuseMore(
  [second]: readonly string[],
  { operand }: CommandRow,
): void {
  if (second === undefined) return;
  const expected = operand === undefined ? "nothing" : `one ${operand.value}`;
  throw new UsageError(
    `Cannot take ${quote(second)} as well: expected ${expected} and no more`,
  );
}

function rootOf(positionals: readonly string[]): Setting[] {
  const [root, second] = positionals;
  if (root === undefined) return [];
  if (second !== undefined) {
    throw new UsageError(
      `Cannot serve ${quote(second)} beside ${
        quote(root)
      }: expected one directory${portHint(second) || commandHint(root)}`,
    );
  }
  if (root === "") {
    throw new UsageError(`Cannot serve "": expected the name of a directory`);
  }
  const row = OPTION_TABLE.find(({ key }) => key === "root")!;
  const origin: Origin = { source: "flag", name: "ROOT", where: "" };
  return [{ row, value: root, origin }];
}

/** Joins the settings of each list into one. */
function joined(settings: readonly Setting[]): Setting[] {
  return [...Map.groupBy(settings, ({ row }) => row)].flatMap(([row, same]) => {
    if (row.type !== "list") return same;
    const value = same.flatMap((setting) => setting.value as string[]);
    return [{ ...same.at(-1)!, value }];
  });
}
