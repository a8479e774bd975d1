/**
 * Exchanges and figures for the tests of what counts and shows them.
 *
 * @module
 */

import type { Exchange } from "../../lib/observe/exchange.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import {
  Metrics,
  type MetricsSnapshot,
  type ProcessFacts,
  readMetrics,
} from "../../lib/observe/metrics.ts";

/** An exchange: a GET of a KiB in half a ms, unless said otherwise. */
export function exchangeOf(parts: Partial<Exchange> = {}): Exchange {
  return {
    remote: "127.0.0.1",
    time: Date.UTC(2026, 0, 1),
    duration: 0.5,
    requestLine: "GET / HTTP/1.1",
    method: "GET",
    target: "/",
    version: "HTTP/1.1",
    referer: undefined,
    agent: undefined,
    host: undefined,
    status: 200,
    bodyBytes: 1024,
    isEventStream: false,
    coding: undefined,
    isCached: false,
    isTls: false,
    id: undefined,
    ...parts,
  };
}

/** Facts of a process that is ready. */
export const FACTS: ProcessFacts = {
  isReady: true,
  startedAt: Date.UTC(2026, 0, 1),
  restarts: 2,
  residentBytes: 123_456_789,
  versions: { version: "1.2.3", deno: "2.9.6", v8: "14.0.1" },
};

/** Figures of two isolates in which every kind of thing has happened. */
export function busyMetrics(
  facts: Partial<ProcessFacts> = {},
): MetricsSnapshot {
  const memory = metricMemory(2);
  for (const index of [0, 1]) {
    const metrics = new Metrics(memory, index);
    metrics.record(exchangeOf());
    metrics.record(exchangeOf({ method: "HEAD", status: 304, bodyBytes: 0 }));
    metrics.record(exchangeOf({ method: "BREW", status: 501, duration: 2e4 }));
    metrics.countConnection();
    metrics.countRefusal("parse_431");
    metrics.countRefusal("proxy_header");
    metrics.countTimeout("head");
    metrics.setConnections({
      idle: 3,
      head: 2,
      body: 1,
      waiting: 0,
      reply: 4,
      events: 0,
      linger: 5,
    });
    metrics.setCache({
      hits: 90,
      misses: 10,
      evictions: 1,
      bytes: 5000,
      entries: 7,
      openFiles: 2,
    });
    metrics.setLag(12 + index);
    metrics.setLag(2 + index);
  }
  return readMetrics(memory, { ...FACTS, ...facts });
}
