import { connect } from "node:net";
import { assertEquals } from "@std/assert";
import {
  exchange,
  HAS_NETWORK,
  openIn,
  Random,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";
import { Skiff, testProgram } from "../skiff.ts";
import { assertQuick } from "../quickness.ts";

const FILES = {
  "small.txt": "small",
  "middle.txt": "m".repeat(300_000),
  "large.bin": new Uint8Array(3 * 1024 * 1024),
};

/** What clients send before they vanish; whole requests, and what is left when one is cut off. */
const REQUESTS: readonly string[] = [
  "GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /middle.txt HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=5-9,2000000-\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome of it",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
  "nonsense\r\n\r\n",
  "GET /small.txt HTTP/1.0\r\n\r\n",
];

/** A client that vanishes at some point of some requests. */
async function vanish(port: number, random: Random): Promise<void> {
  using client = await Client.connect(port);
  try {
    for (let count = random.below(4); count >= 0; count--) {
      const request = REQUESTS[random.below(REQUESTS.length)]!;
      const end = random.below(3) === 0
        ? random.below(request.length)
        : request.length;
      await client.send(request.slice(0, end));
    }
  } catch (error) {
    // The server may have ended the connection by then.
    if (
      !(error instanceof Deno.errors.BrokenPipe) &&
      !(error instanceof Deno.errors.ConnectionReset)
    ) throw error;
  }
  const isWaiting = random.below(2) === 0;
  if (isWaiting) await client.readSome(new Uint8Array(1 + random.below(1000)));
  // What was not read makes this a reset.
}

testWith(HAS_NETWORK, "clients that vanish leave nothing behind", async () => {
  using directory = new TemporaryDirectory(FILES);
  await using server = new TestServer(directory.path, {
    // A client that vanishes while it waits for an answer would wait in vain.
    deadlines: {
      head: 100,
      idle: 100,
      body: 100,
      waiting: 1000,
      reply: 1000,
      events: 60_000,
      linger: 100,
    },
  });
  // The server keeps some files open, which is not what is counted here.
  using first = await Client.connect(server.port);
  await first.get("/large.bin");
  await first.response();
  first.close();
  await until(() => server.server.connections === 0, "the first one's end");
  // Other tests run in this process too: count this site's files only. The sanitizer finds sockets.
  const before = openIn(directory);

  const random = new Random(20);
  for (let batch = 0; batch < 5; batch++) {
    await Promise.all(
      Array.from({ length: 40 }, () => vanish(server.port, random)),
    );
  }
  await until(() => server.server.connections === 0, "everybody's end");
  assertEquals(openIn(directory), before);
  assertEquals(server.reports, []);

  using last = await Client.connect(server.port);
  await last.get("/small.txt");
  assertEquals((await last.response()).body, "small");
});

/** Connects and resets the connection at once: mostly before the server has accepted it. */
function connectAndReset(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

// In a process of its own: here the clients' own turns would let the server accept first.
testProgram(
  "clients that reset before they are accepted hold up nobody",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using skiff = new Skiff([directory.path, "--port", "0", "--log=off"]);
    const port = await skiff.listening();
    // A pause for each would take five seconds.
    await assertQuick(2500, async () => {
      for (let count = 0; count < 20; count++) await connectAndReset(port);
      const answer = await exchange(port, "GET /small.txt HTTP/1.0\r\n\r\n");
      assertEquals(answer.endsWith("small"), true);
    });
  },
);
