import { assertEquals } from "@std/assert";
import {
  isTimeFinal,
  usableTime,
  validTime,
} from "../../../lib/site/content/version.ts";

const NOW = Date.UTC(2026, 4, 1, 12, 0, 0, 300);

/** A modification time and a last change of the record, and whether the time is a validator. */
const ROWS: readonly (readonly [
  name: string,
  modified: number,
  changed: number,
  isValid: boolean,
])[] = [
  ["made by the clock", NOW - 86_400_000, NOW - 86_400_300, true],
  [
    "copied with all its digits",
    Date.UTC(2020, 1, 1, 1, 1, 1, 7),
    NOW,
    true,
  ],
  ["made by a clock of seconds", NOW - 86_400_300, NOW - 86_400_300, true],
  ["of a reproducible build", Date.UTC(2020, 0, 1), NOW - 10_300, true],
  ["of Bazel", Date.UTC(2010, 0, 1), NOW - 10_300, true],
  [
    "of an archive where changes of records are not known",
    NOW - 86_400_300,
    0,
    true,
  ],
  ["of the epoch", 0, NOW - 10_300, false],
  ["of Nix", 1000, NOW - 10_300, false],
  ["of the second day", 86_400_000, NOW - 10_300, false],
  ["before the epoch", -1500, NOW - 10_300, false],
  ["of a ZIP file without times", Date.UTC(1980, 0, 1), NOW - 10_300, false],
  ["of npm", Date.UTC(1985, 9, 26, 8, 15), NOW - 10_300, false],
  ["in the future", NOW + 3_600_000, NOW - 10_300, false],
  ["a moment ahead", NOW + 1, NOW - 300, false],
  ["just now", NOW, NOW - 300, false],
  ["of a moment ago", NOW - 49, NOW - 300, false],
  ["of the last tick but ten", NOW - 50, NOW - 300, true],
  ["of the last second, by a clock of seconds", NOW - 1300, NOW - 1300, false],
  [
    "of three seconds ago, by a clock of seconds",
    NOW - 2300,
    NOW - 2300,
    true,
  ],
  ["not a number", NaN, NOW - 10_300, false],
];

for (const [name, modified, changed, isValid] of ROWS) {
  Deno.test(`validTime() of a time ${name}: ${isValid}`, () => {
    const version = { device: 1, inode: 2, size: 3, modified, changed };
    assertEquals(validTime(version, NOW), isValid ? modified : undefined);
  });
}

Deno.test("usableTime() is the time, or nothing", () => {
  assertEquals(usableTime(NOW, NOW), NOW);
  assertEquals(usableTime(NOW + 1, NOW), undefined);
  assertEquals(usableTime(0, NOW), undefined);
});

Deno.test("isTimeFinal() is false for what was written while the thread was held up, or before the clock was set back a little", () => {
  for (const [ahead, isFinal] of [[20, false], [1999, false], [2000, true]]) {
    assertEquals(isTimeFinal({ modified: NOW + Number(ahead) }, NOW), isFinal);
  }
});
