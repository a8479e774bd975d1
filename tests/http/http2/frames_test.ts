import { assert, assertEquals } from "@std/assert";
import {
  ErrorCode,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameHead,
  framesFor,
  FrameType,
  PREFACE,
  readUint31,
  readUint32,
  writeDataFrames,
  writeFrameHead,
  writeUint32,
} from "../../../lib/http/http2/frames.ts";
import { bytesOf } from "../../helpers.ts";

const { EndStream, Padded, Priority, Ack } = FrameFlag;
const { FrameSizeError, ProtocolError } = ErrorCode;

/** A frame's head after a way through bytes. */
function headOf(
  type: number,
  length: number,
  streamId: number,
  flags: number = 0,
): FrameHead {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + 2).fill(0xaa);
  assertEquals(writeFrameHead(bytes, 1, length, type, flags, streamId), 10);
  const head = new FrameHead();
  head.read(bytes, 1);
  assertEquals(
    [head.type, head.length, head.streamId, head.flags],
    [type, length, streamId, flags],
  );
  assert(bytes[0] === 0xaa && bytes[10] === 0xaa);
  return head;
}

Deno.test("FrameHead reads what writeFrameHead() wrote, up to the greatest of each", () => {
  headOf(0xff, 0xff_ffff, 0x7fff_ffff, 0xff);
  headOf(0, 0, 0, 0);
  headOf(FrameType.PriorityUpdate, 0x01_0203, 0x0405_0607, 0x25);
});

Deno.test("FrameHead ignores the reserved bit of the stream", () => {
  const head = new FrameHead();
  head.read(new Uint8Array([0, 0, 1, 2, 3, 0x80, 0, 0, 5]), 0);
  assertEquals(head.streamId, 5);
});

Deno.test("the preface is that of RFC 9113 §3.4", () => {
  const hex = "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a";
  assertEquals(bytesOf(PREFACE).toHex(), hex);
});

Deno.test("readUint32() and readUint31() read what writeUint32() writes", () => {
  const bytes = new Uint8Array(6);
  for (const value of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe]) {
    assertEquals(writeUint32(bytes, 1, value), 5);
    assertEquals(readUint32(bytes, 1), value);
    assertEquals(readUint31(bytes, 1), value % 2 ** 31);
  }
});

/** What a head alone shows: [name, type, length, stream, flags, error]. */
const HEADS: readonly (readonly [
  name: string,
  head: readonly [type: number, length: number, stream: number, flags?: number],
  want?: ErrorCode,
])[] = [
  ["DATA on a stream", [FrameType.Data, 5, 1]],
  ["DATA on the connection", [FrameType.Data, 5, 0], ProtocolError],
  ["DATA of the most bytes", [FrameType.Data, FRAME_BYTES_MAX, 1]],
  [
    "DATA of one more",
    [FrameType.Data, FRAME_BYTES_MAX + 1, 1],
    FrameSizeError,
  ],
  ["HEADERS on a stream", [FrameType.Headers, 5, 1]],
  ["HEADERS on the connection", [FrameType.Headers, 5, 0], ProtocolError],
  [
    "CONTINUATION on the connection",
    [FrameType.Continuation, 5, 0],
    ProtocolError,
  ],
  ["CONTINUATION without bytes", [FrameType.Continuation, 0, 1]],
  ["PRIORITY", [FrameType.Priority, 5, 1]],
  ["PRIORITY of four bytes", [FrameType.Priority, 4, 1], FrameSizeError],
  ["PRIORITY on the connection", [FrameType.Priority, 5, 0], ProtocolError],
  ["RST_STREAM", [FrameType.ResetStream, 4, 1]],
  ["RST_STREAM of five bytes", [FrameType.ResetStream, 5, 1], FrameSizeError],
  [
    "RST_STREAM on the connection",
    [FrameType.ResetStream, 4, 0],
    ProtocolError,
  ],
  ["SETTINGS", [FrameType.Settings, 12, 0]],
  ["SETTINGS without any", [FrameType.Settings, 0, 0]],
  ["SETTINGS of five bytes", [FrameType.Settings, 5, 0], FrameSizeError],
  ["SETTINGS on a stream", [FrameType.Settings, 6, 1], ProtocolError],
  ["an acknowledgement", [FrameType.Settings, 0, 0, Ack]],
  [
    "an acknowledgement with settings",
    [FrameType.Settings, 6, 0, Ack],
    FrameSizeError,
  ],
  ["PUSH_PROMISE from a client", [FrameType.PushPromise, 5, 1], ProtocolError],
  ["PING", [FrameType.Ping, 8, 0]],
  ["PING of seven bytes", [FrameType.Ping, 7, 0], FrameSizeError],
  ["PING on a stream", [FrameType.Ping, 8, 1], ProtocolError],
  ["GOAWAY with debug data", [FrameType.GoAway, 80, 0]],
  ["GOAWAY of seven bytes", [FrameType.GoAway, 7, 0], FrameSizeError],
  ["GOAWAY on a stream", [FrameType.GoAway, 8, 1], ProtocolError],
  ["WINDOW_UPDATE of a stream", [FrameType.WindowUpdate, 4, 1]],
  ["WINDOW_UPDATE of the connection", [FrameType.WindowUpdate, 4, 0]],
  [
    "WINDOW_UPDATE of three bytes",
    [FrameType.WindowUpdate, 3, 0],
    FrameSizeError,
  ],
  ["PRIORITY_UPDATE", [FrameType.PriorityUpdate, 7, 0]],
  [
    "PRIORITY_UPDATE of three bytes",
    [FrameType.PriorityUpdate, 3, 0],
    FrameSizeError,
  ],
  [
    "PRIORITY_UPDATE on a stream",
    [FrameType.PriorityUpdate, 7, 1],
    ProtocolError,
  ],
  ["a type that nobody knows", [0xee, 5, 3, 0xff]],
  ["a type that nobody knows and too many bytes", [
    0xee,
    FRAME_BYTES_MAX + 1,
    3,
  ], FrameSizeError],
];

