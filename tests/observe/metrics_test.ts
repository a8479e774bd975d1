import { assert, assertEquals } from "@std/assert";
import {
  DURATION_BOUNDS,
  HTTP2_CODES,
  METHODS,
  metricMemory,
  PHASES,
  PREVIEW_KEYS,
  REFUSAL_CAUSES,
  SENDERS,
  SIZE_BOUNDS,
  STATUS_CLASSES,
  VERSIONS,
} from "../../lib/observe/metric_layout.ts";
import {
  clearGauges,
  Metrics,
  type MetricsSnapshot,
  readMetrics,
  watchLag,
} from "../../lib/observe/metrics.ts";
import type { Exchange } from "../../lib/observe/exchange.ts";
import { FakeTime } from "../fake_time.ts";
import { exchangeOf, FACTS } from "./snapshots.ts";

/** The figures after something has happened in the only isolate. */
function after(happen: (metrics: Metrics) => void): MetricsSnapshot {
  const memory = metricMemory(1);
  happen(new Metrics(memory, 0));
  return readMetrics(memory, FACTS);
}

/** The index of the only number that is not 0; -1 when there is none, or another than 1. */
function onlyOne(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 1 ? counts.indexOf(1) : -1;
}

const REQUESTS: readonly (readonly [
  method: string,
  status: number,
  kind: readonly [method: string, status: string],
])[] = [
  ["GET", 200, ["GET", "2xx"]],
  ["GET", 206, ["GET", "2xx"]],
  ["GET", 304, ["GET", "3xx"]],
  ["HEAD", 404, ["HEAD", "4xx"]],
  ["OPTIONS", 204, ["OPTIONS", "2xx"]],
  ["GET", 100, ["GET", "1xx"]],
  ["GET", 199, ["GET", "1xx"]],
  ["GET", 299, ["GET", "2xx"]],
  ["GET", 499, ["GET", "4xx"]],
  ["GET", 500, ["GET", "5xx"]],
  ["GET", 599, ["GET", "5xx"]],
  ["GET", 999, ["GET", "5xx"]],
  ["POST", 405, ["other", "4xx"]],
  ["get", 501, ["other", "5xx"]],
  ["", 400, ["other", "4xx"]],
  ["constructor", 501, ["other", "5xx"]],
];

for (const [method, status, [row, column]] of REQUESTS) {
  Deno.test(`record() counts ${method || "what could not be read"} ${status} as ${row} ${column}`, () => {
    const { requests } = after((metrics) =>
      metrics.record(exchangeOf({ method, status }))
    );
    const index = (METHODS as readonly string[]).indexOf(row) *
        STATUS_CLASSES.length +
      (STATUS_CLASSES as readonly string[]).indexOf(column);
    assertEquals(onlyOne(requests), index);
    assertEquals(requests.length, METHODS.length * STATUS_CLASSES.length);
  });
}

const DURATIONS:
  readonly (readonly [ms: number, index: number, sum: number])[] = [
    [0, 0, 0],
    [0.009, 0, 0.000009],
    [0.01, 0, 0.00001],
    [0.0101, 1, 0.0000101],
    [1, 6, 0.001],
    [1.001, 7, 0.001001],
    [10_000, DURATION_BOUNDS.length - 1, 10],
    [10_001, DURATION_BOUNDS.length, 10.001],
    // A clock that was set back.
    [-5, 0, 0],
    [NaN, 0, 0],
  ];

for (const [duration, index, sum] of DURATIONS) {
  Deno.test(`record() puts ${duration} ms into class ${index}`, () => {
    const { durations } = after((metrics) =>
      metrics.record(exchangeOf({ duration }))
    );
    assertEquals(onlyOne(durations.counts), index);
    assert(Math.abs(durations.sum - sum) < 1e-12, String(durations.sum));
  });
}

const SIZES: readonly (readonly [bytes: number, index: number])[] = [
  [0, 0],
  [256, 0],
  [257, 1],
  [2 ** 30, SIZE_BOUNDS.length - 1],
  [2 ** 30 + 1, SIZE_BOUNDS.length],
  [2 ** 52, SIZE_BOUNDS.length],
];

for (const [bodyBytes, index] of SIZES) {
  Deno.test(`record() puts ${bodyBytes} bytes into class ${index}`, () => {
    const { sizes } = after((metrics) =>
      metrics.record(exchangeOf({ bodyBytes }))
    );
    assertEquals(onlyOne(sizes.counts), index);
    assertEquals(sizes.sum, bodyBytes);
  });
}

