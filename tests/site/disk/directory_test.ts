import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { CODINGS } from "../../../lib/http/coding.ts";
import { SourceChanged } from "../../../lib/http/reply.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import {
  DIRECTORY_DEFAULTS,
  type DirectoryOptions,
} from "../../../lib/site/disk/directory_options.ts";
import type { SiteFile } from "../../../lib/site/content/file.ts";
import { Root } from "../../../lib/site/disk/root.ts";
import { OpenFile } from "../../../lib/site/disk/open_file.ts";
import type { FileResource, Variant } from "../../../lib/site/site.ts";
import {
  type Files,
  HAS_FILES,
  openIn,
  TemporaryDirectory,
  testWith,
  textOf,
  until,
} from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

/** When all files were last changed, unless a test changes them: a time as a clock makes it. */
const LONG_AGO = 1_000_000_000_400;

/** A moment long after it. */
const NOW = 1_700_000_000_000;

/** A directory whose files have not been touched for long. */
function createDirectory(files: Files): TemporaryDirectory {
  const directory = new TemporaryDirectory(files);
  for (const name of Object.keys(files)) setTime(directory, name, LONG_AGO);
  // As long ago for the clock of a test, which is not that of the disk.
  setTime(directory, ".", LONG_AGO);
  return directory;
}

function setTime({ path }: TemporaryDirectory, name: string, time: number) {
  Deno.utimeSync(`${path}/${name}`, new Date(time), new Date(time));
}

/** Registers a test with a site over a directory with these files. */
function testSite(
  name: string,
  files: Files,
  options: Partial<DirectoryOptions>,
  fn: (site: DirectorySite, directory: TemporaryDirectory) => void,
): void {
  testWith(HAS_FILES, name, () => {
    using directory = createDirectory(files);
    const site = new DirectorySite(directory.path, {
      ...DIRECTORY_DEFAULTS,
      compress: false,
      ...options,
    });
    try {
      fn(site, directory);
    } finally {
      site.close();
    }
  });
}

function fileAt(
  site: DirectorySite,
  path: string,
  now: number,
): FileResource & { readonly identity: Variant } {
  const resource = site.lookup(path, now);
  assert(resource.kind === "file", `${path} is ${resource.kind}`);
  assert(resource.identity !== undefined, `${path} is there only encoded`);
  return resource as FileResource & { readonly identity: Variant };
}

/** All bytes of a file's content, as a character each. */
function contentOf({ identity }: FileResource): string {
  const segment = identity!.slice(0, identity!.length);
  if (segment instanceof Uint8Array) return textOf(segment);
  const reader = segment.open();
  try {
    const bytes = new Uint8Array(segment.length);
    for (let at = 0; at < bytes.length;) at += reader.read(bytes.subarray(at));
    return textOf(bytes);
  } finally {
    reader.close();
  }
}

function contentAt(site: DirectorySite, path: string, now: number): string {
  return contentOf(fileAt(site, path, now));
}

/** In memory, and not: every test of contents is run with both. */
const PLACES: readonly (readonly [string, number])[] = [
  ["in memory", 1000],
  ["on disk", 0],
];

for (const [place, fileBytesMax] of PLACES) {
  testWith(
    HAS_FILES && IS_UNIX,
    `a file ${place} is read anew when another of its size and time is put over it`,
    async () => {
      using directory = createDirectory({ "a.txt": "aaaa" });
      const site = new DirectorySite(directory.path, {
        ...DIRECTORY_DEFAULTS,
        fileBytesMax,
      });
      try {
        assertEquals(contentAt(site, "/a.txt", NOW), "aaaa");
        // The clock of a file system may be some ms behind.
        const next = Math.ceil(Date.now() / 1000) * 1000 + 50;
        await until(() => Date.now() > next, "another second");
        directory.write("a.txt", "bbbb");
        setTime(directory, "a.txt", LONG_AGO);
        assertEquals(contentAt(site, "/a.txt", NOW + 200), "bbbb");
      } finally {
        site.close();
      }
    },
  );
}

