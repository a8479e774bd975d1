import { assertEquals } from "@std/assert";
import * as frames from "../../../lib/http/http2/control_frames.ts";
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
  while (!queue.isFlooded) queue.add(frames.SETTINGS_ACK);
  assertEquals(queue.length, Math.floor(CONTROL_BYTES_MAX / 9 + 1) * 9);
  queue.moveTo(new Uint8Array(queue.length));
  assertEquals([queue.length, queue.isFlooded], [0, false]);
});

Deno.test("ControlQueue keeps the order of many frames", () => {
  const queue = new ControlQueue();
  const types: number[] = [];
  for (let count = 0; count < 50; count++) {
    queue.add(frames.settingsFrame([[4, 1]]));
    queue.add(frames.SETTINGS_ACK);
    queue.add(frames.pingFrame(new Uint8Array(8), true));
    queue.add(frames.resetStreamFrame(1, ErrorCode.Cancel));
    queue.add(frames.windowUpdateFrame(1, 1));
    queue.add(frames.goAwayFrame(1, ErrorCode.NoError));
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
