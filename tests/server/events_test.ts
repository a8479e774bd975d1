/**
 * Replies without a known end, on the wire: HTTP/1.1, HTTP/1.0 and HTTP/2.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EventHub } from "../../lib/http/event_stream.ts";
import { FrameType } from "../../lib/http/http2/frames.ts";
import { DEADLINES, type Deadlines } from "../../lib/server/context.ts";
import {
  bytesOf,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  textOf,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Http2Client } from "../http2_client.ts";
import { linesOf } from "../http2_messages.ts";
import { Client } from "../raw_client.ts";

/** Deno 2.5 does not interrupt a write when its socket is closed, so a client that stands still is not dropped there. */
const CAN_INTERRUPT = !Deno.version.deno.startsWith("2.5.");

/** Registers a test with a server that answers everything with the events of a hub. */
function testEvents(
  name: string,
  fn: (hub: EventHub, server: TestServer) => Promise<void>,
  deadlines: Partial<Deadlines> = {},
  isPossible: boolean = true,
): void {
  testWith(HAS_NETWORK && isPossible, name, async () => {
    using directory = new TemporaryDirectory();
    const hub = new EventHub({ greeting: () => bytesOf("hello.") });
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      deadlines: { ...DEADLINES, ...deadlines },
      respond: () => hub.respond(),
    });
    await fn(hub, server);
    await until(() => hub.size === 0, "the end of all streams");
    assertEquals(server.reports, []);
  });
}

function readers(hub: EventHub, count: number): Promise<void> {
  return until(() => hub.size === count, `${count} readers`);
}

testEvents(
  "HTTP/1.1 gets events in chunks, and their end",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    await client.get("/");
    const { status, fields } = await client.head();
    assertEquals(status, 200);
    assertEquals(fields.get("transfer-encoding"), "chunked");
    assertEquals(fields.get("connection"), "close");
    assertEquals(fields.get("content-length"), undefined);
    await readers(hub, 1);
    hub.tell(bytesOf("a"));
    hub.end();
    const rest = await client.rest();
    assertStringIncludes(rest, "hello.");
    assert(rest.endsWith("\r\n0\r\n\r\n"), rest);
    assert(!client.wasReset);
    await until(() => server.exchanges.length === 1, "the record");
    const [exchange] = server.exchanges;
    assertEquals([exchange!.bodyBytes, exchange!.isEventStream], [7, true]);
    assertEquals(exchange!.requestLine, "GET / HTTP/1.1");
  },
);

testEvents(
  "HTTP/1.0 gets events until the connection closes",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const { fields } = await client.head();
    assertEquals(fields.get("transfer-encoding"), undefined);
    assertEquals(fields.get("connection"), "close");
    await readers(hub, 1);
    hub.tell(bytesOf("a"));
    hub.end();
    assertEquals(await client.rest(), "hello.a");
  },
);

testEvents(
  "HEAD gets no events, and its connection persists",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    for (let count = 0; count < 2; count++) {
      await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      const { status, fields } = await client.response("HEAD");
      assertEquals([status, fields.get("connection")], [200, undefined]);
    }
    assertEquals(hub.size, 0);
    assertEquals(server.exchanges.map(({ bodyBytes }) => bodyBytes), [0, 0]);
    await using http2 = await Http2Client.connect(server.port);
    assertEquals((await http2.request("HEAD", "/")).status, 200);
  },
);

testEvents("HTTP/2 gets events as DATA, and their end", async (hub, server) => {
  await using client = await Http2Client.connect(server.port);
  const id = await client.begin(linesOf("GET", "/", {}));
  const isData = (text: string) =>
    client.frame(
      ({ type, payload }) =>
        type === FrameType.Data && textOf(payload) === text,
      text,
    );
  const first = await isData("hello.");
  assertEquals(first.flags, 0);
  for (const text of ["a", "b"]) {
    hub.tell(bytesOf(text));
    await isData(text);
  }
  hub.end();
  assertEquals((await client.response(id)).body, "hello.ab");
  await until(() => server.exchanges.length === 1, "the record");
  assertEquals(server.exchanges[0]!.bodyBytes, 8);
});

