/**
 * The framing of a request's body (RFC 9112 §6, §7): how long it is, and a
 * skipper that finds its end. A file server reads no bodies, but must find the
 * first byte after one exactly as every proxy on the way does.
 *
 * @module
 */

import {
  BACKSLASH,
  COLON,
  CR,
  DQUOTE,
  EQUALS,
  FIELD_BYTE,
  HEXDIG,
  hexValue,
  LF,
  QDTEXT,
  SEMICOLON,
  TCHAR,
  trimSpace,
} from "../ascii.ts";
import { BODY_BYTES_MAX, parseContentLength } from "../content_length.ts";
import { Field } from "../fields.ts";
import type { RequestHead } from "../head.ts";

/** Most bytes of chunk extensions on one chunk, and of one trailer line. Beyond: 400. */
export const CHUNK_LINE_BYTES_MAX = 1024;

/** Most trailer lines. Beyond: 400. */
export const TRAILERS_MAX = 100;

/** {@linkcode frameBody}: the body is chunked. */
export const CHUNKED: number = -1;

/**
 * How the request's body is framed (RFC 9112 §6.3): a length in bytes (0 for no body),
 * {@linkcode CHUNKED}, or a status code with a minus sign: -400 for ambiguous
 * framing, -413 for a length above BODY_BYTES_MAX, -501 for codings other than chunked.
 */
export function frameBody(head: RequestHead): number {
  const coding = head.field(Field.TransferEncoding);
  const length = head.field(Field.ContentLength);
  if (coding !== undefined) {
    // Both headers together, or chunked from an HTTP/1.0 client, are signs of smuggling (§6.1).
    if (length !== undefined || head.version === "HTTP/1.0") return -400;
    if (coding.toLowerCase() === "chunked") return CHUNKED;
    return codingFailure(coding);
  }
  return length === undefined ? 0 : parseContentLength(length);
}

/**
 * Unless chunked is the last coding and only the last, the end of the body is uncertain (§6.3). An unknown
 * coding under sound framing is 501 (§6.1).
 */
function codingFailure(value: string): number {
  const codings = value.toLowerCase().split(",").map(trimSpace);
  const isSound = codings.pop() === "chunked" &&
    !codings.includes("chunked") && !codings.includes("");
  return isSound ? -501 : -400;
}

/** Where in the chunked grammar the next byte stands. */
const enum State {
  Size,
  Extension,
  ExtensionName,
  ExtensionValue,
  ExtensionToken,
  ExtensionQuoted,
  ExtensionEscape,
  ExtensionEnd,
  SizeLf,
  Data,
  DataCr,
  DataLf,
  TrailerStart,
  TrailerName,
  TrailerValue,
  TrailerLf,
  FinalLf,
  Done,
}

/**
 * Finds the end of one body. Feed it the bytes after the head, in any pieces; it returns how
 * many of each piece belong to the body. `failure` is then 0, or 400 (malformed) or 413 (too long).
 */
export class BodySkipper {
  /** Whether the body's last byte has been seen. */
  done: boolean;
  /** 0, or the status code that says why the body cannot be skipped. */
  failure = 0;

  readonly #isChunked: boolean;
  /** Bytes of data still to come: of the body, or of the chunk. */
  #left: number;
  #state: State;
  /** Bytes seen in all, to limit a chunked body. */
  #total = 0;
  /** Bytes on the current chunk-size or trailer line. */
  #lineBytes = 0;
  #sizeDigits = 0;
  #trailers = 0;

  /** A skipper at the first byte of a body. `framing` is what {@linkcode frameBody} returned: a length or CHUNKED. */
  constructor(framing: number) {
    this.done = framing === 0;
    this.#isChunked = framing === CHUNKED;
    this.#left = this.#isChunked ? 0 : framing;
    this.#state = this.#isChunked ? State.Size : State.Data;
  }

