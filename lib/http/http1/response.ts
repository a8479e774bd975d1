/**
 * Writes HTTP/1 response heads, and the frames of chunks: the only module that
 * turns a status line and field lines into bytes (RFC 9112 §4, §5 and §7.1).
 *
 * @module
 */

import { formatHttpDate } from "../date.ts";
import type { FieldLine, FieldSection } from "../field_section.ts";
import type { HttpVersion } from "../head.ts";
import { COMMON_LINES, type Reply } from "../reply.ts";
import { REASON_PHRASES } from "../status.ts";

const ENCODER = new TextEncoder();

const LAST_ASCII = 0x7f;

/** How a response says whether its connection persists. */
export type ConnectionLine = "persistent" | "keepAlive" | "close" | "chunked";

/** Chooses how a response to a request of this version says it. `isEndless` is for a body without a known end. */
export function connectionLine(
  version: HttpVersion,
  isLast: boolean,
  isEndless: boolean = false,
): ConnectionLine {
  if (isEndless) return version === "HTTP/1.0" ? "close" : "chunked";
  if (isLast) return "close";
  return version === "HTTP/1.0" ? "keepAlive" : "persistent";
}

/** The end of a head, with the Connection field where one is needed (RFC 9112 §9.3, §9.6). */
const CONNECTION_LINES: Record<ConnectionLine, Uint8Array> = {
  /** The default of HTTP/1.1. */
  persistent: ENCODER.encode("\r\n"),
  /** HTTP/1.0 clients need to be told. */
  keepAlive: ENCODER.encode("Connection: keep-alive\r\n\r\n"),
  close: ENCODER.encode("Connection: close\r\n\r\n"),
  /** The last response of a connection, with a body whose length is not known (RFC 9112 §7.1). */
  chunked: ENCODER.encode(
    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
  ),
};

/** How often a section is sent before its encoded lines are kept: they take more memory than most sections. */
export const SENDINGS_UNKEPT = 32;

/** The most bytes that UTF-8 takes for a unit of a string. */
const UTF8_BYTES_PER_UNIT = 3;

/** The most bytes that the lines of a section take. */
function sectionBytesMax({ base, http1Block, units }: FieldSection): number {
  const bytes = base === undefined ? 0 : sectionBytesMax(base);
  return bytes + (http1Block?.length ?? UTF8_BYTES_PER_UNIT * units);
}

/**
 * Writes all lines of a section to out[at…], each with its CRLF; returns the index after them. Keeps the block of its
 * own lines only when it is sent often: the sections of ten thousand files would need more memory than that saves.
 */
function writeSection(
  section: FieldSection,
  out: Uint8Array,
  at: number,
): number {
  if (section.base !== undefined) at = writeSection(section.base, out, at);
  const block = section.http1Block;
  if (block !== undefined) {
    out.set(block, at);
    return at + block.length;
  }
  const end = writeLines(section.own, out, at);
  if (++section.sendings > SENDINGS_UNKEPT) {
    section.http1Block = out.slice(at, end);
  }
  return end;
}

function writeLines(
  lines: readonly FieldLine[],
  out: Uint8Array,
  at: number,
): number {
  for (const [name, value] of lines) {
    at = writeText(name, out, at);
    at = writeText(": ", out, at);
    at = writeText(value, out, at);
    at = writeText("\r\n", out, at);
  }
  return at;
}

/** Writes a text as UTF-8, and returns the index after it. For texts this short, a loop is faster than an encoder. */
function writeText(text: string, out: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > LAST_ASCII) {
      const rest = out.subarray(at + index);
      return at + index + ENCODER.encodeInto(text.slice(index), rest).written;
    }
    out[at + index] = code;
  }
  return at + text.length;
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
  return FIXED_BYTES + sectionBytesMax(fields);
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

/** Bytes of the head of a chunk: its size and a line end. Five digits are enough for any buffer. */
export const CHUNK_HEAD_BYTES = 7;

/** What follows the data of a chunk. */
export const CHUNK_END: Uint8Array = ENCODER.encode("\r\n");

/** The chunk that ends a body, without trailers (RFC 9112 §7.1). */
export const LAST_CHUNK: Uint8Array = ENCODER.encode("0\r\n\r\n");

/** Writes the head of a chunk with `size` bytes of data to the first {@linkcode CHUNK_HEAD_BYTES} of `out`. */
export function writeChunkHead(size: number, out: Uint8Array): void {
  const digits = size.toString(16).padStart(CHUNK_HEAD_BYTES - 2, "0");
  ENCODER.encodeInto(`${digits}\r\n`, out);
}