Deno.test("record() leaves event streams out of the histograms", () => {
  const { requests, durations, sizes } = after((metrics) =>
    metrics.record(exchangeOf({ isEventStream: true, duration: 1e9 }))
  );
  assertEquals(onlyOne(requests), 1);
  assertEquals([onlyOne(durations.counts), durations.sum], [-1, 0]);
  assertEquals([onlyOne(sizes.counts), sizes.sum], [-1, 1024]);
});

Deno.test("countTimeout() counts every phase apart", () => {
  for (const [index, phase] of PHASES.entries()) {
    const { timeouts } = after((metrics) => metrics.countTimeout(phase));
    assertEquals(onlyOne(timeouts), index);
  }
});

Deno.test("countRefusal() counts every cause apart", () => {
  for (const [index, cause] of REFUSAL_CAUSES.entries()) {
    const { refusals } = after((metrics) => metrics.countRefusal(cause));
    assertEquals(onlyOne(refusals), index);
  }
});

Deno.test("countPreview() counts each way to name a preview apart", () => {
  for (const [index, by] of PREVIEW_KEYS.entries()) {
    const { previews } = after((metrics) => metrics.countPreview(by));
    assertEquals(onlyOne(previews), index);
  }
});

const VERSIONS_SEEN: readonly (readonly [Exchange["version"], string])[] = [
  ["HTTP/1.0", "HTTP/1.0"],
  ["HTTP/1.1", "HTTP/1.1"],
  ["HTTP/2.0", "HTTP/2.0"],
  [undefined, "other"],
];

for (const [version, name] of VERSIONS_SEEN) {
  Deno.test(`record() counts a request of version ${version} as ${name}`, () => {
    const { requestsByVersion } = after((metrics) =>
      metrics.record(exchangeOf({ version }))
    );
    assertEquals(VERSIONS[onlyOne(requestsByVersion)], name);
  });
}

Deno.test("countReset() and countGoAway() count every sender and code apart, and codes that nobody knows together", () => {
  for (const [row, sender] of SENDERS.entries()) {
    for (
      const [column, code] of [...HTTP2_CODES.keys(), 0xffff_ffff].entries()
    ) {
      const index = row * HTTP2_CODES.length +
        Math.min(column, HTTP2_CODES.length - 1);
      const { resets } = after((each) => each.countReset(sender, code)).http2;
      assertEquals(onlyOne(resets), index);
      const { goAways } = after((each) => each.countGoAway(sender, code)).http2;
      assertEquals(onlyOne(goAways), index);
    }
  }
});

Deno.test("setHttp2() tells what is open now", () => {
  const { http2 } = after((metrics) => {
    metrics.setHttp2({ connections: 7, streams: 70 });
    metrics.setHttp2({ connections: 2, streams: 30 });
  });
  assertEquals([http2.connections, http2.streams], [2, 30]);
});

Deno.test("setConnections() and setCache() tell what is so now", () => {
  const cache = { hits: 5, misses: 4, changes: 4, evictions: 3 };
  const figures = after((metrics) => {
    metrics.setConnections({
      idle: 9,
      head: 9,
      body: 9,
      waiting: 0,
      reply: 9,
      events: 0,
      linger: 9,
    });
    metrics.setConnections({
      idle: 1,
      head: 2,
      body: 3,
      waiting: 0,
      reply: 4,
      events: 6,
      linger: 5,
    }, 8);
    metrics.setCache({
      ...cache,
      bytes: 100,
      entries: 10,
      openFiles: 9,
      watched: 1,
    });
    metrics.setCache({
      ...cache,
      bytes: 50,
      entries: 2,
      openFiles: 1,
      watched: 0,
    });
    metrics.countConnection();
    metrics.countConnection();
  });
  assertEquals(figures.connections, [1, 2, 3, 0, 4, 6, 5]);
  assertEquals(figures.eventStreams, 8);
  assertEquals(figures.cache, {
    ...cache,
    bytes: 50,
    entries: 2,
    openFiles: 1,
    watched: 0,
    olderHits: [0, 0, 0],
  });
  assertEquals(figures.accepted, 2);
});

Deno.test("lag() keeps the last and the worst", () => {
  const figures = after((metrics) => {
    for (const ms of [5, 250, 20, -1, 10]) metrics.setLag(ms);
  });
  assertEquals([figures.lag, figures.lagMax], [0.01, 0.25]);
});

