import { assertEquals } from "@std/assert";
import { ErrorCode, FrameType } from "../../../lib/http/http2/frames.ts";
import type { RequestHead } from "../../../lib/http/head.ts";
import { reply } from "../../../lib/http/reply.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import { HAS_NETWORK, testWith, until } from "../../helpers.ts";
import { type Frame, Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { refusalsIn } from "../counters.ts";
import { Http2Server } from "./http2_server.ts";

const GET = linesOf("GET", "/a.txt", {});

testWith(
  HAS_NETWORK,
  "HTTP/2 refuses streams above the limit, also when their answers are awaited though they were reset",
  async () => {
    await using server = new Http2Server({
      respond: () => new Promise(() => {}),
    });
    await using client = await Http2Client.connect(server.port);
    for (let count = 0; count < 100; count++) await client.begin(GET);
    for (let id = 1; id < 100; id += 2) {
      await client.reset(id);
    }
    const id = await client.begin(GET);
    assertEquals(await client.resetCode(id), ErrorCode.RefusedStream);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 refuses streams beyond the share of a client on all its connections, until others have ended, and ends no connection for it",
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
      streamsMax: 220,
      respond: async () => {
        await promise;
        return reply(204, []);
      },
    });
    await using first = await Http2Client.connect(server.port);
    await using second = await Http2Client.connect(server.port);
    const ids = await Promise.all(
      Array.from({ length: 100 }, () => first.begin(GET)),
    );
    await first.ping();
    for (let count = 0; count < 10; count++) ids.push(await second.begin(GET));
    // More often than a client may ask for streams beyond what its own connection may have.
    for (let count = 0; count < 150; count++) {
      const id = await second.begin(GET);
      assertEquals(await second.resetCode(id), ErrorCode.RefusedStream);
    }
    assertEquals(refusalsIn(server.metrics.snapshot), {
      too_many_streams: 150,
    });
    // What was reset counts until its answer is made.
    await first.reset(ids[0]!);
    await first.ping();
    const id = await second.begin(GET);
    assertEquals(await second.resetCode(id), ErrorCode.RefusedStream);
    resolve();
    for (const id of ids.slice(1, 100)) {
      assertEquals((await first.response(id)).status, 204);
    }
    assertEquals((await second.request("GET", "/a.txt")).status, 204);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 ends the connection of a client that goes on asking for more than its share",
  async () => {
    await using server = new Http2Server({
      streamsMax: 10,
      respond: () => new Promise(() => {}),
    });
    await using client = await Http2Client.connect(server.port);
    try {
      for (let count = 0; count < 5_000; count++) await client.begin(GET);
    } catch {
      // The server has closed.
    }
    assertEquals(await client.goAway(), ErrorCode.EnhanceYourCalm);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 counts each stream once when one too many that is late ends the connection with all others",
  async () => {
    await using server = new Http2Server({
      streamsMax: 220,
      deadlines: { ...DEADLINES, reply: 300 },
      respond: (head) =>
        head.target === "/long"
          ? reply(200, [], [new Uint8Array(100)])
          : new Promise(() => {}),
    });
    await using other = await Http2Client.connect(server.port);
    const closed = { settings: [[4, 0]] } as const;
    await using late = await Http2Client.connect(server.port, closed);
    const long = linesOf("GET", "/long", {});
    // Of the hundred that a client may have reset, these leave half.
    for (let count = 0; count < 50; count++) {
      const id = await late.begin(long);
      await late.reset(id);
    }
    for (let count = 0; count < 100; count++) await late.begin(long);
    assertEquals(await late.goAway(), ErrorCode.EnhanceYourCalm);
    await other.ping();
    assertEquals(server.exchanges.length, 150);
    await using more = await Http2Client.connect(server.port);
    for (let count = 0; count < 100; count++) await other.begin(GET);
    for (let count = 0; count < 10; count++) await more.begin(GET);
    await other.ping();
    const id = await more.begin(GET);
    assertEquals(await more.resetCode(id), ErrorCode.RefusedStream);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 keeps the clients of several requests apart while their answers are awaited",
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
      // As for a trusted proxy, whose requests are those of many.
      respond: async (head, _now, client) => {
        client.address = head.target.slice(1);
        await promise;
        return reply(204, []);
      },
    });
    await using client = await Http2Client.connect(server.port);
    const targets = ["/192.0.2.1", "/192.0.2.2", "/192.0.2.3"];
    const ids = await Promise.all(
      targets.map((target) => client.begin(linesOf("GET", target, {}))),
    );
    await client.ping();
    resolve();
    for (const id of ids) await client.response(id);
    await until(() => server.exchanges.length === targets.length, "records");
    assertEquals(
      server.exchanges.map(({ remote, target }) => `/${remote} ${target}`),
      targets.map((target) => `${target} ${target}`),
    );
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 tells a handler that its client has left",
  async () => {
    const heads: RequestHead[] = [];
    await using server = new Http2Server({
      respond: (head) => {
        heads.push(head);
        return new Promise(() => {});
      },
    });
    const states = () => heads.map(({ isCancelled }) => isCancelled);
    {
      await using client = await Http2Client.connect(server.port);
      const id = await client.begin(GET);
      await client.begin(GET);
      await client.ping();
      assertEquals(states(), [false, false]);
      await client.reset(id);
      await client.ping();
      assertEquals(states(), [true, false]);
    }
    await until(() => states()[1] === true, "the end of the other request");
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 lets a handler go on that is late, because the client may ask again",
  async () => {
    const heads: RequestHead[] = [];
    await using server = new Http2Server({
      deadlines: { ...DEADLINES, waiting: 50 },
      respond: (head) => {
        heads.push(head);
        return new Promise(() => {});
      },
    });
    await using client = await Http2Client.connect(server.port);
    assertEquals((await client.request("GET", "/a.txt")).status, 503);
    await client.ping();
    assertEquals(heads.map(({ isCancelled }) => isCancelled), [false]);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 gives up on a stream whose window stays closed, and goes on with others",
  async () => {
    await using server = new Http2Server({
      files: { "long.txt": "x".repeat(100_000), "a.txt": "a" },
      deadlines: { ...DEADLINES, reply: 300 },
    });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, 10]],
    });
    const id = await client.begin(linesOf("GET", "/long.txt", {}));
    client.response(id).catch(() => {});
    assertEquals(await client.resetCode(id), ErrorCode.Cancel);
    assertEquals((await client.request("GET", "/a.txt")).status, 200);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 lets a client with a small window take a long download in many steps",
  async () => {
    const step = 4_000;
    const body = new Uint8Array(1_500 * step);
    await using server = new Http2Server({
      respond: () => reply(200, [], [body]),
    });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, step]],
    });
    const id = await client.begin(linesOf("GET", "/", {}));
    const seen = new Set<Frame>();
    for (let taken = 0; taken < body.length;) {
      const frame = await client.frame(
        (each) => each.type === FrameType.Data && !seen.has(each),
        `DATA behind ${taken} bytes`,
      );
      seen.add(frame);
      taken += frame.payload.length;
      await client.openWindow(0, frame.payload.length);
      await client.openWindow(id, frame.payload.length);
    }
    assertEquals((await client.response(id)).status, 200);
  },
);
