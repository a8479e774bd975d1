import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { DiskVariant, timeTag } from "../../../lib/site/disk/disk_variant.ts";
import { FileSegment } from "../../../lib/site/disk/file_segment.ts";
import { OpenFile } from "../../../lib/site/disk/open_file.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  utf8,
} from "../../helpers.ts";

/** entity-tag = opaque-tag, strong (RFC 9110 §8.8.3), of characters that need no care anywhere. */
const STRONG_TAG = /^"[\w-]+"$/;

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

Deno.test("timeTag() is another one for each release", () => {
  const version = { device: 1, inode: 2, size: 3, modified: TIME, changed: 0 };
  const names = [undefined, "", "v1", "v2", 'Büro "1"'];
  const tags = names.map((name) => timeTag(version, NOW, name)!);
  assertEquals(new Set(tags).size, names.length);
  for (const tag of tags) assert(STRONG_TAG.test(`"${tag}"`), tag);
});

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
    `DiskVariant.withCoding() gives the file the coding ${coding.token} and a tag of its own`,
    () => {
      using directory = new TemporaryDirectory();
      const file = openNew(directory, "a.bin", "0123456789", TIME);
      file.release();
      const content = new DiskVariant(file, timeTag(file.version, NOW));
      const variant = content.withCoding(coding);
      assertStrictEquals(variant.coding, coding);
      assertStrictEquals(content.coding, undefined);
      assertEquals(variant.length, 10);
      assertEquals(
        variant.etag,
        content.etag!.replace(/"$/, `-${coding.token}"`),
      );
      assertStrictEquals(
        new DiskVariant(file, undefined).withCoding(coding).etag,
        undefined,
      );
    },
  );
}

testWith(
  HAS_FILES,
  "DiskVariant.copy() reads the whole file, and nothing of a changed one",
  async () => {
    using directory = new TemporaryDirectory();
    const file = openNew(directory, "a.bin", "0123456789", TIME);
    const content = new DiskVariant(file, undefined);
    assertEquals(await content.copy(), utf8("0123456789"));
    directory.write("a.bin", "01234");
    assertEquals(await content.copy(), undefined);
    file.release();
  },
);
