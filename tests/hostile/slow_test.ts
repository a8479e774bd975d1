import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { DEADLINES } from "../../lib/server/context.ts";
import {
  descriptors,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";
import { Crowd, Probe, readOnce } from "./crowd.ts";
import { descriptorsMax } from "./program.ts";

const CLIENTS = 500;
const HAS_DESCRIPTORS = descriptorsMax() >= 2 * CLIENTS + 500;

/** The server looks at deadlines this often: how late it may be, with some more for a busy machine. */
const LATENESS_MS = 500 + 1500;

/** Deno 2.5 does not interrupt a write when its socket is closed, so a client that stands still is not dropped there. */
const CAN_INTERRUPT = !Deno.version.deno.startsWith("2.5.");

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends one byte per second until something comes back, and returns that. */
async function drip(socket: Deno.TcpConn): Promise<string> {
  const byte = new Uint8Array([0x78]);
  // Late answers cross with what is still being sent.
  const dripper = setInterval(() => socket.write(byte).catch(() => {}), 1000);
  try {
    return await readOnce(socket);
  } finally {
    clearInterval(dripper);
  }
}

testWith(
  HAS_NETWORK && HAS_DESCRIPTORS,
  "500 heads that come in at one byte per second are all answered 408, and others are served (needs 1,500 descriptors)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const head = 2500;
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, head, linger: 500 },
    });
    using crowd = await Crowd.gather(server.port, CLIENTS);
    await crowd.send("GET /a.txt HTTP/1.1\r\nHost: a\r\nX-A: ");
    const start = Date.now();
    const probe = new Probe(server.port, "/a.txt");
    const answers = await Promise.all(crowd.sockets.map(drip));
    const took = Date.now() - start;
    await probe.end();
    for (const answer of answers) {
      assert(answer.startsWith("HTTP/1.1 408 "), answer);
    }
    assertGreater(took, head - 500);
    assertLess(took, head + LATENESS_MS);
    assertLess(probe.worst, 1000);
    await until(() => server.server.connections === 0, "their end");
    const statuses = server.exchanges.map(({ status }) => status);
    assertEquals(statuses.filter((each) => each === 408).length, CLIENTS);
    assertEquals(server.reports, []);
  },
);

/** More than the system's buffers hold for a client that does not read. */
const LARGE_BYTES = 32 * 1024 * 1024;
const READERS = 60;

testWith(
  HAS_NETWORK && CAN_INTERRUPT,
  "60 readers that take ten bytes at a time are dropped, and nothing of them stays open (not on Deno 2.5)",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "a",
      "large.bin": new Uint8Array(LARGE_BYTES),
    });
    const reply = 1000;
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, reply },
    });
    // The file is kept open between requests; that is not to count.
    const warm = new Probe(server.port, "/a.txt");
    await until(() => warm.count > 0, "an answer");
    await warm.end();
    using first = await Crowd.gather(server.port, 1);
    await first.send("HEAD /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    await first.read();
    const before = descriptors();

    const crowd = await Crowd.gather(server.port, READERS);
    const probe = new Probe(server.port, "/a.txt");
    await crowd.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    const sips = new Uint8Array(10);
    const end = Date.now() + 10 * reply;
    while (server.server.connections > 2) {
      assertLess(Date.now(), end, "Readers were not dropped");
      await Promise.all(crowd.sockets.map((socket) => socket.read(sips)));
      await pause(100);
    }
    await probe.end();
    crowd[Symbol.dispose]();
    await until(() => server.server.connections <= 1, "their end");

    assertLess(probe.worst, 1000);
    const cut = server.exchanges.filter(({ requestLine, bodyBytes }) =>
      requestLine === "GET /large.bin HTTP/1.1" && bodyBytes < LARGE_BYTES
    );
    assertEquals(cut.length, READERS);
    assertEquals(server.server.connections, 1);
    assertEquals(descriptors(), before);
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "a download that takes longer than the idle deadline is no time without a request",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "a",
      "large.bin": new Uint8Array(LARGE_BYTES),
    });
    const idle = 1500;
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, idle },
    });
    using client = await Client.connect(server.port);
    await client.get("/large.bin");
    await client.head();
    // What is left is more than the system's buffers hold, so the server is not done when the pause begins.
    await client.bytes(LARGE_BYTES / 16);
    await pause(idle + 600);
    await client.bytes(15 * LARGE_BYTES / 16);
    // Twice as long as until deadlines are looked at.
    await pause(1000);
    await client.get("/a.txt");
    assertEquals((await client.response()).body, "a");
  },
);
