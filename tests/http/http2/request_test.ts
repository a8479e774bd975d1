import { assertEquals, assertStrictEquals } from "@std/assert";
import { Field } from "../../../lib/http/fields.ts";
import {
  FIELDS_BYTES_MAX,
  FIELDS_MAX,
  METHOD_BYTES_MAX,
  TARGET_BYTES_MAX,
} from "../../../lib/http/head.ts";
import { HeaderField } from "../../../lib/http/http2/hpack_tables.ts";
import {
  Http2Head,
  Http2Trailers,
  MALFORMED,
  VALID,
} from "../../../lib/http/http2/request.ts";
import { bytesOf, textOf } from "../../helpers.ts";

type Lines = readonly (readonly [name: string, value: string])[];

function headOf(lines: Lines): [Http2Head, number] {
  const head = new Http2Head();
  for (const [name, value] of lines) head.add(new HeaderField(name, value));
  return [head, head.finish()];
}

const METHOD = [":method", "GET"] as const;
const SCHEME = [":scheme", "https"] as const;
const PATH = [":path", "/a?b"] as const;
const HOST = [":authority", "a:80"] as const;
const GOOD: Lines = [METHOD, SCHEME, HOST, PATH];
const NO_HOST: Lines = [METHOD, SCHEME, PATH];

function withMethod(method: string, path: string = "/"): Lines {
  return [[":method", method], SCHEME, HOST, [":path", path]];
}

function withPath(path: string): Lines {
  return withMethod("GET", path);
}

/** Lines of as many bytes as HTTP/1.1 would send for all of them, with the authority of GOOD. */
function linesOfBytes(bytes: number): Lines {
  const rest = bytes - "Host: a:80\r\n".length - "x: \r\n".length;
  return [...GOOD, ["x", "v".repeat(rest)]];
}

