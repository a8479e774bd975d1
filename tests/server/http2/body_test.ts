import { assert, assertEquals } from "@std/assert";
import {
  hasFreeSource,
  onFreeSource,
  SegmentBody,
  SOURCES_MAX,
} from "../../../lib/server/http2/body.ts";

/** A source of some bytes, and how many of them are open. */
class Sources {
  open = 0;

  segment(length: number) {
    return {
      length,
      open: () => {
        this.open++;
        return {
          // One byte at a time, as a slow disk may read.
          read: (into: Uint8Array) => {
            into[0] = 7;
            return 1;
          },
          close: () => void this.open--,
        };
      },
    };
  }
}

Deno.test("a Body reads its segments in order, with one source open at a time", () => {
  const sources = new Sources();
  const body = new SegmentBody([
    Uint8Array.of(1, 2),
    sources.segment(3),
    sources.segment(1),
    Uint8Array.of(3),
  ]);
  const got: number[] = [];
  const into = new Uint8Array(2);
  while (body.left > 0) {
    const count = body.read(into);
    got.push(...into.subarray(0, count));
    assert(sources.open <= 1);
  }
  assertEquals(got, [1, 2, 7, 7, 7, 7, 3]);
  assertEquals(sources.open, 0);
});

Deno.test("only so many sources are open on all connections, and who waits is told", async () => {
  const sources = new Sources();
  const bodies = Array.from({ length: SOURCES_MAX }, () => {
    const body = new SegmentBody([sources.segment(2)]);
    assert(hasFreeSource() && body.needsSource);
    body.open();
    return body;
  });
  assert(!hasFreeSource());
  const { promise, resolve } = Promise.withResolvers<void>();
  onFreeSource(resolve);
  bodies[0]!.close();
  await promise;
  for (const body of bodies) body.close();
  assertEquals(sources.open, 0);
});

Deno.test("an output that wants no source any more does not keep others waiting", async () => {
  const sources = new Sources();
  const bodies = Array.from({ length: SOURCES_MAX }, () => {
    const body = new SegmentBody([sources.segment(2)]);
    body.open();
    return body;
  });
  const calls: string[] = [];
  onFreeSource(() => void calls.push("ended"));
  onFreeSource(() => void calls.push("waiting"));
  bodies[0]!.close();
  await Promise.resolve();
  assertEquals(calls, ["ended", "waiting"]);
  for (const body of bodies) body.close();
});
