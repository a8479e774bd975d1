/**
 * Path patterns: "/old/*", "/blog/:year/:slug". Compiled once. Matching a
 * decoded path takes time linear in its length: it compares the part before the
 * first star from the left and the rest from the right, and never backtracks.
 *
 * @module
 */

import { Needle, PlaceholderSegment } from "./pattern_parts.ts";
import { quote } from "../../http/printable.ts";
import { type CompileProblem, textProblem } from "./texts.ts";

/** The decoded texts that a pattern captured from a path, by placeholder; "splat" for the star. */
export type Captures = ReadonlyMap<string, string>;

const SPLAT = "splat";

/** A literal text, or a segment with placeholders. Such a segment follows a "/" and ends at a "/" or at the end. */
type Part = string | PlaceholderSegment;

/** The parts that a path is compared with. */
interface Shape {
  /** From the beginning to the first star, or to the end. */
  readonly prefix: readonly Part[];
  /** The texts between stars, in order. */
  readonly middles: readonly Needle[];
  /** From the last star to the end; undefined without a star. */
  readonly suffix: readonly Part[] | undefined;
}

const NO_CAPTURES: Captures = new Map();

/** A "/*" at the end, but not behind another star, nor as the whole pattern: it follows a literal "/". */
const ENDS_BELOW = /[^*]\/\*+$/;

export class Pattern {
  /** As the operator wrote it. */
  readonly text: string;
  /** The names of its captures. */
  readonly names: readonly string[];
  /** The only path that it matches, without a "/" at the end; undefined if it matches others. */
  readonly literal: string | undefined;
  /** Whether it has several stars. Then it does not capture them. */
  readonly hasManyStars: boolean;
  readonly #shape: Shape;
  /** For a pattern such as "/old/*", which also matches "/old": the literal text at the end of such a path. */
  readonly #bareEnd: string | undefined;

  /** Use {@linkcode compilePattern}. */
  constructor(text: string, shape: Shape) {
    const { prefix, middles, suffix } = shape;
    this.text = text;
    this.#shape = shape;
    const beforeStar = middles.at(-1)?.text ?? prefix.at(-1);
    this.#bareEnd = ENDS_BELOW.test(text)
      ? (beforeStar as string).slice(0, -1)
      : undefined;
    const names = [...prefix, ...suffix ?? []]
      .flatMap((part) => typeof part === "string" ? [] : part.names);
    this.hasManyStars = middles.length > 0;
    this.names = suffix === undefined || this.hasManyStars
      ? names
      : [...names, SPLAT];
    const [first] = prefix;
    this.literal = suffix === undefined && prefix.length === 1 &&
        typeof first === "string"
      ? first
      : undefined;
  }

  /** Whether it matches a decoded path. */
  matches(path: string): boolean {
    return this.#run(path, undefined);
  }

  /** Returns the captures from a decoded path; undefined if it does not match. */
  match(path: string): Captures | undefined {
    if (this.names.length === 0) {
      return this.#run(path, undefined) ? NO_CAPTURES : undefined;
    }
    const captures = new Map<string, string>();
    return this.#run(path, captures) ? captures : undefined;
  }

  #run(path: string, captures: Map<string, string> | undefined): boolean {
    if (matchShape(this.#shape, path, captures)) return true;
    return this.#bareEnd !== undefined && path.endsWith(this.#bareEnd) &&
      matchShape(this.#shape, `${path}/`, captures);
  }
}

/** Whether a path matches a shape from beginning to end. */
function matchShape(
  { prefix, middles, suffix }: Shape,
  path: string,
  captures: Map<string, string> | undefined,
): boolean {
  if (suffix === undefined) {
    const end = withoutEndSlash(path).length;
    return matchForwards(prefix, path, end, captures) === end;
  }
  const from = matchForwards(prefix, path, path.length, captures);
  if (from === -1) return false;
  let to = matchBackwards(suffix, path, from, captures);
  for (let i = middles.length - 1; i >= 0 && to !== -1; i--) {
    to = middles[i]!.lastIn(path, from, to);
  }
  if (to === -1) return false;
  if (middles.length === 0) captures?.set(SPLAT, path.slice(from, to));
  return true;
}

/** Returns a path without its final "/"; "/" as it is. */
export function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Matches parts from the left, placeholders within [0, end). Returns where the match ends, or -1. */
function matchForwards(
  parts: readonly Part[],
  path: string,
  end: number,
  captures: Map<string, string> | undefined,
): number {
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      if (!path.startsWith(part, at)) return -1;
      at += part.length;
    } else {
      const slash = path.indexOf("/", at);
      const stop = slash === -1 ? end : Math.min(slash, end);
      if (!part.match(path, at, stop, captures)) return -1;
      at = stop;
    }
  }
  return at;
}

