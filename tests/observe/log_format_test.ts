import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Exchange } from "../../lib/observe/exchange.ts";
import { LOG_FORMATS } from "../../lib/observe/log_format.ts";
import { EXCHANGE } from "./exchanges.ts";

const LINES: readonly (readonly [
  name: string,
  changes: Partial<Exchange>,
  line: string,
])[] = [
  [
    "an ordinary exchange",
    {},
    '192.0.2.7 - - [03/Feb/2026:04:05:06 +0000] "GET /hello.txt?x=1 HTTP/1.1" 200 1234',
  ],
  [
    "a reply without a body",
    { status: 304, bodyBytes: 0 },
    '192.0.2.7 - - [03/Feb/2026:04:05:06 +0000] "GET /hello.txt?x=1 HTTP/1.1" 304 -',
  ],
  [
    "a request that could not be read",
    { requestLine: undefined, status: 400 },
    '192.0.2.7 - - [03/Feb/2026:04:05:06 +0000] "-" 400 1234',
  ],
  [
    "an IPv6 address",
    { remote: "2001:db8::7" },
    '2001:db8::7 - - [03/Feb/2026:04:05:06 +0000] "GET /hello.txt?x=1 HTTP/1.1" 200 1234',
  ],
  [
    "the last second of a year",
    { time: Date.UTC(2025, 11, 31, 23, 59, 59, 999) },
    '192.0.2.7 - - [31/Dec/2025:23:59:59 +0000] "GET /hello.txt?x=1 HTTP/1.1" 200 1234',
  ],
];

for (const [name, changes, line] of LINES) {
  Deno.test(`LOG_FORMATS.common writes ${name}`, () => {
    const exchange = { ...EXCHANGE, ...changes };
    assertEquals(LOG_FORMATS.common(exchange), `${line}\n`);
    assertEquals(LOG_FORMATS.common(exchange, 3), `${line}\n`);
  });
}

const HOSTILE: readonly (readonly [
  name: string,
  text: string,
  escaped: string,
])[] = [
  ["a quote, which would end the field", 'a"b', "a\\x22b"],
  ["a backslash, which would begin an escape", "a\\b", "a\\x5cb"],
  ["a line feed, which would begin a line", "a\nb", "a\\x0ab"],
  ["a carriage return", "a\rb", "a\\x0db"],
  ["a terminal's escape", "\x1b[2J", "\\x1b[2J"],
  ["a terminal's one-byte escape", "\x9b2J", "\\x9b2J"],
  ["NUL", "a\0b", "a\\x00b"],
  ["DEL", "a\x7fb", "a\\x7fb"],
  ["bytes beyond ASCII", "\x80\xff", "\\x80\\xff"],
];

for (const [name, text, escaped] of HOSTILE) {
  Deno.test(`LOG_FORMATS.common escapes ${name}`, () => {
    const requestLine = `GET /${text} HTTP/1.1`;
    const line = LOG_FORMATS.common({ ...EXCHANGE, requestLine });
    assert(line.includes(`"GET /${escaped} HTTP/1.1" 200`), line);
    // Whatever a client sends: one line of printable characters.
    assertMatch(line, /^[ -~]+\n$/);
  });

  Deno.test(`LOG_FORMATS.combined escapes ${name}`, () => {
    const line = LOG_FORMATS.combined({
      ...EXCHANGE,
      remote: text,
      requestLine: text,
      referer: text,
      agent: `${text}${text}`,
    });
    assert(line.startsWith(`${escaped} - - [`), line);
    assert(line.includes(`] "${escaped}" 200 1234 "${escaped}" `), line);
    assert(line.endsWith(` "${escaped}${escaped}"\n`), line);
    assertMatch(line, /^[ -~]+\n$/);
  });

  Deno.test(`LOG_FORMATS.json keeps ${name}`, () => {
    const texts = {
      remote: text,
      method: text,
      target: text,
      referer: text,
      agent: text,
      id: text,
    };
    const line = LOG_FORMATS.json({
      ...EXCHANGE,
      ...texts,
      coding: text,
    });
    assertOneLine(line);
    const value = JSON.parse(line);
    assertEquals(value, { ...JSON_VALUE, ...texts, encoding: text });
  });
}

/** Every character that a line may not hold as it is. */
function assertOneLine(line: string): void {
  assertEquals(line.indexOf("\n"), line.length - 1);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\0-\x1f\x7f-\x9f\u2028\u2029]/.exec(line.slice(0, -1)), null);
}

const COMBINED: readonly (readonly [
  name: string,
  changes: Partial<Exchange>,
  end: string,
])[] = [
  ["neither field", {}, '"-" "-"'],
  [
    "both fields",
    { referer: "https://example.org/?a=b", agent: "Mozilla/5.0 (X11) a" },
    '"https://example.org/?a=b" "Mozilla/5.0 (X11) a"',
  ],
  ["empty fields", { referer: "", agent: "" }, '"" ""'],
  ["one field", { agent: "curl/8.0" }, '"-" "curl/8.0"'],
];

for (const [name, changes, end] of COMBINED) {
  Deno.test(`LOG_FORMATS.combined writes ${name}`, () => {
    const exchange = { ...EXCHANGE, ...changes };
    const common = LOG_FORMATS.common(exchange).slice(0, -1);
    assertEquals(LOG_FORMATS.combined(exchange), `${common} ${end}\n`);
  });
}

