/**
 * What the Accept field says a client prefers (RFC 9110 §12.5.1).
 *
 * @module
 */

import { parseWeight } from "./coding.ts";

/** Longest Accept field that is parsed; browsers send about a hundred bytes. */
const ACCEPT_LENGTH_MAX = 1024;

/**
 * Returns which of several types a client prefers: the one that it weighs highest, among equal ones the one that it
 * names most precisely (`application/json, *\/*`), else the first. A client that takes none of them gets the first,
 * too.
 */
export function preferredType(
  accept: string | undefined,
  types: readonly string[],
): string {
  const ranges = parseAccept(accept);
  let best = { quality: 0, precision: 0 };
  let preferred = types[0]!;
  for (const type of types) {
    const match = matchOf(ranges, type);
    const isBetter = match.quality > best.quality ||
      match.quality === best.quality && match.quality > 0 &&
        match.precision > best.precision;
    if (isBetter) [best, preferred] = [match, type];
  }
  return preferred;
}

/** Whether a client names text/html itself. */
export function namesHtml(accept: string | undefined): boolean {
  const { quality, precision } = matchOf(parseAccept(accept), "text/html");
  return quality > 0 && precision === TYPE;
}

/** Whether a client states no preference at all: no Accept field, an empty one, or only `*\/*`. */
export function takesAnything(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === "") return true;
  const ranges = parseAccept(accept);
  return ranges.length > 0 &&
    ranges.every(({ range, quality }) => range === "*/*" && quality > 0);
}

function parseAccept(accept: string | undefined): MediaRange[] {
  if (accept === undefined || accept.length > ACCEPT_LENGTH_MAX) return [];
  return accept.toLowerCase().split(",").map((element) => {
    const [range = "", ...parameters] = element.split(";");
    return { range: range.trim(), quality: qualityOf(parameters) };
  });
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

/** The weight among the parameters of a range (§12.4.2); 1 when there is none, 0 when it cannot be read. */
function qualityOf(parameters: readonly string[]): number {
  const weight = parameters.map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith("q="));
  return weight === undefined ? 1 : parseWeight(weight) ?? 0;
}

/** How precisely a range matches a type: exactly, by group, as anything, or not. */
const TYPE = 3;

/** The weight of the most specific range that the type is in, and how specific that is (§12.5.1). */
function matchOf(ranges: readonly MediaRange[], type: string) {
  const group = type.slice(0, type.indexOf("/"));
  let precision = TYPE;
  for (const candidate of [type, `${group}/*`, "*/*"]) {
    const match = ranges.find(({ range }) => range === candidate);
    if (match !== undefined) return { quality: match.quality, precision };
    precision--;
  }
  return { quality: 0, precision };
}
