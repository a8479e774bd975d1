import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Exchange } from "../../lib/observe/exchange.ts";
import {
  exchange,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";

const LARGE_BYTES = 32 * 1024 * 1024;

/** What requests come to: line, status and bytes of the body. */
const ROWS: readonly (readonly [
  name: string,
  request: string,
  ...records: [string | undefined, number, number][],
])[] = [
  [
    "a file",
    "GET /a.txt?q HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ["GET /a.txt?q HTTP/1.1", 200, 5],
  ],
  [
    "HTTP/1.0",
    "GET /a.txt HTTP/1.0\r\n\r\n",
    ["GET /a.txt HTTP/1.0", 200, 5],
  ],
  [
    "HEAD, which has no body",
    "HEAD /a.txt HTTP/1.0\r\n\r\n",
    ["HEAD /a.txt HTTP/1.0", 200, 0],
  ],
  [
    "a part of a file",
    "GET /a.txt HTTP/1.0\r\nRange: bytes=1-2\r\n\r\n",
    ["GET /a.txt HTTP/1.0", 206, 2],
  ],
  [
    "a copy that is still good",
    "GET /a.txt HTTP/1.0\r\nIf-None-Match: *\r\n\r\n",
    ["GET /a.txt HTTP/1.0", 304, 0],
  ],
  [
    "a large file",
    "GET /large.bin HTTP/1.0\r\n\r\n",
    ["GET /large.bin HTTP/1.0", 200, LARGE_BYTES],
  ],
  [
    "several requests at once",
    "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.0\r\n\r\n",
    ["GET /a.txt HTTP/1.1", 200, 5],
    ["OPTIONS * HTTP/1.0", 204, 0],
  ],
];

for (const [name, text, ...records] of ROWS) {
  testWith(HAS_NETWORK, `an exchange tells of ${name}`, async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "first",
      "large.bin": "",
    });
    Deno.truncateSync(directory.join("large.bin"), LARGE_BYTES);
    await using server = new TestServer(directory.path);
    const before = Date.now();
    await exchange(server.port, text);
    const after = Date.now();
    await until(() => server.server.connections === 0, "the end");
    assertEquals(
      server.exchanges.map(({ requestLine, status, bodyBytes }) => [
        requestLine,
        status,
        bodyBytes,
      ]),
      records,
    );
    for (const { remote, time } of server.exchanges) {
      assertEquals(remote, "127.0.0.1");
      assertEquals(time >= before && time <= after, true);
    }
  });
}

/** What clients send that ends in an error, and which request line is told of it. */
const ERRORS: readonly (readonly [string, string | undefined, number])[] = [
  ["GET /gone.txt HTTP/1.0\r\n\r\n", "GET /gone.txt HTTP/1.0", 404],
  ["GET /%00 HTTP/1.0\r\n\r\n", "GET /%00 HTTP/1.0", 400],
  ["nonsense\r\n\r\n", undefined, 400],
  ["\0\x1b[31m\r\n\r\n", undefined, 400],
  ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1", 400],
  ["GET / HTTP/4.0\r\n\r\n", undefined, 505],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "POST / HTTP/1.1",
    400,
  ],
];

for (const [text, requestLine, status] of ERRORS) {
  testWith(
    HAS_NETWORK,
    `an exchange tells of ${JSON.stringify(text)}`,
    async () => {
      using directory = new TemporaryDirectory();
      await using server = new TestServer(directory.path);
      const answer = await exchange(server.port, text);
      const [record] = server.exchanges as [Exchange];
      assertEquals(server.exchanges.length, 1);
      assertEquals(record.requestLine, requestLine);
      assertEquals(record.status, status);
      const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
      assertEquals(record.bodyBytes, body.length);
    },
  );
}

testWith(
  HAS_NETWORK,
  "an exchange tells how much of a download was sent before the client went",
  async () => {
    using directory = new TemporaryDirectory({ "large.bin": "" });
    Deno.truncateSync(directory.join("large.bin"), LARGE_BYTES);
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    await client.get("/large.bin");
    await client.head();
    assertEquals(server.exchanges, []);
    const got = (await client.bytes(3_000_000)).length;
    client.close();
    await until(() => server.exchanges.length === 1, "the record");
    const { status, bodyBytes, requestLine } = server.exchanges[0]!;
    assertEquals(status, 200);
    assertEquals(requestLine, "GET /large.bin HTTP/1.1");
    assertGreater(bodyBytes, got - 1);
    assertLess(bodyBytes, LARGE_BYTES);
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "a client that asks for nothing leaves no record",
  async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    await client.send("GET / HT");
    client.close();
    await until(() => server.server.connections === 0, "the end");
    assertEquals(server.exchanges, []);
  },
);
