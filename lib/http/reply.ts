/**
 * Reply: what is answered, whatever the protocol that sends it, and the
 * constructors of replies that need no file (RFC 9110 §6 and §15).
 *
 * @module
 */

import { type FieldLine, FieldSection } from "./field_section.ts";
import { EXPLANATIONS, REASON_PHRASES } from "./status.ts";

/** A part of a body that is not in memory: read piece by piece while it is sent. */
export interface SourceSegment {
  /** How many bytes it has in all. */
  readonly length: number;
  /** Takes hold of the source. Throws {@linkcode SourceChanged} or {@linkcode SourceRefused} when that cannot be done. */
  open(): SourceReader;
}

/** Reads a source from its first byte to its last. Must be closed. */
export interface SourceReader {
  /**
   * Fills `into` as far as it can in one go, and tells how many bytes that were: at least one
   * until all of the source's were read. Throws {@linkcode SourceChanged} when they are no
   * longer those of the version that the reply speaks of.
   */
  read(into: Uint8Array): number;
  /** Lets go of the source. */
  close(): void;
}

/** A body segment: bytes in memory, or a source of them. Both may be sent many times. */
export type Segment = Uint8Array | SourceSegment;

/** Thrown by a source whose bytes are no longer those that the head has announced. */
export class SourceChanged extends Error {
  /** Its name. */
  override name = "SourceChanged";
}

/** Thrown by a source that is what it was, and cannot be had all the same. */
export class SourceRefused extends Error {
  /** Its name. */
  override name = "SourceRefused";
  /** The status code that says why: 403 for want of rights, 503 of descriptors. */
  readonly status: 403 | 503;

  /** An error with a status. The message is not for clients. */
  constructor(message: string, status: 403 | 503) {
    super(message);
    this.status = status;
  }
}

/** An answer. Replies are never changed after they are made, so one may be given many times. */
export interface Reply {
  /** The status code. */
  readonly status: number;
  /** Its header lines beside those that every reply has; Content-Length among them where one is due. */
  readonly fields: FieldSection;
  /** The body's segments, in order. For HEAD the connection leaves them out. */
  readonly body: readonly Segment[];
  /** Whether the connection must end after this reply. */
  readonly close: boolean;
  /** Token of the content coding of the body, for whoever records it. */
  readonly coding?: string | undefined;
}

const ENCODER = new TextEncoder();

/** The header lines that every reply has, beside Date. */
export const COMMON_LINES: readonly FieldLine[] = [
  ["Server", "skiff"],
  ["X-Content-Type-Options", "nosniff"],
];

/** The methods that are answered with more than a refusal (RFC 9110 §9.1), as Allow lists them. */
export const ALLOW = "GET, HEAD, OPTIONS";

/** The reply, with an id by which the client and the log can speak of it. */
export function withId(reply: Reply, id: string): Reply {
  return withFields(reply, [["X-Request-Id", id]]);
}

/** A reply with these header lines. */
export function reply(
  status: number,
  fields: FieldSection | readonly FieldLine[],
  body: readonly Segment[] = [],
): Reply {
  const section = fields instanceof FieldSection
    ? fields
    : new FieldSection(fields);
  return { status, fields: section, body, close: false };
}

/** The reply with more header lines. */
export function withFields(reply: Reply, lines: readonly FieldLine[]): Reply {
  return lines.length === 0
    ? reply
    : { ...reply, fields: reply.fields.with(lines) };
}

/** The same reply, as the last on its connection. */
export function closing(reply: Reply): Reply {
  return reply.close ? reply : { ...reply, close: true };
}

/** A redirect; without a status a permanent one that keeps the method (308, RFC 9110 §15.4.9). */
export function redirectReply(location: string, status: number = 308): Reply {
  return reply(status, [
    ["Location", location],
    ["Cache-Control", "no-cache"],
    ["Content-Length", "0"],
  ]);
}

/** The answer to OPTIONS (RFC 9110 §9.3.7). */
export const OPTIONS_REPLY: Reply = reply(204, [["Allow", ALLOW]]);

/** Fields of one error status beyond those that every error page has. */
export const ERROR_FIELDS: Readonly<Record<number, readonly FieldLine[]>> = {
  405: [["Allow", ALLOW]],
  503: [["Retry-After", "1"]],
};

const ERROR_REPLIES = new Map<number, Reply>();

/** The built-in answer for an error status: a small page that names nothing of the machine, and is not to be stored. */
export function errorReply(status: number): Reply {
  let known = ERROR_REPLIES.get(status);
  if (known === undefined) {
    const page = ENCODER.encode(errorPage(status));
    known = reply(
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
    ERROR_REPLIES.set(status, known);
  }
  return known;
}

/** Error pages bring their own style and nothing else. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function errorPage(status: number): string {
  const title = `${status} ${REASON_PHRASES[status]}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem }
p { margin: 0; opacity: .8 }
</style>
<h1>${title}</h1>
<p>${EXPLANATIONS[status]}</p>
</html>
`;
}

/** Bytes of a reply's body. */
export function bodyLength(reply: Reply): number {
  let length = 0;
  for (const segment of reply.body) length += segment.length;
  return length;
}
