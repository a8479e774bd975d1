import { assert, assertEquals } from "@std/assert";
import { ErrorCode, FrameType } from "../../../lib/http/http2/frames.ts";
import { reply, type Segment, SourceChanged } from "../../../lib/http/reply.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import { SOURCES_MAX } from "../../../lib/server/http2/body.ts";
import { STREAMS_MAX } from "../../../lib/server/stream_quota.ts";
import { HAS_NETWORK, testWith, until } from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { refusalsIn } from "../counters.ts";
import { Http2Server } from "./http2_server.ts";

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
    await using server = new Http2Server({
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
  "HTTP/2 answers anew, once, for a source that changed before it was opened",
  async () => {
    const asked: (string | undefined)[] = [];
    await using server = new Http2Server({
      respond: ({ target }) => {
        const isSecond = asked.includes(target);
        asked.push(target);
        if (isSecond && target === "/once") return reply(204, []);
        const open = () => {
          throw new SourceChanged("It is another now");
        };
        return reply(200, [], [{ length: 10, open }]);
      },
    });
    await using client = await Http2Client.connect(server.port);
    assertEquals((await client.request("GET", "/once")).status, 204);
    assertEquals((await client.request("GET", "/always")).status, 503);
    assertEquals(asked, ["/once", "/once", "/always", "/always"]);
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
    await using server = new Http2Server({
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
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
      respond: async () => {
        await promise;
        return reply(204, []);
      },
    });
    await using client = await Http2Client.connect(server.port);
    const id = await client.begin(linesOf("POST", "/", {}), false);
    await client.frame(({ type, flags }) => type === 4 && flags === 1, "ACK");
    const stopping = server.server.stop(5000);
    await client.frame(
      ({ type, payload }) => type === FrameType.GoAway && payload[0] === 0,
      "the last GOAWAY",
    );
    const late = await client.begin(
      linesOf("POST", "/", { "X-A": "b" }),
      false,
    );
    await client.sendFrame(FrameType.Data, 0, late, [1, 2, 3]);
    await client.openWindow(late, 100);
    await client.reset(late);
    await client.sendFrame(FrameType.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
    await client.frame(
      ({ type, flags }) => type === FrameType.Ping && flags === 1,
      "PING",
    );
    // These lines refer to those of the stream that was ignored.
    await client.sendBlock(id, client.encode([["x-a", "b"]]), true);
    resolve();
    assertEquals((await client.response(id)).status, 204);
    await stopping;
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 counts work that goes on behind a 503 as a stream",
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
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
    assertEquals(await client.resetCode(refused), ErrorCode.RefusedStream);
    resolve();
    assertEquals((await client.request("GET", "/")).status, 204);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 answers at once while clients that do not read hold all sources, and then they get their bytes",
  async () => {
    let open = 0;
    const source: Segment = {
      length: 10,
      open(at = 0) {
        open++;
        return {
          read(into) {
            into[0] = at++;
            return 1;
          },
          close: () => void open--,
        };
      },
    };
    await using server = new Http2Server({
      respond: () => reply(200, [], [source]),
    });
    await using stack = new AsyncDisposableStack();
    const hoarders: [Http2Client, number][] = [];
    while (hoarders.length < SOURCES_MAX) {
      const client = stack.use(
        await Http2Client.connect(server.port, { settings: [[4, 1]] }),
      );
      for (let count = 0; count < STREAMS_MAX; count++) {
        hoarders.push([client, await client.begin(linesOf("GET", "/", {}))]);
      }
    }
    await until(() => open === SOURCES_MAX, "all sources");
    await using client = await Http2Client.connect(server.port);
    const { body } = await client.request("GET", "/");
    assertEquals(body, "\0\x01\x02\x03\x04\x05\x06\x07\b\t");
    assert(open <= SOURCES_MAX, `${open} sources`);
    for (const [each, id] of hoarders) await each.openWindow(id, 9);
    for (const [each, id] of hoarders) {
      assertEquals((await each.response(id)).body, body);
    }
    assertEquals(open, 0);
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 ends a connection that asks for more acknowledgements than it reads",
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
      // The second write is one that the client does not read.
      accepted: (socket) => {
        const write = socket.write.bind(socket);
        let writes = 0;
        socket.write = async (bytes) => {
          if (++writes > 1) await promise;
          return await write(bytes);
        };
      },
    });
    await using client = await Http2Client.connect(server.port);
    const ping = new Uint8Array(8);
    // Fewer than a client may send at once. The first two writes may take as many as two reads bring, 480.
    for (let count = 0; count < 1_800; count++) {
      await client.sendFrame(FrameType.Ping, 0, 0, ping);
    }
    await until(
      () => refusalsIn(server.metrics.snapshot)["http2_flood"] === 1,
      "a flood",
    );
    resolve();
    assertEquals(await client.goAway(), ErrorCode.EnhanceYourCalm);
  },
);
