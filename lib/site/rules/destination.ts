/**
 * Where a rule leads to: "/new/:splat", "https://example.org/:year". A template
 * that is read once; what a request puts into it is encoded for its place, and
 * can change neither the host nor the directories that the template names.
 *
 * @module
 */

import { encodePath, isAuthority } from "../../http/target.ts";
import { type Captures, decodeSegment } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import { hasUnsafeControl, LINE_CHARACTERS_MAX } from "./texts.ts";

/** Why a text is no destination, for the person who wrote it. */
export interface DestinationProblem {
  /** One line. */
  readonly problem: string;
}

/** Most characters of a Location: a template may name a long splat many times. */
export const LOCATION_CHARACTERS_MAX = 32 * 1024;

/** Most placeholders of a destination, for the same reason. */
export const PLACEHOLDERS_MAX = 32;

/** A literal text, or what a pattern has captured under a name. */
type Piece = string | { readonly name: string };

const NO_CAPTURES: Captures = new Map();

/** The destination of a redirect. */
export class LocationTemplate {
  readonly #origin: string;
  readonly #path: readonly Piece[];
  readonly #query: readonly Piece[] | undefined;
  readonly #fragment: readonly Piece[] | undefined;

  /** For {@linkcode compileLocation} only. Literal pieces are encoded already. */
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
   * The value for Location (RFC 9110 §10.2.2), visible ASCII, of the template's host or this server's. The
   * request's query, as it was sent, is kept when the template has none. undefined when a capture would make
   * dot segments of its path, or too long a text.
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

  /** For {@linkcode compileSitePath} only. Literal pieces of the path are decoded already. */
  constructor(path: readonly Piece[], query: readonly Piece[] | undefined) {
    this.#path = path;
    this.#query = query;
  }

  /** The decoded path when it is the same for every request; undefined when it has placeholders. */
  get fixedPath(): string | undefined {
    const isFixed = this.#path.every((piece) => typeof piece === "string");
    return isFixed ? this.path(NO_CAPTURES) : undefined;
  }

