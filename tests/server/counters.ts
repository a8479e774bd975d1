/**
 * What servers count, and counters that do not.
 *
 * @module
 */

import type { Counters } from "../../lib/server/context.ts";
import {
  HTTP2_CODES,
  REFUSAL_CAUSES,
  SENDERS,
} from "../../lib/observe/metric_layout.ts";
import type { MetricsSnapshot } from "../../lib/observe/metrics.ts";

/** Counters that count nothing. */
export const NO_COUNTERS: Counters = {
  countConnection: () => {},
  countRefusal: () => {},
  countTimeout: () => {},
  countReset: () => {},
  countGoAway: () => {},
  setConnections: () => {},
  setHttp2: () => {},
};

function named(counts: readonly number[]): Record<string, number> {
  const entries = counts.map((count, index) => {
    const sender = SENDERS[Math.floor(index / HTTP2_CODES.length)];
    const code = HTTP2_CODES[index % HTTP2_CODES.length];
    return [`${sender} ${code}`, count] as const;
  });
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

/** Streams and connections that ended early, by sender and code; only those that there are. */
export function endsIn(
  { http2 }: MetricsSnapshot,
): { resets: Record<string, number>; goAways: Record<string, number> } {
  return { resets: named(http2.resets), goAways: named(http2.goAways) };
}

/** How often something was refused, by cause; only those that there are. */
export function refusalsIn(
  { refusals }: MetricsSnapshot,
): Record<string, number> {
  const causes = REFUSAL_CAUSES.map((cause, index) =>
    [cause, refusals[index]!] as const
  );
  return Object.fromEntries(causes.filter(([, count]) => count > 0));
}