testSite(
  "lookup() tells files, directories and nothing apart",
  { "a.txt": "a", "docs/b.txt": "b", ".env": "secret" },
  {},
  (site) => {
    assertEquals(site.lookup("/a.txt", NOW).kind, "file");
    const docs = {
      kind: "directory" as const,
      path: "/docs/",
      realPath: "/docs/",
    };
    assertEquals(site.lookup("/docs", NOW), docs);
    assertEquals(site.lookup("/docs/", NOW), docs);
    assertEquals(site.lookup("/", NOW), {
      kind: "directory",
      path: "/",
      realPath: "/",
    });
    for (const path of ["/gone", "/a.txt/", "/.env", "/docs/gone"]) {
      assertEquals(site.lookup(path, NOW), { kind: "absent" });
    }
  },
);

for (const [place, fileBytesMax] of PLACES) {
  testSite(
    `lookup() describes a file ${place}`,
    { "docs/page.html": "<h1>Page</h1>" },
    { fileBytesMax },
    (site) => {
      const file = fileAt(site, "/docs/page.html", NOW);
      assertEquals(file.path, "/docs/page.html");
      assertEquals(file.contentType, "text/html; charset=UTF-8");
      assertEquals(file.modified, LONG_AGO);
      assertEquals(file.identity.length, 13);
      assertEquals(file.identity.coding, undefined);
      assert(/^"[\x21\x23-\x7e]+"$/.test(file.identity.etag!));
      assertEquals(contentOf(file), "<h1>Page</h1>");
    },
  );

  testSite(
    `a file ${place} is trusted for as long as it is said, and no longer`,
    { "a.txt": "old" },
    { fileBytesMax, revalidate: 100 },
    (site, directory) => {
      const old = fileAt(site, "/a.txt", NOW);
      directory.write("new.txt", "new!");
      setTime(directory, "new.txt", LONG_AGO);
      Deno.renameSync(directory.join("new.txt"), directory.join("a.txt"));
      assert(site.lookup("/a.txt", NOW + 99) === old);
      assertEquals(contentAt(site, "/a.txt", NOW + 100), "new!");
    },
  );

  testSite(
    `a file ${place} that stays the same stays the same resource`,
    { "a.txt": "a" },
    { fileBytesMax, revalidate: 100 },
    (site) => {
      const first = fileAt(site, "/a.txt", NOW);
      assert(site.lookup("/a.txt", NOW + 5000) === first);
    },
  );

  testSite(
    `a file ${place} is looked at again when the clock was set back`,
    { "a.txt": "old" },
    { fileBytesMax },
    (site, directory) => {
      fileAt(site, "/a.txt", NOW);
      directory.write("a.txt", "new!");
      assertEquals(contentAt(site, "/a.txt", NOW - 1), "new!");
    },
  );

  testSite(
    `changes of a file ${place} are seen`,
    { "a.txt": "one" },
    { fileBytesMax, revalidate: 0 },
    (site, directory) => {
      const tags = new Set<string>();
      const see = (content: string) => {
        const file = fileAt(site, "/a.txt", NOW);
        assertEquals(contentOf(file), content);
        assertEquals(file.identity.length, content.length);
        tags.add(file.identity.etag!);
      };
      see("one");
      directory.write("a.txt", "two!");
      see("two!");
      // Of the same length, at another time.
      directory.write("a.txt", "thre");
      setTime(directory, "a.txt", LONG_AGO + 1);
      see("thre");
      // Of the same length, at the same time, but another file.
      directory.write("b.txt", "four");
      setTime(directory, "b.txt", LONG_AGO + 1);
      Deno.renameSync(directory.join("b.txt"), directory.join("a.txt"));
      see("four");
      // On disk the tag is made of length and time alone.
      assertEquals(tags.size, fileBytesMax > 0 ? 4 : 3);
      Deno.removeSync(directory.join("a.txt"));
      assertEquals(site.lookup("/a.txt", NOW).kind, "absent");
      Deno.mkdirSync(directory.join("a.txt"));
      assertEquals(site.lookup("/a.txt", NOW).kind, "directory");
    },
  );

  testSite(
    `a file ${place} that was written a moment ago is not trusted`,
    { "a.txt": "one" },
    { fileBytesMax, revalidate: 0 },
    (site, directory) => {
      // Too quick for the clock of the file system: the same length, the same time.
      assertEquals(contentAt(site, "/a.txt", LONG_AGO + 49), "one");
      directory.write("a.txt", "two");
      setTime(directory, "a.txt", LONG_AGO);
      assertEquals(contentAt(site, "/a.txt", LONG_AGO + 60), "two");
    },
  );

  testSite(
    `a time in the future is not told of a file ${place}`,
    { "a.txt": "a" },
    { fileBytesMax },
    (site, directory) => {
      setTime(directory, "a.txt", NOW + 1_000_000);
      assertEquals(fileAt(site, "/a.txt", NOW).modified, undefined);
    },
  );

  testSite(
    `a version of a file ${place} that was looked up is sent as it was, or not at all`,
    { "a.txt": "old" },
    { fileBytesMax, revalidate: 0 },
    (site, directory) => {
      const replaced = fileAt(site, "/a.txt", NOW);
      directory.write("b.txt", "newer");
      Deno.renameSync(directory.join("b.txt"), directory.join("a.txt"));
      assertEquals(contentOf(replaced), "old");
      assertEquals(contentAt(site, "/a.txt", NOW), "newer");

      const overwritten = fileAt(site, "/a.txt", NOW);
      directory.write("a.txt", "NEWER");
      setTime(directory, "a.txt", LONG_AGO);
      if (fileBytesMax > 0) assertEquals(contentOf(overwritten), "newer");
      else assertThrows(() => contentOf(overwritten), SourceChanged);
    },
  );
}

