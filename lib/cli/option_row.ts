/**
 * What follows from a row of the table of options: its names, its form in the
 * help, and how a setting changes the options.
 *
 * @module
 */

import type { Option } from "./option_kinds.ts";
import type { OptionRow, Options } from "./options.ts";
import { type Origin, type OriginKind, withOrigin } from "./origin.ts";
import { unusable } from "./values.ts";

/** Whether an option can be given in a place. */
export function isFrom({ sources }: Option, source: OriginKind): boolean {
  return sources === undefined || sources.includes(source);
}

/** Whether an option takes a value that can be left out. */
export function isOptional({ value }: Option): boolean {
  return value !== undefined && value.startsWith("[");
}

/** Whether an option with an optional value can be turned off by `--no-`: all but the help. */
export function hasNegative(row: OptionRow): boolean {
  return isOptional(row) && row.key !== "help";
}

/** Whether an option cannot be given without a value. */
export function needsValue(row: Option): boolean {
  return row.value !== undefined && !isOptional(row);
}

/** The flag of a key: `tlsCert` is `--tls-cert`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The short flag of an option, `-p`; undefined if it has none. */
export function shortFlagOf({ short }: Option): string | undefined {
  return short === undefined ? undefined : `-${short}`;
}

/** The environment variable of a key: `tlsCert` is `SKIFF_TLS_CERT`. */
export function variableOf(key: string): string {
  return `SKIFF_${
    key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  }`;
}

/** The flag that turns off a switch or an optional value: `--no-cors`. */
export function negativeOf(key: string): string {
  return flagOf(key).replace("--", "--no-");
}

/** Whether an option is a switch that is on by default. */
export function isOn(row: Option): boolean {
  return row.default === true;
}

/** The flag in the help, without its value: the form that changes the default. */
export function shownFlag(row: OptionRow): string {
  if (!isFrom(row, "flag")) return row.value ?? row.key;
  return isOn(row) ? negativeOf(row.key) : flagOf(row.key);
}

/** The option in the help: `--port PORT`, `--spa[=FILE]`, `--no-listing`, `ROOT`. */
export function shownOption(row: OptionRow): string {
  const flag = shownFlag(row);
  if (row.value === undefined || !isFrom(row, "flag")) return flag;
  return isOptional(row) ? `${flag}${row.value}` : `${flag} ${row.value}`;
}

/** The default in words: "8000, or the next free", "127.0.0.1", "off", "none". */
export function shownDefault(row: Option): string {
  if (row.defaultText !== undefined) return row.defaultText;
  if (row.type === "switch" || isOptional(row)) return "off";
  return `${row.default ?? ""}` || "none";
}

/** The value of an option in the form that the file has; undefined if it is not set. */
export function valueOf(row: OptionRow, options: Options): unknown {
  const value: unknown = options[row.key];
  if (value === undefined || row.type === "switch" || !row.print) return value;
  return Array.isArray(value) ? value.map(row.print) : row.print(value);
}

/** An option with a value, and where it was given. */
export interface Setting {
  readonly row: OptionRow;
  /** The value, of the row's type; a number as its digits. */
  readonly value: boolean | string | readonly string[];
  readonly origin: Origin;
}

/** Parses a setting into the options. Throws a UsageError that says where an invalid value was given. */
export function applySetting(options: Options, setting: Setting): void {
  const { row, origin } = setting;
  const value = withOrigin(origin, () => parsedValue(setting));
  Object.assign(options, { [row.key]: value });
}

function parsedValue({ row, value, origin }: Setting): unknown {
  if (row.type === "switch") return value;
  const parse = (text: string) => row.parse(text, origin.name);
  return typeof value === "object" ? value.map(parse) : parse(`${value}`);
}

const ON = ["true", "yes", "on", "1"];
const OFF = ["false", "no", "off", "0"];

/** The truth value that a flag or environment variable spells; undefined for any other text. */
function switchValue(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return ON.includes(word) || (OFF.includes(word) ? false : undefined);
}

/** Makes a setting of text, as flags and environment variables give it. */
export function settingOf(
  row: OptionRow,
  text: string,
  origin: Origin,
): Setting {
  if (row.type === "list") {
    const values = row.key === "header" ? [text] : text.split(",");
    return { row, value: values.map((value) => value.trim()), origin };
  }
  const isOnOrOff = row.type === "switch" || isOptional(row);
  const word = isOnOrOff ? switchValue(text) : undefined;
  if (row.type !== "switch") return { row, value: `${word ?? text}`, origin };
  if (word !== undefined) return { row, value: word, origin };
  throw unusable(text, `for ${origin.name}`, "true or false");
}
