/**
 * Exchanges and figures for the tests of what counts and shows them.
 *
 * @module
 */

import type { Exchange } from "../../lib/observe/exchange.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import {
  type Figures,
  Metrics,
  type ProcessFacts,
  readFigures,
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
    status: 200,
    bodyBytes: 1024,
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
export function busyFigures(facts: Partial<ProcessFacts> = {}): Figures {
  const memory = metricMemory(2);
  for (const index of [0, 1]) {
    const metrics = new Metrics(memory, index);
    metrics.record(exchangeOf());
    metrics.record(exchangeOf({ method: "HEAD", status: 304, bodyBytes: 0 }));
    metrics.record(exchangeOf({ method: "BREW", status: 501, duration: 2e4 }));
    metrics.accepted();
    metrics.refused("parse_431");
    metrics.refused("proxy_header");
    metrics.timedOut("head");
    metrics.connections({
      idle: 3,
      head: 2,
      body: 1,
      waiting: 0,
      reply: 4,
      linger: 5,
    });
    metrics.cache({
      hits: 90,
      misses: 10,
      evictions: 1,
      bytes: 5000,
      entries: 7,
      openFiles: 2,
    });
    metrics.lag(12 + index);
    metrics.lag(2 + index);
  }
  return readFigures(memory, { ...FACTS, ...facts });
}