testSite(
  "equal content in memory has an equal tag, whatever its name and time",
  { "a.txt": "same", "b.css": "same", "c.txt": "other" },
  {},
  (site) => {
    const [a, b, c] = ["/a.txt", "/b.css", "/c.txt"].map((path) =>
      fileAt(site, path, NOW).identity.etag
    );
    assertEquals(a, b);
    assertNotEquals(a, c);
  },
);

testSite(
  "versions on disk have different tags",
  { "a.txt": "one", "b.txt": "other" },
  { fileBytesMax: 0, revalidate: 0 },
  (site, directory) => {
    const first = fileAt(site, "/a.txt", NOW).identity.etag;
    setTime(directory, "a.txt", LONG_AGO + 1);
    const second = fileAt(site, "/a.txt", NOW).identity.etag;
    assertNotEquals(first, second);
    assertNotEquals(fileAt(site, "/b.txt", NOW).identity.etag, first);
  },
);

testSite(
  "what was not there is found when its time has come",
  {},
  { revalidate: 100 },
  (site, directory) => {
    assertEquals(site.lookup("/a.txt", NOW).kind, "absent");
    directory.write("a.txt", "a");
    assertEquals(site.lookup("/a.txt", NOW + 99).kind, "absent");
    assertEquals(site.lookup("/a.txt", NOW + 100).kind, "file");
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a deployment by a swapped link is seen, in the site and at its root",
  () => {
    using place = createDirectory({
      "site/releases/1/index.html": "one",
      "site/releases/2/index.html": "two",
    });
    const swap = (link: string, target: string) => {
      Deno.symlinkSync(target, place.join("new"));
      Deno.renameSync(place.join("new"), place.join(link));
    };
    swap("current", "site/releases/1");
    swap("site/page", "releases/1");
    const options = { ...DIRECTORY_DEFAULTS, revalidate: 100 };
    const inside = new DirectorySite(place.join("site"), options);
    const root = new DirectorySite(place.join("current"), options);
    try {
      const see = (content: string, now: number) => {
        assertEquals(contentAt(root, "/index.html", now), content);
        assertEquals(contentAt(inside, "/page/index.html", now), content);
      };
      see("one", NOW);
      swap("current", "site/releases/2");
      swap("site/page", "releases/2");
      see("one", NOW + 99);
      see("two", NOW + 100);
      swap("site/page", "/etc");
      assertEquals(inside.lookup("/page/passwd", NOW + 200).kind, "absent");
      assertEquals(inside.lookup("/page/index.html", NOW + 200).kind, "absent");
    } finally {
      inside.close();
      root.close();
    }
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a link that comes to lead out of the site is nothing",
  () => {
    using place = createDirectory({
      "site/a.txt": "a",
      "outside.txt": "secret",
    });
    Deno.symlinkSync("a.txt", place.join("site/link.txt"));
    const site = new DirectorySite(place.join("site"), {
      ...DIRECTORY_DEFAULTS,
      revalidate: 0,
    });
    try {
      assertEquals(contentAt(site, "/link.txt", NOW), "a");
      Deno.removeSync(place.join("site/link.txt"));
      Deno.symlinkSync("../outside.txt", place.join("site/link.txt"));
      assertEquals(site.lookup("/link.txt", NOW).kind, "absent");
    } finally {
      site.close();
    }
  },
);

const MANY = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [`${index}.bin`, `file ${index}`]),
);

