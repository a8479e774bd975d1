import { assertEquals } from "@std/assert";
import {
  INTERIM_MAX,
  PROBE_HEAD_BYTES_MAX,
  ResponseSplitter,
} from "../../lib/check/responses.ts";
import { splitResponses } from "./exchanges.ts";
import { assertQuick } from "../quickness.ts";

/** What comes from a server after requests with these methods, and how it is split. */
const STREAMS: readonly (readonly [
  text: string,
  methods: readonly string[],
  bodies: readonly string[],
  rest: string,
  isClosed?: boolean,
])[] = [
  ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", ["GET"], ["ab"], ""],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ["GET", "GET"],
    ["ab", ""],
    "",
  ],
  ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", ["HEAD"], [""], ""],
  ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", ["HEAD"], [""], "ab"],
  ["HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", ["GET"], [""], ""],
  ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", ["GET"], [
    "",
  ], ""],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: 1\r\n\r\n",
    ["GET"],
    ["abc"],
    "",
  ],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nrest",
    ["GET"],
    [""],
    "rest",
  ],
  ["HTTP/1.0 200 OK\r\n\r\nall", ["GET"], ["all"], "", true],
  ["HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ["GET"], [""], ""],
  // What is no response, or not a whole one.
  [
    "HTTP/1.0 200 OK\r\n\r\nall",
    ["GET"],
    [],
    "HTTP/1.0 200 OK\r\n\r\nall",
    false,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    ["GET"],
    [],
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    true,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ["GET"],
    [],
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
  ],
  [
    "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
    ["GET"],
    [],
    "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
  ],
  ["<html>\r\n\r\n", ["GET"], [], "<html>\r\n\r\n", true],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ["GET"],
    [],
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
  ],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ["GET"],
    [],
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
  ],
  [
    "HTTP/1.1 204 No Content\r\nA: a\0b\r\n\r\n",
    ["GET"],
    [],
    "HTTP/1.1 204 No Content\r\nA: a\0b\r\n\r\n",
  ],
  [
    "HTTP/1.1 204 No Content\r\nA: a\nB: b\r\n\r\n",
    ["GET"],
    [],
    "HTTP/1.1 204 No Content\r\nA: a\nB: b\r\n\r\n",
  ],
  [
    "HTTP/1.1 204 No Content\r\nA: a\rb\r\n\r\n",
    ["GET"],
    [],
    "HTTP/1.1 204 No Content\r\nA: a\rb\r\n\r\n",
  ],
  ["", ["GET"], [], "", true],
];

/** Streams that can become no responses, whatever follows: reading more would only take time. */
const HOPELESS: readonly (readonly [name: string, text: string])[] = [
  ["no head", "<html>\r\n\r\n"],
  [
    "a head beyond the bound",
    `HTTP/1.1 200 OK\r\nA: ${"a".repeat(PROBE_HEAD_BYTES_MAX)}`,
  ],
  [
    "interim responses beyond the bound",
    "HTTP/1.1 100 Continue\r\n\r\n".repeat(INTERIM_MAX + 1),
  ],
  [
    "a length that is none",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
  ],
  [
    "a chunk size that is none",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
  ],
  [
    "a line of a chunk without an end",
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${
      "a".repeat(9999)
    }`,
  ],
  [
    "trailers without an end",
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${
      "A: 1\r\n".repeat(9999)
    }`,
  ],
  [
    "a chunk that is longer than it says",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
  ],
];

for (const [name, text] of HOPELESS) {
  Deno.test(`ResponseSplitter gives up on ${name}`, () => {
    const splitter = new ResponseSplitter(["GET"]);
    splitter.push(text);
    assertEquals(splitter.isDone, true);
    assertEquals(splitter.result(true).responses, []);
  });
}

for (const [text, methods, , , isClosed = false] of STREAMS) {
  Deno.test(`ResponseSplitter finds the same byte by byte in ${JSON.stringify(text.slice(0, 70))} after ${methods}`, () => {
    const splitter = new ResponseSplitter(methods);
    for (const byte of text) splitter.push(byte);
    assertEquals(
      splitter.result(isClosed),
      splitResponses(text, methods, isClosed),
    );
  });
}

Deno.test("ResponseSplitter parses 4 MiB of small chunks in small pieces once", async () => {
  const chunks = "1\r\na\r\n".repeat(1000);
  // Parsed from the beginning each time, it takes a minute.
  await assertQuick(10_000, () => {
    const splitter = new ResponseSplitter(["GET"]);
    splitter.push("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let i = 0; i < 700; i++) splitter.push(chunks);
    splitter.push("0\r\n\r\n");
    assertEquals(splitter.result(false).responses[0]!.body.length, 700_000);
  });
});

Deno.test("ResponseSplitter reads heads full of spaces in time", async () => {
  const spaces = " ".repeat(PROBE_HEAD_BYTES_MAX - 100);
  await assertQuick(10_000, () => {
    const splitter = new ResponseSplitter(["GET"]);
    for (let i = 0; i < INTERIM_MAX; i++) {
      splitter.push(`HTTP/1.1 103 Early Hints\r\nA: a${spaces}b\r\n\r\n`);
    }
  });
});

for (const [text, methods, bodies, rest, isClosed = false] of STREAMS) {
  Deno.test(`ResponseSplitter splits ${JSON.stringify(text.slice(0, 70))} after ${methods}`, () => {
    const found = splitResponses(text, methods, isClosed);
    assertEquals(found.responses.map(({ body }) => body), [...bodies]);
    assertEquals([found.rest, found.isClosed], [rest, isClosed]);
  });
}

Deno.test("ResponseSplitter joins the lines of a field, and leaves interim responses out", () => {
  const { responses: [response] } = splitResponses(
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\nContent-Length: 0\r\n\r\n",
    ["GET"],
    false,
  );
  assertEquals(response!.fields.get("a"), "1, 2");
  assertEquals(response!.status, 200);
});
