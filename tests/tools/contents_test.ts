import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdDecompressSync,
} from "node:zlib";
import type { BundleFile } from "../../lib/site/bundle/format.ts";
import { COMPRESS_BYTES_MIN } from "../../lib/site/content/file.ts";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { MemoryVariant } from "../../lib/site/content/variant.ts";
import {
  type ContentOptions,
  type PackProgress,
  readContents,
} from "../../tools/contents.ts";
import { PackError, walk } from "../../tools/walk.ts";
import {
  type Files,
  HAS_FILES,
  Random,
  TemporaryDirectory,
  testWith,
  textOf,
  utf8,
} from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

const PAGE = "<p>Row, row, row.</p>".repeat(100);

/** The contents of a folder by path. */
async function contentsOf(
  files: Files,
  options?: ContentOptions,
): Promise<Record<string, BundleFile>> {
  using folder = new TemporaryDirectory(files);
  const contents = await readContents(walk(folder.path).files, options);
  return Object.fromEntries(contents.files.map((file) => [file.path, file]));
}

function tokensOf(file: BundleFile | undefined): string[] {
  return file!.encoded.map(({ coding }) => coding.token);
}

testWith(
  HAS_FILES,
  "readContents() reads, describes and compresses",
  async () => {
    const { "/a.html": file } = await contentsOf({ "a.html": PAGE });
    assertEquals(file!.contentType, "text/html; charset=UTF-8");
    assertEquals(textOf(file!.identity.bytes), PAGE);
    assertEquals(tokensOf(file), ["br", "zstd", "gzip"]);
    assertEquals(textOf(brotliDecompressSync(file!.encoded[0]!.bytes)), PAGE);
    assertEquals(textOf(gunzipSync(file!.encoded[2]!.bytes)), PAGE);
  },
);

/** Files whose type their content has a say in. */
const SNIFFED = {
  "data": "words",
  "data.unknown": new Uint8Array(8),
  "clip.ts": new Uint8Array(1000).map((_, at) => at % 188 === 0 ? 0x47 : 0xff),
  "module.ts": "export {};",
  "old.html": `<meta charset="iso-8859-1">`,
  "new.html": PAGE,
  "feed.xml": `<?xml version="1.0" encoding="ISO-8859-1"?>`,
};

const SNIFFED_TYPES = {
  "/data": "text/plain; charset=UTF-8",
  "/data.unknown": "application/octet-stream",
  "/clip.ts": "video/mp2t",
  "/module.ts": "text/plain; charset=UTF-8",
  "/old.html": "text/html",
  "/new.html": "text/html; charset=UTF-8",
  "/feed.xml": "application/xml",
};

testWith(
  HAS_FILES,
  "readContents() gives the types that a server of the folder gives, from memory and from disk",
  async () => {
    const packed = await contentsOf(SNIFFED);
    using folder = new TemporaryDirectory(SNIFFED);
    const sites = [DIRECTORY_DEFAULTS.fileBytesMax, 0].map((fileBytesMax) =>
      new DirectorySite(folder.path, { ...DIRECTORY_DEFAULTS, fileBytesMax })
    );
    for (const [path, type] of Object.entries(SNIFFED_TYPES)) {
      assertEquals(packed[path]!.contentType, type, path);
      for (const site of sites) {
        const resource = site.lookup(path, Date.now());
        assert(resource.kind === "file");
        assertEquals(resource.contentType, type, path);
      }
    }
    for (const site of sites) site.close();
  },
);

testWith(
  HAS_FILES,
  "readContents() gives the tags that a server of the folder gives",
  async () => {
    const { "/a.html": file } = await contentsOf({ "a.html": PAGE });
    const { identity, encoded } = file!;
    assertEquals(identity.etag, new MemoryVariant(utf8(PAGE)).etag);
    for (const { etag, bytes, coding } of encoded) {
      assertEquals(etag, new MemoryVariant(bytes, coding).etag);
    }
  },
);

const UNCOMPRESSED: Files = {
  "picture.png": PAGE,
  "small.html": PAGE.slice(0, COMPRESS_BYTES_MIN - 1),
  "noise.txt": new Random(1).bytes(4000),
  "empty.html": "",
};

