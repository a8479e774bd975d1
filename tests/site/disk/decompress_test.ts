import { assertEquals } from "@std/assert";
import * as zlib from "node:zlib";
import { CODINGS } from "../../../lib/http/coding.ts";
import { Compressor } from "../../../lib/site/disk/compressor.ts";
import { Random, utf8 } from "../../helpers.ts";

/** The codings that the runtime knows; before Deno 2.6 zstd is not among them. */
const KNOWN = CODINGS.filter(({ token }) => {
  try {
    return token !== "zstd" || zlib.zstdCompressSync("").length > 0;
  } catch {
    return false;
  }
});

const CONTENTS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "no bytes": new Uint8Array(0),
  "a byte": utf8("a"),
  "a text": utf8("Hello, hello, hello. ".repeat(100)),
  "bytes without any order": new Random(1).bytes(500_000),
};

for (const coding of KNOWN) {
  Deno.test(`decompress() with ${coding.token} gives back what was compressed, within its bound`, async () => {
    const compressor = new Compressor();
    try {
      for (const [name, content] of Object.entries(CONTENTS)) {
        const encoded = await compressor.compress(content.slice(), coding);
        const decompress = (bytesMax: number) =>
          compressor.decompress(encoded!.slice(), coding, bytesMax);
        const { length } = content;
        assertEquals(await decompress(Math.max(length, 1)), content, name);
        if (length < 2) continue;
        assertEquals(await decompress(length - 1), undefined, name);
      }
    } finally {
      compressor.close();
    }
  });

  Deno.test(`decompress() with ${coding.token} takes nothing that is not whole`, async () => {
    const compressor = new Compressor();
    const decompress = (bytes: Uint8Array<ArrayBuffer>) =>
      compressor.decompress(bytes, coding, 10_000);
    try {
      const content = utf8("Hello, hello, hello. ".repeat(100));
      const encoded = await compressor.compress(content, coding);
      const { length } = encoded!;
      for (const end of [0, 1, 4, length >> 1, length - 1]) {
        assertEquals(await decompress(encoded!.slice(0, end)), undefined);
      }
      const more = Uint8Array.of(...encoded!, 0x58, 0x59, 0x5a, 0x5a, 0x5a);
      assertEquals(await decompress(more), undefined);
      assertEquals(await decompress(utf8("not encoded at all")), undefined);
      for (const other of KNOWN) {
        if (other === coding) continue;
        const bytes = encoded!.slice();
        assertEquals(
          await compressor.decompress(bytes, other, 10_000),
          undefined,
        );
      }
    } finally {
      compressor.close();
    }
  });
}
