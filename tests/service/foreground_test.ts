import { assertEquals } from "@std/assert";
import {
  foregroundOfPs,
  foregroundOfStat,
  isForeground,
} from "../../lib/service/foreground.ts";

const STATS: readonly (readonly [string, boolean | undefined])[] = [
  ["7 (deno) S 1 7 7 34816 7 4194304 0", true],
  ["7 (deno) S 1 7 7 34816 9 4194304 0", false],
  // No terminal at all.
  ["7 (deno) S 1 7 7 0 -1 4194304 0", false],
  ["7 (a) S 1 2 3 4 2) R 1 7 7 34816 7 4194304 0", true],
  ["7 (deno) S 1", undefined],
  ["", undefined],
];

for (const [stat, expected] of STATS) {
  Deno.test(`foregroundOfStat() of "${stat}"`, () => {
    assertEquals(foregroundOfStat(stat), expected);
  });
}

const LINES: readonly (readonly [string, boolean | undefined])[] = [
  ["  812   812\n", true],
  ["  812   900\n", false],
  ["  812    -1\n", false],
  ["", undefined],
  ["ps: not found", undefined],
];

for (const [line, expected] of LINES) {
  Deno.test(`foregroundOfPs() of "${line.trim()}"`, () => {
    assertEquals(foregroundOfPs(line), expected);
  });
}

Deno.test("isForeground() never throws", () => {
  assertEquals([true, false, undefined].includes(isForeground()), true);
});
