/**
 * Bytes → RequestHead (RFC 9112 §2 to §5).
 *
 * The parser is strict: what is not in the grammar is a failure, because a
 * server that guesses and a proxy that guesses differently are how requests
 * are smuggled. It walks the bytes once, keeps places instead of copies, and
 * takes up where it stopped when a head comes in pieces.
 *
 * @module
 */

import {
  COLON,
  CR,
  DIGIT,
  FIELD_BYTE,
  isWhiteSpace,
  latin1,
  LF,
  SP,
  TARGET_BYTE,
  TCHAR,
} from "./ascii.ts";
import {
  Field,
  FIELD_NAMES,
  fieldNumber,
  HASH_SEED,
  hashByte,
} from "./fields.ts";
import { isAuthorityAt } from "./target.ts";

/** Longest request-target, in bytes. Browsers stop at some thousands; RFC 9112 §3 asks for 8000 octets at least. Beyond: 414. */
export const TARGET_BYTES_MAX = 8 * 1024;

/** All field lines of a request together, in bytes. Twice what common browsers send with large cookies. Beyond: 431. */
export const FIELDS_BYTES_MAX = 16 * 1024;

/** Most field lines of a request; more serve only to make work. Beyond: 431. */
export const FIELDS_MAX = 100;

/** Longest method token, in bytes; the longest registered one has 17 (UPDATEREDIRECTREF). Beyond: 501. */
export const METHOD_BYTES_MAX = 32;

/** The longest head that can still succeed, in bytes: request line, fields, the empty lines around them. */
export const HEAD_BYTES_MAX: number = 2 + METHOD_BYTES_MAX + 1 +
  TARGET_BYTES_MAX + " HTTP/1.1\r\n".length + FIELDS_BYTES_MAX + 2;

/** What {@linkcode parseRequest} returns while the head is not all there. */
export const INCOMPLETE = 0;

/**
 * A request without its body. One object serves all requests of a connection in
 * turn: what it says holds until the next call of parseRequest with it, and the
 * bytes it was parsed from must stay where they are for as long.
 */
export class RequestHead {
  /** The method token, as sent: methods are case-sensitive (RFC 9110 §9.1). Empty until the request line is read. */
  method = "";
  /** The request-target, as sent (RFC 9112 §3.2). */
  target = "";
  /** The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1 and above. */
  minor = 1;

  /** Where the next unparsed line begins, from the start of the head; 0 when nothing is parsed yet. */
  parsed = 0;
  /** How many field lines are parsed. */
  fieldCount = 0;
  /** Where the first field line begins, from the start of the head. */
  fieldsStart = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  /** Start and end of each recognised field's value, from the start of the head; end 0 when absent. */
  readonly #places = new Uint16Array(2 * FIELD_NAMES.length);
  /** Values of recognised fields that came more than once, joined; seldom used. */
  #repeated: Map<Field, string> | undefined;
  /** Bit n is set when field n is present. */
  #present = 0;

  /** Forgets everything: the next bytes begin a new head. */
  reset(): void {
    this.method = "";
    this.target = "";
    this.minor = 1;
    this.parsed = 0;
    this.fieldCount = 0;
    this.fieldsStart = 0;
    this.#present = 0;
    this.#repeated = undefined;
  }

  /** Tells where the bytes are that places are counted from. */
  locate(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#start = start;
  }

