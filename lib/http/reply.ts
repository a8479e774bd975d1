/**
 * Replies, independent of the protocol that sends them, and constructors for
 * those that need no file (RFC 9110 §6 and §15).
 *
 * @module
 */

import { type FieldLine, FieldSection } from "./field_section.ts";
import { EXPLANATIONS, REASON_PHRASES } from "./status.ts";
import ERROR_PAGE from "./error_page.html" with { type: "text" };

/** A part of a body that is read piece by piece while it is sent. */
export interface SourceSegment {
  /** Its size in bytes. */
  readonly length: number;
  /** Whether many files are opened for few bytes, so that other work must get its turn in between. */
  readonly isScattered?: boolean;
  /**
   * Opens the source at a byte, by default at its first. Throws {@linkcode SourceChanged} or
   * {@linkcode SourceRefused} when it cannot be opened.
   */
  open(at?: number): SourceReader;
  /**
   * Fills memory of the segment's size. Resolves when the bytes are known to be of the version that the reply
   * announced; until then they may not be sent. Throws and rejects as its readers do. Only a segment for which that
   * takes less than a reader has it.
   */
  fill?(bytes: Uint8Array): Promise<void>;
}

/** Reads a source to its last byte. The caller must close it. */
export interface SourceReader {
  /**
   * Fills `into` as far as one read can, and returns the number of bytes: at least one until
   * the source ends. Throws {@linkcode SourceChanged} when the content is no longer the version
   * that the reply announced.
   */
  read(into: Uint8Array): number;
  /** Closes the source. */
  close(): void;
}

/** A body segment: bytes in memory, or a source of bytes. Both may be sent many times. */
export type Segment = Uint8Array | SourceSegment;

/**
 * A body without a known end, such as server-sent events. Each reader gets the events sent while it reads. A reply with
 * one has no other body and no Content-Length, and skiff ends it when it drains, stops or reloads.
 */
export interface EventStream {
  /** What to send when nothing was told for a while, so that proxies do not take the connection for a dead one. */
  readonly keepAlive: Uint8Array;
  /** Begins to read. `onReady` is called when the reader has a chunk or has ended; never before this returns. */
  open(onReady: () => void): EventReader;
}

/** Reads an event stream for one client. The caller must close it. */
export interface EventReader {
  /** Whether nothing follows what {@linkcode EventReader.next} still returns. */
  readonly isEnded: boolean;
  /** Whether it ended because the client did not read in time. */
  readonly isBehind: boolean;
  /** Takes the next chunk, of at least one byte; undefined if there is none now. */
  next(): Uint8Array | undefined;
  /** Ends the stream for this client. */
  close(): void;
}

/** Thrown by a source whose content is no longer the version that the head announced. */
export class SourceChanged extends Error {
  override name = "SourceChanged";
}

/** Thrown when an unchanged source cannot be opened. */
export class SourceRefused extends Error {
  override name = "SourceRefused";
  /** Why: 403 for permission denied, 503 when no file descriptor is free. */
  readonly status: 403 | 503;

  /** An error with a status. The message is not for clients. */
  constructor(message: string, status: 403 | 503) {
    super(message);
    this.status = status;
  }
}

/** A reply. It never changes once made, so the same one may be sent many times. */
export interface Reply {
  /** The status code. */
  readonly status: number;
  /** Its header lines, without those that every reply has; with Content-Length where the reply needs one. */
  readonly fields: FieldSection;
  /** The body's segments, in order. The connection omits them for HEAD. */
  readonly body: readonly Segment[];
  /** The body, if it has no known end. The connection omits it for HEAD. */
  readonly events?: EventStream | undefined;
  /** Whether the connection must end after this reply. */
  readonly close: boolean;
  /**
   * Lines of a 103 that may be sent before this reply to a client that navigates (RFC 8297); undefined for none.
   * HTTP/1.1 sends none: too many clients of it take a 103 for the final response.
   */
  readonly earlyHints?: FieldSection | undefined;
  /** The body's content coding, for the access log. */
  readonly coding?: string | undefined;
}

