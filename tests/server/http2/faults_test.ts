import { assertEquals } from "@std/assert";
import { FrameType } from "../../../lib/http/http2/frames.ts";
import { reply, type Segment } from "../../../lib/http/reply.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import {
  SegmentBody,
  SOURCES_MAX,
  SOURCES_SHARE,
} from "../../../lib/server/http2/body.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  TestServer,
  testWith,
} from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";

const BROKEN: Segment = {
  length: 10,
  open() {
    throw new Error("This source cannot be opened");
  },
};

testWith(
  HAS_NETWORK,
  "HTTP/2 answers each stream once when the source of one of them cannot be opened",
  async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      respond: ({ target }) =>
        target === "/broken"
          ? reply(200, [], [BROKEN])
          : reply(200, [], [new Uint8Array(10)]),
    });
    await using client = await Http2Client.connect(server.port);
    await client.request("GET", "/");
    const targets = ["/", "/broken", "/"];
    const ids = await Promise.all(
      targets.map((target) => client.begin(linesOf("GET", target, {}))),
    );
    const statuses = [];
    for (const id of ids) statuses.push((await client.response(id)).status);
    assertEquals(statuses, [200, 500, 200]);
    assertEquals((await client.request("GET", "/")).status, 200);
    const heads = client.frames.filter(({ type }) =>
      type === FrameType.Headers
    );
    assertEquals(heads.map(({ streamId }) => streamId).sort(), [1, 3, 5, 7, 9]);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 refuses no client that begins a stream for each that it saw end",
  async () => {
    const delays: Promise<unknown>[] = [];
    await using _waiting = {
      [Symbol.asyncDispose]: async () => void await Promise.all(delays),
    };
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      respond: () => reply(200, [], [new Uint8Array(100)]),
      // The client has the bytes before the server knows that they were taken.
      accepted: (socket) => {
        const write = socket.write.bind(socket);
        socket.write = async (bytes) => {
          const count = await write(bytes);
          const delay = new Promise((resolve) => setTimeout(resolve, 20));
          delays.push(delay);
          await delay;
          return count;
        };
      },
    });
    await using client = await Http2Client.connect(server.port);
    const ask = async () => {
      for (let count = 0; count < 5; count++) {
        assertEquals((await client.request("GET", "/")).status, 200);
      }
    };
    await Promise.all(Array.from({ length: 100 }, ask));
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 ignores all of a stream that begins behind the last one, and answers those before",
  async () => {
    using directory = new TemporaryDirectory();
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      respond: async () => {
        await promise;
        return reply(204, []);
      },
    });
    await using client = await Http2Client.connect(server.port);
    const id = await client.begin(linesOf("GET", "/", {}));
    await client.frame(({ type, flags }) => type === 4 && flags === 1, "ACK");
    const stopping = server.server.stop(5000);
    await client.frame(
      ({ type, payload }) => type === FrameType.GoAway && payload[0] === 0,
      "the last GOAWAY",
    );
    const late = await client.begin(linesOf("POST", "/", {}), false);
    await client.sendFrame(FrameType.Data, 0, late, [1, 2, 3]);
    await client.openWindow(late, 100);
    await client.sendFrame(FrameType.ResetStream, 0, late, [0, 0, 0, 8]);
    await client.sendFrame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
    await client.frame(
      ({ type, flags }) => type === FrameType.Ping && flags === 1,
      "PING",
    );
    resolve();
    assertEquals((await client.response(id)).status, 204);
    await stopping;
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 counts work that goes on behind a 503 as a stream",
  async () => {
    using directory = new TemporaryDirectory();
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      deadlines: { ...DEADLINES, waiting: 300 },
      respond: async () => {
        await promise;
        return reply(204, []);
      },
    });
    await using client = await Http2Client.connect(server.port);
    const ids = [];
    for (let count = 0; count < 100; count++) {
      ids.push(await client.begin(linesOf("GET", "/", {})));
    }
    for (const id of ids) {
      assertEquals((await client.response(id)).status, 503);
    }
    const refused = await client.begin(linesOf("GET", "/", {}));
    await client.frame(
      ({ type, streamId }) =>
        type === FrameType.ResetStream && streamId === refused,
      "RST_STREAM",
    );
    resolve();
    assertEquals((await client.request("GET", "/")).status, 204);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 leaves sources to other connections when half of them are open",
  async () => {
    let open = 0;
    const source: Segment = {
      length: 10,
      open() {
        open++;
        return { read: () => 1, close: () => void open-- };
      },
    };
    const bodies = Array.from(
      { length: SOURCES_MAX / 2 },
      () => new SegmentBody([source]),
    );
    for (const body of bodies) body.open();
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      respond: () => reply(200, [], [source]),
    });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, 1]],
    });
    const ids = [];
    for (let count = 0; count < 20; count++) {
      ids.push(await client.begin(linesOf("GET", "/", {})));
    }
    await client.sendFrame(FrameType.Ping, 0, 0, new Uint8Array(8));
    const isAck = ({ type, flags }: { type: number; flags: number }) =>
      type === FrameType.Ping && flags === 1;
    await client.frame(isAck, "PING");
    assertEquals(open - bodies.length, SOURCES_SHARE);
    for (const body of bodies) body.close();
    for (const id of ids) await client.openWindow(id, 9);
    for (const id of ids) {
      assertEquals((await client.response(id)).status, 200);
    }
    assertEquals(open, 0);
  },
);
