import { assert, assertEquals } from "@std/assert";
import {
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameType,
  PREFACE,
  writeFrameHead,
} from "../../../lib/http/http2/frames.ts";
import { INPUT_BYTES } from "../../../lib/server/buffers.ts";
import { Http2Input } from "../../../lib/server/http2/input.ts";
import { bytesOf } from "../../helpers.ts";

function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(bytes, 0, payload.length, type, flags, streamId);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** What comes out of an input of these bytes, in pieces of a size; and the most memory that it took. */
function read(
  bytes: Uint8Array,
  pieceBytes: number,
): { readonly taken: unknown[]; readonly memory: number } {
  const input = new Http2Input(undefined);
  const taken: unknown[] = [];
  let memory = 0;
  for (let at = 0; at < bytes.length;) {
    const room = input.room();
    const count = Math.min(pieceBytes, room.length, bytes.length - at);
    assert(count > 0, "no room");
    room.set(bytes.subarray(at, at + count));
    input.add(count);
    at += count;
    memory = Math.max(memory, input.bytes.length);
    if (!input.hasPreface && !input.takePreface()) continue;
    while (input.readHead()) {
      const payloadAt = input.takeFrame();
      if (payloadAt < 0) break;
      const { type, length, streamId } = input.frame;
      // Of a body, the first byte is all that counts.
      const kept = type === FrameType.Data ? Math.min(1, length) : length;
      const payload = input.bytes.slice(payloadAt, payloadAt + kept);
      taken.push([type, length, streamId, ...payload]);
    }
  }
  input.close();
  return { taken, memory };
}

/** Frames around every size, of which the contents of bodies look like frames. */
const FRAMES: readonly Uint8Array[] = [
  frame(FrameType.Settings, 0, 0, new Uint8Array()),
  frame(FrameType.Data, 0, 1, new Uint8Array()),
  frame(FrameType.Data, 0, 3, Uint8Array.of(5)),
  frame(FrameType.Data, FrameFlag.Padded, 5, Uint8Array.of(2, 1, 0, 0)),
  frame(FrameType.Data, 0, 7, new Uint8Array(FRAME_BYTES_MAX).fill(6)),
  frame(FrameType.Ping, 0, 0, new Uint8Array(8).fill(7)),
  frame(FrameType.Data, 0, 9, new Uint8Array(5000).fill(8)),
  frame(FrameType.Data, 0, 11, new Uint8Array(5000).fill(9)),
  frame(FrameType.WindowUpdate, 0, 0, Uint8Array.of(0, 0, 1, 0)),
];

const WHOLE = new Uint8Array(
  [bytesOf(PREFACE), ...FRAMES].flatMap((each) => [...each]),
);

const TAKEN: readonly unknown[] = FRAMES.map((bytes) => {
  const [type, streamId] = [bytes[3]!, bytes[8]!];
  const payload = bytes.subarray(FRAME_HEAD_BYTES);
  const kept = type === FrameType.Data ? payload.subarray(0, 1) : payload;
  return [type, payload.length, streamId, ...kept];
});

Deno.test("Http2Input gives the same frames however they come, and keeps no body in memory", () => {
  for (const pieceBytes of [1, 2, 3, 7, 9, 10, 11, 100, 1000, 4096, Infinity]) {
    const { taken, memory } = read(WHOLE, pieceBytes);
    assertEquals(taken, TAKEN, `pieces of ${pieceBytes} bytes`);
    assertEquals(memory, INPUT_BYTES, `pieces of ${pieceBytes} bytes`);
  }
});

Deno.test("Http2Input takes room for a frame that must be whole, and gives it back", () => {
  const block = frame(FrameType.Headers, 4, 1, new Uint8Array(FRAME_BYTES_MAX));
  const bytes = new Uint8Array([...bytesOf(PREFACE), ...block]);
  const { taken, memory } = read(bytes, 1000);
  assertEquals(taken, [[1, FRAME_BYTES_MAX, 1, ...block.subarray(9)]]);
  assertEquals(memory, FRAME_HEAD_BYTES + FRAME_BYTES_MAX);
  const input = new Http2Input(bytes.subarray(0, 100));
  assert(input.takePreface() && input.readHead());
  assertEquals(input.takeFrame(), -1);
  assertEquals(input.room().length, FRAME_BYTES_MAX + 9 - 76);
  input.add(FRAME_BYTES_MAX + 9 - 76);
  assert(input.readHead());
  assertEquals(input.takeFrame(), FRAME_HEAD_BYTES);
  assertEquals(input.room().length, INPUT_BYTES);
  input.close();
});
