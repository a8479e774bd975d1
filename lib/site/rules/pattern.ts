/**
 * Path patterns: "/old/*", "/blog/:year/:slug". Compiled once, and compared with
 * decoded paths in time linear to the path's length: what stands before the first
 * star from the left, the rest from the right, and nothing is tried twice.
 *
 * @module
 */

import { Needle, PlaceholderSegment } from "./pattern_parts.ts";
import { quote } from "../../http/printable.ts";
import { hasUnsafeControl, LINE_CHARACTERS_MAX } from "./texts.ts";

/** What the parts of a pattern stood for in a path, decoded: by the placeholder's name, and "splat" for the star. */
export type Captures = ReadonlyMap<string, string>;

/** Why a text is no pattern, for the person who wrote it. */
export interface PatternProblem {
  /** One line. */
  readonly problem: string;
}

/** The name of what the star stood for. */
const SPLAT = "splat";

/** A literal text, or a segment with placeholders. Such a segment has a "/" before it, and a "/" or an end behind it. */
type Part = string | PlaceholderSegment;

/** What a path is compared with. */
interface Shape {
  /** From the path's beginning: up to the first star, or all there is. */
  readonly prefix: readonly Part[];
  /** The texts between stars, in order. */
  readonly middles: readonly Needle[];
  /** From the last star to the path's end; undefined when there is no star. */
  readonly suffix: readonly Part[] | undefined;
}

/** The captures of patterns that capture nothing. */
const NO_CAPTURES: Captures = new Map();

/** A compiled pattern. */
export class Pattern {
  /** As it was written. */
  readonly text: string;
  /** What it captures. */
  readonly names: readonly string[];
  /** The only path that it matches, without the "/" at its end; undefined when there are others. */
  readonly literal: string | undefined;
  /** Whether it has several stars: what they stand for is then not captured. */
  readonly hasManyStars: boolean;
  readonly #shape: Shape;
  /** What matches as well, for a pattern that ends in "/*": all before that. */
  readonly #bare: Shape | undefined;

