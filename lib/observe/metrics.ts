/**
 * What happens in an isolate → numbers in its row of the shared memory, and the
 * rows of all isolates → MetricsSnapshot. Counting makes no garbage and asks nobody.
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import {
  DURATION_BOUNDS,
  GAUGES_END,
  GAUGES_START,
  metricRow,
  type Phase,
  PHASES,
  REFUSAL_CAUSES,
  type RefusalCause,
  ROW_LENGTH,
  SIZE_BOUNDS,
  Slot,
  STATUS_CLASSES,
} from "./metric_layout.ts";

/** How a cache does. The first three are totals since the isolate's start; they may not fall. */
export interface CacheMetrics {
  /** Look-ups that it could answer. */
  readonly hits: number;
  /** Look-ups that it could not answer. */
  readonly misses: number;
  /** Entries that had to leave to make room. */
  readonly evictions: number;
  /** Bytes of what is in it. */
  readonly bytes: number;
  /** How many entries are in it. */
  readonly entries: number;
  /** Files that are held open. */
  readonly openFiles: number;
}

/** How often the delay of timers is taken, in ms, and how many times make the figure of a second. */
const LAG_STEP_MS = 100;
const LAG_STEPS = 10;

/** The figures of one isolate, as it writes them. */
export class Metrics {
  readonly #row: Float64Array;
  /** What the totals of the cache were when the isolate began: those of its predecessors. */
  readonly #before: Pick<CacheMetrics, "hits" | "misses" | "evictions">;

  /**
   * Writes to row `index` of the memory. An isolate that takes the place of a dead one counts on from
   * there, so that totals never fall; what its predecessor had open and in memory is gone.
   */
  constructor(memory: SharedArrayBuffer, index: number) {
    const row = this.#row = metricRow(memory, index);
    row.fill(0, GAUGES_START, GAUGES_END);
    this.#before = {
      hits: row[Slot.cacheHits]!,
      misses: row[Slot.cacheMisses]!,
      evictions: row[Slot.cacheEvictions]!,
    };
  }

  /** Counts an exchange. */
  record(exchange: Exchange): void {
    const row = this.#row;
    const { status, bodyBytes } = exchange;
    const kind = methodNumber(exchange.method) * STATUS_CLASSES.length +
      (status < 200 ? 0 : status < 500 ? (status / 100 | 0) - 1 : 4);
    row[Slot.requests + kind]!++;
    const seconds = exchange.duration > 0 ? exchange.duration / 1000 : 0;
    row[Slot.durations + classOf(DURATION_BOUNDS, seconds)]!++;
    row[Slot.durationSum]! += seconds;
    row[Slot.sizes + classOf(SIZE_BOUNDS, bodyBytes)]!++;
    row[Slot.sizeSum]! += bodyBytes;
  }

  /** Counts a connection that was accepted. */
  countConnection(): void {
    this.#row[Slot.accepted]!++;
  }

  /** Counts a connection or a request that was turned away. */
  countRefusal(cause: RefusalCause): void {
    this.#row[Slot.refusals + REFUSAL_CAUSES.indexOf(cause)]!++;
  }

  /** Counts a deadline that has passed. */
  countTimeout(phase: Phase): void {
    this.#row[Slot.timeouts + PHASES.indexOf(phase)]!++;
  }

  /** Tells how many connections are in each phase now. */
  setConnections(counts: Readonly<Record<Phase, number>>): void {
    for (const [index, phase] of PHASES.entries()) {
      this.#row[Slot.connections + index] = counts[phase];
    }
  }

  /** Tells how the cache does. */
  setCache(figures: CacheMetrics): void {
    const row = this.#row;
    row[Slot.cacheHits] = this.#before.hits + figures.hits;
    row[Slot.cacheMisses] = this.#before.misses + figures.misses;
    row[Slot.cacheEvictions] = this.#before.evictions + figures.evictions;
    row[Slot.cacheBytes] = figures.bytes;
    row[Slot.cacheEntries] = figures.entries;
    row[Slot.openFiles] = figures.openFiles;
  }

  /** Tells by how many ms the isolate was late for its timers at worst in the last second. */
  setLag(ms: number): void {
    const seconds = ms > 0 ? ms / 1000 : 0;
    this.#row[Slot.lag] = seconds;
    if (seconds > this.#row[Slot.lagMax]!) this.#row[Slot.lagMax] = seconds;
  }
}

function methodNumber(method: string): number {
  switch (method) {
    case "GET":
      return 0;
    case "HEAD":
      return 1;
    case "OPTIONS":
      return 2;
    default:
      return 3;
  }
}

/** The first class whose bound is not below the value. Most values are small, so it is looked for from there. */
function classOf(bounds: readonly number[], value: number): number {
  let index = 0;
  while (index < bounds.length && value > bounds[index]!) index++;
  return index;
}

