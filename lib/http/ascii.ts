/**
 * Byte classes of the HTTP grammar, and text made of single bytes.
 *
 * A class is a table of 256 flags built from readable ranges, so that the fast
 * test `CLASS[byte] === 1` and the grammar above it are the same statement.
 *
 * @module
 */

/** Codes of the bytes that the grammar names. */
const TAB = 0x09;
/** Line feed. */
export const LF = 0x0a;
/** Carriage return. */
export const CR = 0x0d;
/** Space. */
export const SP = 0x20;
/** Double quote. */
export const DQUOTE = 0x22;
/** Colon. */
export const COLON = 0x3a;
/** Semicolon. */
export const SEMICOLON = 0x3b;
/** Equals sign. */
export const EQUALS = 0x3d;
/** Backslash. */
export const BACKSLASH = 0x5c;

/** A set of byte values: `table[byte]` is 1 for members and 0 for all others. */
export type ByteClass = Uint8Array;

/** Builds a class from single characters ("!") and ranges ("a-z", three characters). */
function byteClass(...members: readonly string[]): ByteClass {
  const table = new Uint8Array(256);
  for (const member of members) {
    const first = member.charCodeAt(0);
    const last = member.length === 3 ? member.charCodeAt(2) : first;
    table.fill(1, first, last + 1);
  }
  return table;
}

/**
 * tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_"
 *       / "`" / "|" / "~" / DIGIT / ALPHA (RFC 9110 §5.6.2)
 */
export const TCHAR: ByteClass = byteClass(
  ..."!#$%&'*+-.^_`|~",
  "0-9",
  "A-Z",
  "a-z",
);

/** Whether a text is not empty, and has only bytes of a class. */
export function isMadeOf(text: string, bytes: ByteClass): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[text.charCodeAt(i)] !== 1) return false;
  }
  return text !== "";
}

/** Whether a text is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return isMadeOf(text, TCHAR);
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** Whether a text contains a control character that no field line may contain: any but tab (RFC 9110 §5.5). */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/** field-content: VCHAR / obs-text / SP / HTAB (RFC 9110 §5.5). */
export const FIELD_BYTE: ByteClass = byteClass("\t", "\x20-\x7e", "\x80-\xff");

/** The bytes skiff accepts in a request-target: VCHAR (RFC 9112 §3.2, RFC 3986 §2). */
export const TARGET_BYTE: ByteClass = byteClass("\x21-\x7e");

/**
 * qdtext without its quote = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
 * (RFC 9110 §5.6.4).
 */
export const QDTEXT: ByteClass = byteClass(
  "\t",
  "\x20-\x21",
  "\x23-\x5b",
  "\x5d-\x7e",
  "\x80-\xff",
);

/** DIGIT (RFC 5234 §B.1). */
export const DIGIT: ByteClass = byteClass("0-9");

/** HEXDIG in both cases; the chunk-size grammar is case-insensitive. */
export const HEXDIG: ByteClass = byteClass("0-9", "A-F", "a-f");

/** reg-name without percent-encoding: unreserved / sub-delims (RFC 3986 §3.2.2); covers IPv4 addresses too. */
export const REG_NAME: ByteClass = byteClass(
  ..."-._~!$&'()*+,;=",
  "0-9",
  "A-Z",
  "a-z",
);

/** The value of a hexadecimal digit; meaningful only for members of HEXDIG. */
export function hexValue(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}

/** A byte with ASCII upper case folded to lower; all others as they are. */
export function lowerCased(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** OWS = *( SP / HTAB ) (RFC 9110 §5.6.3). In HTTP, NBSP and others that `trim()` removes are obs-text, not white space. */
export function isWhiteSpace(code: number): boolean {
  return code === SP || code === TAB;
}

/** The index of the first character of text[from…] that is not white space; the end when there is none. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isWhiteSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The text without the white space around it. */
export function trimSpace(text: string): string {
  const from = skipSpace(text, 0);
  let to = text.length;
  while (to > from && isWhiteSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** Whether bytes begin with a text of single bytes, or are the beginning of it. */
export function mayBegin(bytes: Uint8Array, text: string): boolean {
  const length = Math.min(bytes.length, text.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * The bytes from start to end as a string, one character a byte (ISO 8859-1, as RFC 9110 §5.5 reads
 * obs-text). Only for parts of a head: a call cannot take hundreds of thousands of arguments.
 */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  // Building an array is faster than a view of the bytes (74 against 106 ns for 20 characters).
  const codes = new Array<number>(end - start);
  for (let i = start; i < end; i++) codes[i - start] = bytes[i]!;
  return String.fromCharCode.apply(null, codes);
}