Deno.test("readMetrics() adds the isolates up, and takes the worst lag", () => {
  const memory = metricMemory(3);
  for (const index of [0, 1, 2]) {
    const metrics = new Metrics(memory, index);
    for (let i = 0; i <= index; i++) metrics.record(exchangeOf());
    metrics.setConnections({
      idle: index,
      head: 0,
      body: 0,
      waiting: 0,
      reply: 1,
      events: 0,
      linger: 0,
    });
    metrics.setLag(index === 1 ? 100 : 1);
    metrics.setLag(index === 0 ? 30 : 1);
  }
  const figures = readMetrics(memory, FACTS);
  assertEquals(figures.isolates, 3);
  assertEquals(figures.requests[1], 6);
  assertEquals(figures.sizes.sum, 6 * 1024);
  assertEquals(figures.connections, [3, 0, 0, 0, 3, 0, 0]);
  assertEquals([figures.lag, figures.lagMax], [0.03, 0.1]);
  assertEquals(figures.restarts, FACTS.restarts);
  assertEquals(figures.versions, FACTS.versions);
});

Deno.test("Metrics in a dead one's place goes on with its totals, not with what it had open", () => {
  const memory = metricMemory(2);
  const before = new Metrics(memory, 1);
  before.record(exchangeOf());
  before.setConnections({
    idle: 7,
    head: 0,
    body: 0,
    waiting: 0,
    reply: 0,
    events: 0,
    linger: 0,
  });
  const totals = {
    hits: 100,
    misses: 20,
    evictions: 5,
    changes: 8,
    olderHits: [7, 5, 0],
  };
  const open = { bytes: 900, entries: 9, openFiles: 3, watched: 1 };
  before.setCache({ ...totals, ...open });
  before.setLag(50);

  const after = new Metrics(memory, 1);
  const start = readMetrics(memory, FACTS);
  assertEquals(start.requests[1], 1);
  assertEquals(start.connections, [0, 0, 0, 0, 0, 0, 0]);
  assertEquals([start.lag, start.lagMax], [0, 0.05]);
  const none = { bytes: 0, entries: 0, openFiles: 0, watched: 0 };
  assertEquals(start.cache, { ...totals, ...none });

  after.record(exchangeOf());
  after.setCache({
    hits: 1,
    misses: 2,
    evictions: 0,
    changes: 3,
    olderHits: [1, 0, 2],
    ...open,
  });
  const end = readMetrics(memory, FACTS);
  assertEquals(end.requests[1], 2);
  assertEquals(end.cache, {
    hits: 101,
    misses: 22,
    evictions: 5,
    changes: 11,
    olderHits: [8, 5, 2],
    ...open,
  });
});

Deno.test("clearGauges() forgets what one isolate had open, and nothing else", () => {
  const memory = metricMemory(2);
  for (const index of [0, 1]) {
    const metrics = new Metrics(memory, index);
    metrics.countConnection();
    metrics.setConnections({
      idle: 4,
      head: 0,
      body: 0,
      waiting: 0,
      reply: 0,
      events: 0,
      linger: 0,
    });
  }
  clearGauges(memory, 0);
  const figures = readMetrics(memory, FACTS);
  assertEquals(figures.connections[0], 4);
  assertEquals(figures.accepted, 2);
});

Deno.test("watchLag() tells of a long halt soon, and of a calm second after it", async () => {
  using time = new FakeTime();
  const memory = metricMemory(1);
  const stop = watchLag(new Metrics(memory, 0));
  const told = () => {
    const { lag, lagMax } = readMetrics(memory, FACTS);
    return [lag, lagMax].map((seconds) => Math.round(1000 * seconds));
  };
  time.block(1300);
  await time.tickAsync(0);
  assertEquals(told(), [1200, 1200]);
  time.block(150);
  // A short halt is told of when its second is over.
  await time.tickAsync(800);
  assertEquals(told(), [1200, 1200]);
  await time.tickAsync(200);
  assertEquals(told(), [50, 1200]);
  await time.tickAsync(1000);
  assertEquals(told(), [0, 1200]);
  stop();
});

Deno.test("setCache() counts what older releases answered, from one isolate to the next", () => {
  const memory = metricMemory(1);
  const { cache } = readMetrics(memory, FACTS);
  const hitsAfter = (olderHits: number[]) => {
    new Metrics(memory, 0).setCache({ ...cache, olderHits });
    return readMetrics(memory, FACTS).cache.olderHits;
  };
  assertEquals(hitsAfter([1, 2, 3]), [1, 2, 3]);
  assertEquals(hitsAfter([1, 0, 4]), [2, 2, 7]);
});
