/**
 * Writes HTTP/2 response heads: a HEADERS frame, and CONTINUATION frames for
 * what has no room in it (RFC 9113 §6.2, §6.10 and §8.3.2).
 *
 * @module
 */

import { formatHttpDate } from "../date.ts";
import type { FieldSection } from "../field_section.ts";
import { COMMON_LINES, type Reply } from "../reply.ts";
import {
  Flag,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameType,
  writeFrameHead,
} from "./frames.ts";
import { encodeFields, NO_TABLE } from "./hpack_encoder.ts";

/** The lines of a section as a part of a header block. Encodes a section once. */
function fieldBlock(section: FieldSection): Uint8Array {
  return section.http2Block ??= encodeSection(section);
}

function encodeSection({ own, base }: FieldSection): Uint8Array {
  const last = encodeFields(own);
  if (base === undefined) return last;
  const first = fieldBlock(base);
  const block = new Uint8Array(first.length + last.length);
  block.set(first);
  block.set(last, first.length);
  return block;
}

/** The lines that are the same for every reply of a status. */
const BLOCK_STARTS: (Uint8Array | undefined)[] = [];

function blockStart(status: number): Uint8Array {
  return BLOCK_STARTS[status] ??= encodeFields([
    [":status", String(status)],
    ...COMMON_LINES,
  ]);
}

/** The line of Date, encoded again only when the second changes (RFC 9110 §6.6.1). */
let dateBlock = new Uint8Array(0);
let dateSecond = -1;

function refreshDate(now: number): void {
  const second = Math.floor(now / 1000);
  if (second === dateSecond) return;
  dateSecond = second;
  dateBlock = encodeFields([["date", formatHttpDate(now)]]) as Uint8Array<
    ArrayBuffer
  >;
}

/** Enough for what a block has besides the lines of its reply: status, common lines, Date and the size of the table. */
const FIXED_BYTES = 128;

/** The most bytes that the head of a reply takes, with the heads of its frames. */
export function headersBytesMax({ fields }: Reply): number {
  const block = FIXED_BYTES + fieldBlock(fields).length;
  return block + FRAME_HEAD_BYTES * Math.ceil(block / FRAME_BYTES_MAX);
}

/**
 * Writes the head of a reply to out[at…], where {@linkcode headersBytesMax} bytes must be free. Returns the index
 * after it. `isFirst` is for the first head on a connection, which tells the client that no other refers to its
 * dynamic table; `isLast` says that no body follows. `now` is the time of the Date field, in ms since the epoch.
 */
export function writeHeaders(
  reply: Reply,
  streamId: number,
  isFirst: boolean,
  isLast: boolean,
  now: number,
  out: Uint8Array,
  at: number,
): number {
  refreshDate(now);
  const start = at + FRAME_HEAD_BYTES;
  let end = start;
  if (isFirst) out[end++] = NO_TABLE;
  end = append(blockStart(reply.status), out, end);
  end = append(dateBlock, out, end);
  end = append(fieldBlock(reply.fields), out, end);
  const flags = isLast ? Flag.EndStream : 0;
  return writeFrameHeads(out, start, end, flags, streamId);
}

function append(block: Uint8Array, out: Uint8Array, at: number): number {
  out.set(block, at);
  return at + block.length;
}

/** Puts frame heads around the block out[start, end), which moves to make room for all but the first. */
function writeFrameHeads(
  out: Uint8Array,
  start: number,
  end: number,
  flags: number,
  streamId: number,
): number {
  const length = Math.min(FRAME_BYTES_MAX, end - start);
  const head = start - FRAME_HEAD_BYTES;
  let at = start + length;
  const isWhole = at === end;
  const headersFlags = isWhole ? flags | Flag.EndHeaders : flags;
  writeFrameHead(out, head, length, FrameType.Headers, headersFlags, streamId);
  for (let left = end - at; left > 0;) {
    const part = Math.min(FRAME_BYTES_MAX, left);
    out.copyWithin(at + FRAME_HEAD_BYTES, at, at + left);
    left -= part;
    const partFlags = left === 0 ? Flag.EndHeaders : 0;
    writeFrameHead(out, at, part, FrameType.Continuation, partFlags, streamId);
    at += FRAME_HEAD_BYTES + part;
  }
  return at;
}
