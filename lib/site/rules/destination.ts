/**
 * Destinations of rules: "/new/:splat", "https://example.org/:year". A template
 * is parsed once. What a request puts into it is encoded for its place, and
 * cannot change the host or the directories that the template names.
 *
 * @module
 */

import { encodePath, isAuthority } from "../../http/target.ts";
import { type Captures, decodeSegment } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import { type CompileProblem, textProblem } from "./texts.ts";

/** Longest Location in characters: a template may repeat a long splat. */
export const LOCATION_CHARACTERS_MAX = 32 * 1024;

/** Most placeholders in a destination, for the same reason. */
export const PLACEHOLDERS_MAX = 32;

/** A literal text, or the name of a capture. */
type Piece = string | { readonly name: string };

const NO_CAPTURES: Captures = new Map();

/** The destination of a redirect. */
export class LocationTemplate {
  readonly #origin: string;
  readonly #path: readonly Piece[];
  readonly #query: readonly Piece[] | undefined;
  readonly #fragment: readonly Piece[] | undefined;

  /** Use {@linkcode compileLocation}. Literal pieces are encoded already. */
  constructor(
    origin: string,
    path: readonly Piece[],
    query: readonly Piece[] | undefined,
    fragment: readonly Piece[] | undefined,
  ) {
    this.#origin = origin;
    this.#path = path;
    this.#query = query;
    this.#fragment = fragment;
  }

