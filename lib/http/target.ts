/**
 * Request-target → Target: a decoded path whose segments are safe to look at,
 * and the query as it was sent (RFC 9112 §3.2, RFC 3986).
 *
 * The path is decoded exactly once. No segment of a Target is ".", ".." or
 * empty, and none contains a separator or NUL.
 *
 * @module
 */

import {
  type ByteClass,
  COLON,
  DIGIT,
  HEXDIG,
  latin1,
  REG_NAME,
  TARGET_BYTE,
} from "./ascii.ts";
import { parseIpv6 } from "./host.ts";

/** What a request names. */
export interface Target {
  /** Decoded path: begins with "/", ends with "/" if the request's did, "*" for the asterisk form. */
  readonly path: string;
  /** The query without its "?", undecoded; undefined when there was no "?". */
  readonly query: string | undefined;
}

/** The target of `OPTIONS *`: the server itself (RFC 9112 §3.2.4). */
const ASTERISK: Target = { path: "*", query: undefined };

/**
 * Reads a request-target, in origin-form, absolute-form, or asterisk-form for OPTIONS.
 * Returns undefined for everything that deserves 400: other forms, a fragment, characters that no
 * URI has, a backslash in the path, malformed percent-encoding, invalid UTF-8, an encoded NUL or
 * separator. Never throws.
 */
export function parseTarget(
  method: string,
  target: string,
): Target | undefined {
  if (target.charCodeAt(0) === SLASH) return parseOrigin(target);
  if (target === "*") return method === "OPTIONS" ? ASTERISK : undefined;
  return parseAbsolute(target);
}

/** origin-form = absolute-path [ "?" query ] (RFC 9112 §3.2.1) */
function parseOrigin(target: string): Target | undefined {
  const plainEnd = endOfPlainPath(target);
  if (plainEnd === target.length) return { path: target, query: undefined };
  if (FORBIDDEN.test(target)) return undefined;
  const mark = target.indexOf("?");
  const query = mark === -1 ? undefined : target.slice(mark + 1);
  const raw = mark === -1 ? target : target.slice(0, mark);
  if (raw.includes("\\")) return undefined;
  const path = plainEnd === raw.length ? raw : normalise(raw);
  return path === undefined ? undefined : { path, query };
}

/** Rejects fragments (RFC 9112 §3.2), and controls, spaces and bytes beyond ASCII (RFC 3986 §2). */
const FORBIDDEN = /[^\x21-\x7e]|#/;

const SLASH = 0x2f;
const DOT = 0x2e;

/** Characters that mean themselves in a path: all but "%", "?", "#" and backslash. */
const PLAIN: ByteClass = TARGET_BYTE.slice();
for (const special of "%?#\\") PLAIN[special.charCodeAt(0)] = 0;

/**
 * The length of the prefix that needs neither decoding nor cleaning: all {@linkcode PLAIN}, no
 * empty segment, no segment that begins with a dot.
 */
function endOfPlainPath(target: string): number {
  let before = 0;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (PLAIN[code] !== 1) return i;
    if (before === SLASH && (code === SLASH || code === DOT)) return i;
    before = code;
  }
  return target.length;
}

/** Percent-encoded separators and NUL: once decoded, they would name something else. */
const ENCODED_DANGER = /%(?:00|2f|5c)/i;

/** Decodes a raw path and removes dot segments and repeated slashes (RFC 3986 §5.2.4). */
function normalise(raw: string): string | undefined {
  if (ENCODED_DANGER.test(raw)) return undefined;
  let decoded: string;
  try {
    // Throws on malformed percent-encoding and on bytes that are not UTF-8.
    decoded = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  const segments: string[] = [];
  const all = decoded.split("/");
  for (const segment of all) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const last = all[all.length - 1];
  const isDirectory = last === "" || last === "." || last === "..";
  if (segments.length === 0) return "/";
  return "/" + segments.join("/") + (isDirectory ? "/" : "");
}

const SCHEME = /^https?:\/\//i;

/** absolute-form = absolute-URI (RFC 9112 §3.2.2): a server must accept it from any client. */
function parseAbsolute(target: string): Target | undefined {
  const scheme = SCHEME.exec(target);
  if (scheme === null) return undefined;
  const start = scheme[0].length;
  let end = start;
  while (end < target.length && !"/?#".includes(target[end]!)) end++;
  if (!isAuthority(target.slice(start, end))) return undefined;
  const rest = target.slice(end);
  return parseOrigin(rest.startsWith("/") ? rest : "/" + rest);
}

/** Longest host name, in characters; a percent-encoded octet counts as one (RFC 1123 §2.1). */
const HOST_LENGTH_MAX = 255;

/** Longest address in brackets: eight groups, the last two as an IPv4 address. */
const IP_LITERAL_LENGTH_MAX = 45;

const PORT_DIGITS_MAX = 5;

const ENCODER = new TextEncoder();

/**
 * Whether the text is uri-host [ ":" port ] (RFC 9110 §7.2). An empty text is not, because an
 * http URI must name a host (§4.2.1); neither is user information, which deceives readers (§4.2.4).
 */
export function isAuthority(text: string): boolean {
  const bytes = ENCODER.encode(text);
  return isAuthorityAt(bytes, 0, bytes.length);
}

/** The same for bytes from start to end, so that no request allocates a string for its Host. */
export function isAuthorityAt(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const hostEnd = bytes[start] === LEFT_BRACKET
    ? endOfIpLiteral(bytes, start, end)
    : endOfName(bytes, start, end);
  if (hostEnd === -1 || hostEnd === end) return hostEnd === end;
  if (bytes[hostEnd] !== COLON || end - hostEnd - 1 > PORT_DIGITS_MAX) {
    return false;
  }
  let at = hostEnd + 1;
  while (at < end && DIGIT[bytes[at]!] === 1) at++;
  return at === end;
}

const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
const PERCENT = 0x25;

/** The end of the reg-name or IPv4 address that begins at `start` (RFC 3986 §3.2.2); -1 if there is none. */
function endOfName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let length = 0;
  while (at < end) {
    const byte = bytes[at]!;
    if (REG_NAME[byte] === 1) {
      at++;
    } else if (byte === PERCENT) {
      if (end - at < 3) return -1;
      if (HEXDIG[bytes[at + 1]!] !== 1 || HEXDIG[bytes[at + 2]!] !== 1) {
        return -1;
      }
      at += 3;
    } else {
      break;
    }
    length++;
  }
  return length > 0 && length <= HOST_LENGTH_MAX ? at : -1;
}

/** The end of the IP-literal in brackets that begins at `start` (RFC 3986 §3.2.2); -1 if there is none. */
function endOfIpLiteral(bytes: Uint8Array, start: number, end: number): number {
  const close = bytes.indexOf(RIGHT_BRACKET, start);
  const length = close - start - 1;
  if (close === -1 || close >= end || length > IP_LITERAL_LENGTH_MAX) return -1;
  const literal = latin1(bytes, start + 1, close);
  const isAddress = parseIpv6(literal) !== undefined;
  return isAddress || IP_FUTURE.test(literal) ? close + 1 : -1;
}

/** IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
const IP_FUTURE = /^v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+$/i;

/**
 * Percent-encodes a decoded path for a URI. A lone surrogate, which no URI can express, becomes
 * U+FFFD. Never throws.
 */
export function encodePath(path: string): string {
  // encodeURI leaves "?" and "#" alone, because they separate parts of a whole URI.
  return encodeURI(path.toWellFormed())
    .replaceAll("?", "%3F")
    .replaceAll("#", "%23");
}
