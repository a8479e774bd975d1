/**
 * Metrics: counts events in an isolate's row of the shared memory, and adds up
 * the rows of all isolates. Counting allocates nothing and waits for nothing.
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import {
  DURATION_BOUNDS,
  GAUGES_START,
  HTTP2_CODES,
  metricRow,
  type Phase,
  PHASES,
  PREVIEW_KEYS,
  REFUSAL_CAUSES,
  type RefusalCause,
  RELEASE_AGES,
  ROW_LENGTH,
  type Sender,
  SENDERS,
  SIZE_BOUNDS,
  Slot,
  STATUS_CLASSES,
  VERSIONS,
} from "./metric_layout.ts";

/** The state of a cache. The totals count since the isolate started; they never fall. */
export interface CacheMetrics {
  /** Lookups served from the cache. */
  readonly hits: number;
  /** Lookups and listings that read the disk. */
  readonly misses: number;
  /** Entries that were evicted to make room. */
  readonly evictions: number;
  readonly bytes: number;
  readonly entries: number;
  /** Files of the site that are open. */
  readonly openFiles: number;
  /** Changes to files that the system has reported: a total. */
  readonly changes: number;
  /** 1 while the system reports every change, otherwise 0. */
  readonly watched: number;
  /** Lookups that older releases answered, by age: totals like the first three. Undefined without releases. */
  readonly olderHits?: readonly number[];
}

/** What is open of HTTP/2. */
export interface Http2State {
  readonly connections: number;
  readonly streams: number;
}

/** Interval between measurements of the timer delay, in ms; and how many of them make one value. */
const LAG_STEP_MS = 100;
const LAG_STEPS = 10;

/** The metrics of one isolate, as it writes them. */
export class Metrics {
  readonly #row: Float64Array;
  /** The row when the isolate started: the totals of the isolates before it. */
  readonly #before: Float64Array;

  /** Writes to row `index` of the memory. Totals continue those of a dead isolate that this one replaces. */
  constructor(memory: SharedArrayBuffer, index: number) {
    clearGauges(memory, index);
    this.#row = metricRow(memory, index);
    this.#before = this.#row.slice();
  }

  /** Counts an exchange. The histograms leave out event streams, which last as long as the client likes. */
  record(exchange: Exchange): void {
    const row = this.#row;
    const { status, bodyBytes } = exchange;
    const slot = methodNumber(exchange.method) * STATUS_CLASSES.length +
      (status < 200 ? 0 : status < 500 ? (status / 100 | 0) - 1 : 4);
    row[Slot.requests + slot]!++;
    row[Slot.versions + versionNumber(exchange.version)]!++;
    if (exchange.isEventStream) {
      row[Slot.sizeSum]! += bodyBytes;
      return;
    }
    const seconds = exchange.duration > 0 ? exchange.duration / 1000 : 0;
    row[Slot.durations + bucketOf(DURATION_BOUNDS, seconds)]!++;
    row[Slot.durationSum]! += seconds;
    row[Slot.sizes + bucketOf(SIZE_BOUNDS, bodyBytes)]!++;
    row[Slot.sizeSum]! += bodyBytes;
  }

  /** Counts an accepted connection. */
  countConnection(): void {
    this.#row[Slot.accepted]!++;
  }

  /** Counts a refused connection or request. */
  countRefusal(cause: RefusalCause): void {
    this.#row[Slot.refusals + REFUSAL_CAUSES.indexOf(cause)]!++;
  }

  /** Counts a request for a release that is not served, by what names it. */
  countPreview(by: typeof PREVIEW_KEYS[number]): void {
    this.#row[Slot.previews + PREVIEW_KEYS.indexOf(by)]!++;
  }

  /** Counts a connection that missed a deadline. */
  countTimeout(phase: Phase): void {
    this.#row[Slot.timeouts + PHASES.indexOf(phase)]!++;
  }

  /** Counts a stream of HTTP/2 that ended with RST_STREAM. `code` is its number (RFC 9113 §7). */
  countReset(sender: Sender, code: number): void {
    this.#row[Slot.resets + endNumber(sender, code)]!++;
  }