testEvents(
  "HTTP/2 sends nothing beyond the window, and goes on when there is room",
  async (hub, server) => {
    await using client = await Http2Client.connect(server.port, {
      isHonest: false,
      settings: [[4, 8]],
    });
    const id = await client.begin(linesOf("GET", "/", {}));
    await client.frame(({ type }) => type === FrameType.Data, "the greeting");
    hub.tell(bytesOf("abcdef"));
    await client.frame(
      ({ type, payload }) =>
        type === FrameType.Data && textOf(payload) === "ab",
      "what has room",
    );
    await client.sendFrame(
      FrameType.WindowUpdate,
      0,
      id,
      Uint8Array.of(0, 0, 0, 9),
    );
    await client.frame(
      ({ type, payload }) =>
        type === FrameType.Data && textOf(payload) === "cdef",
      "the rest",
    );
    hub.end();
    await client.response(id);
  },
);

testEvents(
  "a client that leaves is a reader no more, with either protocol",
  async (hub, server) => {
    const client = await Client.connect(server.port);
    await client.get("/");
    await client.head();
    const http2 = await Http2Client.connect(server.port);
    const id = await http2.begin(linesOf("GET", "/", {}));
    await readers(hub, 2);
    client.close();
    await readers(hub, 1);
    await http2.sendFrame(
      FrameType.ResetStream,
      0,
      id,
      Uint8Array.of(0, 0, 0, 8),
    );
    await readers(hub, 0);
    await http2.begin(linesOf("GET", "/", {}));
    await readers(hub, 1);
    await http2[Symbol.asyncDispose]();
    await readers(hub, 0);
    await until(() => server.server.connections === 0, "the end");
  },
);

testEvents("stopping ends events in order, at once", async (hub, server) => {
  using client = await Client.connect(server.port);
  await client.get("/");
  await using http2 = await Http2Client.connect(server.port);
  const id = await http2.begin(linesOf("GET", "/", {}));
  await readers(hub, 2);
  const start = Date.now();
  const stopping = server.server.stop(60_000);
  assert((await client.rest()).endsWith("0\r\n\r\n"));
  assertEquals((await http2.response(id)).body, "hello.");
  await stopping;
  assert(Date.now() - start < 30_000);
});

testEvents(
  "draining ends events, also those that begin later",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    await client.get("/");
    await using http2 = await Http2Client.connect(server.port);
    const id = await http2.begin(linesOf("GET", "/", {}));
    await readers(hub, 2);
    server.server.drain();
    assert((await client.rest()).endsWith("0\r\n\r\n"));
    assertEquals((await http2.response(id)).body, "hello.");
    using late = await Client.connect(server.port);
    await late.get("/");
    assert((await late.rest()).endsWith("0\r\n\r\n"));
  },
);

testEvents(
  "events outlast every deadline of a client that has nothing to read",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    await client.get("/");
    await using http2 = await Http2Client.connect(server.port);
    const id = await http2.begin(linesOf("GET", "/", {}));
    await readers(hub, 2);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assertEquals(hub.size, 2);
    hub.tell(bytesOf("late"));
    hub.end();
    assertStringIncludes(await client.rest(), "late");
    assertEquals((await http2.response(id)).body, "hello.late");
  },
  { idle: 100, reply: 100, waiting: 100, events: 100, head: 100 },
);

testEvents(
  "a client that does not read its events is dropped, and no other",
  async (hub, server) => {
    using quick = await Client.connect(server.port);
    await quick.get("/");
    const rest = quick.rest();
    using slow = await Client.connect(server.port);
    await slow.get("/");
    await readers(hub, 2);
    const piece = new Uint8Array(32 * 1024).fill(0x61);
    const filling = setInterval(() => hub.tell(piece), 5);
    try {
      await readers(hub, 1);
    } finally {
      clearInterval(filling);
    }
    hub.end();
    assert((await rest).endsWith("0\r\n\r\n"));
    await until(() => server.server.connections === 0, "the end of both");
  },
  { events: 500 },
  CAN_INTERRUPT,
);

testEvents("500 clients get what is told once", async (hub, server) => {
  const clients = await Promise.all(
    Array.from({ length: 500 }, () => Client.connect(server.port)),
  );
  await Promise.all(clients.map((client) => client.get("/")));
  await readers(hub, 500);
  hub.tell(bytesOf("news"));
  hub.end();
  const texts = await Promise.all(clients.map((client) => client.rest()));
  assertEquals(texts.filter((text) => text.includes("news")).length, 500);
  for (const client of clients) client.close();
});

testEvents(
  "what a client sends while it reads events is never answered, and ends in time",
  async (hub, server) => {
    using client = await Client.connect(server.port);
    await client.get("/");
    await readers(hub, 1);
    const flood = (async () => {
      for (;;) await client.send(new Uint8Array(64 * 1024));
    })().catch(() => {});
    await readers(hub, 0);
    client.close();
    await flood;
    assertEquals(server.exchanges.length, 1);
  },
);