  /**
   * Returns the value for Location (RFC 9110 §10.2.2): visible ASCII, on the template's host or on this server. Keeps
   * the request's query, as sent, if the template has none. Returns undefined if a capture would make dot segments in
   * the path, or too long a text.
   */
  render(captures: Captures, query: string | undefined): string | undefined {
    const path = joinPath(this.#path, captures, encodePath);
    if (hasEncodedDotSegment(path)) return undefined;
    let location = this.#origin + path;
    if (this.#query !== undefined) {
      location += "?" + join(this.#query, captures);
    } else if (query !== undefined) {
      location += "?" + cleanQuery(query);
    }
    if (this.#fragment !== undefined) {
      location += "#" + join(this.#fragment, captures);
    }
    return location.length > LOCATION_CHARACTERS_MAX ? undefined : location;
  }
}

/** The destination of a rewrite, or the page of a status: a path in the site. */
export class SitePathTemplate {
  readonly #path: readonly Piece[];
  readonly #query: readonly Piece[] | undefined;

  /** Use {@linkcode compileSitePath}. Literal pieces of the path are decoded already. */
  constructor(path: readonly Piece[], query: readonly Piece[] | undefined) {
    this.#path = path;
    this.#query = query;
  }

  /** The decoded path if it is the same for every request; undefined if it has placeholders. */
  get fixedPath(): string | undefined {
    const isFixed = this.#path.every((piece) => typeof piece === "string");
    return isFixed ? this.path(NO_CAPTURES) : undefined;
  }

  /** Returns the decoded path, as in a Target; undefined if the captures do not fit into a path. */
  path(captures: Captures): string | undefined {
    const path = joinPath(this.#path, captures, (value) => value);
    return hasDotSegment(path) || /[\\\0]/.test(path) ? undefined : path;
  }

  /** Returns the query, undecoded: the request's if the template has none. */
  query(captures: Captures, query: string | undefined): string | undefined {
    return this.#query === undefined ? query : join(this.#query, captures);
  }
}

/** Whether resolving a path would remove a segment of it. */
function hasDotSegment(path: string): boolean {
  return /\/\.\.?(?:\/|$)/.test(path);
}

/** The same for a path that is still encoded: clients treat %2E as a dot (URL standard, double-dot segments). */
function hasEncodedDotSegment(path: string): boolean {
  return hasDotSegment(path.replace(/%2e/gi, "."));
}

const SLASHES = /\/{2,}/g;

/**
 * Joins the pieces of a path; the first is literal. Where a capture meets another piece there is at most one "/", and
 * inside a capture as well. So no capture, even an empty one, makes an empty segment, and no path begins with "//",
 * which would name a host.
 */
function joinPath(
  pieces: readonly Piece[],
  captures: Captures,
  encode: (value: string) => string,
): string {
  let path = "";
  for (const piece of pieces) {
    const text = typeof piece === "string"
      ? piece
      : encode((captures.get(piece.name) ?? "").replace(SLASHES, "/"));
    path += path.endsWith("/") ? text.replace(/^\/+/, "") : text;
  }
  return path;
}

/** Joins the pieces of a query or fragment. */
function join(pieces: readonly Piece[], captures: Captures): string {
  return pieces.map((piece) =>
    typeof piece === "string"
      ? piece
      : encodeURIComponent((captures.get(piece.name) ?? "").toWellFormed())
  ).join("");
}

/** Cleans a query as sent. Targets allow nothing else, but this function does not rely on it. */
function cleanQuery(query: string): string {
  return /^[\x21\x22\x24-\x7e]*$/.test(query) ? query : encodeLiteral(query);
}

/** Encodes a text for a URI, and keeps what is percent-encoded already. */
function encodeLiteral(text: string): string {
  return encodeURI(text.toWellFormed()).replaceAll("%25", "%")
    .replaceAll("#", "%23");
}

/**
 * Compiles the destination of a redirect: a path on this server, or an http(s) URL. `names` are the available
 * captures. Never throws.
 */
export function compileLocation(
  text: string,
  names: readonly string[],
): LocationTemplate | CompileProblem {
  const [origin, authority] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [""];
  if (authority !== undefined && !isAuthority(authority)) {
    return refuse(text, AUTHORITY_PROBLEM);
  }
  const rest = text.slice(origin.length);
  const parts = splitUri(rest);
  const isBareHost = origin !== "" && parts.path === "";
  const problem =
    (isBareHost ? undefined : pathProblem(parts.path, origin === "")) ??
      problemOf(rest, names);
  if (problem !== undefined) return refuse(text, problem);
  const pieces = (part: string) => encodeLiterals(piecesOf(part));
  return new LocationTemplate(
    origin,
    pieces(parts.path),
    parts.query === undefined ? undefined : pieces(parts.query),
    parts.fragment === undefined ? undefined : fragmentPieces(parts.fragment),
  );
}

/** In a fragment, "#" is an ordinary character (URL standard, fragment state). */
function fragmentPieces(fragment: string): Piece[] {
  return encodeLiterals(piecesOf(fragment)).map((piece) =>
    typeof piece === "string" ? piece.replaceAll("%23", "#") : piece
  );
}

const AUTHORITY_PROBLEM =
  `behind "//" stands a host, and perhaps a port, in ASCII and without placeholders`;

function encodeLiterals(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece) =>
    typeof piece === "string" ? encodeLiteral(piece) : piece
  );
}

/** Compiles a path in the site. `names` are the available captures. Never throws. */
export function compileSitePath(
  text: string,
  names: readonly string[],
): SitePathTemplate | CompileProblem {
  if (/^https?:/i.test(text)) {
    return refuse(text, "skiff does not fetch from other servers");
  }
  const { path, query, fragment } = splitUri(text);
  const problem = pathProblem(path, true) ?? problemOf(text, names) ??
    (path.includes("//") ? "it has an empty segment" : undefined) ??
    (fragment === undefined ? undefined : "only redirects can have a fragment");
  if (problem !== undefined) return refuse(text, problem);
  const decoded: Piece[] = [];
  for (const piece of piecesOf(path)) {
    const text = typeof piece === "string" ? decodePath(piece) : piece;
    if (text === undefined) {
      return refuse(
        path,
        "it is not the percent-encoded path of a file",
      );
    }
    decoded.push(text);
  }
  return new SitePathTemplate(
    decoded,
    query === undefined ? undefined : encodeLiterals(piecesOf(query)),
  );
}

/** Decodes a path of several segments; undefined if no file can have it. */
function decodePath(raw: string): string | undefined {
  const segments = raw.split("/").map(decodeSegment);
  return segments.includes(undefined) ? undefined : segments.join("/");
}

function refuse(text: string, reason: string): CompileProblem {
  return { problem: `Cannot use ${quote(text)} as a destination: ${reason}` };
}

/** Splits a reference without scheme and host into path, query and fragment (RFC 3986 §3). */
function splitUri(text: string): {
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
} {
  const [, path, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(
    text,
  )!;
  return { path: path!, query, fragment };
}

/** Says what is wrong with a destination, if anything. */
function problemOf(text: string, names: readonly string[]): string | undefined {
  const problem = textProblem(text);
  if (problem !== undefined) return problem;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return `write %25 for a literal "%"`;
  if (text.includes("*")) {
    return `the text that "*" matches is :splat; write %2A for a literal "*"`;
  }
  let count = 0;
  for (const [placeholder, name] of text.matchAll(PLACEHOLDER)) {
    if (++count > PLACEHOLDERS_MAX) {
      return `it has more than ${PLACEHOLDERS_MAX} placeholders`;
    }
    if (!names.includes(name!)) {
      return `the pattern has no ${
        name === "splat" ? `"*" for :splat` : quote(placeholder)
      }; write %3A for a literal ":" in it`;
    }
  }
  return undefined;
}

/** Says what is wrong with the path of a destination, if anything. */
function pathProblem(path: string, isLocal: boolean): string | undefined {
  if (!path.startsWith("/")) {
    return `expected a path that begins with "/", or for redirects a URL with http:// or https://`;
  }
  if (isLocal && path.startsWith("//")) {
    return `"//" at the beginning names another host; write https:// before it`;
  }
  if (hasEncodedDotSegment(path)) {
    return `it has a "." or ".." segment`;
  }
  return undefined;
}

const PLACEHOLDER = /:([A-Za-z_]\w*)/g;

function piecesOf(text: string): Piece[] {
  // Every second piece is a name.
  return text.split(PLACEHOLDER)
    .map((piece, index) => index % 2 === 0 ? piece : { name: piece });
}
