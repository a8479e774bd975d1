import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { BODY_BYTES_MAX } from "../../../lib/http/content_length.ts";
import {
  BodySkipper,
  CHUNK_LINE_BYTES_MAX,
  CHUNKED,
  frameBody,
  TRAILERS_MAX,
} from "../../../lib/http/http1/body.ts";
import type { RequestHead } from "../../../lib/http/head.ts";
import { ParsedHead } from "../../../lib/http/http1/request.ts";
import { bytesOf, Random } from "../../helpers.ts";

/** Field lines without their ends, and how they frame a body. */
type Framing = readonly [name: string, lines: readonly string[], want: number];

/** Values of Content-Length. */
const LENGTHS: readonly [name: string, value: string, want: number][] = [
  ["a length", "5", 5],
  ["no length", "0", 0],
  ["white space around", " \t 5 \t ", 5],
  ["leading zeros", "0005", 5],
  ["nothing but zeros", "0000", 0],
  ["forty zeros before a digit", "0".repeat(40) + "5", 5],
  ["the greatest length", String(BODY_BYTES_MAX), BODY_BYTES_MAX],
  ["one byte too many", String(BODY_BYTES_MAX + 1), -413],
  ["15 digits", "9".repeat(15), -413],
  ["16 digits", "9".repeat(16), -413],
  ["20 digits", "9".repeat(20), -413],
  ["2^53 + 1", "9007199254740993", -413],
  ["2^64 + 5, which 64 bits would make 5", "18446744073709551621", -413],
  ["2^32 + 5, which 32 bits would make 5", "4294967301", -413],
  ["400 digits, beyond any double", "9".repeat(400), -413],
  ["equal values", "5,5", 5],
  ["equal values and white space", "5\t, 5 ,5", 5],
  ["equal values that are too much", "2000000, 2000000", -413],
  ["different values", "5,6", -400],
  ["different values, the same prefix", "5, 55", -400],
  ["equal numbers, not equally written", "5, 05", -400],
  ["nothing", "", -400],
  ["a comma", ",", -400],
  ["a comma behind", "5,", -400],
  ["a comma before", ",5", -400],
  ["nothing between equal values", "5,,5", -400],
  ["a plus sign", "+5", -400],
  ["a minus sign", "-1", -400],
  ["minus zero", "-0", -400],
  ["hexadecimal", "0x10", -400],
  ["a hexadecimal digit", "a", -400],
  ["an exponent", "1e2", -400],
  ["a point", "5.0", -400],
  ["white space within", "5 5", -400],
  ["an underscore", "1_000", -400],
  ["a word", "five", -400],
  ["Infinity", "Infinity", -400],
  ["a letter after 20 digits", "9".repeat(20) + "x", -400],
  ["quotes", '"5"', -400],
  ["a semicolon", "5;5", -400],
  ["NBSP behind", "5\xa0", -400],
  ["NBSP before", "\xa05", -400],
  ["NBSP in a list", "5,\xa05", -400],
  ["a superscript digit", "\xb2", -400],
  ["commas by the thousand", ",".repeat(10_000), -400],
];

