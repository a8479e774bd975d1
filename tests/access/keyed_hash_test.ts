import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { KeyedHash } from "../../lib/access/keyed_hash.ts";

/** The key 00 01 … 07 of the published values. */
const PUBLISHED_KEY = [0x03020100, 0x07060504] as const;

/** The published hashes of the texts that are empty, 00, 00 01, 00 01 02, … */
const PUBLISHED: readonly string[] = [
  "218d1f59b9b83cc8",
  "be552412f8387315",
  "064f39ef7c50eb57",
  "ce0f1a45f7060679",
  "d5e78a175be52ea1",
  "cb9d7c3f2f3db580",
  "ce3e91358aa2bc25",
];

function hashOf(text: string, key: readonly [number, number]): string {
  const hash = new KeyedHash(key);
  hash.update(text);
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setInt32(0, hash.low, true);
  bytes.setInt32(4, hash.high, true);
  return bytes.getBigUint64(0).toString(16).padStart(16, "0");
}

PUBLISHED.forEach((expected, length) => {
  Deno.test(`KeyedHash has the published hash of ${length} bytes`, () => {
    const text = Array.from({ length }, (_, i) => String.fromCharCode(i));
    assertStrictEquals(hashOf(text.join(""), PUBLISHED_KEY), expected);
  });
});

Deno.test("KeyedHash forgets the text before", () => {
  const hash = new KeyedHash(PUBLISHED_KEY);
  hash.update("192.0.2.1");
  const { low, high } = hash;
  hash.update("something else");
  hash.update("192.0.2.1");
  assertEquals([hash.low, hash.high], [low, high]);
});

Deno.test("KeyedHash depends on every bit of its key", () => {
  const seen = new Set<string>();
  for (let bit = 0; bit < 32; bit++) {
    seen.add(hashOf("192.0.2.1", [1 << bit, 0]));
    seen.add(hashOf("192.0.2.1", [0, 1 << bit]));
  }
  assertStrictEquals(seen.size, 64);
});

Deno.test("KeyedHash spreads neighbouring addresses evenly", () => {
  const hash = new KeyedHash([1, 2]);
  const counts = new Uint32Array(3 * 256);
  for (let i = 0; i < 65_536; i++) {
    hash.update(`10.0.${i >> 8}.${i & 255}`);
    counts[hash.low & 255]!++;
    counts[256 + (hash.low >>> 16 & 255)]!++;
    counts[512 + (hash.high & 255)]!++;
  }
  // 256 is the mean and 16 the standard deviation: five of them, in 768 places.
  for (const count of counts) assert(count > 176 && count < 336, `${count}`);
});
