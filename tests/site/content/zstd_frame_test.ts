import { assertEquals } from "@std/assert";
import { parseZstdFrame } from "../../../lib/site/content/zstd_frame.ts";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The last block, of three bytes as they are. */
const LAST = [3 << 3 | 1, 0, 0, 1, 2, 3];

const FRAMES: readonly {
  name: string;
  bytes: readonly number[];
  length: number;
  windowBytes: number;
}[] = [
  {
    name: "the least window",
    bytes: [...MAGIC, 0, 0, ...LAST],
    length: 12,
    windowBytes: 1024,
  },
  {
    name: "a window with a mantissa",
    bytes: [...MAGIC, 0, 13 << 3 | 7, ...LAST],
    length: 12,
    windowBytes: 8 * 1024 * 1024 * 15 / 8,
  },
  {
    name: "the greatest window",
    bytes: [...MAGIC, 0, 255, ...LAST],
    length: 12,
    windowBytes: 2 ** 41 / 8 * 15,
  },
  {
    name: "a content size beside the window",
    bytes: [...MAGIC, 0x80, 0, 255, 255, 255, 255, ...LAST],
    length: 16,
    windowBytes: 1024,
  },
  {
    name: "a single segment told in one byte",
    bytes: [...MAGIC, 0x20, 3, ...LAST],
    length: 12,
    windowBytes: 3,
  },
  {
    name: "a single segment told in two bytes",
    bytes: [...MAGIC, 0x60, 1, 2, ...LAST],
    length: 13,
    windowBytes: 256 + 513,
  },
  {
    name: "a single segment told in four bytes",
    bytes: [...MAGIC, 0xa0, 1, 2, 3, 255, ...LAST],
    length: 15,
    windowBytes: 0xff03_0201,
  },
  {
    name: "a single segment told in eight bytes",
    bytes: [...MAGIC, 0xe0, 0, 0, 0, 0, 0, 0, 0, 128, ...LAST],
    length: 19,
    windowBytes: 2 ** 63,
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
    windowBytes: 7,
  })),
  {
    name: "a checksum",
    bytes: [...MAGIC, 4, 0, ...LAST, 9, 9, 9, 9],
    length: 16,
    windowBytes: 1024,
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
    windowBytes: 1024,
  },
];

for (const { name, bytes, length, windowBytes } of FRAMES) {
  Deno.test(`parseZstdFrame() reads a frame with ${name}`, () => {
    const expected = { length, windowBytes };
    assertEquals(parseZstdFrame(Uint8Array.from(bytes)), expected);
    const longer = Uint8Array.from([...bytes, 1, 2, 3]);
    assertEquals(parseZstdFrame(longer), expected);
  });

  Deno.test(`parseZstdFrame() reads no cut frame with ${name}`, () => {
    for (let end = 0; end < bytes.length; end++) {
      const cut = Uint8Array.from(bytes.slice(0, end));
      assertEquals(parseZstdFrame(cut), undefined);
    }
  });
}

Deno.test("parseZstdFrame() reads no frame of another kind", () => {
  const skippable = [0x50, 0x2a, 0x4d, 0x18, 8, 0, 0, 0];
  assertEquals(
    parseZstdFrame(Uint8Array.from([...skippable, ...LAST])),
    undefined,
  );
});

Deno.test("parseZstdFrame() reads no frame with a block of no known type", () => {
  const bytes = [...MAGIC, 0, 0, 3 << 3 | 7, 0, 0, 1, 2, 3];
  assertEquals(parseZstdFrame(Uint8Array.from(bytes)), undefined);
});

Deno.test("parseZstdFrame() reads no frame without a last block", () => {
  const bytes = new Uint8Array(300_000);
  bytes.set(MAGIC);
  assertEquals(parseZstdFrame(bytes), undefined);
});
