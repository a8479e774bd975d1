import { assertEquals } from "@std/assert";
import { linger, LINGER_BYTES_MAX } from "../../lib/server/linger.ts";

const INPUT = new Uint8Array(64 * 1024);

Deno.test("linger() reads until the client ends", async () => {
  const reads: (number | null)[] = [3, 1, null, 9];
  let heard = 0;
  const read = () => Promise.resolve(reads.shift()!);
  await linger({ read }, INPUT, () => heard++);
  assertEquals([heard, reads], [2, [9]]);
});

Deno.test("linger() reads no more than its bound from a client that sends for ever", async () => {
  let total = 0;
  const read = (into: Uint8Array) => {
    total += into.length;
    return Promise.resolve(into.length);
  };
  await linger({ read }, INPUT, () => {});
  assertEquals(total, LINGER_BYTES_MAX);
});
