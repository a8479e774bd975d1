import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { FieldSection } from "../../../lib/http/field_section.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameHead,
  FrameType,
} from "../../../lib/http/http2/frames.ts";
import { HpackDecoder } from "../../../lib/http/http2/hpack_decoder.ts";
import type { HeaderField } from "../../../lib/http/http2/hpack_tables.ts";
import {
  headersBytesMax,
  writeHeaders,
} from "../../../lib/http/http2/response.ts";
import { errorReply, type Reply, reply } from "../../../lib/http/reply.ts";
import { REASON_PHRASES } from "../../../lib/http/status.ts";

/** Sun, 06 Nov 1994 08:49:37 GMT. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);

/** The frames of a reply's head, written between other bytes, and the lines in them. */
function written(
  reply: Reply,
  { isFirst = false, isLast = false, now = NOW } = {},
) {
  const room = headersBytesMax(reply);
  const out = new Uint8Array(7 + room + 7).fill(0xaa);
  const end = writeHeaders(reply, 5, isFirst, isLast, now, out, 7);
  assert(end <= 7 + room);
  assert(out.subarray(0, 7).every((byte) => byte === 0xaa));
  // Bytes that are free may have been written to, but not those behind them.
  assert(out.subarray(7 + room).every((byte) => byte === 0xaa));
  const frames: [type: number, flags: number, length: number][] = [];
  const block: number[] = [];
  const head = new FrameHead();
  for (let at = 7; at < end; at += head.length) {
    head.read(out, at);
    assertEquals([head.fault(), head.streamId], [0, 5]);
    at += FRAME_HEAD_BYTES;
    frames.push([head.type, head.flags, head.length]);
    block.push(...out.subarray(at, at + head.length));
  }
  return { frames, lines: decoded(new Uint8Array(block)), block };
}

function decoded(block: Uint8Array): string[] {
  const lines: string[] = [];
  const sink = {
    add: ({ name, value }: HeaderField) => void lines.push(`${name}: ${value}`),
  };
  assert(new HpackDecoder().decode(block, 0, block.length, sink));
  return lines;
}

const { Headers, Continuation } = FrameType;

Deno.test("writeHeaders() writes status, common lines, Date and those of the reply", () => {
  const { lines } = written(
    reply(206, [["Content-Length", "5"], ["ETag", '"a"']]),
  );
  assertEquals(lines, [
    ":status: 206",
    "server: skiff",
    "x-content-type-options: nosniff",
    "date: Sun, 06 Nov 1994 08:49:37 GMT",
    "content-length: 5",
    'etag: "a"',
  ]);
});

for (const status of Object.keys(REASON_PHRASES).map(Number)) {
  Deno.test(`writeHeaders() has room for ${status}`, () => {
    const { lines, frames } = written(errorReplyOf(status), { isFirst: true });
    assertEquals(lines[0], `:status: ${status}`);
    assertEquals(frames.length, 1);
  });
}

function errorReplyOf(status: number): Reply {
  return status >= 400 ? errorReply(status) : reply(status, []);
}

Deno.test("writeHeaders() says what follows: a body or none", () => {
  const ok = reply(200, []);
  assertEquals(written(ok).frames.map(([type, flags]) => [type, flags]), [
    [Headers, 0x4],
  ]);
  assertEquals(written(ok, { isLast: true }).frames[0]![1], 0x5);
});

Deno.test("writeHeaders() gives up the dynamic table with the first head of a connection", () => {
  const ok = reply(200, []);
  const first = written(ok, { isFirst: true }).block;
  assertEquals(first, [0x20, ...written(ok).block]);
});

Deno.test("writeHeaders() writes Date anew when the second changes", () => {
  const dateAt = (now: number) => written(reply(200, []), { now }).lines[3];
  assertEquals(dateAt(NOW + 999), "date: Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(dateAt(NOW + 1000), "date: Sun, 06 Nov 1994 08:49:38 GMT");
});

Deno.test("writeHeaders() goes on in CONTINUATION frames, and only the last ends the block", () => {
  const value = "&".repeat(FRAME_BYTES_MAX);
  const { frames, lines } = written(reply(200, [["X", value], ["Y", value]]), {
    isLast: true,
  });
  assertEquals(frames.map(([type, flags]) => [type, flags]), [
    [Headers, 0x1],
    [Continuation, 0],
    [Continuation, 0x4],
  ]);
  assertEquals(frames.map(([, , length]) => length).slice(0, 2), [
    FRAME_BYTES_MAX,
    FRAME_BYTES_MAX,
  ]);
  assertEquals(lines.slice(4), [`x: ${value}`, `y: ${value}`]);
});

Deno.test("writeHeaders() needs no second frame for a block that just fits", () => {
  const fixed = written(reply(200, [["X", ""]])).block.length;
  for (const more of [0, 1]) {
    // "&" has no shorter code; the length takes two bytes more than that of no text.
    const value = "&".repeat(FRAME_BYTES_MAX - fixed - 2 + more);
    const { frames } = written(reply(200, [["X", value]]));
    assertEquals(frames.length, 1 + more);
  }
});

Deno.test("writeHeaders() encodes a section once, and what stands before more lines too", () => {
  const section = new FieldSection([["A", "b"]]);
  const first = reply(200, section);
  written(first);
  const block = section.http2Block;
  assert(block !== undefined);
  const more = reply(200, section.with([["C", "d"]]));
  assertEquals(written(more).lines.slice(4), ["a: b", "c: d"]);
  assertStrictEquals(section.http2Block, block);
  written(first);
  assertStrictEquals(section.http2Block, block);
});
