import { assert, assertEquals } from "@std/assert";
import {
  ErrorCode,
  FrameFlag,
  FrameType,
  PREFACE,
} from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import { PHASES } from "../../../lib/observe/metric_layout.ts";
import { DEADLINES, type Deadlines } from "../../../lib/server/context.ts";
import {
  bytesOf,
  HAS_NETWORK,
  readToEnd,
  testWith,
  within,
} from "../../helpers.ts";
import type { TestServer, TestServerOptions } from "../../test_server.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { refusalsIn } from "../counters.ts";
import { Http2Server } from "./http2_server.ts";

const GET = linesOf("GET", "/a.txt", {});

/** A deadline of a test, in ms. The server looks twice a second. */
const SOON_MS = 300;

/** Time-outs of a server by phase; only those that there are. */
function timeoutsOf(server: TestServer): Record<string, number> {
  const entries = PHASES.map((phase, index) =>
    [phase, server.metrics.snapshot.timeouts[index]!] as const
  );
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

interface Case {
  readonly name: string;
  readonly deadlines: Partial<Deadlines>;
  readonly options?: TestServerOptions;
  readonly happen: (client: Http2Client) => Promise<void>;
  readonly timeouts: Record<string, number>;
}

/** Sends something every so many ms until an outcome is there. */
async function whileDripping<T>(
  ms: number,
  send: () => Promise<void>,
  outcome: () => Promise<T>,
): Promise<T> {
  // The server may have ended the connection by then.
  const dripping = setInterval(() => send().catch(() => {}), ms);
  try {
    return await outcome();
  } finally {
    clearInterval(dripping);
  }
}

const CASES: readonly Case[] = [
  {
    name: "ends a connection whose header block never ends",
    deadlines: { head: SOON_MS },
    happen: async (client) => {
      await client.frame(({ flags }) => flags === FrameFlag.Ack, "ACK");
      await client.sendFrame(FrameType.Headers, 0, 1, client.encode(GET));
      assertEquals(await client.goAway(), ErrorCode.EnhanceYourCalm);
    },
    timeouts: { head: 1 },
  },
  {
    name: "gives a header block its time, however old the connection is",
    deadlines: { head: 1_000 },
    happen: async (client) => {
      await client.request("GET", "/a.txt");
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const block = client.encode(GET);
      await client.sendFrame(FrameType.Headers, FrameFlag.EndStream, 3, block);
      // Until the server has looked.
      await new Promise((resolve) => setTimeout(resolve, 600));
      await client.sendFrame(FrameType.Continuation, FrameFlag.EndHeaders, 3);
      await client.frame(
        ({ type, streamId }) => type === FrameType.Headers && streamId === 3,
        "an answer",
      );
    },
    timeouts: {},
  },
  {
    name: "gives a header block no more time for frames that drip in",
    deadlines: { head: 1_000 },
    happen: async (client) => {
      await client.frame(({ flags }) => flags === FrameFlag.Ack, "ACK");
      await client.sendFrame(FrameType.Headers, 0, 1, client.encode(GET));
      const start = Date.now();
      const code = await whileDripping(
        250,
        () => client.sendFrame(FrameType.Continuation, 0, 1),
        () => client.goAway(),
      );
      assertEquals(code, ErrorCode.EnhanceYourCalm);
      assert(Date.now() - start >= 900);
    },
    timeouts: { head: 1 },
  },
  {
    name: "ends an idle connection with GOAWAY, whatever PINGs come",
    deadlines: { idle: SOON_MS },
    happen: async (client) => {
      await client.request("GET", "/a.txt");
      const code = await whileDripping(
        50,
        () => client.sendFrame(FrameType.Ping, 0, 0, new Uint8Array(8)),
        () => client.goAway(),
      );
      assertEquals(code, ErrorCode.NoError);
    },
    timeouts: { idle: 1 },
  },
  {
    name: "answers 408 to a body that drips in",
    deadlines: { body: SOON_MS },
    happen: async (client) => {
      const id = await client.begin(linesOf("POST", "/a.txt", {}), false);
      const { status } = await whileDripping(
        50,
        () => client.sendFrame(FrameType.Data, 0, id, [1]),
        () => client.response(id),
      );
      assertEquals(status, 408);
      assertEquals(await client.resetCode(id), ErrorCode.NoError);
    },
    timeouts: { body: 1 },
  },
  {
    name: "answers 503 where the answer does not come",
    deadlines: { waiting: SOON_MS },
    options: { respond: () => new Promise(() => {}) },
    happen: async (client) => {
      assertEquals((await client.request("GET", "/a.txt")).status, 503);
    },
    timeouts: { waiting: 1 },
  },
  {
    name: "resets a stream whose client takes a byte now and then",
    deadlines: { reply: 1_000 },
    options: { respond: () => reply(200, [], [new Uint8Array(100_000)]) },
    happen: async (client) => {
      await client.send(
        new Uint8Array([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1]),
      );
      const id = await client.begin(GET);
      const code = await whileDripping(
        100,
        () => client.openWindow(id, 1),
        () => client.resetCode(id),
      );
      assertEquals(code, ErrorCode.Cancel);
    },
    timeouts: { reply: 1 },
  },
];

for (const { name, deadlines, options, happen, timeouts } of CASES) {
  testWith(HAS_NETWORK, `HTTP/2 ${name}`, async () => {
    await using server = new Http2Server({
      files: { "a.txt": "a" },
      deadlines: { ...DEADLINES, ...deadlines },
      ...options,
    });
    await using client = await Http2Client.connect(server.port);
    const began = Date.now();
    await happen(client);
    for (const { time, duration } of server.exchanges) {
      assert(time >= began && duration <= Date.now() - began + 1);
    }
    assertEquals(timeoutsOf(server), timeouts);
    assertEquals(refusalsIn(server.metrics.snapshot), {});
  });
}

testWith(
  HAS_NETWORK,
  "HTTP/2 ends a connection whose client does not acknowledge SETTINGS",
  async () => {
    await using server = new Http2Server({
      deadlines: { ...DEADLINES, head: SOON_MS },
    });
    await using client = await Http2Client.connect(server.port, {
      isHonest: false,
    });
    assertEquals(await client.goAway(), ErrorCode.SettingsTimeout);
    assertEquals(timeoutsOf(server), { head: 1 });
  },
);

/** What a client sends where HTTP/2 is accepted without TLS, and what then counts as the deadline. */
const BEGINNINGS: readonly (readonly [
  name: string,
  sent: string,
  phase: "idle" | "head",
])[] = [
  ["silent", "", "idle"],
  ["silent after a part of the preface", PREFACE.slice(0, 10), "head"],
  ["silent after a part of a head", "GET / HT", "head"],
];

for (const [name, sent, phase] of BEGINNINGS) {
  testWith(
    HAS_NETWORK,
    `a client that is ${name} has the time of a connection that is ${phase}`,
    async () => {
      await using server = new Http2Server({
        deadlines: { ...DEADLINES, [phase]: SOON_MS },
      });
      using socket = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.port,
      });
      await socket.write(bytesOf(sent));
      await within(readToEnd(socket), "the end of the connection");
      assertEquals(timeoutsOf(server), { [phase]: 1 });
    },
  );
}

testWith(
  HAS_NETWORK,
  "a client that waits before its first request is served where HTTP/2 is accepted without TLS",
  async () => {
    await using server = new Http2Server({
      files: { "a.txt": "a" },
      deadlines: { ...DEADLINES, head: SOON_MS },
    });
    using socket = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    const answer = readToEnd(socket);
    // Until the server has looked twice.
    await new Promise((resolve) => setTimeout(resolve, SOON_MS + 1_000));
    await socket.write(
      bytesOf("GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    );
    const text = new TextDecoder().decode(await answer);
    assert(text.startsWith("HTTP/1.1 200 "), text);
  },
);
