import { assertEquals } from "@std/assert";
import {
  FRAME_HEAD_BYTES,
  FrameHead,
  FrameType,
} from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import type { Client } from "../../../lib/server/client.ts";
import { LARGE_BYTES, MEDIUM_BYTES } from "../../../lib/server/buffers.ts";
import type { ConnectionContext } from "../../../lib/server/context.ts";
import { SegmentBody } from "../../../lib/server/http2/body.ts";
import { Http2Output } from "../../../lib/server/http2/output.ts";
import { Stream } from "../../../lib/server/http2/stream.ts";

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

/** A client that takes nothing, and the bytes that are offered to it. */
class StuckOutput {
  offered = 0;
  readonly #end = Promise.withResolvers<number>();
  readonly #written: Promise<void>;

  constructor() {
    const stream = new CountedStream(1, 1_000_000);
    const socket = {
      write: (bytes: Uint8Array) => {
        this.offered = bytes.length;
        return this.#end.promise;
      },
    } as unknown as Deno.Conn;
    const owner = {
      streams: [stream],
      window: 1_000_000,
      onContent: () => {},
      onSent: () => {},
      onFailed: () => {},
    };
    this.#written = new Http2Output(socket, owner, () => undefined).flush();
  }

  async close(): Promise<void> {
    this.#end.reject(new Error("closed"));
    await this.#written.catch(() => {});
  }
}

Deno.test("Http2Output offers little to each of many clients that take nothing, and much to few", async () => {
  const stuck = Array.from({ length: 66 }, () => new StuckOutput());
  const offered = stuck.map((output) => output.offered);
  assertEquals(new Set(offered.slice(0, 64)), new Set([LARGE_BYTES]));
  assertEquals(new Set(offered.slice(64)), new Set([MEDIUM_BYTES]));
  for (const output of stuck) await output.close();
  const next = new StuckOutput();
  assertEquals(next.offered, LARGE_BYTES);
  await next.close();
});