/** Values of Transfer-Encoding. */
const CODINGS: readonly [name: string, value: string, want: number][] = [
  ["chunked", "chunked", CHUNKED],
  ["Chunked", "Chunked", CHUNKED],
  ["CHUNKED", "CHUNKED", CHUNKED],
  ["white space around", "\t chunked \t", CHUNKED],

  // The end is sure, what is inside is not known: 501.
  ["gzip, then chunked", "gzip, chunked", -501],
  ["gzip, then Chunked", "GZip,CHUNKED", -501],
  ["a coding with a parameter, then chunked", "x;y=z, chunked", -501],
  ["identity, then chunked", "identity, chunked", -501],

  // The end is not sure: 400 (RFC 9112 §6.3).
  ["gzip alone", "gzip", -400],
  ["identity", "identity", -400],
  ["chunked, then gzip", "chunked, gzip", -400],
  ["chunked, then identity", "chunked, identity", -400],
  ["chunked twice", "chunked, chunked", -400],
  ["chunked twice in different case", "Chunked,chunked", -400],
  ["chunked, gzip, chunked", "chunked, gzip, chunked", -400],
  ["a letter before", "xchunked", -400],
  ["a letter behind", "chunkedx", -400],
  ["a shorter word", "chunke", -400],
  ["two words", "gzip chunked", -400],
  ["quotes", '"chunked"', -400],
  ["single quotes", "'chunked'", -400],
  ["a parameter", "chunked;x=y", -400],
  ["a weight", "chunked; q=1", -400],
  ["a semicolon", "gzip; chunked", -400],
  ["nothing", "", -400],
  ["white space alone", " \t", -400],
  ["a comma", ",", -400],
  ["a comma behind", "chunked,", -400],
  ["a comma before", ",chunked", -400],
  ["two commas", "gzip,,chunked", -400],
  ["NBSP behind", "chunked\xa0", -400],
  ["NBSP before", "\xa0chunked", -400],
  ["a soft hyphen", "chunk\xaded", -400],
  ["commas by the thousand", ",".repeat(10_000), -400],
];

/** Both fields, or one of them twice. */
const FRAMINGS: readonly Framing[] = [
  ["no field", [], 0],
  ["an equal length twice", ["Content-Length: 5", "content-length: 5"], 5],
  ["two lengths", ["Content-Length: 5", "Content-Length: 6"], -400],
  ["a length and none", ["Content-Length: 5", "Content-Length:"], -400],
  ["no length and one", ["Content-Length:", "Content-Length: 5"], -400],
  ["chunked and a length", [
    "Transfer-Encoding: chunked",
    "Content-Length: 5",
  ], -400],
  ["a length and chunked", [
    "Content-Length: 0",
    "Transfer-Encoding: chunked",
  ], -400],
  ["chunked and an empty length", [
    "Transfer-Encoding: chunked",
    "Content-Length:",
  ], -400],
  ["an empty coding and a length", [
    "Transfer-Encoding:",
    "Content-Length: 5",
  ], -400],
  ["an unknown coding and a length", [
    "Transfer-Encoding: gzip, chunked",
    "Content-Length: 5",
  ], -400],
  ["chunked in two lines", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked",
  ], -400],
  ["gzip and chunked in two lines", [
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: chunked",
  ], -501],
  ["chunked and gzip in two lines", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip",
  ], -400],
  ["chunked and identity in two lines", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity",
  ], -400],
  ["chunked and an empty line", [
    "Transfer-Encoding: chunked",
    "Transfer-Encoding:",
  ], -400],
  ["an empty line and chunked", [
    "Transfer-Encoding:",
    "Transfer-Encoding: chunked",
  ], -400],
  ["names that look like the fields'", [
    "Content_Length: 5",
    "Transfer_Encoding: chunked",
    "X-Content-Length: 6",
  ], 0],
  ...LENGTHS.map(([name, value, want]): Framing => [
    `Content-Length, ${name}`,
    [`Content-Length:${value}`],
    want,
  ]),
  ...CODINGS.map(([name, value, want]): Framing => [
    `Transfer-Encoding, ${name}`,
    [`Transfer-Encoding:${value}`],
    want,
  ]),
];

function parse(lines: readonly string[], minor: number): RequestHead {
  const bytes = bytesOf(
    `POST / HTTP/1.${minor}\r\n${["Host: a", ...lines].join("\r\n")}\r\n\r\n`,
  );
  const head = new ParsedHead();
  assertStrictEquals(head.parse(bytes, 0, bytes.length), bytes.length);
  return head;
}

