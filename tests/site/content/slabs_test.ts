import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  SHARED_BYTES_MAX,
  SLAB_BYTES,
  Slabs,
  UNKEPT_BYTES,
} from "../../../lib/site/content/slabs.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";

/** Content that differs from that of every other number. */
function contentOf(number: number, length = 4096): MemoryVariant {
  const bytes = new Uint8Array(length).fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number);
  return new MemoryVariant(bytes);
}

Deno.test("Slabs put small contents one behind the other, with their bytes and tags", () => {
  const slabs = new Slabs();
  const contents = [1, 2, 3].map((number) => contentOf(number));
  const before = contents.map(({ bytes }) => bytes.slice());
  const tags = contents.map(({ etag }) => etag);
  for (const content of contents) slabs.add(content);
  assertEquals(contents.map(({ bytes }) => bytes), before);
  assertEquals(contents.map(({ etag }) => etag), tags);
  assertEquals(new Set(contents.map(({ bytes }) => bytes.buffer)).size, 1);
  assertEquals(contents.map(({ bytes }) => bytes.byteOffset), [0, 4096, 8192]);
});

const SIZES: readonly [name: string, length: number, isShared: boolean][] = [
  ["an empty one", 0, false],
  ["one byte", 1, true],
  ["the largest", SHARED_BYTES_MAX, true],
  ["one that is too large", SHARED_BYTES_MAX + 1, false],
];

for (const [name, length, isShared] of SIZES) {
  Deno.test(`Slabs take what is small: ${name}`, () => {
    const content = new MemoryVariant(new Uint8Array(length));
    new Slabs().add(content);
    assertEquals(content.bytes.buffer.byteLength === SLAB_BYTES, isShared);
    assertEquals(content.length, length);
  });
}

Deno.test("Slabs never write bytes that a reply may hold, whatever is added, deleted and moved", () => {
  const slabs = new Slabs();
  const contents: MemoryVariant[] = [];
  const held: { segment: Uint8Array; number: number }[] = [];
  for (let number = 0; number < 2000; number++) {
    const content = contentOf(number);
    slabs.add(content);
    contents.push(content);
    held.push({ segment: content.slice(0, 4096) as Uint8Array, number });
    // Every seventh stays for good, so that slabs become sparse and their rest moves.
    const old = number - 100;
    if (old >= 0 && old % 7 !== 0) slabs.delete(contents[old]!);
  }
  for (const { segment, number } of held) {
    assertEquals(segment, contentOf(number).bytes);
  }
  contents.forEach((content, number) =>
    assertEquals(content.bytes, contentOf(number).bytes)
  );
});

Deno.test("Slabs with few contents left give their memory back: it is at most twice what is used, and two slabs", () => {
  const slabs = new Slabs();
  const contents = Array.from({ length: 1000 }, (_, number) => {
    const content = contentOf(number);
    slabs.add(content);
    return content;
  });
  // One of 50 stays: more than one in each slab.
  const kept = contents.filter((content, number) => {
    if (number % 50 !== 0) slabs.delete(content);
    return number % 50 === 0;
  });
  const used = kept.length * 4096;
  const buffers = new Set(kept.map(({ bytes }) => bytes.buffer));
  assertLessOrEqual(buffers.size * SLAB_BYTES, 2 * used + 2 * SLAB_BYTES);
});

Deno.test("Slabs forget the replies that were prepared with bytes that move", () => {
  const content = contentOf(1);
  const prepared = {} as NonNullable<MemoryVariant["prepared"]>;
  content.prepared = prepared;
  new Slabs().add(content);
  assertEquals(content.prepared, undefined);
});

Deno.test("Slabs do not need another slab each time one content changes", () => {
  const slabs = new Slabs();
  const buffers = new Set<ArrayBuffer>();
  for (let number = 0; number < 1000; number++) {
    const content = contentOf(number, 100);
    slabs.add(content);
    buffers.add(content.bytes.buffer);
    slabs.delete(content);
    slabs.delete(content);
  }
  assertEquals(buffers.size, 1);
});

Deno.test("Slabs keep a content where it was read, without a copy", () => {
  const slabs = new Slabs();
  const bytes = slabs.take(4096).fill(7);
  const content = new MemoryVariant(bytes);
  slabs.add(content);
  assert(content.bytes === bytes);
  assertEquals(slabs.take(1).byteOffset, 4096);
});

Deno.test("Slabs never give bytes twice, whether what was read there is added or not", () => {
  const slabs = new Slabs();
  const taken = Array.from(
    { length: 1000 },
    (_, number) => slabs.take(1000).fill(number % 251),
  );
  taken.forEach((bytes, number) =>
    assert(bytes.every((byte) => byte === number % 251), `${number}`)
  );
});

Deno.test("Slabs copy what was taken from a slab that is full since", () => {
  const slabs = new Slabs();
  const bytes = slabs.take(SHARED_BYTES_MAX).fill(7);
  for (let at = 0; at < SLAB_BYTES; at += SHARED_BYTES_MAX) {
    slabs.take(SHARED_BYTES_MAX);
  }
  const content = new MemoryVariant(bytes);
  slabs.add(content);
  assert(content.bytes.buffer !== bytes.buffer);
  assertEquals(content.bytes, bytes);
});

Deno.test("Slabs give contents that are not kept the next bytes of a piece, and never the same twice", () => {
  const slabs = new Slabs();
  const contents = Array.from(
    { length: 100 },
    (_, number) => slabs.takeUnkept(4096).fill(number),
  );
  const pieces = new Set(contents.map(({ buffer }) => buffer));
  assertEquals(pieces.size, Math.ceil(100 * 4096 / UNKEPT_BYTES));
  assertEquals(contents.map((bytes) => bytes[4095]), [...contents.keys()]);
  const large = slabs.takeUnkept(SHARED_BYTES_MAX + 1);
  assertEquals(large.buffer.byteLength, SHARED_BYTES_MAX + 1);
  assertEquals(slabs.take(1).byteOffset, 0);
});

Deno.test("Slabs copy a content that is kept after all", () => {
  const slabs = new Slabs();
  const bytes = slabs.takeUnkept(4096).fill(7);
  const content = new MemoryVariant(bytes);
  slabs.add(content);
  assert(content.bytes.buffer !== bytes.buffer);
  assertEquals(content.bytes, bytes);
});
