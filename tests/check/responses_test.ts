import { assertEquals } from "@std/assert";
import { splitResponses } from "../../lib/check/responses.ts";

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
  ["", ["GET"], [], "", true],
];

for (const [text, methods, bodies, rest, isClosed = false] of STREAMS) {
  Deno.test(`splitResponses() of ${JSON.stringify(text.slice(0, 70))} after ${methods}`, () => {
    const found = splitResponses(text, methods, isClosed);
    assertEquals(found.responses.map(({ body }) => body), [...bodies]);
    assertEquals([found.rest, found.isClosed], [rest, isClosed]);
  });
}

Deno.test("splitResponses() joins the lines of a field, and leaves interim responses out", () => {
  const { responses: [response] } = splitResponses(
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\nContent-Length: 0\r\n\r\n",
    ["GET"],
    false,
  );
  assertEquals(response!.fields.get("a"), "1, 2");
  assertEquals(response!.status, 200);
});
