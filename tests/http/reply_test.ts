import {
  assert,
  assertEquals,
  assertNotMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { escape } from "@std/html";
import {
  ALLOW,
  closing,
  type ConnectionLine,
  errorReply,
  fieldBlock,
  type FieldLine,
  headBytesMax,
  OPTIONS_REPLY,
  redirectReply,
  type Reply,
  reply,
  withFields,
  writeHead,
} from "../../lib/http/reply.ts";
import { EXPLANATIONS, REASON_PHRASES } from "../../lib/http/status.ts";
import { textOf, utf8 } from "../helpers.ts";

/** Sun, 06 Nov 1994 08:49:37 GMT. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);
const STATUSES = Object.keys(REASON_PHRASES).map(Number);
const ERRORS = STATUSES.filter((status) => status >= 400);
const CONNECTIONS: readonly ConnectionLine[] = [
  "persistent",
  "keepAlive",
  "close",
];

/** The head of a reply, written between other bytes that must stay as they are. */
function headOf(
  reply: Reply,
  connection: ConnectionLine = "persistent",
  now: number = NOW,
): string {
  const room = headBytesMax(reply);
  const out = new Uint8Array(7 + room + 7).fill(0xaa);
  const end = writeHead(reply, connection, now, out, 7);
  assert(end <= 7 + room);
  assert(out.subarray(0, 7).every((byte) => byte === 0xaa));
  assert(out.subarray(end).every((byte) => byte === 0xaa));
  return textOf(out.subarray(7, end));
}

function dateOf(now: number): string {
  const head = headOf(reply(200, fieldBlock([])), "persistent", now);
  return /\r\nDate: (.*)\r\n/.exec(head)![1]!;
}

/** Field lines of a block as pairs. */
function linesOf(block: Uint8Array): FieldLine[] {
  const text = textOf(block);
  assert(text === "" || text.endsWith("\r\n"));
  return text.split("\r\n").slice(0, -1).map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}

Deno.test("fieldBlock() writes a line for each field, in order", () => {
  assertStrictEquals(
    textOf(fieldBlock([["ETag", '"a"'], ["Vary", "b, c"], ["X-Empty", ""]])),
    'ETag: "a"\r\nVary: b, c\r\nX-Empty: \r\n',
  );
  assertStrictEquals(fieldBlock([]).length, 0);
});

Deno.test("fieldBlock() writes what is not ASCII as UTF-8", () => {
  assertEquals(fieldBlock([["X", "é🚤"]]), utf8("X: é🚤\r\n"));
});

Deno.test("fieldBlock() lets tabs and all visible characters through", () => {
  let visible = "\t";
  for (let code = 0x20; code < 0x7f; code++) {
    visible += String.fromCharCode(code);
  }
  assertEquals(linesOf(fieldBlock([["X", visible]])), [["X", visible]]);
});

for (let code = 0; code < 0x80; code++) {
  const isControl = code < 0x20 || code === 0x7f;
  if (!isControl || code === 0x09) continue;
  const control = String.fromCharCode(code);
  Deno.test(`fieldBlock() refuses the control character ${code}`, () => {
    for (
      const text of [control, `a${control}`, `${control}a`, `a${control}b`]
    ) {
      assertThrows(() => fieldBlock([["X", text]]), Error, "control character");
      assertThrows(() => fieldBlock([[text, "x"]]), Error, "control character");
      assertThrows(() => fieldBlock([["X", "x"], ["Y", text]]), Error);
    }
  });
}

Deno.test("fieldBlock() refuses a value that would begin a line of its own", () => {
  for (const value of ["a\r\nX: y", "a\nX: y", "a\rX: y", "\r\n\r\n<h1>"]) {
    assertThrows(() => fieldBlock([["Location", value]]), Error, "Location");
  }
});

Deno.test("withFields() adds lines behind a block and leaves it as it is", () => {
  const block = fieldBlock([["A", "1"]]);
  const more = withFields(block, [["B", "2"], ["C", "3"]]);
  assertStrictEquals(textOf(more), "A: 1\r\nB: 2\r\nC: 3\r\n");
  assertStrictEquals(textOf(block), "A: 1\r\n");
  assertEquals(withFields(block, []), block);
  assertEquals(withFields(new Uint8Array(0), [["A", "1"]]), block);
  assertThrows(() => withFields(block, [["B", "\n"]]), Error);
});

const HEAD_START = "Server: skiff\r\n" +
  "X-Content-Type-Options: nosniff\r\n" +
  "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

const HEADS: readonly [
  name: string,
  status: number,
  fields: readonly FieldLine[],
  connection: ConnectionLine,
  want: string,
][] = [
  [
    "that goes on in HTTP/1.1",
    200,
    [["Content-Length", "5"]],
    "persistent",
    `HTTP/1.1 200 OK\r\n${HEAD_START}Content-Length: 5\r\n\r\n`,
  ],
  [
    "that goes on in HTTP/1.0",
    404,
    [["Content-Length", "5"]],
    "keepAlive",
    `HTTP/1.1 404 Not Found\r\n${HEAD_START}Content-Length: 5\r\n` +
    "Connection: keep-alive\r\n\r\n",
  ],
  [
    "that is the last",
    431,
    [["Content-Length", "5"], ["X", "y"]],
    "close",
    `HTTP/1.1 431 Request Header Fields Too Large\r\n${HEAD_START}` +
    "Content-Length: 5\r\nX: y\r\nConnection: close\r\n\r\n",
  ],
  [
    "without fields",
    304,
    [],
    "persistent",
    `HTTP/1.1 304 Not Modified\r\n${HEAD_START}\r\n`,
  ],
];

for (const [name, status, fields, connection, want] of HEADS) {
  Deno.test(`writeHead() writes a head ${name}`, () => {
    const made = reply(status, fieldBlock(fields));
    assertStrictEquals(headOf(made, connection), want);
    // Again, from what was prepared.
    assertStrictEquals(headOf(made, connection), want);
  });
}

for (const status of STATUSES) {
  Deno.test(`writeHead() keeps within headBytesMax() for ${status}`, () => {
    for (const fields of [[], [["X", "y".repeat(5000)] as const]]) {
      const made = reply(status, fieldBlock(fields));
      for (const connection of CONNECTIONS) {
        const head = headOf(made, connection);
        assert(
          head.startsWith(`HTTP/1.1 ${status} ${REASON_PHRASES[status]}\r\n`),
        );
        assertStrictEquals(head.indexOf("\r\n\r\n"), head.length - 4);
      }
    }
  });
}

Deno.test("writeHead() does not mind the connection line of the reply before", () => {
  const made = reply(200, fieldBlock([]));
  const heads = CONNECTIONS.map((connection) => headOf(made, connection));
  assertStrictEquals(new Set(heads).size, 3);
  assertEquals(
    CONNECTIONS.map((connection) => headOf(made, connection)),
    heads,
  );
});

const DATES: readonly [name: string, now: number, want: string][] = [
  ["a second", NOW, "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["the same second's end", NOW + 999, "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["the next second", NOW + 1000, "Sun, 06 Nov 1994 08:49:38 GMT"],
  ["the second before", NOW - 1, "Sun, 06 Nov 1994 08:49:36 GMT"],
  ["the first second again", NOW, "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["a leap day", Date.UTC(2028, 1, 29), "Tue, 29 Feb 2028 00:00:00 GMT"],
  ["the year before", Date.UTC(2027, 11, 31), "Fri, 31 Dec 2027 00:00:00 GMT"],
  ["the epoch", 0, "Thu, 01 Jan 1970 00:00:00 GMT"],
];

Deno.test("writeHead() writes the Date of the second it is given, forwards and backwards", () => {
  for (const [name, now, want] of [...DATES, ...DATES.toReversed()]) {
    assertStrictEquals(dateOf(now), want, name);
  }
});

Deno.test("reply() makes a reply that does not end its connection", () => {
  const fields = fieldBlock([["A", "1"]]);
  const body = [utf8("hello")];
  assertEquals(reply(200, fields, body), {
    status: 200,
    fields,
    body,
    close: false,
  });
  assertEquals(reply(204, fields).body, []);
});

Deno.test("closing() makes the same reply the last, and leaves the first as it is", () => {
  const made = reply(200, fieldBlock([["A", "1"]]), [utf8("hello")]);
  const last = closing(made);
  assertEquals(last, { ...made, close: true });
  assertStrictEquals(made.close, false);
  assertStrictEquals(closing(last), last);
});

const LOCATIONS: readonly [name: string, location: string][] = [
  ["a path", "/a/"],
  ["a path and a query", "/a/?b=c%20d"],
  ["an encoded line break", "/a%0D%0AX:%20y/"],
];

for (const [name, location] of LOCATIONS) {
  Deno.test(`redirectReply() names ${name}`, () => {
    const made = redirectReply(location);
    assertStrictEquals(made.status, 308);
    assertEquals(linesOf(made.fields), [
      ["Location", location],
      ["Cache-Control", "no-cache"],
      ["Content-Length", "0"],
    ]);
    assertEquals(made.body, []);
    assertStrictEquals(made.close, false);
  });
}

Deno.test("redirectReply() refuses a line break that nobody has encoded", () => {
  assertThrows(() => redirectReply("/a\r\nX: y"), Error, "control character");
});

Deno.test("OPTIONS_REPLY lists the methods and has no body", () => {
  assertStrictEquals(ALLOW, "GET, HEAD, OPTIONS");
  assertStrictEquals(OPTIONS_REPLY.status, 204);
  // No Content-Length in a 204 (RFC 9110 §8.6).
  assertEquals(linesOf(OPTIONS_REPLY.fields), [["Allow", ALLOW]]);
  assertEquals(OPTIONS_REPLY.body, []);
});

/** Fields of one error beyond those of all. */
const MORE_FIELDS: Readonly<Record<number, readonly FieldLine[]>> = {
  405: [["Allow", "GET, HEAD, OPTIONS"]],
  503: [["Retry-After", "1"]],
};

for (const status of ERRORS) {
  Deno.test(`errorReply() makes a page for ${status}`, () => {
    const made = errorReply(status);
    assertStrictEquals(made.status, status);
    assertStrictEquals(made.close, false);
    assertStrictEquals(made.body.length, 1);
    const page = made.body[0]!;
    assert(page instanceof Uint8Array);
    assertEquals(linesOf(made.fields), [
      ["Content-Type", "text/html; charset=UTF-8"],
      ["Content-Length", String(page.length)],
      ["Cache-Control", "no-store"],
      [
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      ],
      ...MORE_FIELDS[status] ?? [],
    ]);
    assertStrictEquals(errorReply(status), made);
  });

  Deno.test(`errorReply() says what ${status} means, and nothing of the machine`, () => {
    const page = textOf(errorReply(status).body[0] as Uint8Array);
    const title = escape(`${status} ${REASON_PHRASES[status]}`);
    assert(page.startsWith("<!doctype html>\n"));
    assert(page.endsWith("</html>\n"));
    assertStringIncludes(page, `<title>${title}</title>`);
    assertStringIncludes(page, `<h1>${title}</h1>`);
    assertStringIncludes(page, `<p>${escape(EXPLANATIONS[status]!)}</p>`);
    assertNotMatch(page, /undefined|deno|skiff|linux|windows|\.ts\b|file:/i);
    // No paths, and nothing that the page's own policy would forbid.
    assertNotMatch(page, /[\s"'(][/\\]\w|<script|<link|<img|url\(|\son\w+=/i);
  });
}