for (const [name, content] of Object.entries(UNCOMPRESSED)) {
  testWith(HAS_FILES, `readContents() does not compress ${name}`, async () => {
    const { [`/${name}`]: file } = await contentsOf({ [name]: content });
    assertEquals(tokensOf(file), []);
    assertEquals(file!.identity.bytes.length, content.length);
  });
}

testWith(
  HAS_FILES,
  "readContents() compresses the smallest file that is worth it",
  async () => {
    const content = PAGE.slice(0, COMPRESS_BYTES_MIN);
    const { "/a.html": file } = await contentsOf({ "a.html": content });
    assertEquals(tokensOf(file), ["br", "zstd", "gzip"]);
  },
);

testWith(
  HAS_FILES,
  "readContents() keeps a coding only if it saves a twentieth",
  async () => {
    // So much noise with so little else that it can be made only a little smaller.
    const noise = new Random(2).bytes(100_000);
    const kept = await contentsOf({
      "a.txt": joined(noise, new Uint8Array(6000)),
    });
    const dropped = await contentsOf({
      "a.txt": joined(noise, new Uint8Array(4500)),
    });
    assertEquals(tokensOf(kept["/a.txt"]), ["br", "zstd", "gzip"]);
    assertEquals(tokensOf(dropped["/a.txt"]), []);
  },
);

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from([...a, ...b]);
}

testWith(
  HAS_FILES,
  "readContents() compresses large content as strongly as small",
  async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, index) => `line ${index * 7919 % 10007}\n`,
    ).join("");
    const { "/a.txt": file } = await contentsOf({ "a.txt": lines });
    const quick = gzipSync(lines, { level: 9 }).length;
    const [brotli] = file!.encoded;
    // At the level that the server has for files of this size it is more than half as long.
    assert(brotli!.bytes.length < quick * 0.45, `${brotli!.bytes.length}`);
  },
);

testWith(
  HAS_FILES,
  "readContents() takes what was compressed beforehand, if it is the same",
  async () => {
    const before = new Uint8Array(gzipSync(PAGE, { level: 1 }));
    const files = await contentsOf({ "a.html": PAGE, "a.html.gz": before });
    const gzip = files["/a.html"]!.encoded.find(({ coding }) =>
      coding.token === "gzip"
    );
    assertEquals(gzip!.bytes, before);
    assertEquals(files["/a.html.gz"]!.identity.bytes, before);
    assertEquals(tokensOf(files["/a.html.gz"]), []);
    assertEquals(tokensOf(files["/a.html"]), ["br", "zstd", "gzip"]);
  },
);

const STALE: Files = {
  "of another version": new Uint8Array(gzipSync(PAGE.toUpperCase())),
  "that is not compressed": PAGE,
  "that is cut": new Uint8Array(gzipSync(PAGE)).slice(0, -9),
  "that is empty": "",
};

for (const [name, content] of Object.entries(STALE)) {
  testWith(
    HAS_FILES,
    `readContents() does not take a precompressed file ${name}`,
    async () => {
      const files = await contentsOf({ "a.html": PAGE, "a.html.gz": content });
      const gzip = files["/a.html"]!.encoded[2]!;
      assertEquals(textOf(gunzipSync(gzip.bytes)), PAGE);
    },
  );
}

testWith(
  HAS_FILES,
  "readContents() takes a precompressed file of a type that is not compressed, and makes no other",
  async () => {
    const files = await contentsOf({
      "a.bin": PAGE,
      "a.bin.gz": new Uint8Array(gzipSync(PAGE)),
      "b.bin": PAGE,
    });
    assertEquals(tokensOf(files["/a.bin"]), ["gzip"]);
    assertEquals(tokensOf(files["/b.bin"]), []);
  },
);

/** A zstd frame of "a" 5000 times that asks for a window of 16 MiB: see sibling_test.ts. */
const WIDE = Uint8Array.of(
  0x28,
  0xb5,
  0x2f,
  0xfd,
  0,
  14 << 3,
  67,
  156,
  0,
  0x61,
);

