/**
 * Range × length → what to send.
 *
 * @module
 */

import {
  contentRange,
  decideRange,
  multipartByteranges,
} from "../lib/http/range.ts";
import { keep } from "./keep.ts";

const LENGTH = 100 * 1024 * 1024;

const RANGES: readonly (readonly [name: string, value: string])[] = [
  ["one", "bytes=1048576-1052671"],
  ["open end", "bytes=1048576-"],
  ["suffix", "bytes=-4096"],
  ["sixteen", "bytes=" + sliceList(16)],
  ["too many", "bytes=" + sliceList(1000)],
  ["unsatisfiable", "bytes=999999999-"],
  ["not a range", "lines=1-2"],
];

for (const [name, value] of RANGES) {
  Deno.bench(`decideRange() ${name}`, { group: "range" }, () => {
    keep(decideRange(value, LENGTH));
  });
}

const SLICES = Array.from({ length: 16 }, (_, i) => ({
  start: 10_000 * i,
  end: 10_000 * i + 4096,
}));

Deno.bench("contentRange()", { group: "fields" }, () => {
  keep(contentRange(SLICES[1]!, LENGTH));
});

Deno.bench("multipartByteranges() of 16", { group: "fields" }, () => {
  keep(
    multipartByteranges(SLICES, LENGTH, "application/octet-stream", "boundary"),
  );
});

function sliceList(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `${10_000 * i}-${10_000 * i + 4095}`,
  ).join(", ");
}
