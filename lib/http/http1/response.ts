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

/** A section's own lines as bytes, each with its CRLF. Encodes them once. */
function ownBlock(section: FieldSection): Uint8Array {
  return section.http1Block ??= encodeLines(section.own);
}

function sectionBytes(section: FieldSection): number {
  const own = ownBlock(section).length;
  return section.base === undefined ? own : sectionBytes(section.base) + own;
}

/** Writes all lines of a section to out[at…]; returns the index after them. */
function writeSection(
  section: FieldSection,
  out: Uint8Array,
  at: number,
): number {
  if (section.base !== undefined) at = writeSection(section.base, out, at);
  const block = ownBlock(section);
  out.set(block, at);
  return at + block.length;
}

/**
 * Status line, the lines that are the same for every reply of a status, and Date, as one block for each status. Date
 * is written again only when the second changes (RFC 9110 §6.6.1).
 */
interface HeadStart {
  readonly block: Uint8Array;
  second: number;
}

const HEAD_STARTS: (HeadStart | undefined)[] = [];

/** Bytes of the value of Date and its line end. */
const DATE_BYTES = 31;

function makeHeadStart(status: number): HeadStart {
  const common = COMMON_LINES.map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `HTTP/1.1 ${status} ${REASON_PHRASES[status]}\r\n` +
    `${common.join("")}Date: `;
  return { block: ENCODER.encode(text + " ".repeat(DATE_BYTES)), second: -1 };
}

function headStart(status: number, now: number): Uint8Array {
  const start = HEAD_STARTS[status] ??= makeHeadStart(status);
  const second = Math.floor(now / 1000);
  if (second !== start.second) {
    start.second = second;
    const { block } = start;
    const date = block.subarray(block.length - DATE_BYTES);
    ENCODER.encodeInto(`${formatHttpDate(now)}\r\n`, date);
  }
  return start.block;
}

/** Enough for a head without the lines of its reply: status line, common lines, Date and Connection. */
const FIXED_BYTES = 256;

/** The most bytes that the head of a reply takes. */
export function headBytesMax({ fields }: Reply): number {
  return FIXED_BYTES + sectionBytes(fields);
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
  const start = headStart(reply.status, now);
  out.set(start, at);
  at = writeSection(reply.fields, out, at + start.length);
  const end = CONNECTION_LINES[connection];
  out.set(end, at);
  return at + end.length;
}
