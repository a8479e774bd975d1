import { assertEquals } from "@std/assert";
import { parseResponseHead } from "../../../lib/http/http1/response_head.ts";

/** Heads, their status and fields, and whether they are valid for a strict reader. */
const HEADS: readonly (readonly [
  text: string,
  status: number,
  fields: Readonly<Record<string, string>>,
  isValid: boolean,
])[] = [
  ["HTTP/1.1 200 OK\r\nA: 1\r\na:2\t", 200, { a: "1, 2" }, true],
  ["HTTP/1.0 404", 404, {}, true],
  ["HTTP/1.1 404 ", 404, {}, true],
  [
    "HTTP/1.1 301 A\r\nB: /\xc3\xa0\r\nC:",
    301,
    { b: "/\xc3\xa0", c: "" },
    true,
  ],
  ["HTTP/1.1 200 OK\r\nno field\r\nA: 1", 200, { a: "1" }, false],
  ["HTTP/1.1 200 OK\r\n: 1", 200, {}, false],
  ["HTTP/1.1 200 OK\r\nA : 1", 200, {}, false],
  ["HTTP/1.1 200 OK\r\nA: 1\r\n 2", 200, { a: "1" }, false],
  ["HTTP/1.1 200 OK\r\nA: 1\n2", 200, { a: "1\n2" }, false],
  ["HTTP/1.1 200 OK\r\nA: 1\r2", 200, { a: "1\r2" }, false],
  ["HTTP/1.1 200 OK\r\nA: \0", 200, { a: "\0" }, false],
  ["HTTP/1.1 200 OK\nA: 1", 200, {}, false],
  ["HTTP/1.1 200 OK\rA: 1", 200, {}, false],
];

for (const [text, status, fields, isValid] of HEADS) {
  Deno.test(`parseResponseHead() reads ${JSON.stringify(text)}`, () => {
    const head = { status, fields: new Map(Object.entries(fields)) };
    assertEquals(parseResponseHead(text, false), head);
    assertEquals(parseResponseHead(text, true), isValid ? head : undefined);
  });
}

for (
  const text of [
    "",
    "HTTP/2 200",
    "HTTP/1.1 20",
    "HTTP/1.1 2000",
    "HTTP/1.1  200",
    "ICY 200 OK",
    "<html>",
  ]
) {
  Deno.test(`parseResponseHead() refuses ${JSON.stringify(text)}`, () => {
    assertEquals(parseResponseHead(text, false), undefined);
    assertEquals(parseResponseHead(text, true), undefined);
  });
}
