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

/** Metrics of an only isolate, which can be read, with all exchanges. */
export class ReadableMetrics extends Metrics {
  readonly exchanges: Exchange[] = [];
  readonly #memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer = metricMemory(1)) {
    super(memory, 0);
    this.#memory = memory;
  }

  override record(exchange: Exchange): void {
    this.exchanges.push(exchange);
    super.record(exchange);
  }

  /** What was counted so far. */
  get snapshot(): MetricsSnapshot {
    return readMetrics(this.#memory, FACTS);
  }
}

/** Figures of two isolates in which every kind of thing has happened. */
export function busyMetrics(
  facts: Partial<ProcessFacts> = {},
): MetricsSnapshot {
  const memory = metricMemory(2);
  for (const index of [0, 1]) {
    const metrics = new Metrics(memory, index);
    metrics.record(exchangeOf());
    metrics.record(exchangeOf({ method: "HEAD", status: 304, bodyBytes: 0 }));
    metrics.record(
      exchangeOf({
        method: "BREW",
        status: 501,
        duration: 2e4,
        version: "HTTP/2.0",
      }),
    );
    metrics.countConnection();
    metrics.countRefusal("parse_431");
    metrics.countRefusal("proxy_header");
    metrics.countTimeout("head");
    metrics.countReset("client", 8);
    metrics.countGoAway("skiff", 11);
    metrics.setHttp2({ connections: 2, streams: 40 });
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
      changes: 3,
      watched: 1,
    });
    metrics.setLag(12 + index);
    metrics.setLag(2 + index);
  }
  return readMetrics(memory, { ...FACTS, ...facts });
}