  /** The decoded path, as a Target has it; undefined when the captures would make something else of it. */
  path(captures: Captures): string | undefined {
    const path = joinPath(this.#path, captures, (value) => value);
    return hasDotSegment(path) || /[\\\0]/.test(path) ? undefined : path;
  }

  /** The query, undecoded: the request's when the template has none. */
  query(captures: Captures, query: string | undefined): string | undefined {
    return this.#query === undefined ? query : join(this.#query, captures);
  }
}

/** Whether a segment of a path would be cleaned away by whoever resolves it. */
function hasDotSegment(path: string): boolean {
  return /\/\.\.?(?:\/|$)/.test(path);
}

/** The same of a path that is still encoded: clients take %2E for a dot (URL standard, double-dot segments). */
function hasEncodedDotSegment(path: string): boolean {
  return hasDotSegment(path.replace(/%2e/gi, "."));
}

const SLASHES = /\/{2,}/g;

/**
 * The pieces of a path, of which the first is literal. Where a capture meets a literal or another capture there is
 * one "/" at most, and inside a capture as well: so no capture, the empty one included, makes an empty segment, and
 * no path begins with the "//" that a host would follow.
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

/** The pieces of a query or fragment. */
function join(pieces: readonly Piece[], captures: Captures): string {
  return pieces.map((piece) =>
    typeof piece === "string"
      ? piece
      : encodeURIComponent((captures.get(piece.name) ?? "").toWellFormed())
  ).join("");
}

/** A query as it was sent. Targets let nothing else through; here nobody has to rely on that. */
function cleanQuery(query: string): string {
  return /^[\x21\x22\x24-\x7e]*$/.test(query) ? query : encodeLiteral(query);
}

/** A text as it stands in a URI, what is percent-encoded in it as it is. */
function encodeLiteral(text: string): string {
  return encodeURI(text.toWellFormed()).replaceAll("%25", "%")
    .replaceAll("#", "%23");
}

/** Reads the destination of a redirect: a path on this server, or an http(s) URL. `names` are what there is to put in. Never throws. */
export function compileLocation(
  text: string,
  names: readonly string[],
): LocationTemplate | DestinationProblem {
  const scheme = /^https?:\/\//i.exec(text)?.[0];
  let origin = "";
  if (scheme !== undefined) {
    const end = scheme.length + /^[^/?#]*/.exec(text.slice(scheme.length))![0]
      .length;
    origin = text.slice(0, end);
    const authority = text.slice(scheme.length, end);
    if (!isAuthority(authority)) return refuse(text, AUTHORITY_PROBLEM);
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

/** A "#" in a fragment is one of its characters (URL standard, fragment state). */
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

/** Reads a path in the site. `names` are what there is to put in. Never throws. */
export function compileSitePath(
  text: string,
  names: readonly string[],
): SitePathTemplate | DestinationProblem {
  if (/^https?:/i.test(text)) {
    return refuse(text, "skiff fetches nothing from other servers");
  }
  const { path, query, fragment } = splitUri(text);
  const problem = pathProblem(path, true) ?? problemOf(text, names) ??
    (path.includes("//") ? "no path has an empty segment" : undefined) ??
    (fragment === undefined ? undefined : "a fragment is for redirects only");
  if (problem !== undefined) return refuse(text, problem);
  const decoded: Piece[] = [];
  for (const piece of piecesOf(path)) {
    const text = typeof piece === "string" ? decodePath(piece) : piece;
    if (text === undefined) {
      return refuse(
        path,
        "its percent-encoding is not that of a path in a site",
      );
    }
    decoded.push(text);
  }
  return new SitePathTemplate(
    decoded,
    query === undefined ? undefined : encodeLiterals(piecesOf(query)),
  );
}

/** A path of several segments, decoded; undefined when no file can have it. */
function decodePath(raw: string): string | undefined {
  const segments = raw.split("/").map(decodeSegment);
  return segments.includes(undefined) ? undefined : segments.join("/");
}

function refuse(text: string, reason: string): DestinationProblem {
  return { problem: `Cannot use ${quote(text)} as a destination: ${reason}` };
}

/** Path, query and fragment of a reference without scheme and host (RFC 3986 §3). */
function splitUri(text: string): {
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
} {
  const [whole, ...fragments] = text.split("#");
  const [path, ...queries] = whole!.split("?");
  return {
    path: path!,
    query: queries.length === 0 ? undefined : queries.join("?"),
    fragment: fragments.length === 0 ? undefined : fragments.join("#"),
  };
}

/** What is wrong with a whole destination, if anything. */
function problemOf(text: string, names: readonly string[]): string | undefined {
  if (text.length > LINE_CHARACTERS_MAX) {
    return `it has more than ${LINE_CHARACTERS_MAX} characters`;
  }
  if (hasUnsafeControl(text)) return "it has control characters in it";
  if (text.includes("\\")) return `no path has "\\" in it`;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return `write %25 for a "%" in it`;
  if (text.includes("*")) {
    return `what "*" stands for is :splat; write %2A for a "*" in it`;
  }
  let count = 0;
  for (const [placeholder, name] of text.matchAll(PLACEHOLDER)) {
    if (++count > PLACEHOLDERS_MAX) {
      return `it has more than ${PLACEHOLDERS_MAX} placeholders`;
    }
    if (!names.includes(name!)) {
      return `the pattern has no ${
        name === "splat" ? `"*" for :splat` : quote(placeholder)
      }; write %3A for a ":" in it`;
    }
  }
  return undefined;
}

/** What is wrong with the path of a destination, if anything. */
function pathProblem(path: string, isLocal: boolean): string | undefined {
  if (!path.startsWith("/")) {
    return `expected a path that begins with "/", or for redirects a URL with http:// or https://`;
  }
  if (isLocal && path.startsWith("//")) {
    return `"//" at the beginning names another host; write https:// before it`;
  }
  if (hasEncodedDotSegment(path)) {
    return `it has "." or ".." as a segment`;
  }
  return undefined;
}

/** A placeholder, wherever it stands. */
const PLACEHOLDER = /:([A-Za-z_]\w*)/g;

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > at) pieces.push(text.slice(at, match.index));
    pieces.push({ name: match[1]! });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}