  /** Skips what of bytes[start, end) belongs to the body; returns the index after it. */
  skip(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && !this.done && this.failure === 0) {
      if (this.#state === State.Data && this.#left > 0) {
        const step = Math.min(this.#left, end - at);
        this.#left -= step;
        at += step;
        if (this.#left === 0) this.#endOfData();
      } else {
        this.#state = this.#next(bytes[at++]!);
        if (this.#state === State.Done) this.done = true;
      }
      if (this.#isChunked && this.#total + at - start > BODY_BYTES_MAX) {
        this.failure ||= 413;
      }
    }
    this.#total += at - start;
    return at;
  }

  #endOfData(): void {
    if (this.#isChunked) this.#state = State.DataCr;
    else this.done = true;
  }

  #fail(): State {
    this.failure = 400;
    return this.#state;
  }

  /** One byte of chunked framing: where the next one stands (RFC 9112 §7.1). */
  #next(byte: number): State {
    switch (this.#state) {
      case State.Size:
        return this.#sizeByte(byte);
      case State.SizeLf:
        if (byte !== LF) return this.#fail();
        return this.#left === 0 ? this.#beginTrailer() : State.Data;
      case State.DataCr:
        return byte === CR ? State.DataLf : this.#fail();
      case State.DataLf:
        return byte === LF ? this.#beginSize() : this.#fail();
      case State.TrailerStart:
      case State.TrailerName:
      case State.TrailerValue:
      case State.TrailerLf:
        return this.#trailerByte(byte);
      case State.FinalLf:
        return byte === LF ? State.Done : this.#fail();
      default:
        return this.#extensionByte(byte);
    }
  }

  #beginSize(): State {
    this.#left = 0;
    this.#sizeDigits = 0;
    this.#lineBytes = 0;
    return State.Size;
  }

  /** chunk-size = 1*HEXDIG. Eight digits are already more than may come. */
  #sizeByte(byte: number): State {
    if (HEXDIG[byte] === 1) {
      if (++this.#sizeDigits > 8) return this.#fail();
      this.#left = this.#left * 16 + hexValue(byte);
      if (this.#left > BODY_BYTES_MAX) this.failure = 413;
      return State.Size;
    }
    return this.#sizeDigits === 0 ? this.#fail() : this.#lineEnd(byte);
  }

  /** Behind a size or a complete extension: another extension, or the end of the line. */
  #lineEnd(byte: number): State {
    if (byte === CR) return State.SizeLf;
    return byte === SEMICOLON ? State.Extension : this.#fail();
  }

  /**
   * chunk-ext = *( ";" chunk-ext-name [ "=" chunk-ext-val ] ), value a token or a quoted-string
   * (RFC 9112 §7.1.1). "Bad white space" is rejected: no sender may generate it (RFC 9110 §5.6.3), and
   * recipients that disagree about it have been used to smuggle requests.
   */
  #extensionByte(byte: number): State {
    if (++this.#lineBytes > CHUNK_LINE_BYTES_MAX) return this.#fail();
    const isToken = TCHAR[byte] === 1;
    switch (this.#state) {
      case State.Extension:
        return isToken ? State.ExtensionName : this.#fail();
      case State.ExtensionName:
        if (isToken) return State.ExtensionName;
        return byte === EQUALS ? State.ExtensionValue : this.#lineEnd(byte);
      case State.ExtensionValue:
        if (byte === DQUOTE) return State.ExtensionQuoted;
        return isToken ? State.ExtensionToken : this.#fail();
      case State.ExtensionToken:
        return isToken ? State.ExtensionToken : this.#lineEnd(byte);
      case State.ExtensionQuoted:
        if (byte === DQUOTE) return State.ExtensionEnd;
        if (byte === BACKSLASH) return State.ExtensionEscape;
        return QDTEXT[byte] === 1 ? State.ExtensionQuoted : this.#fail();
      case State.ExtensionEscape:
        return FIELD_BYTE[byte] === 1 ? State.ExtensionQuoted : this.#fail();
      default:
        return this.#lineEnd(byte);
    }
  }

  #beginTrailer(): State {
    this.#lineBytes = 0;
    return State.TrailerStart;
  }

  /** trailer-section = *( field-line CRLF ), then CRLF: as strict as the fields of a head (RFC 9112 §7.1.2). */
  #trailerByte(byte: number): State {
    if (++this.#lineBytes > CHUNK_LINE_BYTES_MAX) return this.#fail();
    switch (this.#state) {
      case State.TrailerStart:
        if (byte === CR) return State.FinalLf;
        if (TCHAR[byte] !== 1) return this.#fail();
        return ++this.#trailers > TRAILERS_MAX
          ? this.#fail()
          : State.TrailerName;
      case State.TrailerName:
        if (TCHAR[byte] === 1) return State.TrailerName;
        return byte === COLON ? State.TrailerValue : this.#fail();
      case State.TrailerValue:
        if (byte === CR) return State.TrailerLf;
        return FIELD_BYTE[byte] === 1 ? State.TrailerValue : this.#fail();
      default:
        return byte === LF ? this.#beginTrailer() : this.#fail();
    }
  }
}