testSite(
  "of many files on disk only some are kept open, and all can be read",
  MANY,
  { fileBytesMax: 0 },
  (site, directory) => {
    const before = openIn(directory);
    const files = Object.keys(MANY).map((name) =>
      fileAt(site, `/${name}`, NOW)
    );
    const kept = openIn(directory);
    if (before !== undefined) assertEquals(kept! - before, 64);
    for (const [index, file] of files.entries()) {
      assertEquals(contentOf(file), `file ${index}`);
    }
    assertEquals(openIn(directory), kept);
    site.close();
    assertEquals(openIn(directory), before);
    // Whoever has a resource still can open it.
    assertEquals(contentOf(files[7]!), "file 7");
    assertEquals(openIn(directory), before);
  },
);

testSite(
  "a file on disk that is not kept open and was replaced is not sent, and found anew at once",
  MANY,
  { fileBytesMax: 0, revalidate: 1e9 },
  (site, directory) => {
    const first = fileAt(site, "/0.bin", NOW);
    for (const name of Object.keys(MANY)) site.lookup(`/${name}`, NOW);
    directory.write("new.bin", "file 0");
    setTime(directory, "new.bin", LONG_AGO);
    Deno.renameSync(directory.join("new.bin"), directory.join("0.bin"));
    assertStrictEquals(site.lookup("/0.bin", NOW), first);
    assertThrows(() => contentOf(first), SourceChanged);
    const second = fileAt(site, "/0.bin", NOW);
    assert(second !== first);
    assertEquals(contentOf(second), "file 0");
    directory.write("0.bin", "longer than it was");
    assertThrows(() => contentOf(second), SourceChanged);
    assertEquals(contentAt(site, "/0.bin", NOW), "longer than it was");
    Deno.removeSync(directory.join("0.bin"));
    assertThrows(() => contentOf(first), SourceChanged);
  },
);

testSite(
  "what is forgotten for want of room is found again",
  MANY,
  { cache: { entries: 5, bytes: 1e9 }, revalidate: 1e9 },
  (site) => {
    for (let round = 0; round < 2; round++) {
      for (const [name, content] of Object.entries(MANY)) {
        assertEquals(contentAt(site, `/${name}`, NOW), content);
      }
    }
  },
);

testSite(
  "a file larger than all the room is served all the same",
  { "a.txt": "a".repeat(5000) },
  { cache: { entries: 5, bytes: 100 } },
  (site) => {
    assertEquals(contentAt(site, "/a.txt", NOW), "a".repeat(5000));
    assertEquals(contentAt(site, "/a.txt", NOW), "a".repeat(5000));
  },
);

testSite(
  "a file dated in the future is read once, and has no date",
  { "a.txt": "tomorrow" },
  { revalidate: 0 },
  (site, directory) => {
    setTime(directory, "a.txt", NOW + 86_400_000);
    const first = fileAt(site, "/a.txt", NOW);
    assertEquals(first.modified, undefined);
    assert(fileAt(site, "/a.txt", NOW + 1000) === first);
  },
);

testWith(
  HAS_FILES,
  "sixteen variants are made at a time, and the others when asked for again",
  async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
    using directory = createDirectory(
      Object.fromEntries(names.map((name) => [name, name.repeat(1000)])),
    );
    const site = new DirectorySite(directory.path);
    const files = names.map((name) => fileAt(site, `/${name}`, NOW));
    const made = () => files.filter(({ encoded }) => encoded.length > 0).length;
    for (const file of files) site.encode(file, CODINGS[2]!);
    await site.idle();
    assertEquals(made(), 16);
    for (const file of files) site.encode(file, CODINGS[2]!);
    await site.idle();
    assertEquals(made(), 20);
    site.close();
  },
);

