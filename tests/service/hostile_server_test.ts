/**
 * `skiff check --server` and `--external` against servers that want to hold
 * them up, fill their memory, or write on the operator's terminal.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EXCHANGE_BYTES_MAX } from "../../lib/check/responses.ts";
import { checkServer } from "../../lib/service/check_server.ts";
import { askTarget, checkOne } from "../../lib/service/external_links.ts";
import { serverAddressOf } from "../../lib/service/plain_client.ts";
import { StartError } from "../../lib/service/startup.ts";
import { HAS_NETWORK, testWith, utf8, writeAll } from "../helpers.ts";
import { type Serve, SocketServer } from "./socket_server.ts";

const BODY = "0123456789abcdef0123456789abcdef";
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n`;
const GOOD = `${HEAD}\r\n${BODY}`;

const say = (text: string): Serve => async (socket) => {
  await readSome(socket);
  await writeAll(socket, utf8(text));
};

/** Says something again and again until the client has enough. */
const forever = (first: string, again: string): Serve => async (socket) => {
  await readSome(socket);
  await writeAll(socket, utf8(first));
  const bytes = utf8(again);
  for (;;) await writeAll(socket, bytes);
};

/** Leaves the connection open. */
const stay = (text: string): Serve => async (socket) => {
  await say(text)(socket);
  while (await readSome(socket) > 0);
};

async function readSome(socket: Deno.Conn): Promise<number> {
  return await socket.read(new Uint8Array(64 * 1024)) ?? 0;
}

/** Servers that send no file to probe with: what the operator is told. */
const UNUSABLE: readonly (readonly [
  name: string,
  serve: Serve,
  message: RegExp,
])[] = [
  ["that closes at once", async () => {}, /no valid response/],
  ["that says nothing", stay(""), /no valid response/],
  ["of HTTP/0.9", say(BODY), /no valid response/],
  ["of another protocol", stay("220 mail ESMTP\r\n"), /no valid response/],
  [
    "whose head does not end",
    forever("HTTP/1.1 200 OK\r\n", `A: ${"a".repeat(9_000)}\r\n`),
    /no valid response/,
  ],
  [
    "that only sends interim responses",
    forever("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
    /no valid response/,
  ],
  [
    "whose body does not end",
    forever("HTTP/1.1 200 OK\r\n\r\n", BODY.repeat(1_000)),
    /no valid response/,
  ],
  [
    "whose chunks do not end",
    forever(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "1\r\na\r\n".repeat(1_000),
    ),
    /no valid response/,
  ],
  [
    "that sends less than it says",
    say(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n${BODY}`),
    /no valid response/,
  ],
  [
    "with a length beyond all numbers",
    say(`HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(400)}\r\n\r\n${BODY}`),
    /no valid response/,
  ],
  [
    "that encodes a bomb",
    say(HEAD + "Content-Encoding: gzip\r\n\r\n" + BODY),
    /only encoded/,
  ],
  [
    "that redirects to a private network",
    say(
      "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\u202e\x1b[2J\r\n" +
        "Content-Length: 0\r\n\r\n",
    ),
    /redirects \/f\.txt to "http:\/\/169\.254\.169\.254\//,
  ],
  ["of TLS on a plain port", say("\x15\x03\x01\0\x02\x02\x50"), /no valid/],
];

/** What acts on a terminal, or hides there. */
const ACTS = /(?!\n)[\p{Cc}\p{Cf}]/u;

for (const [name, serve, message] of UNUSABLE) {
  testWith(HAS_NETWORK, `checkServer() refuses a server ${name}`, async () => {
    await using server = new SocketServer(() => serve);
    const error = await assertRejects(
      () =>
        checkServer(`http://127.0.0.1:${server.port}/f.txt`, [], {
          responseMs: 300,
          endMs: 5,
        }),
      StartError,
      "Cannot probe",
    );
    assertMatch(error.message, message);
    assertEquals(ACTS.test(error.message), false);
    assertEquals(server.connections, 1);
  });
}

/** Servers that are fine until the probes begin. */
const TURNING: readonly (readonly [name: string, serve: Serve])[] = [
  ["closes at once", async () => {}],
  ["says nothing", stay("")],
  ["closes in the middle of a head", say("HTTP/1.1 200 OK\r\nA")],
  ["closes in the middle of a body", say(`${HEAD}\r\n${BODY.slice(9)}`)],
  ["sends bodies without end", forever(GOOD, BODY.repeat(9_000))],
  [
    "writes on terminals",
    say(
      "HTTP/1.1 200 \x1b[2J\r\nETag: \x1b]0;x\x07\u202e\r\nDate: \x9b2J\r\n" +
        `Content-Type: \x1b[2J\r\nLocation: //example.com/\u202e\x9b\r\n` +
        `Content-Encoding: \x1b[2J\r\nContent-Length: 0\r\n\r\n`,
    ),
  ],
];