  /** For {@linkcode compilePattern} only. */
  constructor(text: string, shape: Shape) {
    const { prefix, middles, suffix } = shape;
    this.text = text;
    this.#shape = shape;
    this.#bare = bareOf(shape);
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

  /** What it captures of a decoded path; undefined when it does not match. */
  match(path: string): Captures | undefined {
    if (this.names.length === 0) {
      return this.#run(path, undefined) ? NO_CAPTURES : undefined;
    }
    const captures = new Map<string, string>();
    return this.#run(path, captures) ? captures : undefined;
  }

  #run(path: string, captures: Map<string, string> | undefined): boolean {
    if (matchShape(this.#shape, path, captures)) return true;
    // It begins as the shape does, and captures the same.
    if (this.#bare === undefined) return false;
    if (!matchBare(this.#bare, path, captures)) return false;
    if (!this.hasManyStars) captures?.set(SPLAT, "");
    return true;
  }
}

/** Whether a path is what a shape says, from its beginning to its end. */
function matchShape(
  { prefix, middles, suffix }: Shape,
  path: string,
  captures: Map<string, string> | undefined,
): boolean {
  if (suffix === undefined) {
    const end = endWithoutSlash(path);
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

/** The same, but that the "/" at the path's end counts. */
function matchBare(
  shape: Shape,
  path: string,
  captures: Map<string, string> | undefined,
): boolean {
  if (shape.suffix !== undefined) return matchShape(shape, path, captures);
  const { prefix } = shape;
  return matchForwards(prefix, path, path.length, captures) === path.length;
}

/** A shape without the "/*" that it ends with; undefined when it does not, or when nothing is left. */
function bareOf({ prefix, middles, suffix }: Shape): Shape | undefined {
  if (suffix?.length !== 0) return undefined;
  const last = middles.at(-1);
  if (last === undefined) {
    const bare = withoutSlash(prefix);
    return bare && { prefix: bare, middles, suffix: undefined };
  }
  const bare = withoutSlash([last.text]);
  return bare && { prefix, middles: middles.slice(0, -1), suffix: bare };
}

/** Where a path ends when the "/" at its end does not count. */
function endWithoutSlash(path: string): number {
  const isSlashed = path.length > 1 && path.endsWith("/");
  return isSlashed ? path.length - 1 : path.length;
}

/** The parts without the "/" that they end with; undefined when they do not, or when nothing is left. */
function withoutSlash(parts: readonly Part[]): readonly Part[] | undefined {
  const last = parts.at(-1);
  if (typeof last !== "string" || !last.endsWith("/")) return undefined;
  const before = parts.slice(0, -1);
  if (last.length > 1) return [...before, last.slice(0, -1)];
  return before.length === 0 ? undefined : before;
}

/** Up to where the path is what the parts say, placeholders within [0, end); -1 when it is not. */
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

/** From where on path[from, …) is what the parts say, up to its end; -1 when it is not. */
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

/** A placeholder; what stands between those of a segment is literal. */
const PLACEHOLDER = /:([A-Za-z_]\w*)/;

/**
 * Reads a pattern. It begins with "/"; a `*` in it matches any characters, none and "/" included; `:name` matches one
 * or more characters of one segment, the first of several as many as it can. All else is literal, percent-decoded once.
 * Without a star, a "/" at the end does not count; "/old/*" matches "/old" as well. Never throws.
 */
export function compilePattern(text: string): Pattern | PatternProblem {
  const problem = problemOf(text);
  if (problem !== undefined) return refuse(text, problem);
  const hasStar = text.includes("*");
  const counted = hasStar ? text : text.slice(0, endWithoutSlash(text));
  const builder = new Builder();
  // What stands before the first "/" is nothing.
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

function refuse(text: string, reason: string): PatternProblem {
  return { problem: `Cannot use pattern ${quote(text)}: ${reason}` };
}

/** What is wrong with a whole text, if anything. */
function problemOf(text: string): string | undefined {
  if (!text.startsWith("/")) return `it does not begin with "/"`;
  if (text.length > LINE_CHARACTERS_MAX) {
    return `it has more than ${LINE_CHARACTERS_MAX} characters`;
  }
  if (hasUnsafeControl(text)) return "it has control characters in it";
  if (text.includes("\\")) return `no path has "\\" in it`;
  const special = /[?#]/.exec(text)?.[0];
  if (special !== undefined) {
    const code = special === "?" ? "%3F" : "%23";
    return `only the path is compared; write ${code} for a "${special}" in it`;
  }
  if (text.includes("//")) return "no path has an empty segment";
  return undefined;
}

/** Puts the parts of a pattern together. */
class Builder {
  /** What stands before the first star, between stars, and behind the last. */
  readonly #blocks: Part[][] = [[]];
  readonly #names = new Set<string>();

  /** Goes on with a literal text. */
  literal(text: string): void {
    if (text === "") return;
    const parts = this.#blocks.at(-1)!;
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  }

  /** Goes on with a segment; returns what is wrong with it, if anything. */
  segment(raw: string): string | undefined {
    // Names stand at every second place.
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
      return `a segment has "*" or placeholders; write %3A for a ":" in ${
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
      return `nothing stands between two placeholders of ${quote(raw)}`;
    }
    for (const name of names) {
      if (name === SPLAT) return `":${SPLAT}" is the name of what "*" matches`;
      if (this.#names.has(name)) return `":${name}" stands in it twice`;
      this.#names.add(name);
    }
    this.#blocks.at(-1)!.push(new PlaceholderSegment(literals, names));
    return undefined;
  }

  /** The parts as one, or why they are none. */
  shape(): Shape | string {
    const [prefix, ...others] = this.#blocks;
    const suffix = others.pop();
    const middles: Needle[] = [];
    for (const block of others) {
      const [text] = block;
      if (block.length !== 1 || typeof text !== "string") {
        return `between two "*" stand no placeholders`;
      }
      middles.push(new Needle(text));
    }
    return { prefix: prefix!, middles, suffix };
  }
}

function notOneSegment(raw: string): string {
  return `${quote(raw)} is no percent-encoded text of one segment`;
}

/** Whether a segment is one that targets are cleaned of. */
function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}

/** A percent-decoded segment, or a part of one; undefined when no path can have it: malformed, a separator, NUL. */
export function decodeSegment(raw: string): string | undefined {
  try {
    const decoded = decodeURIComponent(raw);
    return /[/\\\0]/.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}
