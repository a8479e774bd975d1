/**
 * Exchange → counters, and counters → text.
 *
 * @module
 */

import type { Exchange } from "../lib/observe/exchange.ts";
import { metricMemory } from "../lib/observe/metric_layout.ts";
import { Metrics, readMetrics } from "../lib/observe/metrics.ts";
import { prometheusText } from "../lib/observe/prometheus.ts";
import { keep } from "./keep.ts";

const MEMORY = metricMemory(8);
const METRICS = new Metrics(MEMORY, 0);

function exchange(
  method: string,
  status: number,
  duration: number,
  bodyBytes: number,
): Exchange {
  const target = "/assets/app.js";
  return {
    remote: "127.0.0.1",
    time: Date.UTC(2026, 0, 1),
    duration,
    requestLine: `${method} ${target} HTTP/1.1`,
    method,
    target,
    version: "HTTP/1.1",
    referer: undefined,
    agent: undefined,
    host: undefined,
    status,
    bodyBytes,
    coding: undefined,
    isEventStream: false,
    isCached: true,
    isTls: false,
    id: undefined,
  };
}

const HIT = exchange("GET", 200, 0.03, 1024);
const SLOW = exchange("HEAD", 404, 30_000, 5e9);
const MIXED = Array.from(
  { length: 1000 },
  (_, index) =>
    exchange(
      index % 10 === 0 ? "HEAD" : "GET",
      [200, 304, 206, 404][index % 4]!,
      0.01 * 1.01 ** index,
      index * index,
    ),
);

Deno.bench("record() a hit", { group: "record", baseline: true }, () => {
  METRICS.record(HIT);
});

Deno.bench("record() in the last classes", { group: "record" }, () => {
  METRICS.record(SLOW);
});

Deno.bench("record() 1,000 mixed exchanges", { group: "many" }, () => {
  for (const one of MIXED) METRICS.record(one);
});

Deno.bench("countRefusal() by the last cause", { group: "other" }, () => {
  METRICS.countRefusal("proxy_header");
});

Deno.bench("countConnection()", { group: "other" }, () => {
  METRICS.countConnection();
});

const FACTS = {
  isReady: true,
  startedAt: Date.UTC(2026, 0, 1),
  restarts: 0,
  residentBytes: 1e8,
  versions: { version: "0.1.0", deno: "2.9.6", v8: "14.0" },
};

Deno.bench("readMetrics() of 8 isolates", { group: "read" }, () => {
  keep(readMetrics(MEMORY, FACTS));
});

const FIGURES = readMetrics(MEMORY, FACTS);

Deno.bench("prometheusText()", { group: "read" }, () => {
  keep(prometheusText(FIGURES));
});