/** Measures the lag of this isolate's event loop, and tells it once a second. Returns what ends that. */
export function watchLag(metrics: Metrics): () => void {
  let worst = 0;
  let step = 0;
  let due = performance.now() + LAG_STEP_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - due);
    due = now + LAG_STEP_MS;
    // A long delay is told at once: it has made a second of its own.
    if (++step < LAG_STEPS && worst < LAG_STEPS * LAG_STEP_MS) return;
    metrics.setLag(worst);
    worst = step = 0;
  }, LAG_STEP_MS);
  return () => clearInterval(timer);
}

/** How values are spread. */
export interface Histogram {
  /** Upper bounds of the classes, ascending. */
  readonly bounds: readonly number[];
  /** How many values are in each class alone: not above its bound, and above the one before it. The last is above all bounds. */
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** What only the first isolate knows. */
export interface ProcessFacts {
  /** Whether new requests are welcome. */
  readonly isReady: boolean;
  /** When the process has begun, in ms since the epoch. */
  readonly startedAt: number;
  /** How many workers have taken the place of a dead one. */
  readonly restarts: number;
  /** Memory that the process has, in bytes. */
  readonly residentBytes: number;
  /** Versions of the program and of what it runs on. */
  readonly versions: {
    readonly version: string;
    readonly deno: string;
    readonly v8: string;
  };
}

/** The figures of all isolates together. Times are in s, sizes in bytes. */
export interface MetricsSnapshot extends ProcessFacts {
  /** How many isolates serve. */
  readonly isolates: number;
  /** By method and class of status: method × 5 + class. */
  readonly requests: readonly number[];
  /** How long answers took. */
  readonly durations: Histogram;
  /** How long their bodies were. */
  readonly sizes: Histogram;
  /** Connections that were accepted. */
  readonly accepted: number;
  /** Open ones by phase. */
  readonly connections: readonly number[];
  /** Deadlines that have passed, by phase. */
  readonly timeouts: readonly number[];
  /** What was turned away, by cause. */
  readonly refusals: readonly number[];
  /** All caches together. */
  readonly cache: CacheMetrics;
  /** The worst isolate's. */
  readonly lag: number;
  /** The worst isolate's, since the start. */
  readonly lagMax: number;
}

/**
 * Adds up the rows of all isolates. They go on counting meanwhile, so that figures which belong
 * together may differ by what happened in that moment.
 */
export function readMetrics(
  memory: SharedArrayBuffer,
  facts: ProcessFacts,
): MetricsSnapshot {
  const isolates = isolatesIn(memory);
  const sums = new Float64Array(ROW_LENGTH);
  let lag = 0;
  let lagMax = 0;
  for (let index = 0; index < isolates; index++) {
    const row = metricRow(memory, index);
    for (let slot = 0; slot < ROW_LENGTH; slot++) sums[slot]! += row[slot]!;
    lag = Math.max(lag, row[Slot.lag]!);
    lagMax = Math.max(lagMax, row[Slot.lagMax]!);
  }
  const one = (slot: number) => sums[slot]!;
  const many = (slot: number, count: number) => [
    ...sums.subarray(slot, slot + count),
  ];
  const histogram = (slot: number, bounds: readonly number[], sum: number) => ({
    bounds,
    counts: many(slot, bounds.length + 1),
    sum: one(sum),
  });
  return {
    ...facts,
    isolates,
    requests: many(Slot.requests, Slot.durations - Slot.requests),
    durations: histogram(Slot.durations, DURATION_BOUNDS, Slot.durationSum),
    sizes: histogram(Slot.sizes, SIZE_BOUNDS, Slot.sizeSum),
    accepted: one(Slot.accepted),
    connections: many(Slot.connections, PHASES.length),
    timeouts: many(Slot.timeouts, PHASES.length),
    refusals: many(Slot.refusals, REFUSAL_CAUSES.length),
    cache: {
      hits: one(Slot.cacheHits),
      misses: one(Slot.cacheMisses),
      evictions: one(Slot.cacheEvictions),
      bytes: one(Slot.cacheBytes),
      entries: one(Slot.cacheEntries),
      openFiles: one(Slot.openFiles),
    },
    lag,
    lagMax,
  };
}

/** How many connections of all isolates are in each phase, as they last told. */
export function readConnections(
  memory: SharedArrayBuffer,
): Record<Phase, number> {
  const counts = Object.fromEntries(
    PHASES.map((phase) => [phase, 0]),
  ) as Record<Phase, number>;
  const isolates = isolatesIn(memory);
  for (let index = 0; index < isolates; index++) {
    const row = metricRow(memory, index);
    for (const [slot, phase] of PHASES.entries()) {
      counts[phase] += row[Slot.connections + slot]!;
    }
  }
  return counts;
}

function isolatesIn(memory: SharedArrayBuffer): number {
  return memory.byteLength / Float64Array.BYTES_PER_ELEMENT / ROW_LENGTH;
}

/** Forgets what a dead isolate had open and in memory, until another takes its place. */
export function clearGauges(memory: SharedArrayBuffer, index: number): void {
  metricRow(memory, index).fill(0, GAUGES_START, GAUGES_END);
}
