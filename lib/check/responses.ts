/**
 * Bytes from a server → responses, strictly: what a careless client would
 * forgive is a fault here (RFC 9112 §6.3).
 *
 * @module
 */

import { parseResponseHead, type ResponseHead } from "../http/response_head.ts";

/** A response. */
export interface ProbeResponse extends ResponseHead {
  /** A character for each byte, without transfer coding. */
  readonly body: string;
}

/** What came on a connection. */
export interface ProbeExchange {
  /** Final responses, in order; interim ones are left out. */
  readonly responses: readonly ProbeResponse[];
  /** Bytes that belong to no response: the beginning of one, or garbage. */
  readonly rest: string;
  /** Whether the server closed the connection. */
  readonly isClosed: boolean;
}

/** Most bytes that are read for one probe. */
export const EXCHANGE_BYTES_MAX: number = 4 * 1024 * 1024;

/** Most bytes of a response head: a longer one is invalid, as clients take no more. */
export const PROBE_HEAD_BYTES_MAX: number = 64 * 1024;

/** Most interim responses on a connection: further ones are invalid. */
export const INTERIM_MAX = 20;

/**
 * Splits what comes from a server, a character for each byte, into responses while it comes. However few bytes come at
 * a time, it looks again only through a head or a line that is not whole, both of which are bounded.
 */
export class ResponseSplitter {
  readonly #methods: readonly string[];
  readonly #responses: ProbeResponse[] = [];
  #text = "";
  /** Where the first response begins that is not whole. */
  #at = 0;
  /** Its head, once that is whole, and what its body is. */
  #current: { readonly head: ResponseHead; readonly body: Body } | undefined;
  #interims = 0;
  #isInvalid = false;

  /** Makes a splitter for the responses to requests with these methods. */
  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  /** Whether nothing that may still come changes the responses. */
  get isDone(): boolean {
    return this.#isInvalid || this.#responses.length === this.#methods.length;
  }

  /** How many bytes came. */
  get length(): number {
    return this.#text.length;
  }

  /** Takes the bytes that come next. */
  push(text: string): void {
    this.#text += text;
    while (!this.isDone && this.#step());
  }

  /** Returns what came, if the server closes now or leaves the connection open. */
  result(isClosed: boolean): ProbeExchange {
    const responses = [...this.#responses];
    const last = this.#current;
    if (isClosed && !this.isDone && last?.body.kind === "close") {
      responses.push({ ...last.head, body: this.#text.slice(last.body.at) });
      return { responses, rest: "", isClosed };
    }
    return { responses, rest: this.#text.slice(this.#at), isClosed };
  }

  /** Goes on by a head or a body; false where bytes are missing. */
  #step(): boolean {
    if (this.#current === undefined) return this.#head();
    const { head, body } = this.#current;
    const whole = bodyOf(this.#text, body);
    if (whole === undefined) return false;
    if (whole === "invalid") {
      this.#isInvalid = true;
      return false;
    }
    this.#responses.push({ ...head, body: whole.text });
    this.#at = whole.end;
    this.#current = undefined;
    return true;
  }

  #head(): boolean {
    const end = this.#text.indexOf("\r\n\r\n", this.#at);
    const length = (end === -1 ? this.#text.length : end) - this.#at;
    if (length > PROBE_HEAD_BYTES_MAX) this.#isInvalid = true;
    if (end === -1 || this.#isInvalid) return false;
    const head = parseResponseHead(this.#text.slice(this.#at, end), true);
    if (head === undefined) {
      this.#isInvalid = true;
      return false;
    }
    if (head.status < 200) {
      this.#at = end + 4;
      this.#isInvalid = ++this.#interims > INTERIM_MAX;
      return true;
    }
    const method = this.#methods[this.#responses.length]!;
    const body = bodyAt(end + 4, head, method);
    if (body === undefined) this.#isInvalid = true;
    else this.#current = { head, body };
    return true;
  }
}

/** What a body is, and how much of it was read. */
type Body =
  | { readonly kind: "length"; readonly at: number; readonly length: number }
  | { readonly kind: "chunked"; at: number; readonly pieces: string[] }
  /** It ends with the connection. */
  | { readonly kind: "close"; readonly at: number };

/** Returns what the body is that begins at an offset; undefined if its length is invalid. */
function bodyAt(
  at: number,
  { status, fields }: ResponseHead,
  method: string,
): Body | undefined {
  if (method === "HEAD" || status === 204 || status === 304) {
    return { kind: "length", at, length: 0 };
  }
  if (/(?:^|,)\s*chunked\s*$/i.test(fields.get("transfer-encoding") ?? "")) {
    return { kind: "chunked", at, pieces: [] };
  }
  const length = fields.get("content-length");
  if (length === undefined) return { kind: "close", at };
  return /^\d+$/.test(length)
    ? { kind: "length", at, length: Number(length) }
    : undefined;
}

/** Returns a body and where it ends; undefined if it is not whole. */
function bodyOf(
  text: string,
  body: Body,
): { readonly text: string; readonly end: number } | "invalid" | undefined {
  switch (body.kind) {
    case "length": {
      const end = body.at + body.length;
      return end <= text.length
        ? { text: text.slice(body.at, end), end }
        : undefined;
    }
    case "chunked":
      return chunksOf(text, body);
    case "close":
      return undefined;
  }
}

/** Longest line of a chunk's size, and longest trailer section. */
const CHUNK_LINE_MAX = 4096;

function chunksOf(
  text: string,
  body: Extract<Body, { kind: "chunked" }>,
): { readonly text: string; readonly end: number } | "invalid" | undefined {
  for (;;) {
    const line = text.indexOf("\r\n", body.at);
    const isLong = (line === -1 ? text.length : line) - body.at >
      CHUNK_LINE_MAX;
    if (isLong) return "invalid";
    if (line === -1) return undefined;
    const size = /^([0-9a-f]{1,16})(?:;.*)?$/i
      .exec(text.slice(body.at, line))?.[1];
    if (size === undefined) return "invalid";
    const length = parseInt(size, 16);
    const start = line + 2;
    if (length === 0) {
      // Trailers, then an empty line.
      const end = text.startsWith("\r\n", start)
        ? start
        : text.indexOf("\r\n\r\n", start) + 2;
      if (end >= start) {
        return { text: body.pieces.join(""), end: end + 2 };
      }
      return text.length - start > CHUNK_LINE_MAX ? "invalid" : undefined;
    }
    const end = start + length;
    if (text.length < end + 2) return undefined;
    if (text.slice(end, end + 2) !== "\r\n") return "invalid";
    body.pieces.push(text.slice(start, end));
    body.at = end + 2;
  }
}
