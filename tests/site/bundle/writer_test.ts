import { assert, assertEquals, assertThrows } from "@std/assert";
import { BundleError } from "../../../lib/site/bundle/archive.ts";
import type { BundleFile } from "../../../lib/site/bundle/format.ts";
import { readBundle } from "../../../lib/site/bundle/reader.ts";
import { Random, utf8 } from "../../helpers.ts";
import { archiveOf, fileOf, forge } from "./bundle_forge.ts";

const FILES: readonly BundleFile[] = [
  fileOf("/b.html", "<h1>Home</h1>", { br: "brotli", gzip: "gnuzip" }),
  fileOf("/a/guide.txt", "Read me.", { zstd: "standard" }, -86_400_000),
  fileOf("/a/copy.txt", "Read me."),
  fileOf("/a.txt", "gnuzip", {}, 8.64e15),
  fileOf("/empty.txt", ""),
  fileOf("/ünï ☃ 🛶.txt", "letters"),
];

function sorted(files: readonly BundleFile[]): BundleFile[] {
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

Deno.test("writeBundle() writes what readBundle() reads back", () => {
  const kept = [{ ...fileOf("/b-1f0c9a7e.js", "old", { br: "o" }), age: 2 }];
  assertEquals(readBundle(archiveOf(FILES, kept)), {
    files: sorted(FILES),
    kept,
  });
});

Deno.test("writeBundle() writes the archive that the document describes", () => {
  const file = fileOf("/a.txt", "hello", { br: "hi" });
  const archive = forge({
    codings: ["br", "zstd", "gzip"],
    types: ["text/plain; charset=UTF-8"],
    lengths: [5, 2],
    contents: utf8("hello\0\0\0hi\0\0\0\0\0\0"),
    files: [{
      path: "/a.txt",
      type: 0,
      modified: file.modified,
      contents: [
        [0, file.identity.etag],
        [1, file.encoded[0]!.etag],
        [0xffff_ffff],
        [0xffff_ffff],
      ],
    }],
  });
  assertEquals(archiveOf([file]), archive);
});

Deno.test("writeBundle() writes the same bytes in whatever order files come", () => {
  const archive = archiveOf(FILES);
  const random = new Random(1);
  for (let round = 0; round < 20; round++) {
    const files = FILES.map((file) => ({ file, key: random.below(1000) }))
      .sort((a, b) => a.key - b.key).map(({ file }) => file);
    assertEquals(archiveOf(files), archive);
  }
});

Deno.test("writeBundle() writes other bytes when a tag, a type, a time or a content is another", () => {
  const file = fileOf("/a.txt", "hello");
  const archive = archiveOf([file]);
  const { identity } = file;
  for (
    const change of [
      { contentType: "text/html" },
      { modified: 1 },
      { path: "/b.txt" },
      { identity: { ...identity, etag: '"other"' } },
      { identity: { ...identity, bytes: utf8("hallo") } },
    ]
  ) {
    assert(archiveOf([{ ...file, ...change }]).join() !== archive.join());
  }
});

Deno.test("writeBundle() stores equal contents once, whoever has them", () => {
  const content = "x".repeat(1000);
  const one = archiveOf([fileOf("/a.txt", content)]);
  const many = archiveOf([
    fileOf("/a.txt", content, { br: content }),
    fileOf("/b.html", content),
    fileOf("/c/d.css", content),
  ]);
  assert(many.length < one.length + 500);
  const places = readBundle(many).files.flatMap(({ identity, encoded }) =>
    [identity, ...encoded].map(({ bytes }) => bytes.byteOffset)
  );
  assertEquals(new Set(places).size, 1);
});

Deno.test("writeBundle() begins every content at a multiple of 8", () => {
  const files = Array.from(
    { length: 40 },
    (_, index) => fileOf(`/${index}`, "y".repeat(index)),
  );
  const archive = archiveOf(files);
  assertEquals(archive.length % 8, 0);
  for (const { identity } of readBundle(archive).files) {
    assertEquals(identity.bytes.byteOffset % 8, 0);
  }
});

Deno.test("writeBundle() writes an index that is larger than what it reckons with at first", () => {
  const files = Array.from(
    { length: 3000 },
    (_, index) => fileOf(`/${"long".repeat(20)}/${index}.txt`, `${index}`),
  );
  assertEquals(readBundle(archiveOf(files)).files, sorted(files));
});

Deno.test("writeBundle() sorts by code units, not by bytes of UTF-8", () => {
  const files = [fileOf("/\uffee", "a"), fileOf("/\u{1f6f6}", "b")];
  const paths = readBundle(archiveOf(files)).files.map(({ path }) => path);
  assertEquals(paths, ["/\u{1f6f6}", "/\uffee"]);
});

Deno.test("writeBundle() refuses a path that is longer than its length can say", () => {
  assertThrows(
    () => archiveOf([fileOf(`/${"a".repeat(65_535)}`, "")]),
    BundleError,
    "too long",
  );
  assertEquals(
    readBundle(archiveOf([fileOf(`/${"a".repeat(65_534)}`, "")])).files.length,
    1,
  );
});
