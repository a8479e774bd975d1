import { assertEquals, assertStringIncludes } from "@std/assert";
import { columnsOf } from "../../lib/http/columns.ts";
import type { Exchange } from "../../lib/observe/exchange.ts";
import {
  TERMINAL_LINES_PER_SECOND_MAX,
  TerminalLog,
} from "../../lib/observe/terminal_log.ts";
import { EXCHANGE } from "./exchanges.ts";

/** A time on the clock of this machine, in ms since the epoch. */
const NOON = new Date(2026, 1, 3, 12, 3, 4).getTime();

function exchange(parts: Partial<Exchange>): Exchange {
  return { ...EXCHANGE, time: NOON, target: "/guide/", ...parts };
}

function logOf(columns = Infinity, isUnicode = true): TerminalLog {
  return new TerminalLog({
    isColored: false,
    isUnicode,
    columns: () => columns,
  });
}

const LINES: readonly (readonly [
  name: string,
  parts: Partial<Exchange>,
  line: string,
])[] = [
  [
    "a page",
    { bodyBytes: 1234, duration: 3.2, coding: "br" },
    "200 GET /guide/ 1.2 kB 3.2 ms br",
  ],
  ["no body", { status: 204, bodyBytes: 0 }, "204 GET /guide/ 0.3 ms"],
  ["bytes", { bodyBytes: 999 }, "200 GET /guide/ 999 B 0.3 ms"],
  ["a large size", { bodyBytes: 3.4e8 }, "200 GET /guide/ 340 MB 0.3 ms"],
  [
    "a size that rounds up to the next unit",
    { bodyBytes: 999_600 },
    "200 GET /guide/ 1.0 MB 0.3 ms",
  ],
  ["seconds", { duration: 12_340 }, "200 GET /guide/ 1.2 kB 12 s"],
  [
    "a path in UTF-8",
    { target: "/%C3%BCber/%E6%97%A5?q=%20" },
    "200 GET /über/日?q=  1.2 kB 0.3 ms",
  ],
  [
    "a path that is not UTF-8",
    { target: "/%ff%1b[2J" },
    "200 GET /%ff%1b[2J 1.2 kB 0.3 ms",
  ],
  [
    "an escape sequence in a path",
    { target: "/%1B[31m%0A%E2%80%AE\x9b" },
    "200 GET /\\u001b[31m\\u000a\\u202e\\u009b 1.2 kB 0.3 ms",
  ],
  [
    "what could not be parsed",
    { status: 400, method: "", target: "", bodyBytes: 0 },
    "400 ? - 0.3 ms",
  ],
  [
    "a page of ours that leads nowhere",
    {
      status: 404,
      target: "/a.png",
      referer: "http://localhost:8000/guide/?a=1",
      host: "localhost:8000",
    },
    "404 GET /a.png ← /guide/?a=1 1.2 kB 0.3 ms",
  ],
  [
    "a page of ours on the default port",
    {
      status: 404,
      target: "/a.png",
      referer: "https://site.example/",
      host: "site.example:443",
    },
    "404 GET /a.png ← / 1.2 kB 0.3 ms",
  ],
  [
    "a page of others that leads nowhere",
    {
      status: 404,
      target: "/a.png",
      referer: "http://other.example/",
      host: "localhost:8000",
    },
    "404 GET /a.png 1.2 kB 0.3 ms",
  ],
  [
    "an escape sequence in a referring page",
    {
      status: 404,
      target: "/a.png",
      referer: "http://localhost:8000/%1b]8;;x%07\x9b",
      host: "localhost:8000",
    },
    "404 GET /a.png ← /\\u001b]8;;x\\u0007\\u009b 1.2 kB 0.3 ms",
  ],
  [
    "a Referer that is no address",
    {
      status: 404,
      target: "/a.png",
      referer: "\x1b[2J",
      host: "localhost:8000",
    },
    "404 GET /a.png 1.2 kB 0.3 ms",
  ],
  [
    "a Host that is none",
    {
      status: 404,
      target: "/a.png",
      referer: "http://localhost:8000/",
      host: "\x1b[ //",
    },
    "404 GET /a.png 1.2 kB 0.3 ms",
  ],
];

