/**
 * Parsers of single values. Each returns the value, or throws a
 * {@linkcode UsageError} that says what would be right.
 *
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { hasControl, isToken } from "../http/ascii.ts";
import { isOwnField } from "../http/fields.ts";
import { quote } from "../http/printable.ts";

/** An invalid command line, environment variable or configuration file. The message is for the operator. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The error for a value that is invalid in its role, such as "as a port" or "for --index". */
export function unusable(
  value: string,
  role: string,
  expected: string,
): UsageError {
  return new UsageError(
    `Cannot use ${quote(value)} ${role}: expected ${expected}`,
  );
}

/** Longer names are not compared, which takes time by the product of the lengths; no option has one. */
const NAME_MAX = 60;

/** The most wrong letters that still give a hint; in names of up to LETTERS_FEW letters it is one. */
const TYPING_ERRORS_MAX = 2;
const LETTERS_FEW = 6;

/** The fewest letters that may stand for a name that begins with them; they are also at least half of its letters. */
const PREFIX_MIN = 4;

/**
 * The name that was probably meant: the only one within a typing error or two, or else the only one that begins with
 * it and is not much longer. Ignores dashes, case and "SKIFF_", because a long common prefix would make unlike names
 * similar. undefined if none is close, or two are equally close.
 */
export function nearest(
  name: string,
  names: readonly string[],
): string | undefined {
  if (name.length > NAME_MAX) return undefined;
  const letters = lettersOf(name);
  const bound = letters.length <= LETTERS_FEW ? 1 : TYPING_ERRORS_MAX;
  const found = names
    .map((each) => ({ each, errors: typingErrors(letters, lettersOf(each)) }))
    .sort((a, b) => a.errors - b.errors);
  const [first, second] = found;
  if (first === undefined || first.errors > bound) {
    return onlyBeginning(letters, names);
  }
  const isAlone = second === undefined || second.errors > first.errors;
  return isAlone ? first.each : undefined;
}

function onlyBeginning(
  letters: string,
  names: readonly string[],
): string | undefined {
  if (letters.length < PREFIX_MIN) return undefined;
  const longer = names.filter((each) =>
    lettersOf(each).startsWith(letters) &&
    lettersOf(each).length <= 2 * letters.length
  );
  return longer.length === 1 ? longer[0] : undefined;
}

function lettersOf(name: string): string {
  return name.replace(/^SKIFF_/, "").replaceAll(/[-_]/g, "").toLowerCase();
}

/** The number of wrong letters. Two swapped letters, the most common slip, count as half an error. */
function typingErrors(name: string, meant: string): number {
  const distance = levenshteinDistance(name, meant);
  return distance === 2 && sorted(name) === sorted(meant) ? 0.5 : distance;
}

function sorted(name: string): string {
  return [...name].sort().join("");
}

/**
 * Parses a number in decimal digits within a range, both bounds included; with a
 * fraction only if `isFractional`. `choices` are words that the option takes as well.
 */
export function parseNumber(
  value: string,
  what: string,
  [min, max]: readonly [min: number, max: number],
  { isFractional = false, choices = [] }: {
    readonly isFractional?: boolean;
    readonly choices?: readonly string[];
  } = {},
): number {
  const number = Number(value);
  const form = isFractional ? /^\d{1,10}(?:\.\d{1,10})?$/ : /^\d{1,10}$/;
  if (form.test(value) && number >= min && number <= max) return number;
  const words = choices.map((choice) => `, or ${choice}`).join("");
  throw unusable(value, `as ${what}`, `a number from ${min} to ${max}${words}`);
}

/** Parses one of a few words. */
export function parseChoice<T extends string>(
  value: string,
  what: string,
  choices: readonly T[],
): T {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  const meant = nearest(value, choices);
  const hint = meant === undefined ? "" : `, perhaps ${meant}`;
  throw unusable(value, `as ${what}`, `one of ${choices.join(", ")}${hint}`);
}

/** Parses the name of a file in the site: "app.html", "shell/index.html". */
export function parseName(value: string, name: string): string {
  const segments = value.replace(/^\.?\//, "").split("/");
  if (segments.some((segment) => /^\.{0,2}$|[\0\\]/.test(segment))) {
    throw unusable(value, `for ${name}`, "the name of a file in the site");
  }
  return segments.join("/");
}

/** Parses a path on this machine. Does not check that it exists; opening it does. */
export function parsePath(value: string, name: string): string {
  if (value === "" || value.includes("\0")) {
    throw unusable(value, `for ${name}`, "a path");
  }
  return value;
}

/** Parses a pattern of paths in the site, as in rules. The rules check the rest of its syntax. */
export function parsePathPattern(value: string, name: string): string {
  // deno-lint-ignore no-control-regex
  if (!/^\/[^\0-\x1f\x7f]*$/.test(value)) {
    throw unusable(value, `for ${name}`, "a path such as /private/*");
  }
  return value;
}

/** Parses a header value (RFC 9110 §5.5) and trims it. */
export function parseFieldValue(value: string, name: string): string {
  if (hasControl(value)) {
    throw new UsageError(
      `Cannot use the value of ${name}: it contains control characters`,
    );
  }
  return value.trim();
}

/** Parses a header line: a name that is a token (RFC 9110 §5.1), a colon, a value. */
export function parseField(
  text: string,
  name: string,
): [name: string, value: string] {
  const colon = text.indexOf(":");
  const field = text.slice(0, colon).trim();
  if (colon === -1 || !isToken(field)) {
    throw unusable(text, `for ${name}`, "'Name: value'");
  }
  return [field, parseFieldValue(text.slice(colon + 1), name)];
}

/** Parses a header to add to every response. Refuses those that skiff sets itself. */
export function parseHeader(
  text: string,
  name: string,
): [name: string, value: string] {
  const field = parseField(text, name);
  if (field[0].toLowerCase() === "cache-control") {
    throw new UsageError(
      `Cannot set Cache-Control with ${name}: use --cache-control`,
    );
  }
  if (isOwnField(field[0]) || field[0].toLowerCase() === "content-type") {
    throw new UsageError(
      `Cannot set ${field[0]} with ${name}: skiff sets it for each response`,
    );
  }
  return field;
}
