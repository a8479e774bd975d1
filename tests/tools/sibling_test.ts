import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import * as zlib from "node:zlib";
import { CODINGS } from "../../lib/http/coding.ts";
import { decode } from "../../tools/sibling.ts";
import { Random, utf8 } from "../helpers.ts";

const [BR, ZSTD, GZIP] = CODINGS;

const LINES = Array.from({ length: 50_000 }, (_, at) => `${at * 7919 % 10007}`)
  .join("\n");

/** What is to be had back, by its name. */
const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  "nothing": new Uint8Array(),
  "one byte": utf8("a"),
  "a page": utf8("<p>Row, row, row.</p>".repeat(100)),
  "as much as the decoder gives at a time": utf8("abcd".repeat(4096)),
  "one byte more than that": utf8("abcd".repeat(4096) + "e"),
  "noise": new Random(1).bytes(100_000),
  "lines": utf8(LINES),
};

/** Compresses in one go. */
const ENCODERS = {
  "br": zlib.brotliCompressSync,
  // The runtime puts an empty frame behind what does not fit into one of its chunks.
  "zstd": (content: Uint8Array) =>
    zlib.zstdCompressSync(content, { chunkSize: 1024 * 1024 }),
  "gzip": zlib.gzipSync,
};

/** What may follow the encoded data. */
const TAILS: Readonly<Record<string, Uint8Array>> = {
  "a byte": utf8("x"),
  "a zero": new Uint8Array(1),
  "a line end": utf8("\n"),
  "more than the decoder takes at a time": new Uint8Array(100_000).fill(1),
};

for (const coding of CODINGS) {
  const { token } = coding;
  for (const [name, content] of Object.entries(CONTENTS)) {
    const encode = () => Buffer.from(ENCODERS[token](content));

    Deno.test(`decode() has ${name} back from ${token}`, () => {
      assertEquals(bytesOf(decode(encode(), coding)), content);
    });

    Deno.test(`decode() refuses ${name} in ${token} that is cut`, () => {
      const encoded = encode();
      const lengths = [encoded.length - 1, encoded.length >> 1, 0];
      for (const length of lengths) {
        assertEquals(decode(encoded.subarray(0, length), coding), undefined);
      }
    });

    for (const [tail, bytes] of Object.entries(TAILS)) {
      // To fill a gzip file up with zeros is an old custom of tapes that decoders follow.
      if (token === "gzip" && tail === "a zero") continue;
      Deno.test(`decode() refuses ${name} in ${token} and ${tail}`, () => {
        const encoded = Buffer.concat([encode(), bytes]);
        assertEquals(decode(encoded, coding), undefined);
      });
    }
  }
}

/** Without the methods that a Buffer has. */
function bytesOf(buffer: Uint8Array | undefined): Uint8Array | undefined {
  return buffer === undefined ? undefined : new Uint8Array(buffer);
}

Deno.test("decode() refuses brotli that says it is not whole, with all content in it", () => {
  const page = CONTENTS["a page"]!;
  const flush = {
    params: {},
    finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
  };
  const encoded = zlib.brotliCompressSync(page, flush);
  assertEquals(decode(encoded, BR!), undefined);
});

for (const coding of [BR!, ZSTD!]) {
  Deno.test(`decode() refuses ${coding.token} twice`, () => {
    const encoded = ENCODERS[coding.token](CONTENTS["a page"]!);
    assertEquals(decode(Buffer.concat([encoded, encoded]), coding), undefined);
  });
}

Deno.test("decode() refuses one coding for another", () => {
  const page = CONTENTS["a page"]!;
  assertEquals(decode(zlib.gzipSync(page), ZSTD!), undefined);
  assertEquals(decode(zlib.gzipSync(page), BR!), undefined);
  assertEquals(decode(zlib.brotliCompressSync(page), GZIP!), undefined);
  assertEquals(decode(zlib.zstdCompressSync(page), GZIP!), undefined);
});

/** A frame that nobody needs. */
const SKIPPABLE = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);