  /** Counts a connection of HTTP/2 on which GOAWAY was sent. `code` is its number (RFC 9113 §7). */
  countGoAway(sender: Sender, code: number): void {
    this.#row[Slot.goAways + endNumber(sender, code)]!++;
  }

  /** Sets how many connections speak HTTP/2, and how many streams they have open. */
  setHttp2({ connections, streams }: Http2State): void {
    this.#row[Slot.http2Connections] = connections;
    this.#row[Slot.http2Streams] = streams;
  }

  /** Sets how many connections are in each phase, and how many event streams are open. */
  setConnections(
    counts: Readonly<Record<Phase, number>>,
    eventStreams: number = 0,
  ): void {
    this.#row[Slot.eventStreams] = eventStreams;
    for (const [index, phase] of PHASES.entries()) {
      this.#row[Slot.connections + index] = counts[phase];
    }
  }

  /** Sets the metrics of the cache. */
  setCache(cache: CacheMetrics): void {
    const row = this.#row;
    const setTotal = (slot: number, count: number) => {
      row[slot] = this.#before[slot]! + count;
    };
    setTotal(Slot.cacheHits, cache.hits);
    setTotal(Slot.cacheMisses, cache.misses);
    setTotal(Slot.cacheEvictions, cache.evictions);
    setTotal(Slot.siteChanges, cache.changes);
    cache.olderHits?.forEach((count, age) =>
      setTotal(Slot.olderHits + age, count)
    );
    row[Slot.cacheBytes] = cache.bytes;
    row[Slot.cacheEntries] = cache.entries;
    row[Slot.openFiles] = cache.openFiles;
    row[Slot.sitesWatched] = cache.watched;
  }

  /** Sets the largest delay of a timer in the last second, in ms. */
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

function versionNumber(version: Exchange["version"]): number {
  switch (version) {
    case "HTTP/1.0":
      return 0;
    case "HTTP/1.1":
      return 1;
    case "HTTP/2.0":
      return 2;
    default:
      return VERSIONS.length - 1;
  }
}

function endNumber(sender: Sender, code: number): number {
  const known = Math.min(code, HTTP2_CODES.length - 1);
  return SENDERS.indexOf(sender) * HTTP2_CODES.length + known;
}

/** The first bucket whose bound is not below the value. Most values are small, so the search starts there. */
function bucketOf(bounds: readonly number[], value: number): number {
  let index = 0;
  while (index < bounds.length && value > bounds[index]!) index++;
  return index;
}

/** Measures the lag of the event loop and updates it once a second. Returns a function that stops this. */
export function watchLag(metrics: Metrics): () => void {
  let worst = 0;
  let step = 0;
  let due = performance.now() + LAG_STEP_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - due);
    due = now + LAG_STEP_MS;
    // Set a delay of more than a second at once.
    if (++step < LAG_STEPS && worst < LAG_STEPS * LAG_STEP_MS) return;
    metrics.setLag(worst);
    worst = step = 0;
  }, LAG_STEP_MS);
  return () => clearInterval(timer);
}