for (const [name, parts, line] of LINES) {
  Deno.test(`TerminalLog writes ${name}`, () => {
    assertEquals(logOf().format(exchange(parts)), `12:03:04 ${line}\n`);
  });
}

Deno.test("TerminalLog colours the status by its class", () => {
  const log = new TerminalLog({
    isColored: true,
    isUnicode: true,
    columns: () => 80,
  });
  for (
    const [status, color] of [[200, 32], [308, 36], [404, 33], [500, 31]]
  ) {
    const line = log.format(exchange({ status: status! }));
    assertStringIncludes(line, `\x1b[${color}m${status}\x1b[0m`);
    // deno-lint-ignore no-control-regex
    const plain = line.replaceAll(/\x1b\[\d+m/g, "");
    assertEquals(plain, `12:03:04 ${status} GET /guide/ 1.2 kB 0.3 ms\n`);
  }
});

for (const columns of [40, 60, 80, 120, 200]) {
  Deno.test(`TerminalLog keeps lines within ${columns} columns`, () => {
    const target = `/${"日本/".repeat(200)}index.html`;
    for (const referer of [undefined, "http://a.example/" + "b".repeat(300)]) {
      const line = logOf(columns).format(
        exchange({ status: 404, target, referer, host: "a.example" }),
      );
      assertEquals(columnsOf(line.trimEnd()) <= columns, true, line);
      assertStringIncludes(line, "…");
      if (columns < 60) continue;
      assertStringIncludes(line, referer === undefined ? "index.html" : "←");
    }
  });
}

Deno.test("TerminalLog keeps to ASCII where the terminal has no more", () => {
  const line = logOf(60, false).format(exchange({ target: "/a".repeat(50) }));
  assertStringIncludes(line, "...");
});

Deno.test("TerminalLog folds repeated 304s", () => {
  const log = logOf();
  const unchanged = exchange({ status: 304, bodyBytes: 0 });
  const first = "12:03:04 304 GET /guide/ 0.3 ms\n";
  assertEquals(log.format(unchanged), first);
  for (let i = 0; i < 1234; i++) assertEquals(log.format(unchanged), "");
  const next = "12:03:04 200 GET /guide/ 1.2 kB 0.3 ms\n";
  const note = "12:03:04 304 and 1,234 more\n";
  assertEquals(log.format(exchange({})), note + next);
  assertEquals(log.format(unchanged), first);
  assertEquals(log.rest(), "");
  assertEquals(log.format(unchanged), "");
  assertEquals(log.rest(), "12:03:04 304 and 1 more\n");
  assertEquals(log.rest(), "");
  assertEquals(log.format(unchanged), first);
});

Deno.test("TerminalLog does not fold 304s that are seconds apart", () => {
  const log = logOf();
  const unchanged = exchange({ status: 304, bodyBytes: 0 });
  log.format(unchanged);
  assertEquals(
    log.format({ ...unchanged, time: NOON + 5_000 }),
    "12:03:09 304 GET /guide/ 0.3 ms\n",
  );
});

Deno.test("TerminalLog counts what is more than anyone reads", () => {
  const log = logOf();
  let lines = 0;
  for (let i = 0; i < 3 * TERMINAL_LINES_PER_SECOND_MAX; i++) {
    const status = i % 3 === 0 ? 404 : 200;
    lines += log.format(exchange({ status })) === "" ? 0 : 1;
  }
  assertEquals(lines, TERMINAL_LINES_PER_SECOND_MAX);
  const next = log.format(exchange({ time: NOON + 1_000 }));
  assertEquals(
    next,
    "12:03:04     and more: 267 with 2xx, 133 with 4xx\n" +
      "12:03:05 200 GET /guide/ 1.2 kB 0.3 ms\n",
  );
  assertEquals(log.rest(), "");
});

Deno.test("TerminalLog asks for the width once a second", () => {
  let calls = 0;
  const log = new TerminalLog({
    isColored: false,
    isUnicode: true,
    columns: () => ++calls * 100,
  });
  for (let i = 0; i < 50; i++) log.format(exchange({}));
  assertEquals(calls, 1);
});
