import { assert, assertStrictEquals } from "@std/assert";
import { Field } from "../../../lib/http/fields.ts";
import {
  FIELDS_BYTES_MAX,
  FIELDS_MAX,
  METHOD_BYTES_MAX,
  type RequestHead,
  TARGET_BYTES_MAX,
} from "../../../lib/http/head.ts";
import {
  HEAD_BYTES_MAX,
  INCOMPLETE,
  ParsedHead,
} from "../../../lib/http/http1/request.ts";
import { isAuthority } from "../../../lib/http/target.ts";
import { bytesOf, Random } from "../../helpers.ts";

/** What a head says; fields that are not named are absent. */
interface Want {
  readonly method?: string;
  readonly target?: string;
  readonly minor?: number;
  readonly fields?: Readonly<Partial<Record<keyof typeof Field, string>>>;
}

const LINE = "GET / HTTP/1.1\r\n";
const HOST = "Host: a\r\n";
const LONG_TARGET = "/".padEnd(TARGET_BYTES_MAX, "x");
const LONG_METHOD = "M".repeat(METHOD_BYTES_MAX);
const VISIBLE = Array.from(
  { length: 0x5e },
  (_, i) => String.fromCharCode(0x21 + i),
).join("");
const OBS_TEXT = Array.from(
  { length: 0x80 },
  (_, i) => String.fromCharCode(0x80 + i),
).join("");

/** Field lines of so many bytes in all, Host among them. */
function fieldsOf(bytes: number): string {
  const line = `X: ${"x".repeat(195)}\r\n`;
  const count = Math.floor((bytes - HOST.length) / line.length) - 1;
  const lines = HOST + line.repeat(count);
  return lines + "Y: ".padEnd(bytes - lines.length - 2, "y") + "\r\n";
}

/** So many field lines, Host among them. */
function fieldLines(count: number): string {
  return HOST + "a:\r\n".repeat(count - 1);
}