const HEADS: readonly (readonly [name: string, lines: Lines, want: number])[] =
  [
    ["a GET", GOOD, VALID],
    ["its lines in another order", [PATH, HOST, SCHEME, METHOD], VALID],
    ["Host in place of :authority", [...NO_HOST, ["host", "a"]], VALID],
    ["the same in both", [...GOOD, ["host", "a:80"]], VALID],
    ["the same in both, in another case", [...GOOD, ["host", "A:80"]], VALID],
    ["http as the scheme", [METHOD, [":scheme", "http"], HOST, PATH], VALID],
    ["OPTIONS for the server", withMethod("OPTIONS", "*"), VALID],
    ["a method that nobody knows", withMethod("BREW"), VALID],
    ["CONNECT", [[":method", "CONNECT"], HOST], VALID],
    ["the longest method", withMethod("M".repeat(METHOD_BYTES_MAX)), VALID],
    ["the longest path", withPath("/".padEnd(TARGET_BYTES_MAX, "x")), VALID],
    [
      "the most lines",
      [...GOOD, ...Array(FIELDS_MAX - 1).fill(["x", ""])],
      VALID,
    ],
    ["the most bytes", linesOfBytes(FIELDS_BYTES_MAX), VALID],
    [
      "two hundred cookies",
      [...GOOD, ...Array(200).fill(["cookie", "a=b"])],
      VALID,
    ],
    ["te: trailers", [...GOOD, ["te", "trailers"]], VALID],
    ["an empty value", [...GOOD, ["x", ""]], VALID],
    ["a value beyond ASCII", [...GOOD, ["x", "a \t\xff"]], VALID],

    ["no line", [], MALFORMED],
    ["no method", [SCHEME, HOST, PATH], MALFORMED],
    ["an empty method", withMethod(""), MALFORMED],
    ["a method with a space", withMethod("GET /"), MALFORMED],
    ["two methods", [METHOD, ...GOOD], MALFORMED],
    ["no scheme", [METHOD, HOST, PATH], MALFORMED],
    ["two schemes", [SCHEME, ...GOOD], MALFORMED],
    [
      "a scheme that is none",
      [METHOD, [":scheme", "a b"], HOST, PATH],
      MALFORMED,
    ],
    ["no path", [METHOD, SCHEME, HOST], MALFORMED],
    ["an empty path", withPath(""), MALFORMED],
    ["two paths", [...GOOD, PATH], MALFORMED],
    ["two long paths", [...withPath("/".repeat(9000)), PATH], MALFORMED],
    ["a path in absolute-form", withPath("http://a/"), MALFORMED],
    ["a path without its slash", withPath("a"), MALFORMED],
    ["a path with a space", withPath("/a b"), MALFORMED],
    ["a path with a line end", withPath("/a\r\nX: y"), MALFORMED],
    ["a path beyond ASCII", withPath("/\xe4"), MALFORMED],
    ["an asterisk with GET", withPath("*"), MALFORMED],
    ["two authorities", [HOST, ...GOOD], MALFORMED],
    ["CONNECT with a path", [[":method", "CONNECT"], HOST, PATH], MALFORMED],
    [
      "CONNECT with a scheme",
      [[":method", "CONNECT"], HOST, SCHEME],
      MALFORMED,
    ],
    ["CONNECT without an authority", [[":method", "CONNECT"]], MALFORMED],
    [
      "extended CONNECT",
      [...withMethod("CONNECT"), [":protocol", "websocket"]],
      MALFORMED,
    ],
    [
      "a pseudo-header field of responses",
      [...GOOD, [":status", "200"]],
      MALFORMED,
    ],
    [
      "a pseudo-header field that nobody knows",
      [...GOOD, [":x", ""]],
      MALFORMED,
    ],
    ["a pseudo-header field behind others", [
      METHOD,
      SCHEME,
      ["x", ""],
      PATH,
      HOST,
    ], MALFORMED],
    ["a name in upper case", [...GOOD, ["Range", "bytes=0-"]], MALFORMED],
    ["an empty name", [...GOOD, ["", "x"]], MALFORMED],
    ["a name with a space", [...GOOD, ["a b", ""]], MALFORMED],
    ["a name with a colon", [...GOOD, ["a:", ""]], MALFORMED],
    ["a name with NUL", [...GOOD, ["a\0", ""]], MALFORMED],
    ["a value with NUL", [...GOOD, ["x", "a\0b"]], MALFORMED],
    ["a value with CR", [...GOOD, ["x", "a\rb"]], MALFORMED],
    ["a value with LF", [...GOOD, ["x", "a\nb"]], MALFORMED],
    ["a space before a value", [...GOOD, ["x", " a"]], MALFORMED],
    ["a tab behind a value", [...GOOD, ["range", "a\t"]], MALFORMED],
    ["Connection", [...GOOD, ["connection", "close"]], MALFORMED],
    ["Keep-Alive", [...GOOD, ["keep-alive", "5"]], MALFORMED],
    ["Proxy-Connection", [...GOOD, ["proxy-connection", "x"]], MALFORMED],
    [
      "Transfer-Encoding",
      [...GOOD, ["transfer-encoding", "chunked"]],
      MALFORMED,
    ],
    ["Upgrade", [...GOOD, ["upgrade", "h2c"]], MALFORMED],
    ["te other than trailers", [...GOOD, ["te", "gzip"]], MALFORMED],

    ["no host", NO_HOST, 400],
    [
      "an empty authority",
      [...NO_HOST.slice(0, 2), [":authority", ""], PATH],
      400,
    ],
    ["user information", [METHOD, SCHEME, [":authority", "u@a"], PATH], 400],
    ["another Host than :authority", [...GOOD, ["host", "b"]], 400],
    ["the Host twice", [...GOOD, ["host", "a:80"], ["host", "a:80"]], 400],
    ["another scheme", [METHOD, [":scheme", "ftp"], HOST, PATH], 400],
    ["two of Host alone", [...NO_HOST, ["host", "a"], ["host", "a"]], 400],
    ["too long a method", withMethod("M".repeat(METHOD_BYTES_MAX + 1)), 501],
    ["too long a path", withPath("/".padEnd(TARGET_BYTES_MAX + 1, "x")), 414],
    ["a line too many", [...GOOD, ...Array(FIELDS_MAX).fill(["x", ""])], 431],
    ["a byte too many", linesOfBytes(FIELDS_BYTES_MAX + 1), 431],
    ["a byte too many in cookies", [
      ...GOOD,
      ...Array(1600).fill(["cookie", "a"]),
    ], 431],
    ["too long an authority", [METHOD, SCHEME, [
      ":authority",
      "a".repeat(20_000),
    ], PATH], 431],
  ];

for (const [name, lines, want] of HEADS) {
  Deno.test(`Http2Head takes ${name} for ${want}`, () => {
    assertStrictEquals(headOf(lines)[1], want);
  });
}

