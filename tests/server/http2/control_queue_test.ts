import { assertEquals } from "@std/assert";
import {
  ErrorCode,
  FRAME_HEAD_BYTES,
  FrameHead,
  FrameType,
} from "../../../lib/http/http2/frames.ts";
import {
  CONTROL_BYTES_MAX,
  ControlQueue,
} from "../../../lib/server/http2/control_queue.ts";

Deno.test("ControlQueue is flooded when more waits than a client that reads lets come together", () => {
  const queue = new ControlQueue();
  while (!queue.isFlooded) queue.settingsAck();
  assertEquals(queue.length, Math.floor(CONTROL_BYTES_MAX / 9 + 1) * 9);
  queue.moveTo(new Uint8Array(queue.length));
  assertEquals([queue.length, queue.isFlooded], [0, false]);
});

Deno.test("ControlQueue keeps the order of many frames", () => {
  const queue = new ControlQueue();
  const types: number[] = [];
  for (let count = 0; count < 50; count++) {
    queue.settings([[4, 1]]);
    queue.settingsAck();
    queue.ping(new Uint8Array(8), 0, true);
    queue.reset(1, ErrorCode.Cancel);
    queue.windowUpdate(1, 1);
    queue.goAway(1, ErrorCode.NoError);
    types.push(
      FrameType.Settings,
      FrameType.Settings,
      FrameType.Ping,
      FrameType.ResetStream,
      FrameType.WindowUpdate,
      FrameType.GoAway,
    );
  }
  const bytes = new Uint8Array(queue.length);
  assertEquals(queue.moveTo(bytes), bytes.length);
  const frame = new FrameHead();
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_HEAD_BYTES + frame.length) {
    frame.read(bytes, at);
    found.push(frame.type);
  }
  assertEquals(found, types);
});