const ENCODER = new TextEncoder();

const NO_BODY: readonly Segment[] = [];

/** The header lines of every reply, besides Date. */
export const COMMON_LINES: readonly FieldLine[] = [
  ["Server", "skiff"],
  ["X-Content-Type-Options", "nosniff"],
];

/** The supported methods (RFC 9110 §9.1), as the value of Allow. */
export const ALLOW = "GET, HEAD, OPTIONS";

/** Makes a reply with these header lines; `coding` is the token of the body's content coding, for the log. */
export function reply(
  status: number,
  fields: FieldSection | readonly FieldLine[],
  body: readonly Segment[] = NO_BODY,
  coding?: string,
): Reply {
  const section = fields instanceof FieldSection
    ? fields
    : new FieldSection(fields);
  // All replies have the same shape, which keeps what reads them fast.
  return {
    status,
    fields: section,
    body,
    events: undefined,
    close: false,
    coding,
  };
}

/** Returns the reply with more header lines. */
export function withFields(reply: Reply, lines: readonly FieldLine[]): Reply {
  return lines.length === 0
    ? reply
    : { ...reply, fields: reply.fields.with(lines) };
}

/** Returns the reply as it answers HEAD: without its body. */
export function withoutBody(reply: Reply): Reply {
  return reply.body.length === 0 ? reply : { ...reply, body: NO_BODY };
}

/** Returns the same reply as the last on its connection. */
export function closing(reply: Reply): Reply {
  return reply.close ? reply : { ...reply, close: true };
}

/** Makes a redirect. The default, 308, is permanent and keeps the method (RFC 9110 §15.4.9). */
export function redirectReply(location: string, status: number = 308): Reply {
  return reply(status, [
    ["Location", location],
    ["Cache-Control", "no-cache"],
    ["Content-Length", "0"],
  ]);
}

/** The answer to OPTIONS (RFC 9110 §9.3.7). */
export const OPTIONS_REPLY: Reply = reply(204, [["Allow", ALLOW]]);

/** Header lines that only one error status has. */
export const ERROR_FIELDS: Readonly<Record<number, readonly FieldLine[]>> = {
  405: [["Allow", ALLOW]],
  503: [["Retry-After", "1"]],
};

const ERROR_REPLIES = new Map<number, Reply>();

/**
 * Returns the built-in page for an error status. It reveals nothing about the machine, and caches must not store it.
 */
export function errorReply(status: number): Reply {
  let known = ERROR_REPLIES.get(status);
  if (known === undefined) {
    ERROR_REPLIES.set(status, known = detailedErrorReply(status, ""));
  }
  return known;
}

/** Makes the built-in page for an error status with more to read: safe HTML, which describes the request. */
export function detailedErrorReply(status: number, details: string): Reply {
  const page = ENCODER.encode(errorPage(status, details));
  return reply(
    status,
    [
      ["Content-Type", "text/html; charset=UTF-8"],
      ["Content-Length", String(page.length)],
      ["Cache-Control", "no-store"],
      ["Content-Security-Policy", PAGE_POLICY],
      ...ERROR_FIELDS[status] ?? [],
    ],
    [page],
  );
}

/** Error pages contain their own style and load nothing. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function errorPage(status: number, details: string): string {
  return ERROR_PAGE
    .replaceAll("{title}", `${status} ${REASON_PHRASES[status]}`)
    .replace("{explanation}", EXPLANATIONS[status]!)
    .replace("{details}", () => details);
}

/** Whether what answers a request has a body without a known end. */
export function hasEvents(
  { events }: Reply,
  { method }: { readonly method: string },
): boolean {
  return events !== undefined && method !== "HEAD";
}

/** Returns the size of a reply's body in bytes; 0 for events. */
export function bodyLength(reply: Reply): number {
  let length = 0;
  for (const segment of reply.body) length += segment.length;
  return length;
}