const JSON_VALUE = {
  time: "2026-02-03T04:05:06.789Z",
  remote: "192.0.2.7",
  method: "GET",
  target: "/hello.txt?x=1",
  version: "HTTP/1.1",
  status: 200,
  bytes: 1234,
  "duration_us": 250,
  encoding: null,
  cache: "hit",
  referer: null,
  agent: null,
  tls: false,
  worker: null,
  id: null,
};

const JSON_VALUES: readonly (readonly [
  name: string,
  changes: Partial<Exchange>,
  value: Partial<Record<keyof typeof JSON_VALUE, unknown>>,
])[] = [
  ["an ordinary exchange", {}, {}],
  [
    "everything that may be absent",
    {
      referer: "https://example.org/",
      agent: "curl/8.0",
      coding: "br",
      isCached: false,
      isTls: true,
      id: "0198-ab",
    },
    {
      referer: "https://example.org/",
      agent: "curl/8.0",
      encoding: "br",
      cache: "miss",
      tls: true,
      id: "0198-ab",
    },
  ],
  [
    "a request that could not be read",
    {
      requestLine: undefined,
      method: "",
      target: "",
      version: undefined,
      status: 400,
    },
    { method: null, target: null, version: null, status: 400 },
  ],
  ["empty fields", { referer: "", agent: "" }, { referer: "", agent: "" }],
  ["no body", { bodyBytes: 0 }, { bytes: 0 }],
  ["HTTP/1.0", { version: "HTTP/1.0" }, { version: "HTTP/1.0" }],
  ["no time at all", { duration: 0 }, { "duration_us": 0 }],
  ["less than half a microsecond", { duration: 0.0004 }, { "duration_us": 0 }],
  ["a fraction", { duration: 0.0016 }, { "duration_us": 2 }],
  ["an hour", { duration: 3_600_000 }, { "duration_us": 3_600_000_000 }],
  [
    "the first ms of a second",
    { time: Date.UTC(2025, 11, 31) },
    { time: "2025-12-31T00:00:00.000Z" },
  ],
  [
    "the last ms of a year",
    { time: Date.UTC(2025, 11, 31, 23, 59, 59, 999) },
    { time: "2025-12-31T23:59:59.999Z" },
  ],
  [
    "a 7 ms",
    { time: Date.UTC(2026, 1, 3, 4, 5, 6, 7) },
    { time: "2026-02-03T04:05:06.007Z" },
  ],
  ["bytes beyond ASCII", { agent: "\xa0\xe4\xff" }, {
    agent: "\xa0\xe4\xff",
  }],
  ["line separators", { agent: "a\u2028b\u2029" }, { agent: "a\u2028b\u2029" }],
];

for (const [name, changes, value] of JSON_VALUES) {
  Deno.test(`LOG_FORMATS.json writes ${name}`, () => {
    const line = LOG_FORMATS.json({ ...EXCHANGE, ...changes });
    assertOneLine(line);
    assertEquals(JSON.parse(line), { ...JSON_VALUE, ...value });
    // The order is promised as well.
    assertEquals(Object.keys(JSON.parse(line)), Object.keys(JSON_VALUE));
  });
}

Deno.test("LOG_FORMATS.json tells which worker served", () => {
  for (const worker of [0, 1, 63]) {
    const line = LOG_FORMATS.json(EXCHANGE, worker);
    assertEquals(JSON.parse(line), { ...JSON_VALUE, worker });
  }
});

Deno.test("LOG_FORMATS keep each of all bytes in its line", () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = `a${String.fromCharCode(byte)}b`;
    const exchange = { ...EXCHANGE, requestLine: text, agent: text };
    const hex = `\\x${byte.toString(16).padStart(2, "0")}`;
    const isPlain = /^a[ !#-[\]-~]b$/.test(text);
    const escaped = isPlain ? text : `a${hex}b`;
    assert(LOG_FORMATS.common(exchange).includes(` "${escaped}" `));
    assert(LOG_FORMATS.combined(exchange).endsWith(` "${escaped}"\n`));
    const line = LOG_FORMATS.json(exchange);
    assertOneLine(line);
    assertEquals(JSON.parse(line).agent, text);
  }
});

Deno.test("LOG_FORMATS keep characters that no byte is in their line", () => {
  const text = "\u2028\ud800x\ud83d\ude00";
  const exchange = { ...EXCHANGE, requestLine: text, agent: text };
  const combined = LOG_FORMATS.combined(exchange);
  assert(combined.includes('"\\u2028\\ud800x\\ud83d\\ude00"'), combined);
  assertMatch(combined, /^[ -~]+\n$/);
  assertOneLine(LOG_FORMATS.json(exchange));
});

Deno.test("LOG_FORMATS keep no second longer than it lasts", () => {
  const start = Date.UTC(2026, 1, 28, 23, 59, 58, 999);
  const seconds = [0, 1, 1001, 1, -1000, 1001].map((ms) => {
    const exchange = { ...EXCHANGE, time: start + ms };
    const date = new Date(start + ms).toISOString();
    assertEquals(JSON.parse(LOG_FORMATS.json(exchange)).time, date);
    return /:(\d\d) \+0000\]/.exec(LOG_FORMATS.common(exchange))![1];
  });
  assertEquals(seconds, ["58", "59", "00", "59", "57", "00"]);
});