/** A head that parses, of a request line and Host or else as a whole. */
const GOOD: readonly [name: string, head: string, want: Want][] = [
  ["the shortest request", `G / HTTP/1.1\r\n${HOST}\r\n`, { method: "G" }],
  ["GET", `${LINE}${HOST}\r\n`, {}],
  ["HEAD", `HEAD /a HTTP/1.1\r\n${HOST}\r\n`, { method: "HEAD", target: "/a" }],
  ["a method in lower case", `get / HTTP/1.1\r\n${HOST}\r\n`, {
    method: "get",
  }],
  ["a method that begins with GET", `GETS / HTTP/1.1\r\n${HOST}\r\n`, {
    method: "GETS",
  }],
  ["a method that is not GET by a letter", `GEO / HTTP/1.1\r\n${HOST}\r\n`, {
    method: "GEO",
  }],
  [
    "a method of every other tchar",
    `!#$%&'*+-.^_\`|~09 / HTTP/1.1\r\n${HOST}\r\n`,
    {
      method: "!#$%&'*+-.^_`|~09",
    },
  ],
  ["the longest method", `${LONG_METHOD} / HTTP/1.1\r\n${HOST}\r\n`, {
    method: LONG_METHOD,
  }],

  // Versions.
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", { minor: 0, fields: {} }],
  ["HTTP/1.0 with Host", `GET / HTTP/1.0\r\n${HOST}\r\n`, { minor: 0 }],
  ["HTTP/1.2, as HTTP/1.1", `GET / HTTP/1.2\r\n${HOST}\r\n`, {}],
  ["HTTP/1.9, as HTTP/1.1", `GET / HTTP/1.9\r\n${HOST}\r\n`, {}],
  ["an empty line before", `\r\n${LINE}${HOST}\r\n`, {}],

  // Targets: read here, judged by parseTarget.
  [
    "a target of every visible character",
    `GET ${VISIBLE} HTTP/1.1\r\n${HOST}\r\n`,
    {
      target: VISIBLE,
    },
  ],
  ["asterisk-form", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, {
    method: "OPTIONS",
    target: "*",
  }],
  ["absolute-form", `GET http://b/c?d HTTP/1.1\r\n${HOST}\r\n`, {
    target: "http://b/c?d",
  }],
  ["authority-form", `CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`, {
    method: "CONNECT",
    target: "a:443",
  }],
  ["the longest target", `GET ${LONG_TARGET} HTTP/1.1\r\n${HOST}\r\n`, {
    target: LONG_TARGET,
  }],

  // Field lines.
  ["no white space around a value", `${LINE}Host:a\r\nRange:b\r\n\r\n`, {
    fields: { Host: "a", Range: "b" },
  }],
  ["spaces and tabs around a value", `${LINE}Host: \t a\t \t\r\n\r\n`, {}],
  ["white space within a value", `${LINE}${HOST}Range: b\t c  d\r\n\r\n`, {
    fields: { Host: "a", Range: "b\t c  d" },
  }],
  ["an empty value", `${LINE}${HOST}Range:\r\n\r\n`, {
    fields: { Host: "a", Range: "" },
  }],
  ["a value of white space", `${LINE}${HOST}Range: \t \r\n\r\n`, {
    fields: { Host: "a", Range: "" },
  }],
  ["obs-text in a value", `${LINE}${HOST}Range: ${OBS_TEXT}\r\n\r\n`, {
    fields: { Host: "a", Range: OBS_TEXT },
  }],
  [
    "NBSP around a value, which is no white space",
    `${LINE}${HOST}Range: \xa0b\xa0\r\n\r\n`,
    {
      fields: { Host: "a", Range: "\xa0b\xa0" },
    },
  ],
  [
    "every visible character in a value",
    `${LINE}${HOST}Range: ${VISIBLE}\r\n\r\n`,
    {
      fields: { Host: "a", Range: VISIBLE },
    },
  ],
  ["colons in a value", `${LINE}${HOST}Range:: b: c:\r\n\r\n`, {
    fields: { Host: "a", Range: ": b: c:" },
  }],
  ["names in any case", `${LINE}hOST: a\r\nIF-NONE-MATCH: b\r\n\r\n`, {
    fields: { Host: "a", IfNoneMatch: "b" },
  }],
  [
    "names of every other tchar",
    `${LINE}${HOST}!#$%&'*+-.^_\`|~09: b\r\n\r\n`,
    {},
  ],
  [
    "names that are nearly known",
    `${LINE}${HOST}Hosts: b\r\nHos: b\r\nxHost: b\r\n\r\n`,
    {},
  ],
  [
    "a field called like a request line",
    `${LINE}${HOST}GET: / HTTP/1.1\r\n\r\n`,
    {},
  ],
  [
    "two lines of a list field",
    `${LINE}Accept: b\r\n${HOST}accept: c\r\n\r\n`,
    {
      fields: { Host: "a", Accept: "b, c" },
    },
  ],
  [
    "lines of a list field that are empty or padded",
    `${LINE}${HOST}Range:\r\nRange: \t b \r\nRange:\r\n\r\n`,
    { fields: { Host: "a", Range: ", b, " } },
  ],
  [
    "every field that is read",
    `${LINE}Referer: r\r\nUser-Agent: u\r\nSec-Fetch-Dest: s\r\n` +
    "Access-Control-Request-Method: m\r\nOrigin: o\r\n" +
    "Accept-Encoding: e\r\nAccept: x\r\nRange: b\r\nIf-Range: ir\r\n" +
    "If-Unmodified-Since: iu\r\nIf-Modified-Since: is\r\n" +
    "If-None-Match: in\r\nIf-Match: im\r\nExpect: t\r\n" +
    "Transfer-Encoding: te\r\nContent-Length: 1\r\nConnection: c\r\n" +
    `${HOST}\r\n`,
    {
      fields: {
        Host: "a",
        Connection: "c",
        ContentLength: "1",
        TransferEncoding: "te",
        Expect: "t",
        IfMatch: "im",
        IfNoneMatch: "in",
        IfModifiedSince: "is",
        IfUnmodifiedSince: "iu",
        IfRange: "ir",
        Range: "b",
        Accept: "x",
        AcceptEncoding: "e",
        SecFetchDest: "s",
        UserAgent: "u",
        Referer: "r",
      },
    },
  ],
  ["as many fields as may be", `${LINE}${fieldLines(FIELDS_MAX)}\r\n`, {}],
  [
    "as many bytes of fields as may be",
    `${LINE}${fieldsOf(FIELDS_BYTES_MAX)}\r\n`,
    {},
  ],
  [
    "one field of all the bytes that may be",
    `${LINE}${HOST}Range: ${
      "x".repeat(FIELDS_BYTES_MAX - HOST.length - "Range: \r\n".length)
    }\r\n\r\n`,
    {
      fields: {
        Host: "a",
        Range: "x".repeat(FIELDS_BYTES_MAX - HOST.length - 9),
      },
    },
  ],
  [
    "the longest head",
    `\r\n${LONG_METHOD} ${LONG_TARGET} HTTP/1.1\r\n${
      fieldsOf(FIELDS_BYTES_MAX)
    }\r\n`,
    { method: LONG_METHOD, target: LONG_TARGET },
  ],

  // Host.
  ...[
    "example.com",
    "example.com.",
    "example.com:8080",
    "example.com:",
    "EXAMPLE_1-2.com",
    "127.0.0.1:80",
    "[::1]",
    "[::1]:8080",
    "[2001:db8::192.0.2.1]:",
    "a%20b",
    "a!$&'()*+,;=~",
    "x".repeat(255) + ":65535",
  ].map((host): [string, string, Want] => [
    `Host: ${host}`,
    `${LINE}Host: ${host}\r\n\r\n`,
    { fields: { Host: host } },
  ]),
];

