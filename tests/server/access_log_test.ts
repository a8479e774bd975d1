import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  AccessLog,
  BACKLOG_BYTES_MAX,
  commonLogLine,
} from "../../lib/server/access_log.ts";
import type { Exchange } from "../../lib/server/exchange.ts";
import { until } from "../helpers.ts";

const EXCHANGE: Exchange = {
  remote: "192.0.2.7",
  time: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  requestLine: "GET /hello.txt?x=1 HTTP/1.1",
  status: 200,
  bodyBytes: 1234,
};

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
  Deno.test(`commonLogLine() writes ${name}`, () => {
    assertEquals(commonLogLine({ ...EXCHANGE, ...changes }), `${line}\n`);
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
  Deno.test(`commonLogLine() escapes ${name}`, () => {
    const requestLine = `GET /${text} HTTP/1.1`;
    const line = commonLogLine({ ...EXCHANGE, requestLine });
    assert(line.includes(`"GET /${escaped} HTTP/1.1" 200`), line);
    // Whatever a client sends: one line of printable characters.
    assertMatch(line, /^[ -~]+\n$/);
  });
}

/** Keeps what is written; `gate` decides when, and whether. */
class FakeSink {
  readonly writes: string[] = [];
  gate: () => Promise<void> = () => Promise.resolve();
  readonly #most: number;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate();
    const taken = bytes.subarray(0, this.#most);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}

function createLog(sink: FakeSink) {
  const reports: unknown[] = [];
  const log = new AccessLog(sink, (error) => reports.push(error));
  return { log, reports };
}

const LINE = commonLogLine(EXCHANGE);

Deno.test("AccessLog writes lines in batches", async () => {
  const sink = new FakeSink();
  const { log, reports } = createLog(sink);
  for (let count = 0; count < 3; count++) log.record(EXCHANGE);
  assertEquals(sink.writes, []);
  await until(() => sink.writes.length > 0, "the batch");
  assertEquals(sink.writes, [LINE.repeat(3)]);
  log.record(EXCHANGE);
  await until(() => sink.writes.length > 1, "the next batch");
  assertEquals(sink.writes[1], LINE);
  await log.close();
  assertEquals(sink.writes.length, 2);
  assertEquals(reports, []);
});

Deno.test("AccessLog.close() writes what waits", async () => {
  const sink = new FakeSink();
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes, [LINE]);
});

Deno.test("AccessLog.close() waits for what is being written, and writes the rest", async () => {
  const sink = new FakeSink();
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await until(() => gates === 1, "the first write");
  log.record({ ...EXCHANGE, status: 404 });
  let isClosed = false;
  const closed = log.close().then(() => isClosed = true);
  await Promise.resolve();
  assertEquals(isClosed, false);
  open.resolve();
  await closed;
  assertEquals(sink.writes, [LINE, LINE.replace(" 200 ", " 404 ")]);
});

Deno.test("AccessLog writes one batch at a time", async () => {
  const sink = new FakeSink(40);
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  const { log } = createLog(sink);
  log.record(EXCHANGE);
  await until(() => gates === 1, "the first write");
  log.record({ ...EXCHANGE, status: 404 });
  // For longer than the second line waits for others.
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(gates, 1);
  open.resolve();
  await log.close();
  assertEquals(sink.writes.join(""), LINE + LINE.replace(" 200 ", " 404 "));
});

Deno.test("AccessLog.close() without lines writes nothing", async () => {
  const sink = new FakeSink();
  await createLog(sink).log.close();
  assertEquals(sink.writes, []);
});

Deno.test("AccessLog writes everything to a sink that takes little at a time", async () => {
  const sink = new FakeSink(10);
  const { log } = createLog(sink);
  for (let count = 0; count < 5; count++) log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes.join(""), LINE.repeat(5));
});

Deno.test("AccessLog drops lines when its reader is too slow, and tells how many", async () => {
  const sink = new FakeSink();
  const open = Promise.withResolvers<void>();
  let gates = 0;
  sink.gate = () => {
    gates++;
    return open.promise;
  };
  const { log, reports } = createLog(sink);
  const long = { ...EXCHANGE, requestLine: `GET /${"x".repeat(8000)}` };
  const fitting = Math.floor(BACKLOG_BYTES_MAX / commonLogLine(long).length);
  log.record(long);
  await until(() => gates === 1, "the first write");
  for (let count = 1; count < fitting + 3; count++) log.record(long);
  assertEquals(reports, []);
  open.resolve();
  await log.close();
  assertEquals(sink.writes.join("").split("\n").length - 1, fitting);
  assertEquals(reports.map(String), [
    "3 lines of the access log were dropped",
  ]);

  // There is room again, and what was told is not told again.
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes.at(-1), LINE);
  assertEquals(reports.length, 1);
});

Deno.test("AccessLog reports a sink that fails, and tries again with the next lines", async () => {
  const sink = new FakeSink();
  const failure = new Deno.errors.BrokenPipe();
  sink.gate = () => Promise.reject(failure);
  const { log, reports } = createLog(sink);
  log.record(EXCHANGE);
  await log.close();
  assertEquals(reports, [failure]);
  sink.gate = () => Promise.resolve();
  log.record(EXCHANGE);
  await log.close();
  assertEquals(sink.writes, [LINE]);
  assertEquals(reports.length, 1);
});
