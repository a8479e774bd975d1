/**
 * The command line: a command, its operands, and settings.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { GROUPS } from "./option_kinds.ts";
import {
  applySetting,
  flagOf,
  isFrom,
  isOptional,
  negativeOf,
  type Setting,
  settingOf,
  shortFlagOf,
  shownFlag,
} from "./option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionRow,
  type Options,
} from "./options.ts";
import type { Origin } from "./origin.ts";
import { synonymHint } from "./synonyms.ts";
import { quote } from "../http/printable.ts";
import { nearest, parseField, UsageError } from "./values.ts";

/** What skiff can be told to do. */
export type Command = "serve" | "explain" | "hash-password";

/** A command line, taken apart. */
export interface Arguments {
  /** What is to be done. */
  readonly command: Command;
  /** What it is to be done with: of explain the path, of hash-password the name if one was given. */
  readonly operands: readonly string[];
  /** The fields of the request to explain. */
  readonly fields: readonly [name: string, value: string][];
  /** The options, in the order they were given in; a list that was given several times is one. */
  readonly settings: readonly Setting[];
}

/** The options that can be given on the command line. */
const FLAG_ROWS = OPTION_TABLE.filter((row) => isFrom(row, "flag"));

/** One of the things node:util finds. */
type Token = ReturnType<typeof tokensOf>[number];

/** Takes a command line apart. Throws a {@linkcode UsageError} that says what is wrong and what would be right. */
export function readArguments(args: readonly string[]): Arguments {
  if (args[0] === "help") args = ["--help", ...args.slice(1)];
  const command = commandOf(args[0]);
  const line = command === "serve" ? args : args.slice(1);
  const tokens = tokensOf(line);
  const fields: [string, string][] = [];
  const settings: Setting[] = [];
  const positionals: string[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === "positional") {
      if (!isTopic(tokens, index)) positionals.push(token.value);
      return;
    }
    if (token.kind !== "option") return;
    refuseLongWithOneDash(line[token.index]!);
    if (command === "explain" && token.name === "header") {
      fields.push(parseField(token.value ?? "", token.rawName));
      return;
    }
    const topic = isTopic(tokens, index + 1) ? tokens[index + 1] : undefined;
    settings.push(
      flagSetting(token.rawName, valueOf(token) ?? valueOfPositional(topic)),
    );
  });
  const isHelp = settings.some(({ row }) => row.key === "help");
  if (command === "hash-password") refuseSettings(settings);
  const operands = isHelp ? [] : operandsOf(command, positionals);
  if (!isHelp) settings.push(...rootOf(positionals.slice(operands.length)));
  return { command, operands, fields, settings: joined(settings) };
}

/** The options that settings come to, later ones over earlier. Throws a {@linkcode UsageError}. */
export function optionsOf(settings: readonly Setting[]): Options {
  const options = defaultOptions();
  for (const setting of settings) applySetting(options, setting);
  return options;
}

function commandOf(first: string | undefined): Command {
  return first === "explain" || first === "hash-password" ? first : "serve";
}

/** What node:util's parser finds in the arguments. It knows which flags take a value, and nothing else of them. */
function tokensOf(args: readonly string[]) {
  const types = Object.fromEntries(
    FLAG_ROWS.map((row) => [
      flagOf(row.key).slice(2),
      {
        type: needsValue(row) ? "string" as const : "boolean" as const,
        ...row.short !== undefined && { short: row.short },
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

/** The value of an option. Behind a short flag, "=" parts the two as it does behind a long one. */
function valueOf(token: Token & { kind: "option" }): string | undefined {
  const isShort = !token.rawName.startsWith("--");
  return isShort && token.inlineValue
    ? token.value.replace(/^=/, "")
    : token.value;
}

/** "-port 80" would be -p with the value "ort". */
function refuseLongWithOneDash(arg: string): void {
  const name = /^-\w[\w-]+/.exec(arg)?.[0];
  if (name === undefined) return;
  if (FLAG_ROWS.some(({ key }) => flagOf(key) === `-${name}`)) {
    throw new UsageError(
      `Cannot understand option ${quote(name)}: did you mean -${name}?`,
    );
  }
}

function needsValue(row: OptionRow): boolean {
  return row.value !== undefined && !isOptional(row);
}

/** Whether what stands here is the group that `--help` before it is about, and not a directory. */
function isTopic(tokens: readonly Token[], index: number): boolean {
  const [before, token] = [tokens[index - 1], tokens[index]];
  return before?.kind === "option" && before.name === "help" &&
    before.value === undefined && token?.kind === "positional" &&
    ["all", ...GROUPS].includes(token.value);
}

function valueOfPositional(token: Token | undefined): string | undefined {
  return token?.kind === "positional" ? token.value : undefined;
}

function flagSetting(name: string, value: string | undefined): Setting {
  const origin: Origin = { source: "flag", name, where: "" };
  const row = FLAG_ROWS.find((each) =>
    flagOf(each.key) === name || shortFlagOf(each) === name
  );
  if (row === undefined) {
    const negated = FLAG_ROWS.find((each) =>
      (each.type === "switch" || each.key === "spa") &&
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
      `Cannot use ${name} without a value: give ${row.value}`,
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

function refuseSettings(settings: readonly Setting[]): void {
  const wrong = settings.find(({ row }) => row.key !== "help");
  if (wrong === undefined) return;
  throw new UsageError(
    `Cannot use ${wrong.origin.name} with hash-password: give at most a name`,
  );
}

/** The arguments that a command begins with. */
function operandsOf(
  command: Command,
  positionals: readonly string[],
): string[] {
  if (command === "serve") return [];
  const [first, second] = positionals;
  if (command === "hash-password") {
    if (second === undefined) return first === undefined ? [] : [first];
    throw new UsageError(
      `Cannot take ${quote(second)} as well: give one name, and no password`,
    );
  }
  if (first === undefined || !first.startsWith("/")) {
    const given = first === undefined ? "nothing" : quote(first);
    throw new UsageError(
      `Cannot explain ${given}: give a path of the site that begins with "/"`,
    );
  }
  return [first];
}

function rootOf(positionals: readonly string[]): Setting[] {
  const [root, second] = positionals;
  if (root === undefined) return [];
  if (second !== undefined) {
    throw new UsageError(
      `Cannot serve ${quote(second)} beside ${quote(root)}: give one directory`,
    );
  }
  if (root === "") {
    throw new UsageError(`Cannot serve "": give the name of a directory`);
  }
  const row = OPTION_TABLE.find(({ key }) => key === "root")!;
  const origin: Origin = { source: "flag", name: "ROOT", where: "" };
  return [{ row, value: root, origin }];
}

/** The settings, in which each list stands once with all its values. */
function joined(settings: readonly Setting[]): Setting[] {
  const lists = new Map<string, Setting>();
  const others: Setting[] = [];
  for (const setting of settings) {
    const { row, value } = setting;
    if (row.type !== "list") {
      others.push(setting);
      continue;
    }
    const before = lists.get(row.key)?.value ?? [];
    const values = [...before as string[], ...value as string[]];
    lists.set(row.key, { ...setting, value: values });
  }
  return [...others, ...lists.values()];
}