for (const [name, lines, want] of FRAMINGS) {
  Deno.test(`frameBody() ${name}: ${want}`, () => {
    assertStrictEquals(frameBody(parse(lines, 1)), want);
  });

  Deno.test(`frameBody() ${name}, in HTTP/1.0`, () => {
    // HTTP/1.0 knows lengths, but no transfer codings (RFC 9112 §6.1).
    const isCoded = lines.some((line) => /^Transfer-Encoding:/i.test(line));
    assertStrictEquals(frameBody(parse(lines, 0)), isCoded ? -400 : want);
  });
}

/** How the skipping of a body ends, and how many bytes it took. */
interface Outcome {
  readonly done: boolean;
  readonly failure: number;
  readonly used: number;
}

/** Feeds text to a skipper in pieces that end at the given places and at the text's end. */
function feed(
  framing: number,
  bytes: Uint8Array,
  places: Iterable<number>,
): Outcome {
  const skipper = new BodySkipper(framing);
  let used = 0;
  for (const place of [...places, bytes.length]) {
    // A skipper that has ended takes no more.
    const hasEnded = skipper.done || skipper.failure !== 0;
    const next = skipper.skip(bytes, used, place);
    assert(next >= used && next <= Math.max(place, used));
    if (hasEnded) assertStrictEquals(next, used);
    else if (next < place) assert(skipper.done || skipper.failure !== 0);
    used = next;
  }
  return { done: skipper.done, failure: skipper.failure, used };
}

/** Places to split text at: all of them, or some hundred of a long one. */
function splits(length: number): number[] {
  const step = Math.ceil(length / 3000);
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}