/** How values are distributed. */
export interface Histogram {
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** Number of values in each bucket alone, not cumulative. The last bucket lies above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What only the first isolate knows. */
export interface ProcessFacts {
  /** Whether the server takes new requests. */
  readonly isReady: boolean;
  /** When the process started, in ms since the epoch. */
  readonly startedAt: number;
  /** How many dead workers were replaced. */
  readonly restarts: number;
  /** The release that is served; undefined without releases. */
  readonly release?: string | undefined;
  /** Resident memory of the process, in bytes. */
  readonly residentBytes: number;
  /** Versions of skiff and of its runtime. */
  readonly versions: {
    readonly version: string;
    readonly deno: string;
    readonly v8: string;
  };
}

/** The metrics of all isolates together. Times are in s, sizes in bytes. */
export interface MetricsSnapshot extends ProcessFacts {
  /** Number of isolates that serve. */
  readonly isolates: number;
  /** By method and status class: method × 5 + class. */
  readonly requests: readonly number[];
  /** By version of HTTP. */
  readonly requestsByVersion: readonly number[];
  /** Response times. */
  readonly durations: Histogram;
  /** Sizes of response bodies. */
  readonly sizes: Histogram;
  readonly accepted: number;
  /** Open connections by phase. */
  readonly connections: readonly number[];
  /** Open event streams. */
  readonly eventStreams: number;
  readonly timeouts: readonly number[];
  readonly refusals: readonly number[];
  /** Requests for previews, by what names them. */
  readonly previews: readonly number[];
  /** What is open of HTTP/2, and what ended there by sender and code: sender × 15 + code. */
  readonly http2: Http2State & {
    readonly resets: readonly number[];
    readonly goAways: readonly number[];
  };
  /** The sums of all caches. */
  readonly cache: Required<CacheMetrics>;
  /** Of the slowest isolate, in the last second. */
  readonly lag: number;
  /** Of the slowest isolate, since the start. */
  readonly lagMax: number;
}

/** Adds up the rows of all isolates. Isolates keep counting, so related values may disagree slightly. */
export function readMetrics(
  memory: SharedArrayBuffer,
  facts: ProcessFacts,
): MetricsSnapshot {
  const rows = rowsOf(memory);
  const one = (slot: number) => sumIn(rows, slot);
  const many = (slot: number, count: number) =>
    Array.from({ length: count }, (_, index) => one(slot + index));
  const most = (slot: number) => Math.max(...rows.map((row) => row[slot]!));
  const histogram = (slot: number, bounds: readonly number[], sum: number) => ({
    bounds,
    counts: many(slot, bounds.length + 1),
    sum: one(sum),
  });
  return {
    ...facts,
    isolates: rows.length,
    requests: many(Slot.requests, Slot.versions - Slot.requests),
    requestsByVersion: many(Slot.versions, VERSIONS.length),
    durations: histogram(Slot.durations, DURATION_BOUNDS, Slot.durationSum),
    sizes: histogram(Slot.sizes, SIZE_BOUNDS, Slot.sizeSum),
    accepted: one(Slot.accepted),
    connections: many(Slot.connections, PHASES.length),
    eventStreams: one(Slot.eventStreams),
    timeouts: many(Slot.timeouts, PHASES.length),
    refusals: many(Slot.refusals, REFUSAL_CAUSES.length),
    previews: many(Slot.previews, PREVIEW_KEYS.length),
    http2: {
      connections: one(Slot.http2Connections),
      streams: one(Slot.http2Streams),
      resets: many(Slot.resets, SENDERS.length * HTTP2_CODES.length),
      goAways: many(Slot.goAways, SENDERS.length * HTTP2_CODES.length),
    },
    cache: {
      hits: one(Slot.cacheHits),
      misses: one(Slot.cacheMisses),
      evictions: one(Slot.cacheEvictions),
      bytes: one(Slot.cacheBytes),
      entries: one(Slot.cacheEntries),
      openFiles: one(Slot.openFiles),
      changes: one(Slot.siteChanges),
      watched: one(Slot.sitesWatched),
      olderHits: many(Slot.olderHits, RELEASE_AGES.length),
    },
    lag: most(Slot.lag),
    lagMax: most(Slot.lagMax),
  };
}

/** Counts the connections of all isolates by phase, as last set. */
export function readConnections(
  memory: SharedArrayBuffer,
): Record<Phase, number> {
  const rows = rowsOf(memory);
  return Object.fromEntries(
    PHASES.map((phase, index) => [
      phase,
      sumIn(rows, Slot.connections + index),
    ]),
  ) as Record<Phase, number>;
}

function rowsOf(memory: SharedArrayBuffer): Float64Array[] {
  const length = memory.byteLength / Float64Array.BYTES_PER_ELEMENT /
    ROW_LENGTH;
  return Array.from({ length }, (_, index) => metricRow(memory, index));
}

function sumIn(rows: readonly Float64Array[], slot: number): number {
  return rows.reduce((sum, row) => sum + row[slot]!, 0);
}

/** Resets the gauges of a dead isolate until another replaces it. */
export function clearGauges(memory: SharedArrayBuffer, index: number): void {
  metricRow(memory, index).fill(0, GAUGES_START);
}
