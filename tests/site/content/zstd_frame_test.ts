import { assertEquals } from "@std/assert";
import { zstdFrameLength } from "../../../lib/site/content/zstd_frame.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The last block, of three bytes as they are. */
const LAST = [3 << 3 | 1, 0, 0, 1, 2, 3];

const FRAMES: readonly {
  name: string;
  bytes: readonly number[];
  length: number;
}[] = [
  {
    name: "the least window",
    bytes: [...MAGIC, 0, 0, ...LAST],
    length: 12,
  },
  {
    name: "a window with a mantissa",
    bytes: [...MAGIC, 0, 13 << 3 | 7, ...LAST],
    length: 12,
  },
  {
    name: "the greatest window",
    bytes: [...MAGIC, 0, 255, ...LAST],
    length: 12,
  },
  {
    name: "a content size beside the window",
    bytes: [...MAGIC, 0x80, 0, 255, 255, 255, 255, ...LAST],
    length: 16,
  },
  {
    name: "a single segment told in one byte",
    bytes: [...MAGIC, 0x20, 3, ...LAST],
    length: 12,
  },
  {
    name: "a single segment told in two bytes",
    bytes: [...MAGIC, 0x60, 1, 2, ...LAST],
    length: 13,
  },
  {
    name: "a single segment told in four bytes",
    bytes: [...MAGIC, 0xa0, 1, 2, 3, 255, ...LAST],
    length: 15,
  },
  {
    name: "a single segment told in eight bytes",
    bytes: [...MAGIC, 0xe0, 0, 0, 0, 0, 0, 0, 0, 128, ...LAST],
    length: 19,
  },
  ...[0, 1, 2, 4].map((count, flag) => ({
    name: `a dictionary's number in ${count} bytes`,
    bytes: [
      ...MAGIC,
      0x20 | flag,
      ...new Array<number>(count).fill(9),
      7,
      ...LAST,
    ],
    length: 12 + count,
  })),
  {
    name: "a checksum",
    bytes: [...MAGIC, 4, 0, ...LAST, 9, 9, 9, 9],
    length: 16,
  },
  {
    name: "several blocks",
    bytes: [
      ...MAGIC,
      ...[0, 0],
      ...[2 << 3, 0, 0, 1, 2],
      // 1000 times the same, in one byte.
      ...[1000 << 3 & 255 | 2, 1000 >> 5, 0, 1],
      ...[1 << 3 | 4, 0, 0, 1],
      ...LAST,
    ],
    length: 25,
  },
];

for (const { name, bytes, length } of FRAMES) {
  Deno.test(`zstdFrameLength() knows a frame with ${name}`, () => {
    assertEquals(zstdFrameLength(Uint8Array.from(bytes)), length);
    const longer = Uint8Array.from([...bytes, 1, 2, 3]);
    assertEquals(zstdFrameLength(longer), length);
  });

  Deno.test(`zstdFrameLength() knows no cut frame with ${name}`, () => {
    for (let end = 0; end < bytes.length; end++) {
      const cut = Uint8Array.from(bytes.slice(0, end));
      assertEquals(zstdFrameLength(cut), undefined);
    }
  });
}

Deno.test("zstdFrameLength() knows no frame of another kind", () => {
  const skippable = [0x50, 0x2a, 0x4d, 0x18, 8, 0, 0, 0];
  assertEquals(
    zstdFrameLength(Uint8Array.from([...skippable, ...LAST])),
    undefined,
  );
});

Deno.test("zstdFrameLength() knows no frame with a block of no known type", () => {
  const bytes = [...MAGIC, 0, 0, 3 << 3 | 7, 0, 0, 1, 2, 3];
  assertEquals(zstdFrameLength(Uint8Array.from(bytes)), undefined);
});

Deno.test("zstdFrameLength() knows no frame without a last block", () => {
  const bytes = new Uint8Array(300_000);
  bytes.set(MAGIC);
  assertEquals(zstdFrameLength(bytes), undefined);
});
