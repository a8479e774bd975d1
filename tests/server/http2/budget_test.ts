import { assert, assertEquals } from "@std/assert";
import { Budget } from "../../../lib/server/http2/budget.ts";

/** How often a budget allows something. */
function countOf(spend: () => boolean): number {
  let count = 0;
  while (count < 10_000 && spend()) count++;
  return count;
}

Deno.test("a Budget allows a limited number of resets, and one more for each answer", () => {
  const budget = new Budget(0);
  assertEquals(countOf(() => budget.spendReset()), 100);
  const other = new Budget(0);
  assertEquals(
    countOf(() => {
      other.earnAnswer();
      return other.spendReset();
    }),
    10_000,
  );
});

Deno.test("a Budget of frames grows with answers, with bytes and with time, up to its beginning", () => {
  const budget = new Budget(0);
  budget.refill(1_000_000);
  budget.earnBytes(1e9);
  assertEquals(countOf(() => budget.spendFrame()), 2_000);
  budget.refill(2_000_000);
  assert(budget.spendFrame());
});
