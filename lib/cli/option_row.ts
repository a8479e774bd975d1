/**
 * What a row of the table of options is, and the names that follow from it.
 *
 * @module
 */

import {
  defaultOptions,
  type Group,
  type Options,
  type Origin,
  type Source,
  withOrigin,
} from "./option_types.ts";
import { quote } from "../http/printable.ts";
import { UsageError } from "./values.ts";

/** The configuration keys. */
export type Key =
  | Exclude<keyof Options, "headers" | "rules">
  | "header";

/** What every row has. */
export interface AnyRow {
  /** Its name in the file. The flag and the variable follow from it. */
  readonly key: Key;
  /** Where the help shows it. */
  readonly group: Group;
  /** Name of its value in the help; undefined for a switch. In brackets: may be left out, else behind "=". */
  readonly value?: string;
  /** What holds when it is not given, as the help says it. */
  readonly fallback: string;
  /** One line of help. */
  readonly help: string;
  /** The letter of its short flag: `p` is `-p`. */
  readonly short?: string;
  /** Where it may be given; everywhere unless said otherwise. */
  readonly sources?: readonly Source[];
}

/** An option that is on or off. Without a value in the help, which shows the form that changes the default. */
export interface SwitchRow extends AnyRow {
  /** On or off. */
  readonly type: "switch";
  /** Takes the value over into the options. `name` is what messages call the option. */
  readonly apply: (options: Options, value: boolean, name: string) => void;
}

/** An option with one value. Numbers come as their digits. */
export interface ValueRow extends AnyRow {
  /** Numbers are numbers in the file, and texts elsewhere. */
  readonly type: "text" | "number";
  /** Name of the value in the help. */
  readonly value: string;
  /** Bounds of a number; they count themselves. */
  readonly range?: readonly [min: number, max: number];
  /** Whether a number may have a fraction. */
  readonly isFractional?: boolean;
  /** The words that may be given; of a number, beside digits. */
  readonly choices?: readonly string[];
  /** Whether the value names a file, from the place where it is written. */
  readonly isPath?: boolean;
  /** Takes the value over into the options; throws a UsageError when it is not one. "true" and "false" where it may be left out. */
  readonly apply: (options: Options, value: string, name: string) => void;
}

/** An option with several values. */
export interface ListRow extends AnyRow {
  /** Texts. */
  readonly type: "list";
  /** Name of one value in the help. */
  readonly value: string;
  /** Takes the whole list over into the options; throws a UsageError when a value is not one. */
  readonly apply: (
    options: Options,
    value: readonly string[],
    name: string,
  ) => void;
}

/** One row of the table. */
export type OptionRow = SwitchRow | ValueRow | ListRow;

/** Options that are on or off, and say nothing else. */
export type SwitchKey =
  & Key
  & {
    [K in keyof Options]: Options[K] extends boolean ? K : never;
  }[keyof Options];

/** An option that is on or off: its value is taken over as it is. */
export function switchRow(
  key: SwitchKey,
  group: Group,
  help: string,
  more: Pick<SwitchRow, "short" | "sources"> = {},
): SwitchRow {
  return {
    key,
    group,
    type: "switch",
    fallback: "off",
    help,
    ...more,
    apply: (options, value) => options[key] = value,
  };
}

/** The groups, in the order of the help. */
export const GROUPS: readonly Group[] = [
  "files",
  "listen",
  "answers",
  "tls",
  "log",
  "access",
  "process",
];

/** The sources of an option for which none are named. */
const EVERYWHERE: readonly Source[] = ["file", "environment", "flag"];

/** Whether an option may be given in a place. */
export function isFrom(row: OptionRow, source: Source): boolean {
  return (row.sources ?? EVERYWHERE).includes(source);
}

/** Whether a value may be left out, because the option says something by itself. */
export function isOptional({ value }: OptionRow): boolean {
  return value !== undefined && value.startsWith("[");
}

/** The flag of a key: `tlsCert` is `--tls-cert`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The short flag of an option, `-p`; undefined when it has none. */
export function shortFlagOf({ short }: OptionRow): string | undefined {
  return short === undefined ? undefined : `-${short}`;
}

/** The environment variable of a key: `tlsCert` is `SKIFF_TLS_CERT`. */
export function variableOf(key: string): string {
  return `SKIFF_${
    key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  }`;
}

/** The flag that takes a switch or an optional value back: `--no-cors`. */
export function negativeOf(key: string): string {
  return flagOf(key).replace("--", "--no-");
}

const DEFAULTS = defaultOptions();

/** Whether an option is a switch that is on unless it is turned off. */
export function isOn(row: OptionRow): boolean {
  return row.type === "switch" && valueOf(row, DEFAULTS) === true;
}

/** The flag as the help shows it, without its value: the form that changes the default. */
export function shownFlag(row: OptionRow): string {
  if (!isFrom(row, "flag")) return row.value ?? row.key;
  return isOn(row) ? negativeOf(row.key) : flagOf(row.key);
}

/** The option as the help shows it: `--port PORT`, `--spa[=FILE]`, `--no-listing`, `ROOT`. */
export function shownOption(row: OptionRow): string {
  const flag = shownFlag(row);
  if (row.value === undefined || !isFrom(row, "flag")) return flag;
  return isOptional(row) ? `${flag}${row.value}` : `${flag} ${row.value}`;
}

/** The value of an option in the form that the file has it in; undefined when nothing is set. */
export function valueOf(row: OptionRow, options: Options): unknown {
  if (row.key === "header") {
    return options.headers.map(([name, value]) => `${name}: ${value}`);
  }
  if (row.key === "admin") {
    const { admin } = options;
    if (admin === undefined) return undefined;
    const isBare = !admin.host.includes(":");
    return `${isBare ? admin.host : `[${admin.host}]`}:${admin.port}`;
  }
  return options[row.key];
}

/** An option with a value, and the place where it was given. */
export interface Setting {
  /** Which option it is. */
  readonly row: OptionRow;
  /** Of the row's type. */
  readonly value: boolean | string | readonly string[];
  /** Where it was given. */
  readonly origin: Origin;
}

/** Takes a setting over into the options. Throws a UsageError that says where it was given. */
export function applySetting(options: Options, setting: Setting): void {
  const { row, value, origin } = setting;
  withOrigin(origin, () => {
    // Settings are made by the row's type, which the compiler cannot follow.
    (row.apply as (o: Options, v: Setting["value"], n: string) => void)(
      options,
      value,
      origin.name,
    );
  });
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

/** The setting that a text makes, as flags and variables give it. */
export function settingOf(
  row: OptionRow,
  text: string,
  origin: Origin,
): Setting {
  if (row.type === "list") {
    const values = row.key === "header" ? [text] : text.split(",");
    return { row, value: values.map((value) => value.trim()), origin };
  }
  const word = SWITCH_WORDS.get(text.toLowerCase());
  if (row.type === "switch") {
    if (word === undefined) {
      const message = `Cannot use ${
        quote(text)
      } for ${origin.name}: give true or false`;
      throw new UsageError(message);
    }
    return { row, value: word, origin };
  }
  const isWord = isOptional(row) && word !== undefined;
  return { row, value: isWord ? `${word}` : text, origin };
}
