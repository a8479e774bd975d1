import { assertEquals } from "@std/assert";
import {
  aligned,
  AT,
  bundleDigestOf,
  checksumOf,
  HEAD_BYTES,
  MAGIC,
} from "../../../lib/site/bundle/format.ts";
import { utf8 } from "../../helpers.ts";

const CASES: readonly [length: number, aligned: number][] = [
  [0, 0],
  [1, 8],
  [7, 8],
  [8, 8],
  [9, 16],
  [0xffff_ffff, 0x1_0000_0000],
];

for (const [length, expected] of CASES) {
  Deno.test(`aligned() makes ${expected} of ${length}`, () => {
    assertEquals(aligned(length), expected);
  });
}

Deno.test("The magic is not text, and tells when line ends were changed", () => {
  assertEquals(MAGIC[0]! >= 0x80, true);
  assertEquals([...MAGIC.slice(-2)], [0x0d, 0x0a]);
  assertEquals(MAGIC.length, AT.version);
});

Deno.test("The digest fills the head, and vouches for what is before it and for the index", () => {
  const head = new Uint8Array(HEAD_BYTES);
  const index = new Uint8Array(8);
  const digest = bundleDigestOf(head, index);
  assertEquals(AT.digest + digest.length, HEAD_BYTES);
  for (let at = 0; at < HEAD_BYTES; at++) {
    const changed = head.slice();
    changed[at] = 1;
    const isSame = bundleDigestOf(changed, index).join() === digest.join();
    assertEquals(isSame, at >= AT.digest, `byte ${at}`);
  }
  const isSame =
    bundleDigestOf(head, new Uint8Array(16)).join() === digest.join();
  assertEquals(isSame, false);
});

Deno.test("checksumOf() is CRC-32, and goes on from what was before", () => {
  // The check value of the catalogue of CRCs.
  assertEquals(checksumOf(utf8("123456789")), 0xcbf43926);
  assertEquals(checksumOf(utf8("56789"), checksumOf(utf8("1234"))), 0xcbf43926);
  assertEquals(checksumOf(new Uint8Array(0)), 0);
  assertEquals(checksumOf(new Uint8Array(0), 7), 7);
});
