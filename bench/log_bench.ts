/**
 * Exchange → a line of the access log.
 *
 * @module
 */

import type { Exchange } from "../lib/observe/exchange.ts";
import { LOG_FORMATS } from "../lib/observe/log_format.ts";
import { keep } from "./keep.ts";

const EXCHANGE: Exchange = {
  remote: "192.0.2.7",
  time: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  duration: 0.2173,
  requestLine: "GET /assets/index-4f2a9c.js?v=1 HTTP/1.1",
  method: "GET",
  target: "/assets/index-4f2a9c.js?v=1",
  version: "HTTP/1.1",
  referer: "https://www.example.org/docs/",
  agent:
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  host: undefined,
  status: 200,
  bodyBytes: 48_213,
  coding: "br",
  isEventStream: false,
  isCached: true,
  isTls: false,
  id: "01j9x2v6k3-0000002f",
};

const HOSTILE: Exchange = {
  ...EXCHANGE,
  requestLine: `GET /${'"'.repeat(100)} HTTP/1.1`,
  target: `/${'"'.repeat(100)}`,
  agent: "\x9b\\\xe4".repeat(33),
};

for (const [name, format] of Object.entries(LOG_FORMATS)) {
  let time = EXCHANGE.time;
  Deno.bench(`${name}`, { group: "line" }, () => {
    // A line each 10 µs of the clock, as on a busy server; and each is another one.
    time += 0.01;
    keep(format({ ...EXCHANGE, time: Math.floor(time) }, 1));
  });

  Deno.bench(`${name}, hostile`, { group: "hostile line" }, () => {
    keep(format(HOSTILE, 1));
  });

  Deno.bench(`${name}, another second each`, { group: "second" }, () => {
    time += 1000;
    keep(format({ ...EXCHANGE, time: Math.floor(time) }, 1));
  });

  // What the log does with lines: most of the work on a long text is only done when it is encoded.
  const encoder = new TextEncoder();
  Deno.bench(`${name}, 100 lines encoded`, { group: "batch" }, () => {
    const lines: string[] = [];
    for (let count = 0; count < 100; count++) {
      time += 0.01;
      lines.push(format({ ...EXCHANGE, time: Math.floor(time) }, 1));
    }
    keep(encoder.encode(lines.join("")));
  });
}
