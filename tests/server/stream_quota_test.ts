import { assertEquals } from "@std/assert";
import {
  StreamQuota,
  type StreamShare,
} from "../../lib/server/stream_quota.ts";

/** Begins streams while there is room, and returns how many that are. */
function fill(quota: StreamQuota, share: StreamShare): number {
  let count = 0;
  for (; quota.hasRoom(share); count++) quota.take(share);
  return count;
}

Deno.test("StreamQuota gives the first client half, further ones what a connection may have, and all together no more than there is", () => {
  const quota = new StreamQuota(1_000);
  const clients = ["a", "b", "c", "d", "e", "f", "g"];
  const counts = clients.map((subject) => fill(quota, quota.join(subject)));
  assertEquals(counts, [500, 100, 100, 100, 100, 100, 0]);
});

Deno.test("StreamQuota counts the streams of all connections of a client, also of those that have gone", () => {
  const quota = new StreamQuota(1_000);
  const [first, second] = [quota.join("a"), quota.join("a")];
  assertEquals(fill(quota, first), 500);
  assertEquals(fill(quota, second), 0);
  quota.leave(first);
  quota.leave(second);
  const third = quota.join("a");
  assertEquals(fill(quota, third), 0);
  quota.leave(third);
  for (let count = 0; count < 500; count++) quota.give(first);
  assertEquals(fill(quota, quota.join("a")), 500);
});

Deno.test("StreamQuota forgets a client with its last connection and its last stream", () => {
  const quota = new StreamQuota(1_000);
  const idle = quota.join("a");
  quota.leave(idle);
  const ended = quota.join("a");
  quota.take(ended);
  quota.leave(ended);
  const [late, later] = [quota.join("a"), quota.join("a")];
  quota.leave(late);
  quota.give(ended);
  const same = quota.join("a");
  quota.leave(later);
  quota.leave(same);
  const next = quota.join("a");
  const isOther = [
    ended !== idle,
    late === ended,
    same === ended,
    next === same,
  ];
  assertEquals(isOther, [true, true, true, false]);
});

Deno.test("StreamQuota: without a subject each connection is a client", () => {
  const quota = new StreamQuota(1_000);
  const [first, second] = [quota.join(undefined), quota.join(undefined)];
  assertEquals(fill(quota, first), 500);
  assertEquals(fill(quota, second), 100);
  quota.leave(first);
  for (let count = 0; count < 450; count++) quota.give(first);
  assertEquals(fill(quota, second), 350);
});
