/**
 * Single values: what a person may write, and what is made of it. Each parser
 * gives the value, or throws a {@linkcode UsageError} that says what would be right.
 *
 * @module
 */

import { levenshteinDistance } from "@std/text";
import { hasControl, isToken } from "../http/ascii.ts";
import { isOwnField } from "../http/fields.ts";
import { quote } from "../http/printable.ts";

/** A command line, variable or file that cannot be followed. Its message is for the person who wrote it. */
export class UsageError extends Error {
  /** Its name. */
  override name = "UsageError";
}

/** No name is longer; and comparing takes time by the product of the lengths. */
const NAME_MAX = 60;

/** Most letters that may be wrong in a longer name for a hint; in one of up to LETTERS_FEW letters it is one. */
const TYPING_ERRORS_MAX = 2;
const LETTERS_FEW = 6;

/**
 * The name that was probably meant: the only one within a typing error or two. Dashes, capitals and "SKIFF_" do not count,
 * or long common beginnings would make unlike names near. undefined when none is near, or two are as near.
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
  if (first === undefined || first.errors > bound) return undefined;
  const isAlone = second === undefined || second.errors > first.errors;
  return isAlone ? first.each : undefined;
}

function lettersOf(name: string): string {
  return name.replace(/^SKIFF_/, "").replaceAll(/[-_]/g, "").toLowerCase();
}

/** How many letters are wrong. Two that changed places are half an error: that is how fingers err most. */
function typingErrors(name: string, meant: string): number {
  const distance = levenshteinDistance(name, meant);
  return distance === 2 && sorted(name) === sorted(meant) ? 0.5 : distance;
}

function sorted(name: string): string {
  return [...name].sort().join("");
}

/** A whole number in digits, within bounds that count themselves. */
export function parseInteger(
  value: string,
  what: string,
  [min, max]: readonly [min: number, max: number],
): number {
  const number = Number(value);
  if (!/^\d{1,10}$/.test(value) || number < min || number > max) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as ${what}: give a number from ${min} to ${max}`,
    );
  }
  return number;
}

/** A number that may have a fraction, within bounds that count themselves. */
export function parseDecimal(
  value: string,
  what: string,
  [min, max]: readonly [min: number, max: number],
): number {
  const number = Number(value);
  if (
    !/^\d{1,10}(?:\.\d{1,10})?$/.test(value) || number < min || number > max
  ) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as ${what}: give a number from ${min} to ${max}`,
    );
  }
  return number;
}

/** One of a few words. */
export function parseChoice<T extends string>(
  value: string,
  what: string,
  choices: readonly T[],
): T {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  const meant = nearest(value, choices);
  const hint = meant === undefined ? "" : `, perhaps ${meant}`;
  throw new UsageError(
    `Cannot use ${quote(value)} as ${what}: give one of ${
      choices.join(", ")
    }${hint}`,
  );
}

/** The port of a listener; 0 stands for any. */
export const PORT_RANGE: readonly [number, number] = [0, 65535];

/** A port. */
export function parsePort(value: string, what = "a port"): number {
  return parseInteger(value, what, PORT_RANGE);
}

/** More isolates than this only take memory from each other. */
export const WORKERS_RANGE: readonly [number, number] = [1, 64];

/** How many isolates serve. */
export function parseWorkers(value: string): number | "auto" {
  if (value === "auto") return value;
  const [min, max] = WORKERS_RANGE;
  if (!/^\d{1,2}$/.test(value) || +value < min || +value > max) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as a number of workers: give a number from ${min} to ${max}, or auto`,
    );
  }
  return Number(value);
}

/** A path below the root, as one names it in a site: "app.html", "shell/index.html". */
export function parseName(value: string, name: string): string {
  const segments = value.replace(/^\.?\//, "").split("/");
  if (segments.some((segment) => /^\.{0,2}$|[\0\\]/.test(segment))) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } for ${name}: give the name of a file in the site`,
    );
  }
  return segments.join("/");
}

/** A path of the machine. Whether there is something, opening tells. */
export function parsePath(value: string, name: string): string {
  if (value === "" || value.includes("\0")) {
    throw new UsageError(`Cannot use ${quote(value)} for ${name}: give a path`);
  }
  return value;
}

/** A pattern of paths of the site. What patterns mean, the rules say. */
export function parsePathPattern(value: string, name: string): string {
  // deno-lint-ignore no-control-regex
  if (!/^\/[^\0-\x1f\x7f]*$/.test(value)) {
    throw new UsageError(
      `Cannot use ${quote(value)} for ${name}: give a path such as /private/*`,
    );
  }
  return value;
}

/** A field value (RFC 9110 §5.5), without the space around it. */
export function parseFieldValue(value: string, name: string): string {
  if (hasControl(value)) {
    throw new UsageError(
      `Cannot use the value of ${name}: it has control characters in it`,
    );
  }
  return value.trim();
}

/** A field line: a name that is a token (RFC 9110 §5.1), a colon, a value. */
export function parseField(
  text: string,
  name: string,
): [name: string, value: string] {
  const colon = text.indexOf(":");
  const field = text.slice(0, colon).trim();
  if (colon === -1 || !isToken(field)) {
    throw new UsageError(
      `Cannot use ${quote(text)} for ${name}: give 'Name: value'`,
    );
  }
  return [field, parseFieldValue(text.slice(colon + 1), name)];
}

/** A field that is sent with every reply. */
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
      `Cannot set ${field[0]} with ${name}: skiff works it out for each reply`,
    );
  }
  return field;
}
