/**
 * A minute of a million requests from 50,000 addresses to a gate, as a program
 * of its own that may ask for its garbage to be collected; writes what became
 * of them as JSON.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { Gate } from "../../lib/access/gate.ts";
import { RateLimit, rateMemory } from "../../lib/access/limits.ts";
import { Networks } from "../../lib/access/networks.ts";
import { headOf } from "../access/head.ts";
import { Random } from "../helpers.ts";

/** How many addresses there are, and how many requests. */
export const ADDRESSES = 50_000;
export const REQUESTS = 1_000_000;

/** How many of the addresses ask for far more than they may have. */
export const BUSY = 1_000;

/** What became of them. */
export interface FloodFigures {
  /** By how much memory has grown since only the busy ones were known, in bytes. */
  readonly grown: number;
  /** How much of a processor's time it took, in ms; what else the machine does meanwhile is not in it. */
  readonly took: number;
  /** What the limiter keeps, in bytes. */
  readonly limiterBytes: number;
  /** How many requests had which status; 200 for those that may be answered. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Any time, in ms since the epoch. */
const NOW = Date.UTC(2026, 0, 1);

/** Addresses of both versions; every tenth is in a network that is not let in. */
function addresses(): string[] {
  return Array.from({ length: ADDRESSES }, (_, i) => {
    const low = i & 0xff;
    const high = i >> 8;
    if (i % 10 === 0) return `203.0.${high}.${low}`;
    return i % 2 === 0
      ? `10.1.${high}.${low}`
      : `2001:db8:${i.toString(16)}::1`;
  });
}

function usedBytes(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}

function flood(): FloodFigures {
  const memory = rateMemory();
  const requests = new RateLimit({ rate: 1, burst: 10 }, memory);
  const gate = new Gate({
    requests,
    denied: new Networks(["203.0.0.0/16", "192.0.2.0/24"]),
    allowed: new Networks(["10.0.0.0/8", "2001:db8::/32", "203.0.0.0/16"]),
  });
  const head = headOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const random = new Random(11);
  const all = addresses();
  const statuses: Record<string, number> = {};
  const ask = (from: number, to: number, others: number) => {
    for (let i = from; i < to; i++) {
      const now = NOW + i * 0.06;
      const address = all[random.below(i % 2 === 0 ? BUSY : others)]!;
      const refusal = gate.check(head, address, () => "/", now);
      if (refusal instanceof Promise) throw new Error("No password is asked");
      const status = refusal?.status ?? 200;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const start = cpuUsage();
  const first = REQUESTS / 5;
  ask(0, first, BUSY);
  const before = usedBytes();
  ask(first, REQUESTS, ADDRESSES);
  const grown = usedBytes() - before;
  const { user, system } = cpuUsage(start);
  const took = (user + system) / 1000;
  const limiterBytes = memory.buffer.byteLength;
  return { grown, took, limiterBytes, statuses };
}

if (import.meta.main) {
  const text = new TextEncoder().encode(JSON.stringify(flood()));
  Deno.stdout.writeSync(text);
}