/** Matches parts at the end of path[from, …). Returns where the match begins, or -1. */
function matchBackwards(
  parts: readonly Part[],
  path: string,
  from: number,
  captures: Map<string, string> | undefined,
): number {
  let at = path.length;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i]!;
    let start: number;
    if (typeof part === "string") {
      start = at - part.length;
      if (start < from || !path.startsWith(part, start)) return -1;
    } else {
      start = path.lastIndexOf("/", at - 1) + 1;
      if (!part.match(path, start, at, captures)) return -1;
    }
    at = start;
  }
  return at;
}

/** A placeholder. The text between two placeholders of a segment is literal. */
const PLACEHOLDER = /:([A-Za-z_]\w*)/;

/**
 * Compiles a pattern. It begins with "/"; a `*` matches any characters, including none and "/"; `:name` matches one
 * or more characters of one segment, and the first of several as many as possible. Everything else is literal,
 * percent-decoded once. Without a star, a "/" at the end does not count; "/old/*" also matches "/old". Never throws.
 */
export function compilePattern(text: string): Pattern | CompileProblem {
  const problem = problemOf(text);
  if (problem !== undefined) return refuse(text, problem);
  const hasStar = text.includes("*");
  const counted = hasStar ? text : withoutEndSlash(text);
  const builder = new Builder();
  // The text before the first "/" is empty.
  for (const segment of counted.slice(1).split("/")) {
    builder.literal("/");
    const problem = builder.segment(segment);
    if (problem !== undefined) return refuse(text, problem);
  }
  const shape = builder.shape();
  return typeof shape === "string"
    ? refuse(text, shape)
    : new Pattern(text, shape);
}

function refuse(text: string, reason: string): CompileProblem {
  return { problem: `Cannot use pattern ${quote(text)}: ${reason}` };
}

/** Says what is wrong with a text, if anything. */
function problemOf(text: string): string | undefined {
  if (!text.startsWith("/")) return `it does not begin with "/"`;
  const problem = textProblem(text);
  if (problem !== undefined) return problem;
  const special = /[?#]/.exec(text)?.[0];
  if (special !== undefined) {
    const code = special === "?" ? "%3F" : "%23";
    return `a pattern matches the path alone; write ${code} for a "${special}" in it`;
  }
  if (text.includes("//")) return "it has an empty segment";
  return undefined;
}

/** Builds the parts of a pattern. */
class Builder {
  /** The parts before the first star, between stars, and after the last. */
  readonly #blocks: Part[][] = [[]];
  readonly #names = new Set<string>();

  /** Appends a literal text. */
  literal(text: string): void {
    if (text === "") return;
    const parts = this.#blocks.at(-1)!;
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  }

  /** Appends a segment; returns what is wrong with it, if anything. */
  segment(raw: string): string | undefined {
    // Every second piece is a name.
    const pieces = raw.split(PLACEHOLDER);
    if (pieces.length > 1) return this.#placeholders(raw, pieces);
    const literals = raw.split(/\*+/).map(decodeSegment);
    for (const [index, literal] of literals.entries()) {
      if (literal === undefined) return notOneSegment(raw);
      if (literals.length === 1 && isDots(literal)) {
        return `no path has "${literal}"`;
      }
      if (index > 0) this.#blocks.push([]);
      this.literal(literal);
    }
    return undefined;
  }

  #placeholders(raw: string, pieces: readonly string[]): string | undefined {
    if (raw.includes("*")) {
      return `a segment cannot mix "*" and placeholders; write %3A for a literal ":" in ${
        quote(raw)
      }`;
    }
    const names = pieces.filter((_, i) => i % 2 === 1);
    const literals: string[] = [];
    for (const piece of pieces.filter((_, i) => i % 2 === 0)) {
      const literal = decodeSegment(piece);
      if (literal === undefined) return notOneSegment(raw);
      literals.push(literal);
    }
    if (literals.slice(1, -1).includes("")) {
      return `two placeholders touch in ${quote(raw)}`;
    }
    for (const name of names) {
      if (name === SPLAT) return `":${SPLAT}" is the name of what "*" matches`;
      if (this.#names.has(name)) return `":${name}" occurs twice`;
      this.#names.add(name);
    }
    this.#blocks.at(-1)!.push(new PlaceholderSegment(literals, names));
    return undefined;
  }

  /** Returns the shape, or what is wrong with it. */
  shape(): Shape | string {
    const [prefix, ...others] = this.#blocks;
    const suffix = others.pop();
    const middles: Needle[] = [];
    for (const block of others) {
      const [text] = block;
      if (block.length !== 1 || typeof text !== "string") {
        return `placeholders cannot stand between two "*"`;
      }
      middles.push(new Needle(text));
    }
    return { prefix: prefix!, middles, suffix };
  }
}

function notOneSegment(raw: string): string {
  return `${quote(raw)} is not a percent-encoded segment`;
}

/** Whether targets never contain such a segment. */
function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}

/** Decodes a segment or a part of one; undefined if no path can have it: malformed, a separator, NUL. */
export function decodeSegment(raw: string): string | undefined {
  try {
    const decoded = decodeURIComponent(raw);
    return /[/\\\0]/.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}
