import { assertEquals } from "@std/assert";
import { isExpectationMet } from "../../lib/http/expectation.ts";

const ROWS: readonly (readonly [value: string | undefined, isMet: boolean])[] =
  [
    [undefined, true],
    ["", true],
    ["100-continue", true],
    ["100-Continue", true],
    [" 100-continue , ,100-CONTINUE", true],
    ["100-continue;x=1", false],
    ["200-ok", false],
    ["100-continue, 200-ok", false],
    ["100-continued", false],
  ];

for (const [value, isMet] of ROWS) {
  Deno.test(`isExpectationMet() of ${JSON.stringify(value)} is ${isMet}`, () => {
    assertEquals(isExpectationMet(value), isMet);
  });
}