  /** Keeps the place of a recognised field's value. A repeated field becomes one list (RFC 9110 §5.3). */
  keep(field: Field, start: number, end: number): void {
    if (this.has(field)) {
      const value = latin1(this.#bytes, start, end);
      this.#repeated ??= new Map();
      this.#repeated.set(field, `${this.field(field)}, ${value}`);
      return;
    }
    this.#present |= 1 << field;
    this.#places[2 * field] = start - this.#start;
    this.#places[2 * field + 1] = end - this.#start;
  }

  /** Whether the request carries the field, be it empty. */
  has(field: Field): boolean {
    return (this.#present & (1 << field)) !== 0;
  }

  /** Whether any of the fields in the mask (bit n for field n) is there. */
  hasAny(mask: number): boolean {
    return (this.#present & mask) !== 0;
  }

  /** Whether the field came in more than one line. */
  isRepeated(field: Field): boolean {
    return this.#repeated?.has(field) === true;
  }

  /** Whether the value of a field that came once passes a test of its bytes from start to end. */
  check(
    field: Field,
    test: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean {
    const start = this.#start + this.#places[2 * field]!;
    const end = this.#start + this.#places[2 * field + 1]!;
    return test(this.#bytes, start, end);
  }

  /** A field's value without the white space around it; lines of one name are joined with ", ". */
  field(field: Field): string | undefined {
    if ((this.#present & (1 << field)) === 0) return undefined;
    const joined = this.#repeated?.get(field);
    if (joined !== undefined) return joined;
    const start = this.#start + this.#places[2 * field]!;
    const end = this.#start + this.#places[2 * field + 1]!;
    return latin1(this.#bytes, start, end);
  }
}

/**
 * Parses the request head that begins at bytes[start]; bytes from `end` on do not exist yet.
 *
 * Returns the index after the head's last byte; or {@linkcode INCOMPLETE} when more bytes are
 * needed, and then is to be called again with the same head and the same beginning (which may
 * have moved to another buffer or place); or a status code with a minus sign: -400, -414,
 * -431, -501, -505. Never throws.
 */
export function parseRequest(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): number {
  head.locate(bytes, start);
  if (head.parsed === 0) {
    const next = parseRequestLine(bytes, start, end, head);
    if (next <= 0) return next;
    head.parsed = head.fieldsStart = next - start;
  }
  for (;;) {
    const line = start + head.parsed;
    const next = parseFieldLine(bytes, line, end, head);
    if (next < 0) return next;
    const size = (next === INCOMPLETE ? end : next) - start - head.fieldsStart;
    if (size > FIELDS_BYTES_MAX + 2) return -431;
    if (next === INCOMPLETE) return INCOMPLETE;
    head.parsed = next - start;
    // Only the empty line that ends the head is two bytes long.
    if (next === line + 2) return checkHost(head) ? next : -400;
    if (++head.fieldCount > FIELDS_MAX) return -431;
  }
}

/**
 * request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3).
 * One empty line before it is tolerated (§2.2). Returns as parseRequest does.
 */
function parseRequestLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): number {
  let at = start;
  if (at < end && bytes[at] === CR) {
    if (at + 1 === end) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return -400;
    at += 2;
  }
  const methodStart = at;
  while (at < end && TCHAR[bytes[at]!] === 1) at++;
  if (at - methodStart > METHOD_BYTES_MAX) return -501;
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== SP || at === methodStart) return -400;
  head.method = methodName(bytes, methodStart, at);

  const targetStart = ++at;
  while (at < end && TARGET_BYTE[bytes[at]!] === 1) at++;
  if (at - targetStart > TARGET_BYTES_MAX) return -414;
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== SP || at === targetStart) return -400;
  const next = parseVersion(bytes, at + 1, end, head);
  if (next > 0) head.target = latin1(bytes, targetStart, at);
  return next;
}

/** The method as a string; the two that nearly every request has are not made anew each time. */
function methodName(bytes: Uint8Array, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 /* G */) {
    if (bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) return "GET";
  }
  return latin1(bytes, start, end);
}

const DIGIT_ZERO = 0x30;
const DIGIT_ONE = 0x31;

/** The only form of a request line's end, with 0 for any digit. */
const VERSION_LINE = new TextEncoder().encode("HTTP/0.0\r\n");

/** HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3), then CRLF. Returns as parseRequest does. */
function parseVersion(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): number {
  for (let i = 0; i < VERSION_LINE.length; i++) {
    if (start + i === end) return INCOMPLETE;
    const byte = bytes[start + i]!;
    const shape = DIGIT[byte] === 1 ? DIGIT_ZERO : byte;
    if (shape !== VERSION_LINE[i]) return -400;
  }
  if (bytes[start + 5] !== DIGIT_ONE) return -505;
  head.minor = bytes[start + 7] === DIGIT_ZERO ? 0 : 1;
  return start + VERSION_LINE.length;
}

/**
 * field-line = field-name ":" OWS field-value OWS CRLF (RFC 9112 §5), or the empty line.
 * Nothing else may end a line than CRLF, no line may be folded, and no space may stand
 * before the colon (§5.1, §5.2): each of these has been used to hide a field from a proxy.
 */
function parseFieldLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  head: RequestHead,
): number {
  let at = start;
  let hash = HASH_SEED;
  while (at < end && TCHAR[bytes[at]!] === 1) {
    hash = hashByte(hash, bytes[at]!);
    at++;
  }
  if (at === end) return INCOMPLETE;
  if (at === start) {
    if (bytes[at] !== CR) return -400;
    if (at + 1 === end) return INCOMPLETE;
    return bytes[at + 1] === LF ? at + 2 : -400;
  }
  if (bytes[at] !== COLON) return -400;
  const nameEnd = at++;
  while (at < end && isWhiteSpace(bytes[at]!)) at++;
  const valueStart = at;
  while (at < end && FIELD_BYTE[bytes[at]!] === 1) at++;
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== CR) return -400;
  if (at + 1 === end) return INCOMPLETE;
  if (bytes[at + 1] !== LF) return -400;
  const field = fieldNumber(bytes, start, nameEnd, hash);
  if (field !== -1) {
    let valueEnd = at;
    while (valueEnd > valueStart && isWhiteSpace(bytes[valueEnd - 1]!)) {
      valueEnd--;
    }
    head.keep(field, valueStart, valueEnd);
  }
  return at + 2;
}

/** Exactly one valid Host in HTTP/1.1; in HTTP/1.0 none or one (RFC 9112 §3.2). */
function checkHost(head: RequestHead): boolean {
  if (head.isRepeated(Field.Host)) return false;
  if (!head.has(Field.Host)) return head.minor === 0;
  return head.check(Field.Host, isAuthorityAt);
}
