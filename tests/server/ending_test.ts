import { assertEquals } from "@std/assert";
import { errorReply, type Reply, reply } from "../../lib/http/reply.ts";
import { Admission } from "../../lib/server/admission.ts";
import { INPUT_BYTES } from "../../lib/server/buffers.ts";
import type { Socket } from "../../lib/server/client.ts";
import { Connection } from "../../lib/server/connection.ts";
import { StreamQuota } from "../../lib/server/stream_quota.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { bytesOf } from "../helpers.ts";

const NOW = 1_700_000_000_000;

/** A socket that records what is done with it. Its client sends the given inputs, and then ends. */
class RecordingSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "198.51.100.1",
    port: 1,
  };
  readonly calls: string[] = [];
  readonly #input: Uint8Array[];

  constructor(input: readonly string[]) {
    this.#input = input.map(bytesOf);
  }

  read(into: Uint8Array): Promise<number | null> {
    const bytes = this.#input.shift();
    this.calls.push(bytes === undefined ? "end" : "read");
    if (bytes === undefined) return Promise.resolve(null);
    into.set(bytes);
    return Promise.resolve(bytes.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.calls.push("write");
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    this.calls.push("shut");
    return Promise.resolve();
  }

  close(): void {
    this.calls.push("close");
  }

  setNoDelay(): void {
    this.calls.push("prompt");
  }
}

/** The same with a handshake that is complete. */
class RecordingTlsSocket extends RecordingSocket {
  handshake(): Promise<void> {
    return Promise.resolve();
  }
}

function answerOf(bodyBytes: number): Reply {
  return reply(200, [], [new Uint8Array(bodyBytes)]);
}

/** What is done with a socket whose requests are answered like this. */
async function callsOf(
  socket: RecordingSocket,
  respond: () => Reply,
): Promise<string> {
  const bounds = { connectionsMax: 10, openingMax: 10 };
  const connection = new Connection(socket, {
    respond,
    refusal: errorReply,
    deadlines: DEADLINES,
    nextTurn: () => undefined,
    record: undefined,
    report: () => {},
    isDraining: () => false,
    admission: new Admission(bounds, undefined, () => {}),
    streamQuota: new StreamQuota(10),
  }, NOW);
  await connection.serve(0);
  return socket.calls.join(" ");
}

const CLOSING = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const OLD = "GET / HTTP/1.0\r\n\r\n";
const PERSISTENT = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const WITH_BODY =
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab";
/** Fills the input, so that more may wait in the system. */
const FILLING = `GET / HTTP/1.0\r\nA: ${"a".repeat(INPUT_BYTES - 23)}\r\n\r\n`;

const LINGERING = "read write shut end close";

/** What clients send, the bytes of each answer, and what the server does. */
const ROWS: readonly (readonly [
  name: string,
  input: readonly string[],
  bodyBytes: number,
  calls: string,
])[] = [
  ["a request that asks for it", [CLOSING], 10, "read write close"],
  ["a request of HTTP/1.0", [OLD], 10, "read write close"],
  [
    "a request in pieces",
    [OLD.slice(0, 9), OLD.slice(9)],
    10,
    "read read write close",
  ],
  [
    "the last of several requests",
    [PERSISTENT, CLOSING],
    10,
    "read prompt write read write close",
  ],
  [
    "requests that came at once",
    [PERSISTENT + CLOSING],
    10,
    "read prompt write close",
  ],
  ["something behind it", [`${CLOSING}x`], 10, LINGERING],
  ["a full input", [FILLING], 10, LINGERING],
  ["a body", [WITH_BODY], 10, LINGERING],
  ["a mistake", ["nonsense\r\n\r\n"], 10, LINGERING],
  ["an answer beyond a first window", [CLOSING], 8193, LINGERING],
  [
    "an answer of several writes",
    [CLOSING],
    100_000,
    "read prompt write write shut end close",
  ],
];

for (const [name, input, bodyBytes, calls] of ROWS) {
  Deno.test(`Connection ends as it is safe after ${name}`, async () => {
    const answer = answerOf(bodyBytes);
    const socket = new RecordingSocket(input);
    assertEquals(await callsOf(socket, () => answer), calls);
  });
}

Deno.test("Connection waits for the end of a TLS client, which still answers that of the server", async () => {
  const socket = new RecordingTlsSocket([CLOSING]);
  const calls = await callsOf(socket, () => answerOf(10));
  assertEquals(calls, `prompt ${LINGERING}`);
});

Deno.test("a connection that ends before it has sent a whole message leaves its room to others", async () => {
  const { now } = Date;
  let time = NOW;
  Date.now = () => time;
  try {
    // More of them than there is room for, each of a second of its own.
    for (let round = 0; round < 50; round++) {
      time += 1000;
      const answer = answerOf(100_000);
      let requests = 0;
      const socket = new RecordingSocket([PERSISTENT.repeat(3)]);
      await callsOf(socket, () => {
        if (++requests === 3) throw new Deno.errors.BadResource();
        return answer;
      });
      // The second answer waited for the third.
      assertEquals(socket.calls.join(" "), "read prompt write write close");
    }
    time += 1000;
    const answer = answerOf(100_000);
    const socket = new RecordingSocket([PERSISTENT, PERSISTENT]);
    // Head and content of the first answer, then all of the second.
    const calls = "read prompt write write read write end close";
    assertEquals(await callsOf(socket, () => answer), calls);
  } finally {
    Date.now = now;
  }
});
