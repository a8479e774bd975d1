import { assertEquals } from "@std/assert";
import { VERSIONS } from "../../../lib/observe/metric_layout.ts";
import { FrameType } from "../../../lib/http/http2/frames.ts";
import { reply, type Segment, SourceChanged } from "../../../lib/http/reply.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import { HAS_NETWORK, request, testWith, until } from "../../helpers.ts";
import type { TestServer, TestServerOptions } from "../../test_server.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { endsIn, refusalsIn } from "../counters.ts";
import { Http2Server } from "./http2_server.ts";

const GET = linesOf("GET", "/a.txt", {});

/** A source that changes when a part of it was sent. */
const CHANGING: Segment = {
  length: 1_000_000,
  open() {
    let isFirst = true;
    return {
      read(into) {
        if (!isFirst) throw new SourceChanged("It is another now");
        isFirst = false;
        return into.length;
      },
      close() {},
    };
  },
};

interface Case {
  readonly name: string;
  readonly options?: TestServerOptions;
  readonly happen: (client: Http2Client, server: TestServer) => Promise<void>;
  readonly refusals?: Record<string, number>;
  readonly resets?: Record<string, number>;
  readonly goAways?: Record<string, number>;
}

const CASES: readonly Case[] = [
  {
    name: "an answer as nothing",
    happen: async (client) => {
      assertEquals((await client.request("GET", "/a.txt")).status, 200);
    },
  },
  {
    name: "a stream that the client no longer wants",
    options: { respond: () => new Promise(() => {}) },
    happen: async (client, server) => {
      const id = await client.begin(GET);
      await client.reset(id);
      await until(
        () => server.metrics.snapshot.http2.resets.some((count) => count > 0),
        "a reset",
      );
    },
    resets: { "client cancel": 1 },
  },
  {
    name: "a client that ends the connection",
    happen: async (client, server) => {
      await client.request("GET", "/a.txt");
      await client.sendFrame(FrameType.GoAway, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]);
      await client.goAway();
      await until(() => server.server.connections === 0, "the end");
    },
    goAways: { "client no_error": 1 },
  },
  {
    name: "a malformed request",
    happen: async (client) => {
      await client.resetCode(await client.begin([...GET, ["upgrade", "h2c"]]));
    },
    refusals: { http2_malformed: 1 },
    resets: { "skiff protocol_error": 1 },
  },
  {
    name: "a request that HTTP refuses",
    happen: async (client) => {
      const target = `/${"a".repeat(9000)}`;
      assertEquals((await client.request("GET", target)).status, 414);
    },
    refusals: { parse_414: 1 },
  },
  {
    name: "a stream too many",
    options: { respond: () => new Promise(() => {}) },
    happen: async (client) => {
      for (let count = 0; count < 100; count++) await client.begin(GET);
      await client.resetCode(await client.begin(GET));
    },
    refusals: { http2_streams: 1 },
    resets: { "skiff refused_stream": 1 },
  },
  {
    name: "a body that nobody wants",
    options: { respond: () => reply(413, [["content-length", "0"]]) },
    happen: async (client) => {
      const lines = linesOf("POST", "/", { Expect: "100-continue" });
      await client.resetCode(await client.begin(lines, false));
    },
    resets: { "skiff no_error": 1 },
  },
  {
    name: "a file that changes while it is sent",
    options: { respond: () => reply(200, [], [CHANGING]) },
    happen: async (client) => {
      await client.resetCode(await client.begin(GET));
    },
    resets: { "skiff internal_error": 1 },
  },
  {
    name: "a stream that misses its deadline",
    options: { deadlines: { ...DEADLINES, reply: 300 } },
    happen: async (client) => {
      await client.send(
        new Uint8Array([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]),
      );
      await client.resetCode(await client.begin(GET));
    },
    resets: { "skiff cancel": 1 },
  },
  {
    name: "a drain, with its two GOAWAYs, once",
    happen: async (client, server) => {
      await client.request("GET", "/a.txt");
      const stopping = server.server.stop(5000);
      assertEquals(await client.goAway(), 0);
      await stopping;
    },
    goAways: { "skiff no_error": 1 },
  },
  {
    name: "a fault of the client",
    happen: async (client) => {
      await client.openWindow(0, 0x7fff_ffff);
      assertEquals(await client.goAway(), 3);
    },
    refusals: { http2_flow_control: 1 },
    goAways: { "skiff flow_control_error": 1 },
  },
];

for (const { name, options, happen, ...want } of CASES) {
  testWith(HAS_NETWORK, `the metrics count ${name}`, async () => {
    await using server = new Http2Server({
      files: { "a.txt": "a" },
      ...options,
    });
    await using client = await Http2Client.connect(server.port);
    await happen(client, server);
    const { resets = {}, goAways = {}, refusals = {} } = want;
    assertEquals(endsIn(server.metrics.snapshot), { resets, goAways });
    assertEquals(refusalsIn(server.metrics.snapshot), refusals);
  });
}

testWith(
  HAS_NETWORK,
  "the metrics tell requests by version, and what is open of HTTP/2",
  async () => {
    await using server = new Http2Server({
      files: { "a.txt": "a" },
      respond: ({ target }) =>
        target === "/never" ? new Promise(() => {}) : reply(204, []),
    });
    await using client = await Http2Client.connect(server.port);
    await client.request("GET", "/");
    await client.request("GET", "/");
    await request(server.port, "GET", "/");
    const counts = server.metrics.snapshot.requestsByVersion;
    assertEquals(
      Object.fromEntries(VERSIONS.map((name, index) => [name, counts[index]])),
      { "HTTP/1.0": 0, "HTTP/1.1": 1, "HTTP/2.0": 2, other: 0 },
    );
    for (let count = 0; count < 3; count++) {
      await client.begin(linesOf("GET", "/never", {}));
    }
    await until(
      () => server.metrics.snapshot.http2.streams === 3,
      "three streams",
    );
    assertEquals(server.metrics.snapshot.http2.connections, 1);
  },
);