Deno.test("Http2Head gives what RequestHead promises", () => {
  const [head, result] = headOf([
    ...GOOD,
    ["range", "bytes=0-1"],
    ["accept", "a"],
    ["x-other", "b"],
    ["accept", "c"],
    ["priority", "u=1"],
  ]);
  assertStrictEquals(result, VALID);
  assertEquals([head.method, head.target, head.version], [
    "GET",
    "/a?b",
    "HTTP/2.0",
  ]);
  assertEquals(head.field(Field.Host), "a:80");
  assertEquals(head.field(Field.Accept), "a, c");
  assertEquals(head.field(Field.Priority), "u=1");
  assertEquals(head.field(Field.IfRange), undefined);
  assertEquals([head.has(Field.Range), head.has(Field.IfRange)], [true, false]);
  assertEquals(head.hasAny(1 << Field.IfRange | 1 << Field.Range), true);
  assertEquals(head.hasAny(1 << Field.IfRange), false);
  let seen = "";
  const test = (bytes: Uint8Array, start: number, end: number) => {
    seen = textOf(bytes.subarray(start, end));
    return seen === "bytes=0-1";
  };
  assertEquals(head.check(Field.Range, test), true);
  assertEquals(head.check(Field.Host, test), false);
  assertEquals(bytesOf(seen), bytesOf("a:80"));
});

Deno.test("Http2Head of CONNECT has the authority-form of HTTP/1.1", () => {
  const [head] = headOf([[":method", "CONNECT"], [":authority", "b:443"]]);
  assertEquals([head.target, head.field(Field.Host)], ["b:443", "b:443"]);
});

const LENGTHS: readonly (readonly [string | undefined, number | undefined])[] =
  [[undefined, undefined], ["0", 0], ["5", 5], ["+5", -400], [
    "9999999",
    -413,
  ]];

for (const [value, want] of LENGTHS) {
  Deno.test(`Http2Head.contentLength() of ${value}`, () => {
    const line = value === undefined ? [] : [["content-length", value]];
    const [head] = headOf([...GOOD, ...line as unknown as Lines]);
    assertStrictEquals(head.contentLength(), want);
  });
}

Deno.test("Http2Head answers 414 and 431 for lines that were too long to be read", () => {
  for (const [name, want] of [[":path", 414], ["x", 431]] as const) {
    const head = new Http2Head();
    for (const [name, value] of [METHOD, SCHEME, HOST]) {
      head.add(new HeaderField(name, value));
    }
    if (name === "x") head.add(new HeaderField(...PATH));
    head.add(new HeaderField(name, "", 40_000));
    assertStrictEquals(head.finish(), want);
  }
});

Deno.test("Http2Head joins cookies as HTTP/1.1 would send them", () => {
  const head = new Http2Head();
  const cookies = ["a=b", "c=d; e=f", "g=h"];
  for (const [name, value] of GOOD) head.add(new HeaderField(name, value));
  for (const each of cookies) head.add(new HeaderField("cookie", each));
  assertStrictEquals(head.finish(), VALID);
  assertStrictEquals(head.field(Field.Cookie), "a=b; c=d; e=f; g=h");
});

Deno.test("Http2Head classifies a line of a table once, and all the same", () => {
  const line = new HeaderField("range", "bytes=0-");
  const kinds = [1, 2].map(() => {
    const head = new Http2Head();
    for (const [name, value] of GOOD) head.add(new HeaderField(name, value));
    head.add(line);
    assertStrictEquals(head.finish(), VALID);
    assertStrictEquals(head.field(Field.Range), "bytes=0-");
    return line.kind;
  });
  assertStrictEquals(kinds[0], kinds[1]);
});

const TRAILERS: readonly (readonly [string, string, isMalformed: boolean])[] = [
  ["x", "y", false],
  ["cookie", "y", false],
  ["range", "y", false],
  [":path", "/", true],
  [":status", "200", true],
  ["X", "y", true],
  ["x", "\n", true],
  ["connection", "close", true],
];

for (const [name, value, isMalformed] of TRAILERS) {
  Deno.test(`Http2Trailers take ${JSON.stringify(`${name}: ${value}`)}`, () => {
    const trailers = new Http2Trailers();
    trailers.add(new HeaderField("a", "b"));
    trailers.add(new HeaderField(name, value));
    assertStrictEquals(trailers.isMalformed, isMalformed);
  });
}
