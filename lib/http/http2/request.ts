/**
 * Header lines of HTTP/2 → request head (RFC 9113 §8.2 and §8.3).
 *
 * As strict as the parser of HTTP/1.1: what HTTP/1.1 could read in another way
 * is malformed, because a proxy may translate one to the other.
 *
 * @module
 */

import {
  FIELD_BYTE,
  isMadeOf,
  isToken,
  isWhiteSpace,
  TARGET_BYTE,
  TCHAR,
} from "../ascii.ts";
import { parseContentLength } from "../content_length.ts";
import { Field, FIELD_NAMES } from "../fields.ts";
import {
  FIELDS_BYTES_MAX,
  FIELDS_MAX,
  METHOD_BYTES_MAX,
  type RequestHead,
  TARGET_BYTES_MAX,
} from "../head.ts";
import { isAuthorityAt } from "../target.ts";
import type { FieldSink } from "./hpack_decoder.ts";
import { ENTRY_OVERHEAD, type HeaderField } from "./hpack_tables.ts";

/** What {@linkcode Http2Head.finish} returns for a valid request. */
export const VALID = 0;

/** What {@linkcode Http2Head.finish} returns for a malformed one: the stream must end with PROTOCOL_ERROR (§8.1.1). */
export const MALFORMED = 1;

/** What a line is. From {@linkcode Kind.Known} on, a field that skiff reads: its number is the difference. */
const enum Kind {
  Unclassified,
  Malformed,
  /** Longer than is read. */
  Oversized,
  Method,
  Scheme,
  OtherScheme,
  Authority,
  Path,
  OversizedPath,
  /** A valid field that skiff does not read. */
  Other,
  Cookie,
  Known,
}

/** Kinds of names that no check of their value changes. Fields of the connection do not exist in HTTP/2 (§8.2.2). */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...FIELD_NAMES.map((name, field) => [name, Kind.Known + field] as const),
  ["cookie", Kind.Cookie],
  ["connection", Kind.Malformed],
  ["keep-alive", Kind.Malformed],
  ["proxy-connection", Kind.Malformed],
  ["transfer-encoding", Kind.Malformed],
  ["upgrade", Kind.Malformed],
  [":method", Kind.Method],
  [":scheme", Kind.Scheme],
  [":authority", Kind.Authority],
  [":path", Kind.Path],
]);

/** What a line is. A line of a table is classified once for all blocks that it stands in. */
function kindOf(field: HeaderField): Kind {
  return field.kind === Kind.Unclassified
    ? field.kind = classify(field)
    : field.kind;
}

function classify({ name, value, size }: HeaderField): Kind {
  const kind = KINDS.get(name) ?? kindOfOther(name);
  if (kind === Kind.Malformed) return kind;
  const isWhole = size === name.length + value.length + ENTRY_OVERHEAD;
  if (!isWhole) return kind === Kind.Path ? Kind.OversizedPath : Kind.Oversized;
  switch (kind) {
    case Kind.Method:
      return isToken(value) ? kind : Kind.Malformed;
    case Kind.Path:
      return isMadeOf(value, TARGET_BYTE) ? kind : Kind.Malformed;
    case Kind.Scheme:
      if (value === "https" || value === "http") return kind;
      return SCHEME.test(value) ? Kind.OtherScheme : Kind.Malformed;
    default:
      if (name === "te" && value !== "trailers") return Kind.Malformed;
      return isFieldValue(value) ? kind : Kind.Malformed;
  }
}

/** scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 §3.1) */
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;

/** A name that stands in no table: a token without upper case (§8.2.1). Other pseudo-header fields do not exist. */
function kindOfOther(name: string): Kind {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (TCHAR[code] !== 1 || code >= UPPER_A && code <= UPPER_Z) {
      return Kind.Malformed;
    }
  }
  return name === "" ? Kind.Malformed : Kind.Other;
}

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** field-value without white space around it (§8.2.1). */
function isFieldValue(value: string): boolean {
  return value === "" ||
    isMadeOf(value, FIELD_BYTE) && !isWhiteSpace(value.charCodeAt(0)) &&
      !isWhiteSpace(value.charCodeAt(value.length - 1));
}

/** Where {@linkcode Http2Head.check} puts the bytes of a value. */
const scratch = new Uint8Array(FIELDS_BYTES_MAX);

/**
 * A request head made from the lines of a header block. It refers to nothing that changes, so it may live as long as
 * its stream.
 */
export class Http2Head implements RequestHead, FieldSink {
  method = "";
  target = "";
  readonly version = "HTTP/2.0";
  isCancelled = false;

  /** Values of recognised fields, by number; valid where a bit of `#present` is set. */
  readonly #values: string[] = FIELD_NAMES.map(() => "");
  #present = 0;
  #fieldCount = 0;
  /** Bytes of all lines as HTTP/1.1 would send them, so that both have the same limit. */
  #fieldBytes = 0;
  #hasScheme = false;
  #hasCookie = false;
  #isOtherScheme = false;
  /** Whether a regular field came: none of the pseudo-header fields may follow (§8.3). */
  #isInFields = false;
  #authority: string | undefined;
  #isMalformed = false;
  /** The status of the first line that is too long; 0 for none. */
  #failure = 0;

