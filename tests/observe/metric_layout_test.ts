import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../lib/http/http2/frames.ts";
import {
  DURATION_BOUNDS,
  GAUGES_START,
  HTTP2_CODES,
  METHODS,
  metricMemory,
  metricRow,
  PHASES,
  PREVIEW_KEYS,
  REFUSAL_CAUSES,
  RELEASE_AGES,
  ROW_LENGTH,
  SENDERS,
  SIZE_BOUNDS,
  Slot,
  STATUS_CLASSES,
  VERSIONS,
} from "../../lib/observe/metric_layout.ts";

/** How many numbers each figure has that has more than one. */
const COUNTS: Readonly<Record<string, number>> = {
  requests: METHODS.length * STATUS_CLASSES.length,
  versions: VERSIONS.length,
  durations: DURATION_BOUNDS.length + 1,
  sizes: SIZE_BOUNDS.length + 1,
  timeouts: PHASES.length,
  refusals: REFUSAL_CAUSES.length,
  olderHits: RELEASE_AGES.length,
  previews: PREVIEW_KEYS.length,
  resets: SENDERS.length * HTTP2_CODES.length,
  goAways: SENDERS.length * HTTP2_CODES.length,
  connections: PHASES.length,
};

Deno.test("Slot gives every figure room of its own, without gaps", () => {
  const taken = Object.entries(Slot).flatMap(([name, start]) =>
    Array.from({ length: COUNTS[name] ?? 1 }, (_, index) => start + index)
  );
  assertEquals(taken.sort((a, b) => a - b), [...taken.keys()]);
  assertEquals(Math.ceil(taken.length / 16) * 16, ROW_LENGTH);
});

Deno.test("the figures that end with an isolate are together at the end", () => {
  const gauges = Object.entries(Slot).filter(([, slot]) => slot >= GAUGES_START)
    .map(([name]) => name);
  assertEquals(gauges, [
    "connections",
    "eventStreams",
    "http2Connections",
    "http2Streams",
    "cacheBytes",
    "cacheEntries",
    "openFiles",
    "sitesWatched",
    "lag",
  ]);
});

for (
  const [name, bounds] of [
    ["DURATION_BOUNDS", DURATION_BOUNDS],
    ["SIZE_BOUNDS", SIZE_BOUNDS],
  ] as const
) {
  Deno.test(`${name} ascends`, () => {
    assertEquals(bounds.toSorted((a, b) => a - b), [...bounds]);
    assertEquals(new Set(bounds).size, bounds.length);
  });
}

Deno.test("DURATION_BOUNDS goes from 10 µs to 10 s", () => {
  assertEquals(DURATION_BOUNDS[0], 1e-5);
  assertEquals(DURATION_BOUNDS.at(-1), 10);
});

Deno.test("SIZE_BOUNDS goes from 256 B to 1 GiB", () => {
  assertEquals(SIZE_BOUNDS[0], 256);
  assertEquals(SIZE_BOUNDS.at(-1), 2 ** 30);
});

Deno.test("metricRow() gives each isolate a row that no other one shares", () => {
  const memory = metricMemory(3);
  assertEquals(memory.byteLength, 3 * ROW_LENGTH * 8);
  assertEquals((ROW_LENGTH * 8) % 128, 0);
  for (const index of [0, 1, 2]) metricRow(memory, index).fill(index + 1);
  const all = new Float64Array(memory);
  for (const index of [0, 1, 2]) {
    const row = all.subarray(index * ROW_LENGTH, (index + 1) * ROW_LENGTH);
    assert(row.every((value) => value === index + 1), `row ${index}`);
  }
});

Deno.test("HTTP2_CODES has the name of every error code at its number", () => {
  const names = Object.entries(ErrorCode).map(([name, code]) => {
    const words = name.replaceAll(
      /(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)/g,
      "_",
    );
    return [code, words.toLowerCase().replace("11", "1_1")] as const;
  });
  for (const [code, name] of names) assertEquals(HTTP2_CODES[code], name);
  assertEquals(HTTP2_CODES.length, names.length + 1);
});
