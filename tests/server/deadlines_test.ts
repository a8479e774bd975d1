import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { DEADLINES, type Deadlines } from "../../lib/server/context.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";

/** The server looks at deadlines this often: how late it may be, with some more for a busy machine. */
const LATENESS_MS = 500 + 5000;

/** Deno 2.5 does not interrupt a write when its socket is closed, so a client that stands still is not dropped there. */
const CAN_INTERRUPT = !Deno.version.deno.startsWith("2.5.");

/** Registers a test with a server that is as impatient as the deadlines say. */
function testDeadline(
  name: string,
  deadlines: Partial<Deadlines>,
  fn: (client: Client, server: TestServer) => Promise<void>,
  isPossible: boolean = true,
): void {
  testWith(HAS_NETWORK && isPossible, name, async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await Deno.truncate(createdFile(directory.join("big.bin")), BIG_BYTES);
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, ...deadlines },
    });
    using client = await Client.connect(server.port);
    await fn(client, server);
    assertEquals(server.reports, []);
  });
}

/** More than the system keeps in its buffers for a client that does not read. */
const BIG_BYTES = 64 * 1024 * 1024;

function createdFile(path: string): string {
  Deno.createSync(path).close();
  return path;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends bytes one by one until something comes back; returns how many were sent. */
async function drip(client: Client, text: string): Promise<number> {
  let hasAnswer = false;
  const answer = client.head().finally(() => hasAnswer = true);
  // Whoever waits for it in the end is told; until then nobody need be.
  answer.catch(() => {});
  let sent = 0;
  for (const byte of text) {
    await client.send(byte);
    sent++;
    await pause(20);
    if (hasAnswer) break;
  }
  const { status, fields } = await answer;
  assertEquals(status, 408);
  assertEquals(fields.get("connection"), "close");
  return sent;
}

testDeadline(
  "a head that drips in is answered 408",
  { head: 100 },
  async (client, server) => {
    const start = Date.now();
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\nX: ");
    assertLess(await drip(client, "x".repeat(1000)), 1000);
    assertGreaterOrEqual(Date.now() - start, 100);
    assertLess(Date.now() - start, 100 + LATENESS_MS);
    assertEquals(
      server.exchanges.map(({ status, requestLine }) => [
        status,
        requestLine,
      ]),
      [[408, "GET /a.txt HTTP/1.1"]],
    );
  },
);

testDeadline(
  "a body that drips in is answered 408",
  { body: 100 },
  async (client) => {
    await client.send(
      "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
    );
    assertLess(await drip(client, "x".repeat(1000)), 1000);
  },
);

testDeadline(
  "half a head without a further byte is answered 408, after what came before it",
  { head: 100 },
  async (client) => {
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /a.tx");
    assertEquals((await client.response()).body, "a");
    assertEquals((await client.response()).status, 408);
    assertEquals(await client.rest(), "");
  },
);

testDeadline(
  "a connection without a request is closed without a word",
  { idle: 100 },
  async (client, server) => {
    const start = Date.now();
    assertEquals(await client.rest(), "");
    assertGreaterOrEqual(Date.now() - start, 90);
    assertLess(Date.now() - start, 100 + LATENESS_MS);
    await until(() => server.server.connections === 0, "its end");
    assertEquals(server.exchanges, []);
  },
);

testDeadline(
  "a deadline still holds after a time without connections",
  { idle: 100 },
  async (client, server) => {
    assertEquals(await client.rest(), "");
    await until(() => server.server.connections === 0, "its end");
    // The server looks once more, and rests.
    await pause(1100);
    using later = await Client.connect(server.port);
    assertEquals(await later.rest(), "");
  },
);

testDeadline(
  "a connection that has nothing more to say is closed without a word",
  { idle: 100, head: 60_000 },
  async (client) => {
    await client.get("/a.txt");
    assertEquals((await client.response()).body, "a");
    assertEquals(await client.rest(), "");
  },
);

testDeadline(
  "a connection that is used is not idle",
  { idle: 900 },
  async (client) => {
    const end = Date.now() + 1600;
    while (Date.now() < end) {
      await client.get("/a.txt");
      assertEquals((await client.response()).body, "a");
      await pause(100);
    }
  },
);

testDeadline(
  "a client that does not read its download is dropped",
  { reply: 100 },
  async (client, server) => {
    await client.get("/big.bin");
    const { fields } = await client.head();
    assertEquals(fields.get("content-length"), String(BIG_BYTES));
    await until(() => server.server.connections === 0, "its end");
    assertLess((await client.rest()).length, BIG_BYTES);
    const [exchange] = server.exchanges;
    assertEquals(exchange!.status, 200);
    assertGreater(exchange!.bodyBytes, 0);
    assertLess(exchange!.bodyBytes, BIG_BYTES);
  },
  CAN_INTERRUPT,
);

testDeadline(
  "a client that reads its download piece by piece is not dropped",
  { reply: 400 },
  async (client) => {
    await client.get("/big.bin");
    await client.head();
    const piece = 1024 * 1024;
    for (let got = 0; got < BIG_BYTES; got += piece) {
      const { length } = await client.bytes(piece);
      assertEquals(length, piece, `Dropped after ${got + length} bytes`);
      // So that it takes longer than the deadline, several times over.
      await pause(20);
    }
    await client.get("/a.txt");
    assertEquals((await client.response()).body, "a");
  },
);

testDeadline(
  "a client that keeps its end open after the last answer is closed on",
  { linger: 100 },
  async (client, server) => {
    await client.send("nonsense\r\n\r\n");
    assertEquals((await client.response()).status, 400);
    assertEquals(await client.rest(), "");
    assertEquals(server.server.connections, 1);
    await until(() => server.server.connections === 0, "its end");
  },
);
