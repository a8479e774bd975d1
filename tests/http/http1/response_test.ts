import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type FieldLine,
  FieldSection,
} from "../../../lib/http/field_section.ts";
import {
  CHUNK_HEAD_BYTES,
  type ConnectionLine,
  headBytesMax,
  SENDINGS_UNKEPT,
  writeChunkHead,
  writeHead,
} from "../../../lib/http/http1/response.ts";
import { type Reply, reply } from "../../../lib/http/reply.ts";
import { REASON_PHRASES } from "../../../lib/http/status.ts";
import { textOf, utf8 } from "../../helpers.ts";

/** Sun, 06 Nov 1994 08:49:37 GMT. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);
const STATUSES = Object.keys(REASON_PHRASES).map(Number);
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
  const head = headOf(reply(200, []), "persistent", now);
  return /\r\nDate: (.*)\r\n/.exec(head)![1]!;
}

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
    const made = reply(status, fields);
    assertStrictEquals(headOf(made, connection), want);
    // Again, from what was prepared.
    assertStrictEquals(headOf(made, connection), want);
  });
}

for (const status of STATUSES) {
  Deno.test(`writeHead() keeps within headBytesMax() for ${status}`, () => {
    for (const fields of [[], [["X", "y".repeat(5000)] as const]]) {
      const made = reply(status, fields);
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
  const made = reply(200, []);
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

Deno.test("writeHead() writes what is not ASCII as UTF-8, and tabs and visible characters as they are", () => {
  let visible = "\t";
  for (let code = 0x20; code < 0x7f; code++) {
    visible += String.fromCharCode(code);
  }
  const head = headOf(reply(200, [["X", "é🚤"], ["Y", visible]]));
  const utf8Text = String.fromCharCode(...utf8("é🚤"));
  assert(head.endsWith(`\r\nX: ${utf8Text}\r\nY: ${visible}\r\n\r\n`), head);
});

Deno.test("writeHead() writes the lines of a section behind those of its base, whichever is sent first", () => {
  const base = new FieldSection([["A", "1"]]);
  const more = base.with([["B", "2"], ["C", "3"]]);
  const long = `HTTP/1.1 200 OK\r\n${HEAD_START}A: 1\r\nB: 2\r\nC: 3\r\n\r\n`;
  const short = `HTTP/1.1 200 OK\r\n${HEAD_START}A: 1\r\n\r\n`;
  assertStrictEquals(headOf(reply(200, more)), long);
  assertStrictEquals(headOf(reply(200, base)), short);
  assertStrictEquals(
    headOf(reply(200, base.with([["B", "2"], ["C", "3"]]))),
    long,
  );
});

Deno.test("writeHead() writes a section that is sent again as it did the first time", () => {
  const base = new FieldSection([["A", "é🚤"]]);
  const section = base.with([["B", "\udfff"], ["C", "3"]]);
  const count = SENDINGS_UNKEPT + 2;
  const heads = Array.from(
    { length: count },
    () => headOf(reply(200, section)),
  );
  assert(section.http1Block !== undefined);
  assertEquals(heads, Array(count).fill(heads[0]));
});

Deno.test("writeHead() keeps the block of a section only when it is sent often", () => {
  const base = new FieldSection([["A", "1"]]);
  const kept = Array.from({ length: SENDINGS_UNKEPT + 1 }, (_, part) => {
    const section = base.with([["Content-Range", `bytes 0-${part}/999`]]);
    headOf(reply(206, section));
    return [base, section].map(({ http1Block }) => http1Block !== undefined);
  });
  const unkept = Array(SENDINGS_UNKEPT).fill([false, false]);
  assertEquals(kept, [...unkept, [true, false]]);
});

Deno.test("writeHead() finds room for lines that are made each time, and writes what they were checked as", () => {
  let makings = 0;
  const source = {
    get lines(): readonly FieldLine[] {
      makings++;
      return [["ETag", '"\u00e9\u{1f6a4}"'], ["Content-Length", "1024"]];
    },
  };
  const section = new FieldSection(source, new FieldSection([["A", "1"]]));
  const kept = new FieldSection(source.lines, section.base);
  makings = 0;
  assertStrictEquals(headOf(reply(200, section)), headOf(reply(200, kept)));
  assertEquals(makings, 1, "its lines are made once for each head");
  assertEquals(section.lines, kept.lines);
  const hostile = { lines: [["ETag", "a\r\nSet-Cookie: b"]] as const };
  assertThrows(() => new FieldSection(hostile), Error, '"ETag"');
});

Deno.test("writeChunkHead() writes any size in the same number of bytes", () => {
  const rows: [size: number, head: string][] = [
    [1, "00001\r\n"],
    [255, "000ff\r\n"],
    [0xfffff, "fffff\r\n"],
  ];
  for (const [size, head] of rows) {
    const out = new Uint8Array(CHUNK_HEAD_BYTES + 1).fill(0x2e);
    writeChunkHead(size, out);
    assertEquals(textOf(out), `${head}.`);
  }
});