testWith(
  HAS_FILES,
  "readContents() does not take what clients cannot decode, and keeps it as a file",
  async () => {
    const text = "a".repeat(5000);
    const brotli = joined(brotliCompressSync(text), utf8("\n"));
    const files = await contentsOf({
      "a.txt": text,
      "a.txt.br": brotli,
      "a.txt.zst": WIDE,
    });
    const [br, zstd] = files["/a.txt"]!.encoded;
    assertEquals(textOf(brotliDecompressSync(br!.bytes)), text);
    assertEquals(textOf(zstdDecompressSync(zstd!.bytes)), text);
    assertNotEquals(br!.bytes, brotli);
    assertNotEquals(zstd!.bytes, WIDE);
    assertEquals(textOf(zstdDecompressSync(WIDE)), text);
    assertEquals(files["/a.txt.br"]!.identity.bytes, brotli);
    assertEquals(files["/a.txt.zst"]!.identity.bytes, WIDE);
  },
);

testWith(
  HAS_FILES,
  "readContents() has equal contents in memory once",
  async () => {
    const files = await contentsOf({
      "a.html": PAGE,
      "b.html": PAGE,
      "c.png": PAGE,
    });
    const [a, b, c] = Object.values(files);
    assertEquals(a!.identity.bytes.buffer, b!.identity.bytes.buffer);
    assert(a!.identity.bytes === c!.identity.bytes);
    assert(a!.encoded[0]!.bytes === b!.encoded[0]!.bytes);
    // Its name says that it is compressed already.
    assertEquals(tokensOf(c), []);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "readContents() has what links lead to in memory once",
  async () => {
    using folder = new TemporaryDirectory({ "a.txt": PAGE, "b.txt": PAGE });
    Deno.symlinkSync("b.txt", folder.join("c.txt"));
    const { files } = await readContents(walk(folder.path).files);
    assertEquals(new Set(files.map(({ identity }) => identity)).size, 1);
  },
);

testWith(
  HAS_FILES,
  "readContents() makes nothing younger than the source date",
  async () => {
    using folder = new TemporaryDirectory({ "old.txt": "", "new.txt": "" });
    Deno.utimeSync(folder.join("old.txt"), 1000, 1000);
    Deno.utimeSync(folder.join("new.txt"), 3000, 3000);
    const found = walk(folder.path).files;
    const times = async (options: ContentOptions) =>
      (await readContents(found, options)).files.map(({ modified }) =>
        modified
      );
    assertEquals(await times({}), [3_000_000, 1_000_000]);
    assertEquals(await times({ sourceDate: 2_000_000 }), [
      2_000_000,
      1_000_000,
    ]);
  },
);

testWith(
  HAS_FILES,
  "readContents() keeps files in the order that they come in",
  async () => {
    const names = Array.from({ length: 60 }, (_, index) => `${index}.html`);
    const files = await contentsOf(
      Object.fromEntries(
        names.map((name, index) => [name, PAGE.repeat(index % 3) + name]),
      ),
    );
    assertEquals(
      Object.keys(files),
      names.map((name) => `/${name}`).sort(),
    );
    for (const name of names) {
      assert(textOf(files[`/${name}`]!.identity.bytes).endsWith(name));
    }
  },
);

testWith(HAS_FILES, "readContents() reports every file once", async () => {
  const reports: PackProgress[] = [];
  await contentsOf(
    { "a.html": PAGE, "b.txt": "12345", "c.png": "123" },
    { report: (progress) => reports.push(progress) },
  );
  const bytesTotal = PAGE.length + 8;
  assertEquals(reports.map(({ files }) => files), [1, 2, 3]);
  assertEquals(reports.at(-1), {
    files: 3,
    filesTotal: 3,
    bytes: bytesTotal,
    bytesTotal,
  });
});

testWith(
  HAS_FILES,
  "readContents() says which codings are missing: none here",
  async () => {
    assertEquals((await readContents([])).missing, []);
  },
);

testWith(
  HAS_FILES,
  "readContents() names the file that cannot be read",
  async () => {
    using folder = new TemporaryDirectory({ "a.html": PAGE, "b.html": PAGE });
    const found = walk(folder.path).files;
    Deno.removeSync(folder.join("b.html"));
    await assertRejects(
      () => readContents(found),
      PackError,
      'Cannot read "/b.html": ',
    );
  },
);
