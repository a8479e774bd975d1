import { assertEquals } from "@std/assert";
import { LineCounter } from "../../lib/check/line_counter.ts";

Deno.test("LineCounter counts line feeds before an offset", () => {
  const text = "a\nbc\n\nd";
  const lines = new LineCounter(text);
  const all = Array.from(text, (_, offset) => lines.at(offset));
  assertEquals(all, [1, 1, 2, 2, 2, 3, 4]);
  assertEquals([lines.at(0), lines.at(6), lines.at(99), lines.at(3)], [
    1,
    4,
    4,
    2,
  ]);
});

Deno.test("LineCounter begins at the line that it is given", () => {
  const lines = new LineCounter("\n\n", 10);
  assertEquals([lines.at(0), lines.at(1), lines.at(2)], [10, 11, 12]);
  assertEquals(lines.at(0), 10);
});

Deno.test("LineCounter searches a long line once", () => {
  const lines = new LineCounter("x".repeat(1_000_000));
  const began = performance.now();
  for (let offset = 0; offset < 1_000_000; offset += 2) lines.at(offset);
  assertEquals(performance.now() - began < 5_000, true);
});
