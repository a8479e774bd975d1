/**
 * Path patterns: "/old/*", "/blog/:year/:slug". Compiled once, and compared with
 * decoded paths in time linear to the path's length: what stands before the star
 * from the left, what stands behind it from the right, and nothing is tried twice.
 *
 * @module
 */

import { hasControl, LINE_CHARACTERS_MAX, quote } from "./rule_texts.ts";

/** What the parts of a pattern stood for in a path, decoded: by the placeholder's name, and "splat" for the star. */
export type Captures = ReadonlyMap<string, string>;

/** Why a text is no pattern, for the person who wrote it. */
export interface PatternProblem {
  /** One line. */
  readonly problem: string;
}

/** The name of what the star stood for. */
const SPLAT = "splat";

/** A literal text, or the placeholder of one segment. A placeholder has a "/" before it, and a "/" or an end behind it. */
type Part = string | { readonly name: string };

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
  /** From the path's beginning: up to the star, or all there is. */
  readonly #prefix: readonly Part[];
  /** From the star to the path's end; undefined when there is no star. */
  readonly #suffix: readonly Part[] | undefined;
  /** What matches the whole path as well, for a pattern that ends in "/*": all before that. */
  readonly #bare: readonly Part[] | undefined;

  /** For {@linkcode compilePattern} only. */
  constructor(
    text: string,
    prefix: readonly Part[],
    suffix: readonly Part[] | undefined,
  ) {
    this.text = text;
    this.#prefix = prefix;
    this.#suffix = suffix;
    this.#bare = suffix?.length === 0 ? withoutSlash(prefix) : undefined;
    const names = [...prefix, ...suffix ?? []]
      .flatMap((part) => typeof part === "string" ? [] : [part.name]);
    this.names = suffix === undefined ? names : [...names, SPLAT];
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
    const suffix = this.#suffix;
    if (suffix === undefined) {
      const end = endWithoutSlash(path);
      return matchForwards(this.#prefix, path, end, captures) === end;
    }
    const from = matchForwards(this.#prefix, path, path.length, captures);
    const to = from === -1 ? -1 : matchBackwards(suffix, path, from, captures);
    if (to !== -1) {
      captures?.set(SPLAT, path.slice(from, to));
      return true;
    }
    if (this.#bare === undefined) return false;
    // It begins as the prefix does, and captures the same.
    const end = matchForwards(this.#bare, path, path.length, captures);
    if (end !== path.length) return false;
    captures?.set(SPLAT, "");
    return true;
  }
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
      if (stop <= at) return -1;
      captures?.set(part.name, path.slice(at, stop));
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
      if (start >= at) return -1;
      captures?.set(part.name, path.slice(start, at));
    }
    at = start;
  }
  return at;
}

/** A placeholder's name, without its colon. */
const NAME = /^[A-Za-z_]\w*$/;

/** What looks like a placeholder. */
const COLON_NAME = /:[A-Za-z_]/;

/**
 * Reads a pattern. It begins with "/"; one `*` in it matches any characters, none and "/" included; `:name` in
 * place of a segment matches one segment that is not empty. All else is literal, percent-decoded once.
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
  return new Pattern(text, builder.prefix, builder.suffix);
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
  if (hasControl(text)) return "it has control characters in it";
  if (text.includes("\\")) return `no path has "\\" in it`;
  const special = /[?#]/.exec(text)?.[0];
  if (special !== undefined) {
    const code = special === "?" ? "%3F" : "%23";
    return `only the path is compared; write ${code} for a "${special}" in it`;
  }
  if (text.indexOf("*") !== text.lastIndexOf("*")) {
    return `it has more than one "*"`;
  }
  if (text.includes("//")) return "no path has an empty segment";
  return undefined;
}

/** Puts the parts of a pattern together. */
class Builder {
  readonly prefix: Part[] = [];
  suffix: Part[] | undefined = undefined;
  readonly #names = new Set<string>();

  /** Goes on with a literal text. */
  literal(text: string): void {
    if (text === "") return;
    const parts = this.suffix ?? this.prefix;
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  }

  /** Goes on with a segment; returns what is wrong with it, if anything. */
  segment(raw: string): string | undefined {
    if (raw.startsWith(":") && NAME.test(raw.slice(1))) {
      return this.#placeholder(raw.slice(1));
    }
    if (COLON_NAME.test(raw)) {
      return `a placeholder is a whole segment; write %3A for a ":" in ${
        quote(raw)
      }`;
    }
    const [before, after] = raw.split("*", 2);
    const left = decodeSegment(before!);
    const right = decodeSegment(after ?? "");
    if (left === undefined || right === undefined) {
      return `${quote(raw)} is no percent-encoded text of one segment`;
    }
    if (after === undefined && isDots(left)) return `no path has "${left}"`;
    this.literal(left);
    if (after !== undefined) this.suffix = [];
    this.literal(right);
    return undefined;
  }

  #placeholder(name: string): string | undefined {
    if (name === SPLAT) return `":${SPLAT}" is the name of what "*" matches`;
    if (this.#names.has(name)) return `":${name}" stands in it twice`;
    this.#names.add(name);
    (this.suffix ?? this.prefix).push({ name });
    return undefined;
  }
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
