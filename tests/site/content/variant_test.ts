import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { FileSegment } from "../../../lib/site/disk/file_segment.ts";
import { OpenFile } from "../../../lib/site/disk/open_file.ts";
import {
  DiskVariant,
  MemoryVariant,
  timeTag,
  withCoding,
} from "../../../lib/site/content/variant.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  utf8,
} from "../../helpers.ts";

/** entity-tag = opaque-tag, strong (RFC 9110 §8.8.3), of characters that need no care anywhere. */
const STRONG_TAG = /^"[\w-]+"$/;

const CONTENTS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "no bytes": utf8(""),
  "one byte": utf8("a"),
  "one byte NUL": new Uint8Array(1),
  "two bytes NUL": new Uint8Array(2),
  "text": utf8("Hello"),
  "text with a line end": utf8("Hello\n"),
  "text in another case": utf8("hello"),
  "every byte": Uint8Array.from({ length: 256 }, (_, index) => index),
};

for (const [name, bytes] of Object.entries(CONTENTS)) {
  Deno.test(`a MemoryVariant of ${name} has a tag made of its content alone`, async () => {
    const variant = new MemoryVariant(bytes);
    assert(STRONG_TAG.test(variant.etag), variant.etag);
    assertEquals(new MemoryVariant(bytes.slice()).etag, variant.etag);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const text = digest.toBase64({ alphabet: "base64url" });
    assertEquals(variant.etag, `"${text.slice(0, 22)}"`);
  });
}

Deno.test("MemoryVariants of different content, or with different codings, have different tags", () => {
  const tags = Object.values(CONTENTS).flatMap((bytes) => [
    new MemoryVariant(bytes).etag,
    ...CODINGS.map((coding) => new MemoryVariant(bytes, coding).etag),
  ]);
  assertEquals(new Set(tags).size, tags.length);
  for (const tag of tags) assert(STRONG_TAG.test(tag), tag);
});

Deno.test("a MemoryVariant's slices are its bytes, without a copy", () => {
  const bytes = utf8("0123456789");
  const variant = new MemoryVariant(bytes);
  assertEquals(variant.length, 10);
  assertEquals(variant.slice(0, 10), bytes);
  assertEquals(variant.slice(3, 5), utf8("34"));
  assertEquals(variant.slice(9, 10), utf8("9"));
  assertStrictEquals((variant.slice(3, 5) as Uint8Array).buffer, bytes.buffer);
});

/** Opens a new file with this content, changed at this time. */
function openNew(
  directory: TemporaryDirectory,
  name: string,
  content: string,
  modified: number,
): OpenFile {
  directory.write(name, content);
  const time = new Date(modified);
  Deno.utimeSync(directory.join(name), time, time);
  return new OpenFile(directory.join(name));
}

const TIME = Date.UTC(2024, 4, 1, 10, 20, 30, 400);
const NOW = Date.UTC(2026, 4, 1);

testWith(
  HAS_FILES,
  "timeTag() is made of size and modification time, not of place or content",
  () => {
    using directory = new TemporaryDirectory();
    const tagOf = (name: string, content: string, modified: number) => {
      const file = openNew(directory, name, content, modified);
      file.release();
      return new DiskVariant(file, timeTag(file.version, NOW)).etag!;
    };
    const tag = tagOf("a.bin", "12345", TIME);
    assert(STRONG_TAG.test(tag), tag);
    assertEquals(tagOf("b.bin", "12345", TIME), tag);
    assertEquals(tagOf("c.bin", "abcde", TIME), tag);
    assertNotEquals(tagOf("d.bin", "123456", TIME), tag);
    assertNotEquals(tagOf("e.bin", "12345", TIME + 1000), tag);
    assertNotEquals(tagOf("f.bin", "12345", TIME + 1), tag);
  },
);

Deno.test("a DiskVariant has no tag where nothing tells its version", () => {
  const version = { device: 1, inode: 2, size: 3, modified: 0, changed: 0 };
  assertEquals(timeTag(version, NOW), undefined);
});

testWith(HAS_FILES, "a DiskVariant reads its slices from the file", () => {
  using directory = new TemporaryDirectory();
  const file = openNew(directory, "a.bin", "0123456789", TIME);
  file.release();
  const variant = new DiskVariant(file, undefined);
  assertEquals(variant.length, 10);
  const segment = variant.slice(3, 7);
  assert(segment instanceof FileSegment);
  assertEquals(segment.length, 4);
  const reader = segment.open();
  const bytes = new Uint8Array(10);
  try {
    assertEquals(reader.read(bytes), 4);
  } finally {
    reader.close();
  }
  assertEquals(bytes.subarray(0, 4), utf8("3456"));
});

for (const coding of CODINGS) {
  testWith(
    HAS_FILES,
    `withCoding() gives content the coding ${coding.token} and a tag of its own`,
    () => {
      using directory = new TemporaryDirectory();
      const file = openNew(directory, "a.bin", "0123456789", TIME);
      file.release();
      for (
        const content of [
          new MemoryVariant(utf8("0123456789")),
          new DiskVariant(file, timeTag(file.version, NOW)),
          new DiskVariant(file, { opaque: "a", isWeak: true }),
        ]
      ) {
        const variant = withCoding(content, coding);
        assertStrictEquals(variant.coding, coding);
        assertStrictEquals(content.coding, undefined);
        assertEquals(variant.length, 10);
        assertEquals(
          variant.etag,
          content.etag!.replace(/"$/, `-${coding.token}"`),
        );
        assertStrictEquals(variant.constructor, content.constructor);
      }
    },
  );
}