/** Bytes that do not compress. */
function noise(seed: string, length: number): Uint8Array<ArrayBuffer> {
  const text = poorText(seed, Math.ceil(length / 3) * 4);
  // A digest of 64 bytes ends with "==", which would be a pattern.
  return Uint8Array.from(Buffer.from(text.replaceAll("=", ""), "base64"));
}

/** Text that compresses to some three quarters of its length. */
function poorText(seed: string, length: number): string {
  let text = "";
  let digest = seed;
  while (text.length < length) {
    digest = createHash("sha512").update(digest).digest("base64");
    text += digest;
  }
  return text.slice(0, length);
}

/** Asks for one coding of all files, round by round, and counts the times that it was made or tried. */
async function countMakings(
  site: DirectorySite,
  paths: readonly string[],
  rounds: number,
): Promise<number> {
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    for (const path of paths) {
      const file = fileAt(site, path, NOW + round) as SiteFile;
      const before = file.canMake(CODINGS[2]!);
      site.encode(file, CODINGS[2]!);
      if (before && !file.canMake(CODINGS[2]!)) count++;
      await site.idle();
    }
  }
  return count;
}

for (
  const [name, ending, content] of [
    ["compress", ".txt", (name: string) => poorText(name, 100_000)],
    // Nothing is kept of these but that it is not worth it, which is forgotten as well.
    ["do not compress", ".txt", (name: string) => noise(name, 100_000)],
  ] as const
) {
  testWith(
    HAS_FILES,
    `more files that ${name} than the cache holds are not compressed again and again`,
    async () => {
      const names = Array.from(
        { length: 8 },
        (_, index) => `${index}${ending}`,
      );
      using directory = createDirectory(
        Object.fromEntries(names.map((name) => [name, content(name)])),
      );
      const site = new DirectorySite(directory.path, {
        ...DIRECTORY_DEFAULTS,
        cache: { entries: 100, bytes: 500_000 },
      });
      const paths = names.map((name) => `/${name}`);
      const makings = await countMakings(site, paths, 20);
      assert(makings >= 8 && makings <= 16, `${makings} times`);
      // Another version is new, and need not wait.
      directory.write("0.txt", content("another"));
      setTime(directory, "0.txt", LONG_AGO + 5000);
      const file = fileAt(site, "/0.txt", NOW + 10_000) as SiteFile;
      site.encode(file, CODINGS[2]!);
      assertEquals(file.canMake(CODINGS[2]!), false);
      await site.idle();
      site.close();
    },
  );
}

testWith(
  HAS_FILES,
  "names that lead nowhere do not push out what was made",
  async () => {
    using directory = createDirectory({ "a.txt": poorText("a", 10_000) });
    const site = new DirectorySite(directory.path);
    const file = fileAt(site, "/a.txt", NOW);
    site.encode(file, CODINGS[0]!);
    await site.idle();
    assertEquals(file.encoded.length, 1);
    for (let index = 0; index < 41_000; index++) {
      assertEquals(site.lookup(`/missing-${index}`, NOW).kind, "absent");
    }
    assertStrictEquals(site.lookup("/a.txt", NOW), file);
    const { entries, bytes } = site.statistics();
    assert(entries <= 4096 + 1, `${entries} entries`);
    assert(bytes <= 8 * 1024 * 1024 + 50_000, `${bytes} bytes`);
    site.close();
  },
);

testSite(
  "a name that leads nowhere and then to a file, and back, is remembered once",
  {},
  {},
  (site, directory) => {
    for (let turn = 0; turn < 3; turn++) {
      const now = NOW + 1000 * turn;
      assertEquals(site.lookup("/a.txt", now).kind, "absent");
      directory.write("a.txt", "a");
      setTime(directory, "a.txt", LONG_AGO);
      assertEquals(site.lookup("/a.txt", now + 500).kind, "file");
      Deno.removeSync(`${directory.path}/a.txt`);
      assertEquals(site.statistics().entries, 1);
    }
  },
);

