/**
 * Writes HTTP/1 response heads: the only module that turns a status line and
 * field lines into bytes (RFC 9112 §4 and §5).
 *
 * @module
 */

import { formatHttpDate } from "../date.ts";
import type { FieldLine, FieldSection } from "../field_section.ts";
import { COMMON_LINES, type Reply } from "../reply.ts";
import { REASON_PHRASES } from "../status.ts";

const ENCODER = new TextEncoder();

/** How a response says whether its connection persists. */
export type ConnectionLine = "persistent" | "keepAlive" | "close";

/** The end of a head, with the Connection field where one is needed (RFC 9112 §9.3, §9.6). */
const CONNECTION_LINES: Record<ConnectionLine, Uint8Array> = {
  /** The default of HTTP/1.1. */
  persistent: ENCODER.encode("\r\n"),
  /** HTTP/1.0 clients need to be told. */
  keepAlive: ENCODER.encode("Connection: keep-alive\r\n\r\n"),
  close: ENCODER.encode("Connection: close\r\n\r\n"),
};

function encodeLines(lines: readonly FieldLine[]): Uint8Array {
  let text = "";
  for (const [name, value] of lines) text += `${name}: ${value}\r\n`;
  return ENCODER.encode(text);
}

/** The lines of a section as bytes, each with its CRLF. Encodes a section once. */
function fieldBlock(section: FieldSection): Uint8Array {
  return section.http1Block ??= encodeSection(section);
}

function encodeSection({ own, base }: FieldSection): Uint8Array {
  const last = encodeLines(own);
  if (base === undefined) return last;
  const first = fieldBlock(base);
  const block = new Uint8Array(first.length + last.length);
  block.set(first);
  block.set(last, first.length);
  return block;
}

/** Status line and the lines that are the same for every reply of a status, up to the value of Date. */
const HEAD_STARTS: (Uint8Array | undefined)[] = [];

function headStart(status: number): Uint8Array {
  return HEAD_STARTS[status] ??= ENCODER.encode(
    `HTTP/1.1 ${status} ${REASON_PHRASES[status]}\r\n` +
      COMMON_LINES.map(([name, value]) => `${name}: ${value}\r\n`).join("") +
      "Date: ",
  );
}

/** The value of Date and its line end, written again only when the second changes (RFC 9110 §6.6.1). */
const dateLine = new Uint8Array(31);
let dateSecond = -1;

function refreshDate(now: number): void {
  const second = Math.floor(now / 1000);
  if (second === dateSecond) return;
  dateSecond = second;
  ENCODER.encodeInto(`${formatHttpDate(now)}\r\n`, dateLine);
}

/** Enough for a head without the lines of its reply: status line, common lines, Date and Connection. */
const FIXED_BYTES = 256;

/** The most bytes that the head of a reply takes. */
export function headBytesMax({ fields }: Reply): number {
  return FIXED_BYTES + fieldBlock(fields).length;
}

/**
 * Writes the head of a reply to out[at…], where {@linkcode headBytesMax} bytes
 * must be free. Returns the index after it. `now` is the time of the Date
 * field, in ms since the epoch.
 */
export function writeHead(
  reply: Reply,
  connection: ConnectionLine,
  now: number,
  out: Uint8Array,
  at: number,
): number {
  refreshDate(now);
  const start = headStart(reply.status);
  out.set(start, at);
  at += start.length;
  out.set(dateLine, at);
  at += dateLine.length;
  const block = fieldBlock(reply.fields);
  out.set(block, at);
  at += block.length;
  const end = CONNECTION_LINES[connection];
  out.set(end, at);
  return at + end.length;
}