Deno.test("decode() refuses zstd with a skippable frame before or behind it", () => {
  const encoded = zlib.zstdCompressSync(CONTENTS["a page"]!);
  assertEquals(decode(Buffer.concat([encoded, SKIPPABLE]), ZSTD!), undefined);
  assertEquals(decode(Buffer.concat([SKIPPABLE, encoded]), ZSTD!), undefined);
});

Deno.test("decode() refuses zstd with an empty frame behind it", () => {
  const encoded = zlib.zstdCompressSync(CONTENTS["a page"]!);
  const empty = zlib.zstdCompressSync(new Uint8Array());
  assertEquals(decode(Buffer.concat([encoded, empty]), ZSTD!), undefined);
});

Deno.test("decode() refuses zstd that lacks nothing but its checksum", () => {
  const params = { [zlib.constants.ZSTD_c_checksumFlag]: 1 };
  const encoded = zlib.zstdCompressSync(CONTENTS["a page"]!, { params });
  assertEquals(decode(encoded, ZSTD!)?.length, CONTENTS["a page"]!.length);
  assertEquals(decode(encoded.subarray(0, -4), ZSTD!), undefined);
});

const MIB = 1024 * 1024;

/** A zstd frame of one letter so often, in blocks that say it once (RFC 8878 §3.1.1); `head` is its header. */
function frameOf(count: number, ...head: readonly number[]): Uint8Array {
  const blocks: number[] = [];
  // Block_Maximum_Size is 128 KiB at most.
  for (let left = count; left > 0;) {
    const size = Math.min(left, 128 * 1024);
    left -= size;
    const header = size * 8 + 2 + (left === 0 ? 1 : 0);
    blocks.push(header & 255, header >> 8 & 255, header >> 16, 0x61);
  }
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...head, ...blocks);
}

/** The bytes of a number, the least of them first. */
function little(number: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => number / 256 ** at & 255);
}

const FRAMES: readonly {
  name: string;
  count: number;
  head: readonly number[];
  isGood: boolean;
}[] = [
  { name: "1 KiB", count: 1000, head: [0, 0], isGood: true },
  { name: "8 MiB", count: 1000, head: [0, 13 << 3], isGood: true },
  {
    name: "8 MiB and an eighth",
    count: 1000,
    head: [0, 13 << 3 | 1],
    isGood: false,
  },
  { name: "16 MiB", count: 1000, head: [0, 14 << 3], isGood: false },
  { name: "128 MiB", count: 1000, head: [0, 17 << 3], isGood: false },
  {
    name: "all of 200 bytes",
    count: 200,
    head: [0x20, 200],
    isGood: true,
  },
  {
    name: "all of 1000 bytes",
    count: 1000,
    head: [0x60, ...little(1000 - 256, 2)],
    isGood: true,
  },
  {
    name: "all of 8 MiB",
    count: 8 * MIB,
    head: [0xa0, ...little(8 * MIB, 4)],
    isGood: true,
  },
  {
    name: "all of 8 MiB and a byte",
    count: 8 * MIB + 1,
    head: [0xa0, ...little(8 * MIB + 1, 4)],
    isGood: false,
  },
  {
    name: "all of 8 MiB and a byte, told in eight bytes",
    count: 8 * MIB + 1,
    head: [0xe0, ...little(8 * MIB + 1, 8)],
    isGood: false,
  },
  {
    name: "all of 1000 bytes, with a dictionary of no name",
    count: 1000,
    head: [0x61, 0, ...little(1000 - 256, 2)],
    isGood: true,
  },
  { name: "what is not told", count: 0, head: [], isGood: false },
];

for (const { name, count, head, isGood } of FRAMES) {
  const verb = isGood ? "takes" : "refuses";
  Deno.test(`decode() ${verb} zstd with a window of ${name}`, () => {
    const frame = frameOf(count, ...head);
    const expected = isGood ? new Uint8Array(count).fill(0x61) : undefined;
    const decoded = decode(frame, ZSTD!);
    assertEquals(decoded?.length, expected?.length);
    if (expected === undefined) return;
    assertEquals(Buffer.compare(decoded!, expected), 0);
    // It is the window that matters: the runtime decodes them all.
    assertEquals(zlib.zstdDecompressSync(frame).length, count);
  });
}
