import { assertEquals } from "@std/assert";
import { Steps } from "../../lib/site/pause.ts";
import { sortInSteps } from "../../lib/site/sort_in_steps.ts";
import { turnsDuring } from "./slow_clock.ts";

/** So many different numbers, in no order. */
function mixed(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index * 7_919 % count);
}

const isBefore = (a: number, b: number) => a < b;

for (const count of [0, 1, 2, 2_047, 2_048, 2_049, 4_097, 20_000]) {
  Deno.test(`sortInSteps() sorts ${count} items`, async () => {
    const items = mixed(count);
    const sorted = await sortInSteps(items, isBefore, new Steps());
    assertEquals(sorted, items.toSorted((a, b) => a - b));
    assertEquals(items, mixed(count));
  });
}

Deno.test("sortInSteps() lets other work run", async () => {
  const items = mixed(20_000);
  const turns = await turnsDuring(() =>
    sortInSteps(items, isBefore, new Steps())
  );
  assertEquals(turns > 50, true, `${turns} turns`);
});