  /** Takes the next line of the block. */
  add(field: HeaderField): void {
    const kind = kindOf(field);
    if (kind >= Kind.Known) {
      this.#isInFields = true;
      if (this.#count(field)) this.#keep(kind - Kind.Known, field.value);
      return;
    }
    switch (kind) {
      case Kind.Other:
      case Kind.Oversized:
        this.#isInFields = true;
        this.#count(field);
        break;
      case Kind.Cookie:
        // A client may send each cookie as a line of its own (§8.2.3): they count as one line, with all their bytes.
        if (this.#hasCookie) this.#fieldCount--;
        this.#hasCookie = this.#isInFields = true;
        if (this.#count(field)) this.#keep(Field.Cookie, field.value, "; ");
        break;
      case Kind.Malformed:
        this.#isMalformed = true;
        break;
      default:
        if (this.#isInFields) this.#isMalformed = true;
        else this.#addPseudo(kind, field);
    }
  }

  /**
   * Ends the head. Returns {@linkcode VALID}, {@linkcode MALFORMED}, or the status of the answer: 400, 414, 431 or
   * 501, for the same reasons as in HTTP/1.1. Only a valid head may be used, except for the log.
   */
  finish(): number {
    if (this.#isMalformed || !this.#isComplete()) return MALFORMED;
    if (this.method.length > METHOD_BYTES_MAX) return 501;
    if (this.#failure !== 0) return this.#failure;
    return this.#isOtherScheme || !this.#hasValidHost() ? 400 : VALID;
  }

  has(field: Field): boolean {
    return (this.#present & (1 << field)) !== 0;
  }

  hasAny(mask: number): boolean {
    return (this.#present & mask) !== 0;
  }

  field(field: Field): string | undefined {
    return this.has(field) ? this.#values[field] : undefined;
  }

  check(
    field: Field,
    test: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean {
    const value = this.#values[field]!;
    for (let i = 0; i < value.length; i++) scratch[i] = value.charCodeAt(i);
    return test(scratch, 0, value.length);
  }

  /**
   * The length of the body as the client announces it, undefined if it does not; or a status code with a minus sign,
   * as {@linkcode parseContentLength} returns it. A request whose DATA has another length is malformed (§8.1.1).
   */
  contentLength(): number | undefined {
    const value = this.field(Field.ContentLength);
    return value === undefined ? undefined : parseContentLength(value);
  }

  /** Counts a line that is one in HTTP/1.1 too. Returns whether it is within the limits. */
  #count({ size }: HeaderField): boolean {
    this.#fieldCount++;
    this.#fieldBytes += size - ENTRY_OVERHEAD + ": \r\n".length;
    if (
      this.#fieldCount <= FIELDS_MAX && this.#fieldBytes <= FIELDS_BYTES_MAX
    ) return true;
    this.#failure ||= 431;
    return false;
  }

  /** Keeps the value of a recognised field. A repeated field becomes one list (RFC 9110 §5.3, RFC 9113 §8.2.3). */
  #keep(field: number, value: string, separator: string = ", "): void {
    const bit = 1 << field;
    if ((this.#present & bit) !== 0) {
      value = `${this.#values[field]}${separator}${value}`;
    }
    this.#present |= bit;
    this.#values[field] = value;
  }

  /** Each pseudo-header field comes once (§8.3). */
  #addPseudo(kind: Kind, field: HeaderField): void {
    const { value } = field;
    switch (kind) {
      case Kind.Method:
        if (this.method !== "") this.#isMalformed = true;
        this.method = value;
        break;
      case Kind.OtherScheme:
      case Kind.Scheme:
        if (this.#hasScheme) this.#isMalformed = true;
        this.#hasScheme = true;
        this.#isOtherScheme = kind === Kind.OtherScheme;
        break;
      case Kind.Authority:
        if (this.#authority !== undefined) this.#isMalformed = true;
        this.#authority = value;
        this.#fieldBytes -= ":authority".length - "Host".length;
        this.#count(field);
        break;
      default:
        if (this.target !== "" || this.#failure === 414) {
          this.#isMalformed = true;
        }
        if (value.length > TARGET_BYTES_MAX || kind === Kind.OversizedPath) {
          this.#failure = 414;
        } else {
          this.target = value;
        }
    }
  }

  /** Whether all pseudo-header fields came that the method needs, and no other (§8.3.1, §8.5). */
  #isComplete(): boolean {
    if (this.method === "CONNECT") {
      const isSound = this.target === "" && !this.#hasScheme &&
        this.#authority !== undefined;
      // The authority-form of HTTP/1.1 (RFC 9112 §3.2.3).
      if (isSound) this.target = this.#authority!;
      return isSound;
    }
    const isOrigin = this.target.startsWith("/") ||
      this.target === "*" && this.method === "OPTIONS" ||
      this.#failure === 414;
    return this.method !== "" && this.#hasScheme && isOrigin;
  }

  /** One valid authority, in `:authority` or Host; in both only if it is the same (§8.3.1). Two of Host make a list, which is none. */
  #hasValidHost(): boolean {
    const authority = this.#authority;
    if (authority !== undefined) {
      const host = this.field(Field.Host) ?? authority;
      if (
        host !== authority && host.toLowerCase() !== authority.toLowerCase()
      ) return false;
      this.#present |= 1 << Field.Host;
      this.#values[Field.Host] = authority;
    }
    return this.has(Field.Host) && this.check(Field.Host, isAuthorityAt);
  }
}

/** Takes the trailers of a request, which skiff checks and drops (RFC 9113 §8.1). */
export class Http2Trailers implements FieldSink {
  /** Whether one of them is malformed, or a pseudo-header field. */
  isMalformed = false;

  /** Takes the next line of the block. */
  add(field: HeaderField): void {
    const kind = kindOf(field);
    const isRegular = kind === Kind.Oversized || kind >= Kind.Other;
    if (!isRegular) this.isMalformed = true;
  }
}
