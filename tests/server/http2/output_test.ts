import { assert, assertEquals } from "@std/assert";
import {
  FRAME_HEAD_BYTES,
  FrameHead,
  FrameType,
} from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import type { Client } from "../../../lib/server/client.ts";
import type { ConnectionContext } from "../../../lib/server/context.ts";
import { SegmentBody } from "../../../lib/server/http2/body.ts";
import {
  CONTROL_BYTES_MAX,
  Http2Output,
} from "../../../lib/server/http2/output.ts";
import { Stream } from "../../../lib/server/http2/stream.ts";

Deno.test("Http2Output is flooded when too many control frames wait for a client that does not read", () => {
  const { promise } = Promise.withResolvers<number>();
  const socket = { write: () => promise } as unknown as Deno.Conn;
  const owner = {
    streams: [],
    window: 0,
    onContent: () => {},
    onSent: () => {},
    onFailed: () => {},
  };
  const output = new Http2Output(socket, owner, () => undefined);
  output.settingsAck();
  output.flush();
  let bytes = 0;
  for (; !output.isFlooded; bytes += 9) output.settingsAck();
  assertEquals(bytes, Math.floor(CONTROL_BYTES_MAX / 9 + 1) * 9);
  assert(output.isWriting);
});

/** A stream whose body is at hand, and which counts its reads. */
class CountedStream extends Stream {
  reads = 0;

  constructor(id: number, bytes: number) {
    const client = {} as Client;
    super(id, client, {} as ConnectionContext, 1_000_000, 0);
    this.reply = reply(200, []);
    this.phase = "reply";
    const segments = new SegmentBody([new Uint8Array(bytes)]);
    const read = segments.read.bind(segments);
    segments.read = (into) => {
      this.reads++;
      return read(into);
    };
    this.body = segments;
  }
}

/** Sends all of these streams, and returns their ids in the order of their DATA frames. */
async function sendAll(streams: CountedStream[]): Promise<number[]> {
  const written: Uint8Array<ArrayBuffer>[] = [];
  const socket = {
    write: (bytes: Uint8Array<ArrayBuffer>) => {
      written.push(bytes.slice());
      return Promise.resolve(bytes.length);
    },
  } as unknown as Deno.Conn;
  const open = new Set<Stream>(streams);
  const owner = {
    streams: open,
    window: 1_000_000,
    onContent: () => {},
    onSent: (stream: Stream) => void open.delete(stream),
    onFailed: () => {},
  };
  await new Http2Output(socket, owner, () => undefined).flush();
  const bytes = new Uint8Array(await new Blob(written).arrayBuffer());
  const frame = new FrameHead();
  const ids: number[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_HEAD_BYTES + frame.length) {
    frame.read(bytes, at);
    if (frame.type === FrameType.Data) ids.push(frame.streamId);
  }
  return ids;
}

Deno.test("Http2Output reads the body of a stream that is alone once for each write", async () => {
  const stream = new CountedStream(1, 200_000);
  assertEquals(await sendAll([stream]), new Array(13).fill(1));
  assertEquals(stream.reads, 1);
});

Deno.test("Http2Output lets other work in between reads of a source of many files", async () => {
  const stream = new CountedStream(1, 0);
  let reads = 0;
  let readsBefore = 0;
  stream.body = new SegmentBody([{
    length: 30_000,
    isScattered: true,
    open: () => ({
      read: () => {
        if (reads++ === 0) setTimeout(() => readsBefore = reads, 0);
        return 1000;
      },
      close: () => {},
    }),
  }]);
  await sendAll([stream]);
  assertEquals([reads, readsBefore], [30, 1]);
});

Deno.test("Http2Output reads bodies frame by frame while streams take turns", async () => {
  const [first, second] = [
    new CountedStream(1, 40_000),
    new CountedStream(3, 40_000),
  ];
  // A short rest goes first.
  assertEquals(await sendAll([first, second]), [1, 3, 1, 1, 3, 3]);
});
