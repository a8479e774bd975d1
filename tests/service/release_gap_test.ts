import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Reply, reply } from "../../lib/http/reply.ts";
import { ReleaseGap } from "../../lib/service/release_gap.ts";
import type { Client } from "../../lib/server/client.ts";
import { FakeTime } from "../fake_time.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { headOf } from "../memory_site.ts";

const HEAD = headOf("GET", "/a");
const CLIENT = {} as Client;
const FOUND = reply(200, []);
const MISSING = reply(404, []);
const NEXT = reply(200, []);

/** A gap over a release that is gone, where the next release gives the reply {@linkcode NEXT}. */
function gapAt(root: string): ReleaseGap {
  return new ReleaseGap(root, (head, now, client) => {
    assertEquals([head, now, client], [HEAD, 7, CLIENT]);
    return NEXT;
  });
}

function bridge(
  gap: ReleaseGap,
  found: Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  return gap.bridge(found, HEAD, 7, CLIENT);
}

testWith(
  HAS_FILES,
  "ReleaseGap bridges nothing while the release is there",
  () => {
    using folder = new TemporaryDirectory();
    const gap = gapAt(folder.path);
    assertStrictEquals(bridge(gap, MISSING), MISSING);
    assertStrictEquals(bridge(gap, FOUND), FOUND);
  },
);

testWith(HAS_FILES, "ReleaseGap bridges no reply but a 404", async () => {
  using folder = new TemporaryDirectory();
  const gap = gapAt(folder.join("gone"));
  assertStrictEquals(bridge(gap, FOUND), FOUND);
  assertStrictEquals(await bridge(gap, Promise.resolve(FOUND)), FOUND);
});

testWith(
  HAS_FILES,
  "ReleaseGap has requests wait for the next release",
  async () => {
    using folder = new TemporaryDirectory();
    const gap = gapAt(folder.join("gone"));
    const replies = [
      bridge(gap, MISSING),
      bridge(gap, Promise.resolve(MISSING)),
    ];
    await Promise.resolve();
    gap.show(folder.path);
    assertEquals(await Promise.all(replies), [NEXT, NEXT]);
    assertStrictEquals(bridge(gap, MISSING), MISSING);
  },
);

testWith(
  HAS_FILES,
  "ReleaseGap bridges a reply that was made while the next release came",
  async () => {
    using folder = new TemporaryDirectory();
    // There is nothing to wait for: this clock stands still.
    using _time = new FakeTime();
    for (
      const [next, isInVain] of [["", false], ["gone, too", true]] as const
    ) {
      const gap = gapAt(folder.join("gone"));
      const { promise, resolve } = Promise.withResolvers<Reply>();
      const found = bridge(gap, promise);
      gap.show(folder.join(next));
      if (isInVain) gap.close();
      resolve(MISSING);
      assertStrictEquals(await found, NEXT);
    }
  },
);

testWith(
  HAS_FILES,
  "ReleaseGap ends the wait after a while, and then bridges nothing until there is another release",
  async () => {
    using folder = new TemporaryDirectory();
    using time = new FakeTime();
    const gap = gapAt(folder.join("gone"));
    let isDone = false;
    const first = Promise.resolve(bridge(gap, MISSING)).then((found) => {
      isDone = true;
      return found;
    });
    await time.tickAsync(2_999);
    assertEquals(isDone, false);
    await time.tickAsync(1);
    assertStrictEquals(await first, NEXT);
    assertStrictEquals(bridge(gap, MISSING), MISSING);
    gap.show(folder.join("also gone"));
    const second = bridge(gap, MISSING);
    gap.close();
    assertStrictEquals(await second, NEXT);
  },
);
