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
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameType,
  writeFrameHead,
} from "./frames.ts";
import { encodeFields, NO_TABLE } from "./hpack_encoder.ts";

/**
 * A section's own lines as a part of a header block. Encodes them once, and keeps that from the first time on: encoding
 * takes a hundred times as long as a copy, and its length must be known before there is room for it.
 */
function ownBlock(section: FieldSection): Uint8Array {
  return section.http2Block ??= encodeFields(section.own);
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
 * The lines that are the same for every reply of a status, and Date, as one block for each status. It is made again
 * when the second changes (RFC 9110 §6.6.1).
 */
interface BlockStart {
  block: Uint8Array;
  second: number;
}

const BLOCK_STARTS: (BlockStart | undefined)[] = [];

function blockStart(status: number, now: number): Uint8Array {
  const second = Math.floor(now / 1000);
  const known = BLOCK_STARTS[status];
  if (known?.second === second) return known.block;
  const block = encodeFields([
    [":status", String(status)],
    ...COMMON_LINES,
    ["date", formatHttpDate(now)],
  ]);
  BLOCK_STARTS[status] = { block, second };
  return block;
}

/** Enough for what a block has besides the lines of its reply: status, common lines, Date and the size of the table. */
const FIXED_BYTES = 128;

/** The most bytes that the head of a reply takes, with the heads of its frames. */
export function headersBytesMax({ fields }: Reply): number {
  const block = FIXED_BYTES + sectionBytes(fields);
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
  const start = at + FRAME_HEAD_BYTES;
  let end = start;
  if (isFirst) out[end++] = NO_TABLE;
  const block = blockStart(reply.status, now);
  out.set(block, end);
  end = writeSection(reply.fields, out, end + block.length);
  const flags = isLast ? FrameFlag.EndStream : 0;
  return writeFrameHeads(out, start, end, flags, streamId);
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
  const headersFlags = isWhole ? flags | FrameFlag.EndHeaders : flags;
  writeFrameHead(out, head, length, FrameType.Headers, headersFlags, streamId);
  for (let left = end - at; left > 0;) {
    const part = Math.min(FRAME_BYTES_MAX, left);
    out.copyWithin(at + FRAME_HEAD_BYTES, at, at + left);
    left -= part;
    const partFlags = left === 0 ? FrameFlag.EndHeaders : 0;
    writeFrameHead(out, at, part, FrameType.Continuation, partFlags, streamId);
    at += FRAME_HEAD_BYTES + part;
  }
  return at;
}
