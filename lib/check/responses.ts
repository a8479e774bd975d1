/**
 * Bytes from a server → responses, strictly: what a careless client would
 * forgive is a fault here (RFC 9112 §6.3).
 *
 * @module
 */

import {
  parseResponseHead,
  type ResponseHead,
} from "../http/http1/response_head.ts";

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

/** Longest line of a chunk's size, and longest trailer section. */
const CHUNK_LINE_MAX = 4096;

/** A body, and where it ends. */
interface Body {
  readonly text: string;
  readonly end: number;
}

/** A reader that waits for more bytes at each `yield`. */
type Reading<T> = Generator<undefined, T>;

/**
 * Splits what comes from a server, a character for each byte, into responses while it comes. However few bytes come at
 * a time, it looks again only through a head or a line that is not whole, both of which are bounded.
 */
export class ResponseSplitter {
  readonly #responses: ProbeResponse[] = [];
  readonly #reading: Reading<void>;
  #text = "";
  /** Where the first response begins that is not whole. */
  #at = 0;
  /** A response whose body ends with the connection: its head, and where the body begins. */
  #last: { readonly head: ResponseHead; readonly bodyAt: number } | undefined;
  #isDone = false;

  /** Makes a splitter for the responses to requests with these methods. */
  constructor(methods: readonly string[]) {
    this.#reading = this.#read(methods);
  }

  /** Whether nothing that may still come changes the responses. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** How many bytes came. */
  get length(): number {
    return this.#text.length;
  }

  /** Takes the bytes that come next. */
  push(text: string): void {
    this.#text += text;
    this.#isDone = this.#reading.next().done === true;
  }

  /** Returns what came, if the server closes now or leaves the connection open. */
  result(isClosed: boolean): ProbeExchange {
    const responses = [...this.#responses];
    if (isClosed && this.#last !== undefined) {
      const { head, bodyAt } = this.#last;
      responses.push({ ...head, body: this.#text.slice(bodyAt) });
      return { responses, rest: "", isClosed };
    }
    return { responses, rest: this.#text.slice(this.#at), isClosed };
  }

  /** Reads the responses. Yields where bytes are missing; ends after the last one, and at anything invalid. */
  *#read(methods: readonly string[]): Reading<void> {
    let interims = 0;
    while (this.#responses.length < methods.length) {
      const end = yield* this.#find("\r\n\r\n", this.#at, PROBE_HEAD_BYTES_MAX);
      if (end === undefined) return;
      const head = parseResponseHead(this.#text.slice(this.#at, end), true);
      if (head === undefined) return;
      if (head.status < 200) {
        this.#at = end + 4;
        if (++interims > INTERIM_MAX) return;
        continue;
      }
      const method = methods[this.#responses.length]!;
      const body = yield* this.#body(head, method, end + 4);
      if (body === undefined) return;
      this.#responses.push({ ...head, body: body.text });
      this.#at = body.end;
    }
  }

  /** Returns where a text is, from an offset on; undefined if that is farther than `max` characters. */
  *#find(text: string, from: number, max: number): Reading<number | undefined> {
    for (;;) {
      const at = this.#text.indexOf(text, from);
      const length = (at === -1 ? this.#text.length : at) - from;
      if (length > max) return undefined;
      if (at !== -1) return at;
      yield;
    }
  }

  /** Reads the body that begins at an offset; undefined if it is invalid. */
  *#body(
    head: ResponseHead,
    method: string,
    at: number,
  ): Reading<Body | undefined> {
    const { status, fields } = head;
    if (method === "HEAD" || status === 204 || status === 304) {
      return { text: "", end: at };
    }
    if (/(?:^|,)\s*chunked\s*$/i.test(fields.get("transfer-encoding") ?? "")) {
      return yield* this.#chunks(at);
    }
    const length = fields.get("content-length");
    if (length === undefined) {
      this.#last = { head, bodyAt: at };
      // Only the end of the connection is the end of the body.
      for (;;) yield;
    }
    if (!/^\d+$/.test(length)) return undefined;
    const end = at + Number(length);
    while (this.#text.length < end) yield;
    return { text: this.#text.slice(at, end), end };
  }

  *#chunks(at: number): Reading<Body | undefined> {
    const pieces: string[] = [];
    for (;;) {
      const line = yield* this.#find("\r\n", at, CHUNK_LINE_MAX);
      if (line === undefined) return undefined;
      const size = /^([0-9a-f]{1,16})(?:;.*)?$/i
        .exec(this.#text.slice(at, line))?.[1];
      if (size === undefined) return undefined;
      const start = line + 2;
      const end = start + parseInt(size, 16);
      if (end === start) {
        const text = pieces.join("");
        const end = yield* this.#trailersEnd(start);
        return end === undefined ? undefined : { text, end };
      }
      while (this.#text.length < end + 2) yield;
      if (this.#text.slice(end, end + 2) !== "\r\n") return undefined;
      pieces.push(this.#text.slice(start, end));
      at = end + 2;
    }
  }

  /** Returns where trailers end, and the empty line after them; undefined if they are too long. */
  *#trailersEnd(start: number): Reading<number | undefined> {
    for (;;) {
      // Without any, the empty line follows the line before.
      const end = this.#text.indexOf("\r\n\r\n", start - 2);
      if (end !== -1) return end + 4;
      if (this.#text.length - start > CHUNK_LINE_MAX) return undefined;
      yield;
    }
  }
}
