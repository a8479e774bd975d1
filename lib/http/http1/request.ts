/**
 * Bytes → request head (RFC 9112 §2 to §5).
 *
 * The parser is strict: anything outside the grammar fails, because a server
 * and a proxy that guess differently are how requests are smuggled. It walks
 * the bytes once, keeps places instead of copies, and resumes where it stopped
 * when a head arrives in pieces.
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
} from "../ascii.ts";
import {
  Field,
  FIELD_NAMES,
  fieldNumber,
  HASH_SEED,
  hashByte,
} from "../fields.ts";
import {
  FIELDS_BYTES_MAX,
  FIELDS_MAX,
  type HttpVersion,
  METHOD_BYTES_MAX,
  type RequestHead,
  TARGET_BYTES_MAX,
} from "../head.ts";
import { isAuthorityAt } from "../target.ts";

/** The longest head that can still succeed, in bytes: request line, fields, the empty lines around them. */
export const HEAD_BYTES_MAX: number = 2 + METHOD_BYTES_MAX + 1 +
  TARGET_BYTES_MAX + " HTTP/1.1\r\n".length + FIELDS_BYTES_MAX + 2;

/** What {@linkcode ParsedHead.parse} returns while the head is not all there. */
export const INCOMPLETE = 0;

/**
 * A request head parsed from bytes. One object serves all requests of a
 * connection in turn. It is valid until it is reset, and until then the bytes it
 * was parsed from must not move.
 */
export class ParsedHead implements RequestHead {
  method = "";
  target = "";
  version: HttpVersion = "HTTP/1.1";

  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  /** Where the next unparsed line begins, from the start of the head; 0 when nothing is parsed yet. */
  #parsed = 0;
  /** Where the first field line begins, from the start of the head. */
  #fieldsStart = 0;
  #fieldCount = 0;
  /** Start and end of each recognised field's value, from the start of the head. */
  readonly #places = new Uint16Array(2 * FIELD_NAMES.length);
  /** Values of recognised fields that came more than once, joined; seldom used. */
  #repeated: Map<Field, string> | undefined;
  /** Bit n is set when field n is present. */
  #present = 0;

  /** Forgets everything: the next bytes begin a new head. */
  reset(): void {
    this.method = "";
    this.target = "";
    this.version = "HTTP/1.1";
    this.#parsed = 0;
    this.#fieldsStart = 0;
    this.#fieldCount = 0;
    this.#present = 0;
    this.#repeated = undefined;
  }

  /**
   * Parses the head that begins at bytes[start]; bytes from `end` on do not exist yet.
   *
   * Returns the index after the head's last byte; or {@linkcode INCOMPLETE} when more bytes are
   * needed: then call it again with the same beginning, which may have moved to another
   * buffer; or a status code with a minus sign: -400, -414, -431, -501, -505.
   * Never throws.
   */
  parse(bytes: Uint8Array, start: number, end: number): number {
    this.#bytes = bytes;
    this.#start = start;
    if (this.#parsed === 0) {
      const next = this.#parseRequestLine(bytes, start, end);
      if (next <= 0) return next;
      this.#parsed = this.#fieldsStart = next - start;
    }
    for (;;) {
      const line = start + this.#parsed;
      const next = this.#parseFieldLine(bytes, line, end);
      if (next < 0) return next;
      const last = next === INCOMPLETE ? end : next;
      if (last - start - this.#fieldsStart > FIELDS_BYTES_MAX + 2) return -431;
      if (next === INCOMPLETE) return INCOMPLETE;
      this.#parsed = next - start;
      // Only the empty line that ends the head is two bytes long.
      if (next === line + 2) return this.#hasValidHost() ? next : -400;
      if (++this.#fieldCount > FIELDS_MAX) return -431;
    }
  }

  has(field: Field): boolean {
    return (this.#present & (1 << field)) !== 0;
  }

  hasAny(mask: number): boolean {
    return (this.#present & mask) !== 0;
  }

  field(field: Field): string | undefined {
    if ((this.#present & (1 << field)) === 0) return undefined;
    const joined = this.#repeated?.get(field);
    if (joined !== undefined) return joined;
    const start = this.#start + this.#places[2 * field]!;
    const end = this.#start + this.#places[2 * field + 1]!;
    return latin1(this.#bytes, start, end);
  }

  check(
    field: Field,
    test: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean {
    const start = this.#start + this.#places[2 * field]!;
    const end = this.#start + this.#places[2 * field + 1]!;
    return test(this.#bytes, start, end);
  }

  /**
   * request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3).
   * One empty line before it is tolerated (§2.2). Returns as parse does.
   */
  #parseRequestLine(bytes: Uint8Array, start: number, end: number): number {
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
    this.method = methodName(bytes, methodStart, at);

    const targetStart = ++at;
    while (at < end && TARGET_BYTE[bytes[at]!] === 1) at++;
    if (at - targetStart > TARGET_BYTES_MAX) return -414;
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== SP || at === targetStart) return -400;
    const next = parseVersion(bytes, at + 1, end);
    if (next <= 0) return next;
    this.version = bytes[next - "0\r\n".length] === DIGIT_ZERO
      ? "HTTP/1.0"
      : "HTTP/1.1";
    this.target = latin1(bytes, targetStart, at);
    return next;
  }

  /**
   * field-line = field-name ":" OWS field-value OWS CRLF (RFC 9112 §5), or the empty line.
   * Only CRLF ends a line, no line may be folded, and no space may precede the colon (§5.1,
   * §5.2): each of these has been used to hide a field from a proxy.
   */
  #parseFieldLine(bytes: Uint8Array, start: number, end: number): number {
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
      this.#keep(field, valueStart, valueEnd);
    }
    return at + 2;
  }

  /** Keeps the place of a recognised field's value. A repeated field becomes one list (RFC 9110 §5.3). */
  #keep(field: Field, start: number, end: number): void {
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

  /** Exactly one valid Host in HTTP/1.1; in HTTP/1.0 none or one (RFC 9112 §3.2). */
  #hasValidHost(): boolean {
    if (this.#repeated?.has(Field.Host)) return false;
    if (!this.has(Field.Host)) return this.version === "HTTP/1.0";
    return this.check(Field.Host, isAuthorityAt);
  }
}

/** The method as a string; GET, the most common one, needs no new string. */
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

/** HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3), then CRLF. Returns as {@linkcode ParsedHead.parse} does. */
function parseVersion(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  for (let i = 0; i < VERSION_LINE.length; i++) {
    if (start + i === end) return INCOMPLETE;
    const byte = bytes[start + i]!;
    const shape = DIGIT[byte] === 1 ? DIGIT_ZERO : byte;
    if (shape !== VERSION_LINE[i]) return -400;
  }
  if (bytes[start + 5] !== DIGIT_ONE) return -505;
  return start + VERSION_LINE.length;
}