/** A head that fails, and its status. */
const BAD: readonly [name: string, head: string, status: number][] = [
  // The lines before the request line.
  ["two empty lines before", `\r\n\r\n${LINE}${HOST}\r\n`, 400],
  ["a bare LF before", `\n${LINE}${HOST}\r\n`, 400],
  ["a bare CR before", `\r${LINE}${HOST}\r\n`, 400],
  ["a space before", ` ${LINE}${HOST}\r\n`, 400],
  ["NUL before", `\0${LINE}${HOST}\r\n`, 400],
  ["a byte order mark before", `\xef\xbb\xbf${LINE}${HOST}\r\n`, 400],

  // Line ends of the request line.
  ["a bare LF behind the request line", `GET / HTTP/1.1\n${HOST}\r\n`, 400],
  ["a bare CR behind the request line", `GET / HTTP/1.1\r${HOST}\r\n`, 400],
  ["two CR behind the request line", `GET / HTTP/1.1\r\r\n${HOST}\r\n`, 400],
  ["LF CR behind the request line", `GET / HTTP/1.1\n\r${HOST}\r\n`, 400],

  // White space of the request line.
  ["two spaces before the target", `GET  / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["two spaces behind the target", `GET /  HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a space behind the version", `GET / HTTP/1.1 \r\n${HOST}\r\n`, 400],
  ["a tab before the target", `GET\t/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a tab behind the target", `GET /\tHTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a tab behind the version", `GET / HTTP/1.1\t\r\n${HOST}\r\n`, 400],
  ["a form feed for a space", `GET\x0c/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a space in the target", `GET /a b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a tab in the target", `GET /a\tb HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a line break in the target", `GET /a\r\n b HTTP/1.1\r\n${HOST}\r\n`, 400],

  // The method.
  ["no method", `/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a method and nothing else", "GET\r\n\r\n", 400],
  ["a separator in the method", `GE(T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["an at sign in the method", `G@T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["NUL in the method", `G\0T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["DEL in the method", `G\x7fT / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["obs-text in the method", `G\xc9T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a colon behind the method", `GET: / HTTP/1.1\r\n${HOST}\r\n`, 400],
  [
    "a method one byte too long",
    `${LONG_METHOD}M / HTTP/1.1\r\n${HOST}\r\n`,
    501,
  ],
  ["a method without end", "M".repeat(METHOD_BYTES_MAX + 1), 501],
  ["a method of 100 KB", "M".repeat(100_000), 501],

  // The target.
  ["no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["NUL in the target", `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a control in the target", `GET /\x1b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["DEL in the target", `GET /\x7f HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["UTF-8 in the target", `GET /\xc3\xa9 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["the highest byte in the target", `GET /\xff HTTP/1.1\r\n${HOST}\r\n`, 400],
  [
    "a target one byte too long",
    `GET ${LONG_TARGET}x HTTP/1.1\r\n${HOST}\r\n`,
    414,
  ],
  ["a target without end", `GET ${LONG_TARGET}x`, 414],
  ["a target of 100 KB", `GET ${"/".repeat(100_000)}`, 414],
  ["a long target of HTTP/2.0", `GET ${LONG_TARGET}x HTTP/2.0\r\n\r\n`, 414],

  // The version.
  ["no version", `GET /\r\n${HOST}\r\n`, 400],
  ["no version but its space", `GET / \r\n${HOST}\r\n`, 400],
  ["HTTP/0.9's simple request", "GET /\r\n", 400],
  ["HTTP/0.9's simple request with a bare LF", "GET /\n", 400],
  ["HTTP/0.9", `GET / HTTP/0.9\r\n${HOST}\r\n`, 505],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${HOST}\r\n`, 505],
  ["HTTP/9.1", `GET / HTTP/9.1\r\n${HOST}\r\n`, 505],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["http in lower case", `GET / http/1.1\r\n${HOST}\r\n`, 400],
  ["HTTP in mixed case", `GET / HTTp/1.1\r\n${HOST}\r\n`, 400],
  ["HTTP/1.10", `GET / HTTP/1.10\r\n${HOST}\r\n`, 400],
  ["HTTP/11.1", `GET / HTTP/11.1\r\n${HOST}\r\n`, 400],
  ["HTTP/01.1", `GET / HTTP/01.1\r\n${HOST}\r\n`, 400],
  ["HTTP/1", `GET / HTTP/1\r\n${HOST}\r\n`, 400],
  ["HTTP/1.", `GET / HTTP/1.\r\n${HOST}\r\n`, 400],
  ["HTTP/.1", `GET / HTTP/.1\r\n${HOST}\r\n`, 400],
  ["HTTP/1,1", `GET / HTTP/1,1\r\n${HOST}\r\n`, 400],
  ["HTTP/1.x", `GET / HTTP/1.x\r\n${HOST}\r\n`, 400],
  ["HTTP/x.1", `GET / HTTP/x.1\r\n${HOST}\r\n`, 400],
  ["HTTP/-1.1", `GET / HTTP/-1.1\r\n${HOST}\r\n`, 400],
  ["HTTP 1.1", `GET / HTTP 1.1\r\n${HOST}\r\n`, 400],
  ["a zero for the letter", `GET / 0TTP/1.1\r\n${HOST}\r\n`, 400],
  ["HTTPS/1.1", `GET / HTTPS/1.1\r\n${HOST}\r\n`, 400],
  ["two versions", `GET / HTTP/1.1 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ["a letter behind the version", `GET / HTTP/1.1x\r\n${HOST}\r\n`, 400],

  // Other protocols.
  ["a TLS client hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["an SSH client", "SSH-2.0-OpenSSH_9.6\r\n", 400],
  ["RTSP", "OPTIONS rtsp://a RTSP/1.0\r\nCSeq: 1\r\n\r\n", 400],
  ["JSON", '{"method":"GET"}\r\n', 400],
  ["a response", "HTTP/1.1 200 OK\r\n\r\n", 400],

  // Field names.
  ["a space before the colon", `${LINE}Host : a\r\n\r\n`, 400],
  ["a tab before the colon", `${LINE}Host\t: a\r\n\r\n`, 400],
  ["a space in a name", `${LINE}${HOST}X Y: b\r\n\r\n`, 400],
  ["no name", `${LINE}${HOST}: b\r\n\r\n`, 400],
  ["no colon", `${LINE}${HOST}Range\r\n\r\n`, 400],
  ["NUL in a name", `${LINE}${HOST}X\0: b\r\n\r\n`, 400],
  ["a separator in a name", `${LINE}${HOST}X(Y: b\r\n\r\n`, 400],
  ["a slash in a name", `${LINE}${HOST}X/Y: b\r\n\r\n`, 400],
  ["a quoted name", `${LINE}${HOST}"X": b\r\n\r\n`, 400],
  ["DEL in a name", `${LINE}${HOST}X\x7f: b\r\n\r\n`, 400],
  ["obs-text in a name", `${LINE}${HOST}\xdc: b\r\n\r\n`, 400],
  ["a second request line", `${LINE}${LINE}${HOST}\r\n`, 400],

  // Field values.
  ["NUL in a value", `${LINE}${HOST}X: b\0c\r\n\r\n`, 400],
  ["NUL at a value's end", `${LINE}${HOST}X: b\0\r\n\r\n`, 400],
  ["a control in a value", `${LINE}${HOST}X: \x01\r\n\r\n`, 400],
  ["a vertical tab in a value", `${LINE}${HOST}X: b\x0bc\r\n\r\n`, 400],
  ["an escape in a value", `${LINE}${HOST}X: \x1b[2J\r\n\r\n`, 400],
  ["DEL in a value", `${LINE}${HOST}X: b\x7f\r\n\r\n`, 400],
  ["a bare CR in a value", `${LINE}${HOST}X: b\rc\r\n\r\n`, 400],
  ["a bare LF in a value", `${LINE}${HOST}X: b\nc\r\n\r\n`, 400],

  // Line ends of fields.
  ["a bare LF behind a field", `${LINE}Host: a\n\r\n`, 400],
  ["a bare LF that hides a field", `${LINE}${HOST}X: b\nY: c\r\n\r\n`, 400],
  ["a bare CR that hides a field", `${LINE}${HOST}X: b\rY: c\r\n\r\n`, 400],
  ["two CR behind a field", `${LINE}Host: a\r\r\n\r\n`, 400],
  ["a bare LF at the end", `${LINE}${HOST}\n`, 400],
  ["a bare CR at the end", `${LINE}${HOST}\rx`, 400],
  ["two CR at the end", `${LINE}${HOST}\r\r\n`, 400],
  ["nothing but bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400],
  ["a folded line", `${LINE}${HOST}X: b\r\n c\r\n\r\n`, 400],
  ["a line folded with a tab", `${LINE}${HOST}X: b\r\n\tc\r\n\r\n`, 400],
  ["a folded Host", `${LINE}Host:\r\n a\r\n\r\n`, 400],
  ["a fold of nothing", `${LINE}${HOST}X: b\r\n \r\n\r\n`, 400],
  ["a space before the first field", `${LINE} X: b\r\n${HOST}\r\n`, 400],

  // Limits of the fields.
  ["one field too many", `${LINE}${fieldLines(FIELDS_MAX + 1)}\r\n`, 431],
  ["fields without end", `${LINE}${fieldLines(5000)}`, 431],
  [
    "one byte of fields too many",
    `${LINE}${fieldsOf(FIELDS_BYTES_MAX + 1)}\r\n`,
    431,
  ],
  [
    "one byte of fields too many before the last line's end",
    `${LINE}${fieldsOf(FIELDS_BYTES_MAX + 5).slice(0, -2)}`,
    431,
  ],
  ["a value without end", `${LINE}X: ${"x".repeat(FIELDS_BYTES_MAX)}`, 431],
  ["a name without end", `${LINE}${"x".repeat(FIELDS_BYTES_MAX + 3)}`, 431],
  [
    "white space without end",
    `${LINE}X:${" ".repeat(FIELDS_BYTES_MAX + 1)}`,
    431,
  ],
  ["a value of 100 KB", `${LINE}X: ${"x".repeat(100_000)}\r\n${HOST}\r\n`, 431],

  // Host (RFC 9112 §3.2).
  ["no field at all", `${LINE}\r\n`, 400],
  ["no Host", `${LINE}Accept: b\r\n\r\n`, 400],
  ["no Host in HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", 400],
  ["no Host with an absolute-form", "GET http://a/ HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `${LINE}${HOST}Host: b\r\n\r\n`, 400],
  ["two equal Hosts", `${LINE}${HOST}${HOST}\r\n`, 400],
  ["two Hosts, one empty", `${LINE}${HOST}Host:\r\n\r\n`, 400],
  ["two Hosts, the first empty", `${LINE}Host:\r\n${HOST}\r\n`, 400],
  ["two Hosts in different case", `${LINE}${HOST}hOSt: a\r\n\r\n`, 400],
  ["two Hosts in HTTP/1.0", `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, 400],
  ["an invalid Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400],
  ...[
    "",
    " ",
    ":80",
    "a b",
    "a, b",
    "a/",
    "a/b",
    "a?b",
    "a#b",
    "http://a",
    "user@a",
    "user:secret@a",
    "a:b",
    "a:80:80",
    "a:-1",
    "a:+80",
    "a:123456",
    "a:80 ,",
    "::1",
    "[::1",
    "::1]",
    "[]",
    "[::g]",
    "[::1]a",
    "[::1%25eth0]",
    "a\\b",
    'a"b',
    "<a>",
    "a%",
    "a%2",
    "a%zz",
    "\xa0a",
    "b\xfccher",
    "x".repeat(256),
    "[" + "1".repeat(46) + "]",
  ].map((host): [string, string, number] => [
    `Host: ${JSON.stringify(host)}`,
    `${LINE}Host: ${host}\r\n\r\n`,
    400,
  ]),
];

function assertSays(head: RequestHead, want: Want): void {
  const { method = "GET", target = "/", minor = 1, fields = { Host: "a" } } =
    want;
  assertStrictEquals(head.method, method);
  assertStrictEquals(head.target, target);
  assertStrictEquals(head.version, `HTTP/1.${minor}`);
  let mask = 0;
  for (const name of Object.keys(Field) as (keyof typeof Field)[]) {
    const value = fields[name];
    assertStrictEquals(head.field(Field[name]), value, name);
    assertStrictEquals(head.has(Field[name]), value !== undefined, name);
    if (value !== undefined) mask |= 1 << Field[name];
  }
  assertStrictEquals(head.hasAny(mask), mask !== 0);
  assertStrictEquals(head.hasAny(~mask), false);
}

/** What may follow a head in the same buffer. */
const FOLLOWERS = ["\r\n", "\0", " x", "X: y\r\n\r\n", `${LINE}${HOST}\r\n`];

for (const [name, text, want] of GOOD) {
  const bytes = bytesOf(text);

  Deno.test(`ParsedHead.parse() reads ${name}`, () => {
    const head = new ParsedHead();
    assertStrictEquals(
      head.parse(bytes, 0, bytes.length),
      bytes.length,
    );
    assertSays(head, want);
  });

  Deno.test(`ParsedHead.parse() finds the end of ${name} before other bytes`, () => {
    for (const follower of FOLLOWERS) {
      const head = new ParsedHead();
      const more = bytesOf(text + follower);
      assertStrictEquals(
        head.parse(more, 0, more.length),
        bytes.length,
      );
      assertSays(head, want);
    }
  });

  Deno.test(`ParsedHead.parse() waits for the rest of ${name}`, () => {
    for (let end = 0; end < bytes.length; end++) {
      const head = new ParsedHead();
      assertStrictEquals(head.parse(bytes, 0, end), INCOMPLETE);
    }
  });

  Deno.test(`ParsedHead.parse() takes up ${name} byte by byte`, () => {
    const head = new ParsedHead();
    for (let end = 0; end < bytes.length; end++) {
      assertStrictEquals(head.parse(bytes, 0, end), INCOMPLETE);
    }
    assertStrictEquals(
      head.parse(bytes, 0, bytes.length),
      bytes.length,
    );
    assertSays(head, want);
  });

  Deno.test(`ParsedHead.parse() takes up ${name} in other places`, () => {
    const head = new ParsedHead();
    for (let end = 0; end <= bytes.length; end++) {
      // What is around the bytes must not be looked at.
      const start = (end * 7) % 23;
      const buffer = new Uint8Array(start + end + 5).fill(0x0a);
      buffer.set(bytes.subarray(0, end), start);
      const next = head.parse(buffer, start, start + end);
      assertStrictEquals(next, end < bytes.length ? INCOMPLETE : start + end);
      if (end === bytes.length) assertSays(head, want);
    }
  });
}

for (const [name, text, status] of BAD) {
  const bytes = bytesOf(text);

  Deno.test(`ParsedHead.parse() answers ${status} to ${name}`, () => {
    const head = new ParsedHead();
    assertStrictEquals(head.parse(bytes, 0, bytes.length), -status);
    const more = bytesOf(text + FOLLOWERS.at(-1));
    assert(new ParsedHead().parse(more, 0, more.length) < 0);
  });

  Deno.test(`ParsedHead.parse() answers ${status} to ${name}, byte by byte`, () => {
    const head = new ParsedHead();
    let next = INCOMPLETE;
    let end = 0;
    while (next === INCOMPLETE && end < bytes.length) {
      next = head.parse(bytes, 0, ++end);
    }
    assertStrictEquals(next, -status);
    // Whoever waits until the limits are passed need not wait for more.
    assert(end <= HEAD_BYTES_MAX + 1);
  });
}

Deno.test("HEAD_BYTES_MAX is the length of the longest head", () => {
  const longest = GOOD.find(([name]) => name === "the longest head")!;
  assertStrictEquals(longest[1].length, HEAD_BYTES_MAX);
  assertStrictEquals(TARGET_BYTES_MAX, 8192);
  assertStrictEquals(FIELDS_BYTES_MAX, 16_384);
  assertStrictEquals(FIELDS_MAX, 100);
  assertStrictEquals(METHOD_BYTES_MAX, 32);
});

Deno.test("ParsedHead.parse() decides on one byte more than HEAD_BYTES_MAX", () => {
  const start = `\r\n${LONG_METHOD} ${LONG_TARGET} HTTP/1.1\r\n`;
  for (
    const filler of ["x", "X: y\r\n", "X: \t", `X: ${"x".repeat(995)}\r\n`]
  ) {
    for (const begun of [start, LINE, "GET ", ""]) {
      const bytes = bytesOf((begun + filler.repeat(HEAD_BYTES_MAX)).slice(
        0,
        HEAD_BYTES_MAX + 1,
      ));
      const head = new ParsedHead();
      assert(head.parse(bytes, 0, bytes.length) < 0);
    }
  }
});

Deno.test("ParsedHead.parse() reads one request after the other with the same head", () => {
  const first = `${LINE}${HOST}Accept: b\r\nAccept: c\r\nRange: d\r\n\r\n`;
  const second = "HEAD /e HTTP/1.0\r\nRange: f\r\n\r\n";
  const bytes = bytesOf(first + second);
  const head = new ParsedHead();
  assertStrictEquals(head.parse(bytes, 0, bytes.length), first.length);
  assertSays(head, { fields: { Host: "a", Accept: "b, c", Range: "d" } });
  head.reset();
  assertStrictEquals(
    head.parse(bytes, first.length, bytes.length),
    bytes.length,
  );
  assertSays(head, {
    method: "HEAD",
    target: "/e",
    minor: 0,
    fields: { Range: "f" },
  });
});

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const FIELD_LINES = `(?:${TOKEN}+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*`;

/** The grammar of a head (RFC 9112 §3, §5), without limits and Host. */
const GRAMMAR = new RegExp(
  `^(?:\\r\\n)?${TOKEN}{1,32} [!-~]+ HTTP/1\\.([0-9])\\r\\n(${FIELD_LINES})\\r\\n`,
);

/** What ParsedHead.parse must return for a short text, by the grammar; undefined where that does not tell the failure. */
function oracle(text: string): number | undefined {
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  const hosts = [...match[2]!.matchAll(/^host:[\t ]*(.*?)[\t ]*\r$/gim)];
  if (hosts.length === 0 && match[1] === "0") return match[0].length;
  const isSound = hosts.length === 1 && isAuthority(hosts[0]![1]!);
  return isSound ? match[0].length : -400;
}

const STATUSES = [-400, -414, -431, -501, -505];

/** Pieces that mean something to the grammar. */
const PIECES = ["\r\n", "\r", "\n", " ", "\t", ":", "\0", "\x7f", "\xa0", "/"]
  .concat(["HTTP/1.1", "HTTP/2.0", "Host: b\r\n", "\r\n ", "x", "0", "GET "]);

function mutate(text: string, random: Random): string {
  let mutant = text;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(mutant.length + 1);
    const cut = at + random.below(4);
    const piece = random.below(2) === 0
      ? PIECES[random.below(PIECES.length)]!
      : String.fromCharCode(random.below(256));
    mutant = mutant.slice(0, at) + piece + mutant.slice(cut);
  }
  return mutant;
}

Deno.test("ParsedHead.parse() agrees with the grammar on 20,000 mutants", () => {
  const random = new Random(9112);
  const seeds = GOOD.map(([, text]) => text).filter((text) =>
    text.length < 500
  );
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = mutate(seeds[random.below(seeds.length)]!, random);
    const bytes = bytesOf(text);
    const next = new ParsedHead().parse(bytes, 0, bytes.length);
    const want = oracle(text);
    const isOutcome = next === INCOMPLETE || STATUSES.includes(next);
    if (want === undefined) assert(isOutcome, JSON.stringify(text));
    else assertStrictEquals(next, want, JSON.stringify(text));
    if (next > 0) accepted++;

    // In two pieces, and in another place.
    const head = new ParsedHead();
    const split = random.below(bytes.length + 1);
    const early = head.parse(bytes, 0, split);
    if (early !== INCOMPLETE) {
      assertStrictEquals(early, next, JSON.stringify(text));
      continue;
    }
    const moved = bytesOf("\r\n" + text);
    const late = head.parse(moved, 2, moved.length);
    assertStrictEquals(late > 0 ? late - 2 : late, next, JSON.stringify(text));
  }
  // Otherwise the mutants would be no test of what is accepted.
  assert(accepted > 1000 && accepted < 19_000, `${accepted} accepted`);
});

Deno.test("ParsedHead.parse() says what the bytes say, in 5,000 random heads", () => {
  const random = new Random(9110);
  const values = ["", "b", "b c", "\xff", "b\t,c", ":"];
  const names = Object.keys(Field) as (keyof typeof Field)[];
  for (let round = 0; round < 5000; round++) {
    const fields: Partial<Record<keyof typeof Field, string>> = { Host: "a" };
    let lines = HOST;
    for (let count = random.below(8); count > 0; count--) {
      const name = names[1 + random.below(names.length - 1)]!;
      const value = values[random.below(values.length)]!;
      const before = fields[name];
      fields[name] = before === undefined ? value : `${before}, ${value}`;
      const written = name.replaceAll(/(?<=.)[A-Z]/g, "-$&");
      lines += `${written}:${" ".repeat(random.below(3))}${value}\t\r\n`;
    }
    const bytes = bytesOf(`${LINE}${lines}\r\n`);
    const head = new ParsedHead();
    const split = random.below(bytes.length);
    assertStrictEquals(head.parse(bytes, 0, split), INCOMPLETE);
    assertStrictEquals(
      head.parse(bytes, 0, bytes.length),
      bytes.length,
    );
    assertSays(head, { fields });
  }
});