function everyByte(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** A chunk. */
function chunk(data: string, extension: string = ""): string {
  return `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
}

const END = "0\r\n\r\n";
const BODIES: readonly [name: string, body: string][] = [
  ["no data", END],
  ["one chunk", `5\r\nhello\r\n${END}`],
  ["several chunks", chunk("hello") + chunk(" ") + chunk("world") + END],
  ["data that look like chunks", chunk("\r\n0\r\n\r\n") + END],
  [
    "data of every byte",
    chunk(
      Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(""),
    ) + END,
  ],
  ["a size in lower case", `1a\r\n${"x".repeat(26)}\r\n${END}`],
  ["a size in upper case", `1A\r\n${"x".repeat(26)}\r\n${END}`],
  ["a size with leading zeros", `00000005\r\nhello\r\n${END}`],
  ["a last chunk of many zeros", "00000000\r\n\r\n"],
  ["a size of 16, which is 10", `10\r\n${"x".repeat(16)}\r\n${END}`],
  ["an extension's name", chunk("a", ";x") + END],
  ["an extension's token", chunk("a", ";x=y") + END],
  ["an extension's quoted string", chunk("a", ';x="y z"') + END],
  ["an empty quoted string", chunk("a", ';x=""') + END],
  ["separators in a quoted string", chunk("a", ';x=";=\t,()"') + END],
  ["escapes in a quoted string", chunk("a", ';x="\\"\\\\\\ \\;\\y"') + END],
  ["obs-text in a quoted string", chunk("a", ';x="\x80\\\xff\xff"') + END],
  ["several extensions", chunk("a", ';x;y=z;w="v";u') + END],
  ["extensions of the last chunk", '0;x;y=z;w="v"\r\n\r\n'],
  [
    "the longest extension",
    chunk("a", ";".padEnd(CHUNK_LINE_BYTES_MAX, "x")) + END,
  ],
  [
    "long extensions of two chunks",
    chunk("a", ";".padEnd(999, "x")).repeat(2) + END,
  ],
  ["a trailer", "0\r\nX: y\r\n\r\n"],
  ["several trailers", "0\r\nX: y\r\nZ:\r\nX:\tv \xff\t\r\n\r\n"],
  ["a trailer called like a framing field", "0\r\nContent-Length: 5\r\n\r\n"],
  ["a trailer after extensions", `${chunk("a", ";x")}0;y\r\nX: y\r\n\r\n`],
  ["as many trailers as may be", `0\r\n${"X:y\r\n".repeat(TRAILERS_MAX)}\r\n`],
  [
    "the longest trailer",
    `0\r\n${"X:".padEnd(CHUNK_LINE_BYTES_MAX - 2, "y")}\r\n\r\n`,
  ],
];

/** What follows a body when requests are pipelined. */
const FOLLOWERS = [
  "",
  "\r\n",
  "0\r\n\r\n",
  "GET / HTTP/1.1\r\n\r\n",
  "X: y\r\n",
];

function assertSkips(framing: number, body: string): void {
  for (const follower of FOLLOWERS) {
    const bytes = bytesOf(body + follower);
    const want = { done: true, failure: 0, used: body.length };
    assertEquals(feed(framing, bytes, []), want);
    assertEquals(feed(framing, bytes, everyByte(bytes.length)), want);
    for (const split of splits(bytes.length)) {
      assertEquals(feed(framing, bytes, [split]), want);
    }
  }
}

function assertWaits(framing: number, body: string): void {
  const bytes = bytesOf(body);
  for (const used of splits(bytes.length)) {
    assertEquals(feed(framing, bytes.subarray(0, used), []), {
      done: false,
      failure: 0,
      used,
    });
  }
}

for (const [name, body] of BODIES) {
  Deno.test(`BodySkipper skips ${name}`, () => {
    assertSkips(CHUNKED, body);
    assertWaits(CHUNKED, body);
  });
}

for (const length of [1, 2, 5, 1000]) {
  Deno.test(`BodySkipper skips a body of ${length} bytes`, () => {
    assertSkips(length, "\r".repeat(length));
    assertWaits(length, "\r".repeat(length));
  });
}

Deno.test("BodySkipper is done with no body before the first byte", () => {
  const skipper = new BodySkipper(0);
  assert(skipper.done);
  assertStrictEquals(skipper.skip(bytesOf("GET /"), 2, 5), 2);
  assertStrictEquals(skipper.failure, 0);
});

Deno.test("BodySkipper skips the longest body", () => {
  const bytes = new Uint8Array(BODY_BYTES_MAX + 10);
  const want = { done: true, failure: 0, used: BODY_BYTES_MAX };
  assertEquals(feed(BODY_BYTES_MAX, bytes, []), want);
  assertEquals(feed(BODY_BYTES_MAX, bytes, [1, 70_000, 70_001]), want);
  assertWaits(BODY_BYTES_MAX, "x".repeat(1000));
});

Deno.test("BodySkipper begins where it is told to", () => {
  const text = "hello5\r\nhello\r\n0\r\n\r\nhello";
  const skipper = new BodySkipper(CHUNKED);
  assertStrictEquals(skipper.skip(bytesOf(text), 5, 12), 12);
  assertStrictEquals(skipper.skip(bytesOf(text), 12, text.length), 20);
  assert(skipper.done);
});

/** Chunks of one byte, so many bytes in all. */
function smallChunks(bytes: number): string {
  return chunk("x").repeat(Math.ceil(bytes / 6));
}

/** A body of so many bytes, framing included. */
function bodyOf(bytes: number): string {
  const chunks = chunk("x".repeat(0x10000)).repeat(15);
  const left = bytes - chunks.length - END.length;
  return chunks + chunk("x".repeat(left - "10000\r\n\r\n".length + 1)) + END;
}

const BAD: readonly [name: string, body: string, status: number][] = [
  // Sizes.
  ["no size", "\r\n\r\n", 400],
  ["no size but an extension", ";x\r\n", 400],
  ["a space before a size", " 5\r\nhello\r\n", 400],
  ["a space behind a size", "5 \r\nhello\r\n", 400],
  ["a tab behind a size", "5\t\r\nhello\r\n", 400],
  ["a space within a size", "1 0\r\n", 400],
  ["a plus sign", "+5\r\nhello\r\n", 400],
  ["a minus sign", "-1\r\n", 400],
  ["0x", "0x5\r\nhello\r\n", 400],
  ["a letter that is no digit", "g\r\n", 400],
  ["a letter behind a size", "5h\r\n", 400],
  ["an underscore in a size", "1_0\r\n", 400],
  ["a point in a size", "5.0\r\n", 400],
  ["a comma behind a size", "5,5\r\n", 400],
  ["NUL before a size", "\x005\r\n", 400],
  ["NUL behind a size", "5\0\r\n", 400],
  ["a wide digit", "\xb5\r\n", 400],
  ["nine digits", "000000005\r\nhello\r\n", 400],
  ["nine zeros", "000000000\r\n\r\n", 400],
  ["a digit too many behind zeros", `${"0".repeat(100)}5\r\nhello\r\n`, 400],
  ["one byte too many", "100001\r\n", 413],
  ["the greatest size of eight digits", "ffffffff\r\n", 413],
  ["-1 of 32 bits", "FFFFFFFF\r\n", 413],
  ["2^32, which 32 bits would make 0", "100000000\r\n\r\n", 413],
  ["2^64 + 5, which 64 bits would make 5", "10000000000000005\r\n", 413],
  ["a thousand digits", `${"f".repeat(1000)}\r\n`, 413],

  // Line ends.
  ["a bare LF behind a size", "5\nhello\r\n", 400],
  ["a bare CR behind a size", "5\rhello\r\n", 400],
  ["two CR behind a size", "5\r\r\nhello\r\n", 400],
  ["an empty line behind a chunk", `${chunk("a")}\r\n${END}`, 400],
  ["a bare LF behind data", "5\r\nhello\n0\r\n\r\n", 400],
  ["a bare CR behind data", "5\r\nhello\r0\r\n\r\n", 400],
  ["no line end behind data", "5\r\nhello0\r\n\r\n", 400],
  ["data longer than their size", "5\r\nhello!\r\n", 400],
  ["data shorter than their size", "5\r\nhell\r\n0\r\n\r\n", 400],
  ["a bare LF behind the last chunk", "0\n\r\n", 400],
  ["a bare LF at the end", "0\r\n\n", 400],
  ["a bare CR at the end", "0\r\n\rx", 400],
  ["two CR at the end", "0\r\n\r\r\n", 400],
  ["nothing but bare LF", "0\n\n", 400],

  // Extensions.
  ["no extension's name", "5;\r\nhello\r\n", 400],
  ["two semicolons", "5;;x\r\nhello\r\n", 400],
  ["a semicolon behind an extension", "5;x;\r\nhello\r\n", 400],
  ["no name but a value", "5;=y\r\nhello\r\n", 400],
  ["no value", "5;x=\r\nhello\r\n", 400],
  ["two values", "5;x=y=z\r\nhello\r\n", 400],
  ["a space before an extension", "5 ;x\r\nhello\r\n", 400],
  ["a space before an extension's name", "5; x\r\nhello\r\n", 400],
  ["a space behind an extension's name", "5;x \r\nhello\r\n", 400],
  ["a space before a value", "5;x= y\r\nhello\r\n", 400],
  ["a space behind a value", "5;x=y \r\nhello\r\n", 400],
  ["a space behind a quoted string", '5;x="y" \r\nhello\r\n', 400],
  ["a token behind a quoted string", '5;x="y"z\r\nhello\r\n', 400],
  ["a quote within a token", '5;x=y"z"\r\nhello\r\n', 400],
  ["a quoted name", '5;"x"=y\r\nhello\r\n', 400],
  ["an open quoted string", '5;x="y\r\nhello\r\n', 400],
  ["an escaped last quote", '5;x="y\\"\r\nhello\r\n', 400],
  ["an escaped CR", '5;x="\\\r\n"\r\nhello\r\n', 400],
  ["an escaped LF", '5;x="\\\n"\r\nhello\r\n', 400],
  ["an escaped NUL", '5;x="\\\0"\r\nhello\r\n', 400],
  ["a bare LF in a name", "5;x\nhello\r\n", 400],
  ["a bare LF in a value", "5;x=y\nhello\r\n", 400],
  ["a bare LF in a quoted string", '5;x="\n"\r\nhello\r\n', 400],
  ["a bare LF behind a quoted string", '5;x="y"\nhello\r\n', 400],
  ["a bare CR behind an extension", "5;x\rhello\r\n", 400],
  ["NUL in a name", "5;x\0\r\nhello\r\n", 400],
  ["NUL in a quoted string", '5;x="\0"\r\nhello\r\n', 400],
  ["DEL in a quoted string", '5;x="\x7f"\r\nhello\r\n', 400],
  ["obs-text in a token", "5;x=\xff\r\nhello\r\n", 400],
  [
    "an extension one byte too long",
    chunk("a", ";".padEnd(CHUNK_LINE_BYTES_MAX + 1, "x")),
    400,
  ],
  [
    "an extension without end",
    `5;${"x".repeat(2 * CHUNK_LINE_BYTES_MAX)}`,
    400,
  ],
  ["extensions without end", `5${";x".repeat(CHUNK_LINE_BYTES_MAX)}`, 400],
  ["a quoted string without end", `5;x="${"y".repeat(2000)}`, 400],

  // Trailers.
  ["a trailer without colon", "0\r\nX\r\n\r\n", 400],
  ["a trailer without name", "0\r\n: y\r\n\r\n", 400],
  ["a space before a trailer's colon", "0\r\nX : y\r\n\r\n", 400],
  ["a space before a trailer", "0\r\n X: y\r\n\r\n", 400],
  ["a folded trailer", "0\r\nX: y\r\n z\r\n\r\n", 400],
  ["a bare LF behind a trailer", "0\r\nX: y\n\r\n", 400],
  ["a bare CR behind a trailer", "0\r\nX: y\rZ: w\r\n\r\n", 400],
  ["two CR behind a trailer", "0\r\nX: y\r\r\n\r\n", 400],
  ["NUL in a trailer's name", "0\r\nX\0: y\r\n\r\n", 400],
  ["NUL in a trailer's value", "0\r\nX: \0\r\n\r\n", 400],
  ["DEL in a trailer's value", "0\r\nX: \x7f\r\n\r\n", 400],
  ["a request line for a trailer", "0\r\nGET / HTTP/1.1\r\n\r\n", 400],
  [
    "one trailer too many",
    `0\r\n${"X:y\r\n".repeat(TRAILERS_MAX + 1)}\r\n`,
    400,
  ],
  [
    "a trailer one byte too long",
    `0\r\n${"X:".padEnd(CHUNK_LINE_BYTES_MAX - 1, "y")}\r\n\r\n`,
    400,
  ],
  ["a trailer's name without end", `0\r\n${"x".repeat(2000)}`, 400],
  ["a trailer's value without end", `0\r\nX:${" ".repeat(2000)}`, 400],
  ["trailers without end", `0\r\n${"X: y\r\n".repeat(1000)}`, 400],
];

/** Too many bytes, whatever the pieces: 413. */
const TOO_MUCH: readonly [name: string, body: string][] = [
  ["small chunks without end", smallChunks(BODY_BYTES_MAX + 1)],
  ["one byte too many in all", bodyOf(BODY_BYTES_MAX + 1)],
  ["two of the greatest chunks", chunk("x".repeat(0xfff00)).repeat(2)],
  [
    "extensions that are more than the data",
    chunk("x", ";".padEnd(1000, "x")).repeat(1050),
  ],
];

for (
  const [name, body, status] of [
    ...BAD,
    ...TOO_MUCH.map(([name, body]) => [name, body, 413] as const),
  ]
) {
  Deno.test(`BodySkipper answers ${status} to ${name}`, () => {
    for (const follower of ["", "GET / HTTP/1.1\r\n\r\n"]) {
      const bytes = bytesOf(body + follower);
      const whole = feed(CHUNKED, bytes, []);
      assertStrictEquals(whole.failure, status);
      const single = feed(CHUNKED, bytes, everyByte(bytes.length));
      assertStrictEquals(single.failure, status);
      const step = bytes.length > 100_000 ? 300 : 1;
      splits(bytes.length).forEach((split, index) => {
        if (index % step !== 0) return;
        const halves = feed(CHUNKED, bytes, [split]);
        assertStrictEquals(halves.failure, status);
      });
    }
  });
}

Deno.test("BodySkipper is not done with what is malformed", () => {
  for (const [, body] of BAD) {
    assertStrictEquals(feed(CHUNKED, bytesOf(body), []).done, false);
  }
});

Deno.test("BodySkipper skips BODY_BYTES_MAX bytes of chunks, and no more", () => {
  const body = bodyOf(BODY_BYTES_MAX);
  assertStrictEquals(body.length, BODY_BYTES_MAX);
  const bytes = bytesOf(body + "GET");
  const want = { done: true, failure: 0, used: body.length };
  assertEquals(feed(CHUNKED, bytes, []), want);
  assertEquals(feed(CHUNKED, bytes, everyByte(bytes.length)), want);
  assertEquals(feed(CHUNKED, bytes, [5, 70_000, body.length - 1]), want);
});

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const EXTENSIONS = `(?:;${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)*`;
const SIZE_LINE = new RegExp(`([0-9A-Fa-f]{1,8})${EXTENSIONS}\\r\\n`, "y");
const TRAILERS = new RegExp(
  `(?:${TOKEN}:[\\t -~\\x80-\\xff]*\\r\\n)*\\r\\n`,
  "y",
);

/** The length of a chunked body at the start of a short text by the grammar (RFC 9112 §7.1); undefined when there is none. */
function oracle(text: string): number | undefined {
  let at = 0;
  for (;;) {
    SIZE_LINE.lastIndex = at;
    const line = SIZE_LINE.exec(text);
    if (line === null) return undefined;
    at = SIZE_LINE.lastIndex;
    const size = parseInt(line[1]!, 16);
    if (size === 0) break;
    at += size + 2;
    if (text.slice(at - 2, at) !== "\r\n") return undefined;
  }
  TRAILERS.lastIndex = at;
  return TRAILERS.test(text) ? TRAILERS.lastIndex : undefined;
}

/** Pieces that mean something to the grammar. */
const PIECES = ["\r\n", "\r", "\n", "0", "5", "a", ";", "=", '"', "\\", " "]
  .concat(["\0", ":", "x", "\xff", "0\r\n", "\r\n\r\n", ';x="y"', "X: y\r\n"]);

Deno.test("BodySkipper agrees with the grammar on 20,000 mutants", () => {
  const random = new Random(7);
  const seeds = BODIES.map(([, body]) => body).filter((body) =>
    body.length < 200
  );
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = seeds[random.below(seeds.length)]!;
    for (let count = 1 + random.below(3); count > 0; count--) {
      const at = random.below(text.length + 1);
      const piece = PIECES[random.below(PIECES.length)]!;
      text = text.slice(0, at) + piece + text.slice(at + random.below(3));
    }
    const bytes = bytesOf(text);
    const whole = feed(CHUNKED, bytes, []);
    const want = oracle(text);
    if (want === undefined) {
      assert(!whole.done, JSON.stringify(text));
      assert([0, 400, 413].includes(whole.failure), JSON.stringify(text));
    } else {
      const outcome = { done: true, failure: 0, used: want };
      assertEquals(whole, outcome, JSON.stringify(text));
      accepted++;
    }
    const places = [random.below(bytes.length + 1)];
    places.push(places[0]! + random.below(bytes.length + 1 - places[0]!));
    assertEquals(feed(CHUNKED, bytes, places), whole, JSON.stringify(text));
  }
  // Otherwise the mutants would be no test of what is accepted.
  assert(accepted > 1000 && accepted < 19_000, `${accepted} accepted`);
});
