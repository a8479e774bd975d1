import { assert, assertEquals, assertThrows } from "@std/assert";
import { SourceRefused } from "../../../lib/http/reply.ts";
import { SegmentBody, SOURCES_MAX } from "../../../lib/server/http2/body.ts";

/** Sources whose bytes are their positions, and how many of them are open. */
class Sources {
  open = 0;
  /** How many may be open: as many as there are descriptors. */
  openMax = Infinity;
  /** Where each source was opened, in the order of time. */
  readonly openedAt: number[] = [];

  segment(length: number) {
    return {
      length,
      open: (at: number = 0) => {
        if (this.open === this.openMax) {
          throw new SourceRefused("No descriptor is free", 503);
        }
        this.open++;
        this.openedAt.push(at);
        return {
          // One byte at a time, as a slow disk may read.
          read: (into: Uint8Array) => {
            into[0] = at++;
            return 1;
          },
          close: () => void this.open--,
        };
      },
    };
  }
}

function byteOf(body: SegmentBody): number {
  const into = new Uint8Array(1);
  body.read(into);
  return into[0]!;
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
  assertEquals(got, [1, 2, 0, 1, 2, 0, 3]);
  assertEquals(sources.open, 0);
});

Deno.test("for a source too many, the one read longest ago closes, and is read on where it was", () => {
  const sources = new Sources();
  const bodies = Array.from(
    { length: SOURCES_MAX },
    () => new SegmentBody([Uint8Array.of(9), sources.segment(4)]),
  );
  for (const body of bodies) {
    assertEquals([byteOf(body), byteOf(body)], [9, 0]);
  }
  assertEquals(byteOf(bodies[0]!), 1);
  const late = new SegmentBody([sources.segment(2)]);
  late.open();
  assertEquals(sources.open, SOURCES_MAX);
  const before = sources.openedAt.length;
  // The first was read again, so the second is the one that was closed.
  assertEquals(byteOf(bodies[0]!), 2);
  assertEquals(sources.openedAt.length, before);
  assertEquals(byteOf(bodies[1]!), 1);
  assertEquals(sources.openedAt.slice(before), [1]);
  assertEquals([byteOf(bodies[1]!), byteOf(bodies[1]!)], [2, 3]);
  for (const body of [...bodies, late]) body.close();
  assertEquals(sources.open, 0);
});

Deno.test("without a free descriptor, the source that was read longest ago makes room", () => {
  const sources = new Sources();
  sources.openMax = 2;
  const bodies = Array.from(
    { length: 3 },
    () => new SegmentBody([sources.segment(2)]),
  );
  for (const body of bodies) assertEquals(byteOf(body), 0);
  assertEquals(sources.open, 2);
  assertEquals(byteOf(bodies[0]!), 1);
  for (const body of bodies) body.close();
  sources.openMax = 0;
  assertThrows(
    () => byteOf(new SegmentBody([sources.segment(1)])),
    SourceRefused,
  );
  assertEquals(sources.open, 0);
});