/** Does something while a method of all objects of a class is another one. */
function withMethod<K extends string, F>(
  prototype: Record<K, F>,
  name: K,
  method: F,
  fn: () => void,
): void {
  const own = prototype[name];
  prototype[name] = method;
  try {
    fn();
  } finally {
    prototype[name] = own;
  }
}

const IO_ERROR = Object.assign(new Error("I/O error"), { code: "EIO" });

testSite(
  "a file that cannot be read does not stay open",
  { "a.txt": "a" },
  { revalidate: 0 },
  (site, directory) => {
    const fail = () => {
      throw IO_ERROR;
    };
    withMethod(OpenFile.prototype, "readBytes", fail, () => {
      for (let count = 0; count < 20; count++) {
        assertThrows(() => site.lookup("/a.txt", NOW), Error, "I/O error");
      }
    });
    assertEquals(openIn(directory) ?? 0, 0);
    assertEquals(contentAt(site, "/a.txt", NOW), "a");
  },
);

testSite(
  "a file that changes while it is read and cannot be opened again does not stay open",
  { "a.txt": "a" },
  { revalidate: 0 },
  (site, directory) => {
    const { open } = Root.prototype;
    let opened = 0;
    const openOnce = function (this: Root, path: string, now: number) {
      if (++opened % 2 === 0) throw IO_ERROR;
      return open.call(this, path, now);
    };
    withMethod(OpenFile.prototype, "readAll", () => undefined, () => {
      withMethod(Root.prototype, "open", openOnce, () => {
        for (let count = 0; count < 20; count++) {
          assertThrows(() => site.lookup("/a.txt", NOW), Error, "I/O error");
        }
      });
    });
    assertEquals(opened, 40);
    assertEquals(openIn(directory) ?? 0, 0);
  },
);

testSite(
  "a file that changes each time it is read is open once, and sent from disk",
  { "a.txt": "a" },
  {},
  (site, directory) => {
    withMethod(OpenFile.prototype, "readBytes", () => undefined, () => {
      assertEquals(contentAt(site, "/a.txt", NOW), "a");
    });
    assertEquals(openIn(directory) ?? 1, 1);
  },
);

testSite(
  "a site that is closed still answers, and keeps no file open for it",
  { "a.txt": "a", "b.txt": "b" },
  { fileBytesMax: 0, revalidate: 0 },
  (site, directory) => {
    fileAt(site, "/a.txt", NOW);
    site.close();
    assertEquals(openIn(directory) ?? 0, 0);
    for (const [path, content] of [["/a.txt", "a"], ["/b.txt", "b"]] as const) {
      assertEquals(contentAt(site, path, NOW), content);
    }
    assertEquals(site.statistics().openFiles, 0);
    assertEquals(openIn(directory) ?? 0, 0);
  },
);

testSite(
  "the new version of a page is not shown before the new files it refers to",
  { "index.html": "old", "assets/old.js": "old" },
  {},
  (site, directory) => {
    setTime(directory, "assets", LONG_AGO);
    fileAt(site, "/index.html", NOW);
    assertEquals(site.lookup("/assets/new.js", NOW + 50).kind, "absent");
    directory.write("assets/new.js", "new");
    directory.write("index.html", "new page");
    const later = NOW + DIRECTORY_DEFAULTS.revalidate;
    assertEquals(contentAt(site, "/index.html", later), "new page");
    assertEquals(contentAt(site, "/assets/new.js", later + 1), "new");
  },
);

testSite(
  "names that do not exist take no memory",
  { "a.txt": "a" },
  {},
  (site) => {
    fileAt(site, "/a.txt", NOW);
    const { bytes, entries } = site.statistics();
    site.lookup(`/${"\u{100}".repeat(7999)}`, NOW);
    for (let index = 0; index < 200; index++) {
      assertEquals(site.lookup(`/${index}/x`, NOW).kind, "absent");
    }
    const after = site.statistics();
    assertEquals([after.bytes, after.entries], [bytes, entries]);
  },
);

testWith(
  HAS_FILES,
  "a variant that is made adds its own bytes to what its file weighs, and no others",
  async () => {
    const name = `${"long".repeat(50)}.txt`;
    using directory = createDirectory({ [name]: "text ".repeat(1000) });
    const site = new DirectorySite(directory.path);
    try {
      const file = fileAt(site, `/${name}`, NOW);
      const { bytes } = site.statistics();
      assert(bytes >= 5000 + 2 * name.length);
      site.encode(file, CODINGS[2]!);
      await site.idle();
      const [variant] = file.encoded;
      assertEquals(site.statistics().bytes, bytes + variant!.length);
    } finally {
      site.close();
    }
  },
);