/** How many requests find out what the server sends. */
const LEARNED = 4;

for (const [name, serve] of TURNING) {
  testWith(
    HAS_NETWORK,
    `checkServer() ends in time with a server that ${name} after a while`,
    async () => {
      await using server = new SocketServer((count) =>
        count < LEARNED ? say(GOOD) : serve
      );
      for (const format of ["text", "json"]) {
        const began = performance.now();
        const { text, code } = await checkServer(
          `http://name:secret@127.0.0.1:${server.port}/f.txt#x`,
          [["format", format]],
          { responseMs: 50, endMs: 5, runMs: 1_000 },
        );
        assertEquals(performance.now() - began < 20_000, true);
        assertEquals(code, 1);
        assertEquals(ACTS.test(text), false);
        assertEquals(text.includes("secret"), false);
        server.connections = 0;
      }
    },
  );
}

testWith(
  HAS_NETWORK,
  "checkServer() ends after the time for all probes",
  async () => {
    await using server = new SocketServer((count) =>
      count < LEARNED ? say(GOOD) : stay("")
    );
    const { text } = await checkServer(
      `http://127.0.0.1:${server.port}/f.txt`,
      [["format", "json"]],
      { responseMs: 50, endMs: 5, runMs: 500 },
    );
    const { results } = JSON.parse(text);
    assertEquals(results.at(-1).reason, "time was over");
    assertEquals(server.connections < 100, true);
  },
);

testWith(
  HAS_NETWORK,
  "checkServer() reads only so much for a probe, however long it may wait",
  async () => {
    let sent = 0;
    const bytes = utf8(BODY.repeat(1_000));
    await using server = new SocketServer(() => async (socket) => {
      await say("HTTP/1.1 200 OK\r\n\r\n")(socket);
      for (;; sent += bytes.length) await writeAll(socket, bytes);
    });
    const began = performance.now();
    await assertRejects(
      () =>
        checkServer(`http://127.0.0.1:${server.port}/f.txt`, [], {
          responseMs: 60_000,
        }),
      StartError,
      "no valid response",
    );
    assertEquals(performance.now() - began < 30_000, true);
    // What the system holds for both sides comes on top.
    assertEquals(sent < EXCHANGE_BYTES_MAX + 32 * 1024 * 1024, true);
  },
);

/** What a link to such a server comes to. */
const LINKED: readonly (readonly [
  name: string,
  serve: Serve,
  result: RegExp,
])[] = [
  ["closes at once", async () => {}, /^dead no response head$/],
  ["says nothing", stay(""), /^dead no response in time$/],
  ["is of HTTP/0.9", say(BODY), /^dead no response head$/],
  [
    "sends a head without end",
    forever("HTTP/1.1 200 OK\r\n", `A: ${"a".repeat(9_000)}\r\n`),
    /^dead no response head$/,
  ],
  ["sends a body without end", forever(GOOD, BODY.repeat(9_000)), /^ok/],
  [
    "sends only interim responses",
    forever("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
    /^dead no response head$/,
  ],
  [
    "sends an interim response and an error",
    say(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n",
    ),
    /^dead the server responds with 404$/,
  ],
  [
    "redirects in a circle",
    say("HTTP/1.1 302 Found\r\nLocation: /1\r\n\r\n"),
    /^dead more than 5 redirects$/,
  ],
  [
    "redirects to another scheme",
    say("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"),
    /^dead redirected to "file:/,
  ],
];

for (const [name, serve, result] of LINKED) {
  testWith(
    HAS_NETWORK,
    `a link to a server that ${name} is ${result}`,
    async () => {
      await using server = new SocketServer(() => serve);
      const found = await checkOne(
        new URL(`http://127.0.0.1:${server.port}/`),
        (url, method) =>
          askTarget(
            serverAddressOf(url),
            url,
            method,
            AbortSignal.timeout(300),
          ),
      );
      const { reason = "" } = found as { reason?: string };
      assertMatch(
        `${found.kind} ${reason.replace("the server sent ", "")}`,
        result,
      );
    },
  );
}
