import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  DEFAULT_PRIORITY,
  parsePriority,
} from "../../../lib/http/http2/priority.ts";

/** Values of Priority: urgency, and whether it is incremental. */
const VALUES: readonly (readonly [string | undefined, number, boolean])[] = [
  [undefined, 3, false],
  ["", 3, false],
  ["u=0", 0, false],
  ["u=7", 7, false],
  ["u=8", 3, false],
  ["u=-1", 3, false],
  ["u=1.0", 3, false],
  ["u=01", 3, false],
  ["u", 3, false],
  ["i", 3, true],
  ["i=?1", 3, true],
  ["i=?0", 3, false],
  ["i=1", 3, false],
  ["u=5, i", 5, true],
  ["i,u=1", 1, true],
  ["u=1 ,\ti", 1, true],
  ["u=1, u=2", 2, false],
  ["i, i=?0", 3, false],
  ["u=1;x=y, i;z", 1, true],
  ['u=2, other="x", i', 2, true],
  ["U=1", 3, false],
  ["u=1,,i", 3, false],
  ["u =1", 3, false],
  ["u=1, %", 3, false],
  ["u=0," + " ".repeat(80), 3, false],
];

for (const [value, urgency, incremental] of VALUES) {
  Deno.test(`parsePriority() of ${JSON.stringify(value)}`, () => {
    assertEquals(parsePriority(value), { urgency, incremental });
  });
}

Deno.test("a priority of no value is the default", () => {
  assertStrictEquals(parsePriority(undefined), DEFAULT_PRIORITY);
  assertStrictEquals(parsePriority("u=3, i=?0"), DEFAULT_PRIORITY);
});
