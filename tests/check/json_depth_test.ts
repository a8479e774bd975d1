import { assertEquals } from "@std/assert";
import { DEPTH_MAX, isTooDeep } from "../../lib/check/json_depth.ts";

/** Texts, and whether a parser that recurses may not read them. */
const TEXTS: readonly (readonly [text: string, isDeep: boolean])[] = [
  ["", false],
  ['{"a":[1]}', false],
  ["[".repeat(DEPTH_MAX), false],
  ["[".repeat(DEPTH_MAX + 1), true],
  ['{"a":'.repeat(1_000_000), true],
  [`"${"[".repeat(DEPTH_MAX + 1)}"`, false],
  ["[],".repeat(DEPTH_MAX + 1), false],
];

for (const [text, isDeep] of TEXTS) {
  Deno.test(`isTooDeep() of ${JSON.stringify(text.slice(0, 20))}, ${text.length} characters: ${isDeep}`, () => {
    assertEquals(isTooDeep(text), isDeep);
  });
}
