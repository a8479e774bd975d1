import { assert, assertEquals, assertLess } from "@std/assert";
import {
  isFresh,
  isTorn,
  waitForWriter,
} from "../../../lib/site/disk/settling.ts";
import { utf8 } from "../../helpers.ts";

const NOW = 1_700_000_000_300;

function versionOf(modified: number, size = 3) {
  return { device: 1, inode: 2, size, modified, changed: 0 };
}

Deno.test("isFresh() is true for what was written a moment ago, or while a request was held up", () => {
  for (const age of [0, 49, -49, -1999]) {
    assert(isFresh(versionOf(NOW - age), NOW), `${age}`);
  }
  for (const age of [50, -2000, 1e9]) {
    assert(!isFresh(versionOf(NOW - age), NOW), `${age}`);
  }
});

Deno.test("waitForWriter() does not wait for a file that was left alone, nor for one that is gone", async () => {
  const quiet = await waitForWriter(() => versionOf(NOW - 50), NOW);
  assertEquals(quiet.quiet, versionOf(NOW - 50));
  assertLess(quiet.now - NOW, 20);
  assertEquals((await waitForWriter(() => undefined, NOW)).quiet, undefined);
});

Deno.test("waitForWriter() waits until a file was left alone", async () => {
  const { now, quiet } = await waitForWriter(() => versionOf(NOW), NOW);
  assert(quiet !== undefined && now - NOW >= 26);
});

Deno.test("waitForWriter() gives an empty file the whole window", async () => {
  const { now, quiet } = await waitForWriter(() => versionOf(NOW, 0), NOW);
  assert(quiet !== undefined && now - NOW >= 50);
});

Deno.test("waitForWriter() waits for what was written while a request was held up", async () => {
  const began = performance.now();
  const look = () =>
    versionOf(NOW + 300, performance.now() < began + 30 ? 2 : 3);
  const { now, quiet } = await waitForWriter(look, NOW);
  assert(quiet?.size === 3 && now - NOW >= 30 + 26, `${now - NOW} ms`);
});

Deno.test("waitForWriter() ends its wait for a file that is written without pause", async () => {
  const began = performance.now();
  const look = () => versionOf(NOW + performance.now() - began);
  const { now, quiet } = await waitForWriter(look, NOW);
  assert(quiet === undefined && now - NOW >= 200);
});

/** What was read before and after the wait, whether the writer paused, and whether the content may be of two versions. */
const READ: readonly (readonly [
  name: string,
  former: string | undefined,
  bytes: string | undefined,
  isQuiet: boolean,
  isTorn: boolean,
])[] = [
  ["left alone", "abc", "xyz", true, false],
  ["left alone, and read for the first time", undefined, "xyz", true, false],
  ["that never stays the same", "abc", undefined, true, true],
  ["rewritten without pause", "abc", "abx", false, true],
  ["appended to without pause", "abc", "abcdef", false, false],
  ["cut without pause", "abc", "ab", false, true],
  ["emptied without pause", "", "", false, true],
  ["filled without pause", "", "abc", false, true],
  ["unknown before, without pause", undefined, "abc", false, true],
];

for (const [name, former, bytes, isQuiet, expected] of READ) {
  Deno.test(`isTorn() of a file ${name}: ${expected}`, () => {
    const awaited = {
      now: NOW,
      quiet: isQuiet ? versionOf(NOW) : undefined,
      former: former === undefined ? undefined : utf8(former),
    };
    const read = bytes === undefined ? undefined : utf8(bytes);
    assertEquals(isTorn(versionOf(NOW), read, awaited), expected);
    // Written again since the pause, or while it was read.
    for (const version of [versionOf(NOW + 9), undefined]) {
      assertEquals(
        isTorn(version, read, awaited),
        isTorn(versionOf(NOW), read, { ...awaited, quiet: undefined }),
      );
    }
  });
}

Deno.test("waitForWriter() looks a second time at an empty file, whatever its time", async () => {
  let looks = 0;
  const look = () => versionOf(NOW - 5000, looks++ === 0 ? 0 : 3);
  const { quiet } = await waitForWriter(look, NOW);
  assertEquals([quiet?.size, looks], [3, 2]);
});

Deno.test("waitForWriter() looks again as soon as a close counts", async () => {
  const { setTimeout } = globalThis;
  const steps: unknown[] = [];
  try {
    globalThis.setTimeout = ((callback: () => void, ms: number) => {
      steps.push(ms);
      return setTimeout(callback, ms);
    }) as typeof setTimeout;
    const rests = [Infinity, 1.5, 0];
    const look = () => versionOf(NOW);
    const { quiet } = await waitForWriter(look, NOW, () => rests.shift()!);
    assertEquals(quiet, versionOf(NOW));
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(steps, [2, 1]);
});