for (const [name, head, want = ErrorCode.NoError] of HEADS) {
  Deno.test(`FrameHead.fault() takes ${name} for ${want}`, () => {
    assertEquals(headOf(...head).fault(), want);
  });
}

/** Payloads, and the part that is content; undefined if there is no room for it. */
const PAYLOADS: readonly (readonly [
  name: string,
  type: number,
  flags: number,
  payload: readonly number[],
  want: readonly number[] | undefined,
])[] = [
  ["DATA as it is", FrameType.Data, 0, [1, 2, 3], [1, 2, 3]],
  ["DATA with padding", FrameType.Data, Padded, [1, 2, 3, 0], [2, 3]],
  ["DATA that is padding alone", FrameType.Data, Padded, [2, 0, 0], []],
  [
    "DATA with as much padding as payload",
    FrameType.Data,
    Padded,
    [3, 0, 0],
    undefined,
  ],
  ["DATA with more padding", FrameType.Data, Padded, [255, 0, 0], undefined],
  [
    "DATA without the length of its padding",
    FrameType.Data,
    Padded,
    [],
    undefined,
  ],
  ["DATA with a flag that is not its own", FrameType.Data, Priority, [1, 2], [
    1,
    2,
  ]],
  ["HEADERS with a priority", FrameType.Headers, Priority, [0, 0, 0, 0, 9, 1], [
    1,
  ]],
  [
    "HEADERS without room for it",
    FrameType.Headers,
    Priority,
    [0, 0, 0, 0],
    undefined,
  ],
  ["HEADERS with both", FrameType.Headers, Padded | Priority, [
    1,
    0,
    0,
    0,
    0,
    9,
    7,
    0,
  ], [7]],
  [
    "HEADERS whose padding takes the priority",
    FrameType.Headers,
    Padded | Priority,
    [1, 0, 0, 0, 0, 9],
    undefined,
  ],
];

for (const [name, type, flags, payload, want] of PAYLOADS) {
  Deno.test(`FrameHead.findContent() of ${name}`, () => {
    const head = headOf(type, payload.length, 1, flags);
    const bytes = new Uint8Array([0xaa, ...payload, 0xaa]);
    const isSound = head.findContent(bytes, 1);
    assertEquals(
      isSound
        ? [...bytes.subarray(head.contentStart, head.contentEnd)]
        : undefined,
      want,
    );
  });
}

/** Bytes of content and of the heads of its frames, and the lengths of these. */
const DATA_CASES: readonly [string, number, number[]][] = [
  ["no content", 0, [0]],
  ["one byte", 1, [1]],
  ["a whole frame", FRAME_BYTES_MAX, [FRAME_BYTES_MAX]],
  ["a byte more", FRAME_BYTES_MAX + 1, [FRAME_BYTES_MAX, 1]],
  ["three frames", 2 * FRAME_BYTES_MAX + 7, [
    FRAME_BYTES_MAX,
    FRAME_BYTES_MAX,
    7,
  ]],
];

for (const [name, bytes, want] of DATA_CASES) {
  for (const spare of [0, 5, 100]) {
    Deno.test(`writeDataFrames() makes frames of ${name}, ${spare} bytes behind their heads`, () => {
      const at = 3;
      const start = at + FRAME_HEAD_BYTES * want.length + spare;
      const content = Uint8Array.from({ length: bytes }, (_, i) => i % 251);
      const out = new Uint8Array(start + bytes);
      out.set(content, start);
      const end = writeDataFrames(out, at, start, start + bytes, EndStream, 7);
      assertEquals(end, at + FRAME_HEAD_BYTES * want.length + bytes);
      const frame = new FrameHead();
      const lengths: number[] = [];
      const found: number[] = [];
      for (let next = at; next < end; next += FRAME_HEAD_BYTES + frame.length) {
        frame.read(out, next);
        lengths.push(frame.length);
        const from = next + FRAME_HEAD_BYTES;
        found.push(...out.subarray(from, from + frame.length));
        const isLast = lengths.length === want.length;
        assertEquals([frame.type, frame.streamId], [FrameType.Data, 7]);
        assertEquals(frame.has(EndStream), isLast);
      }
      assertEquals(lengths, want);
      assertEquals(found, [...content]);
    });
  }
}

Deno.test("framesFor() leaves room for the heads of all frames", () => {
  const whole = FRAME_HEAD_BYTES + FRAME_BYTES_MAX;
  assertEquals(framesFor(0, whole), 1);
  assertEquals(framesFor(-5, whole), 1);
  assertEquals(framesFor(FRAME_BYTES_MAX, 10 * whole), 1);
  assertEquals(framesFor(FRAME_BYTES_MAX + 1, 10 * whole), 2);
  for (const room of [FRAME_HEAD_BYTES, whole, whole + 1, 15.5 * whole]) {
    const frames = framesFor(1_000_000, room);
    const content = room - frames * FRAME_HEAD_BYTES;
    assert(content <= frames * FRAME_BYTES_MAX, String(room));
  }
});