/** Names of files and of files beside them, and whether these are taken for compressed forms of those. */
const SIBLING_ROWS: readonly [name: string, sibling: string, found: boolean][] =
  [
    ["a.js", "a.js.gz", true],
    ["a.png", "a.png.br", true],
    ["a.unknown", "a.unknown.zst", true],
    ["LICENSE", "LICENSE.gz", true],
    ["a.tgz", "a.tgz.br", true],
    ["a.js.gz", "a.js.gz.gz", false],
    ["a.js.br", "a.js.br.gz", false],
    ["a.js.zst", "a.js.zst.br", false],
    ["a.svgz", "a.svgz.gz", false],
    ["br", "br.gz", true],
  ];

for (const [name, sibling, found] of SIBLING_ROWS) {
  testSite(
    `${sibling} is ${found ? "" : "not "}sent for ${name}`,
    { [name]: "as it is", [sibling]: "compressed" },
    { revalidate: 0 },
    (site) => {
      const { codings, encoded } = fileAt(site, `/${name}`, NOW);
      assertEquals(encoded.length, found ? 1 : 0);
      assertEquals(codings, encoded.map(({ coding }) => coding!));
    },
  );
}

testSite(
  "a picture gets a compressed form that comes later, and varies from then on",
  { "a.png": "picture" },
  { revalidate: 0 },
  (site, directory) => {
    const file = fileAt(site, "/a.png", NOW);
    assertEquals(file.compressible, false);
    directory.write("a.png.gz", "compressed");
    const later = fileAt(site, "/a.png", NOW + 2000);
    assert(later === file);
    assertEquals(file.compressible, true);
    assertEquals(file.encoded.length, 1);
    Deno.removeSync(directory.join("a.png.gz"));
    assert(fileAt(site, "/a.png", NOW + 4000) === file);
    assertEquals(file.encoded, []);
    assertEquals(file.compressible, true);
  },
);

/** Times of a file and of its sibling after NOW, and whether the sibling is used. */
const FUTURE_ROWS: readonly [file: number, sibling: number, used: boolean][] = [
  [5000, 5000, true],
  [5000, 6000, true],
  [5000, 4000, false],
  [5000, -1000, false],
  [-1000, 5000, true],
];

for (const [file, sibling, used] of FUTURE_ROWS) {
  testSite(
    `a file dated ${file} ms from now has ${
      used ? "a" : "no"
    } sibling dated ${sibling} ms from now`,
    { "a.js": "script", "a.js.gz": "compressed" },
    {},
    (site, directory) => {
      setTime(directory, "a.js", NOW + file);
      setTime(directory, "a.js.gz", NOW + sibling);
      const { encoded } = fileAt(site, "/a.js", NOW);
      assertEquals(encoded.length, used ? 1 : 0);
    },
  );
}

testSite(
  "replies keep their bytes while other files take the place of theirs in a full cache",
  Object.fromEntries(
    Array.from({ length: 300 }, (_, number) => [`${number}`, textFor(number)]),
  ),
  // Room for the content of a slab, and a few.
  { cache: { entries: 40, bytes: 1024 * 1024 } },
  (site) => {
    const held: { segment: Uint8Array; number: number }[] = [];
    for (let round = 0; round < 6; round++) {
      for (let number = 0; number < 300; number++) {
        // Twice, so that a full cache takes it.
        for (let visit = 0; visit < 2; visit++) {
          const { identity } = fileAt(site, `/${number}`, NOW);
          const segment = identity.slice(0, identity.length) as Uint8Array;
          held.push({ segment, number });
        }
      }
    }
    assert(site.statistics().evictions > 1000);
    for (const { segment, number } of held) {
      assertStrictEquals(textOf(segment), textFor(number));
    }
  },
);

/** Text of 9,000 characters that differs from that of every other number. */
function textFor(number: number): string {
  return `${number} `.repeat(9000).slice(0, 9000);
}
