import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import type { FileResource } from "../../../lib/site/site.ts";
import {
  type Files,
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  textOf,
} from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

/** A time as a clock makes it. */
const LONG_AGO = 1_000_000_000_400;

/** A moment long after it. */
const NOW = 1_700_000_000_000;

/** How long a look at a file is trusted. */
const LATER = DIRECTORY_DEFAULTS.revalidate;

function setTime(directory: TemporaryDirectory, name: string, time: number) {
  Deno.utimeSync(directory.join(name), new Date(time), new Date(time));
}

function write(
  directory: TemporaryDirectory,
  name: string,
  content: string | Uint8Array,
  time = LONG_AGO,
): void {
  directory.write(name, content);
  setTime(directory, name, time);
}

/** Registers a test with a site over a directory with files that were not touched for long. */
function testSite(
  name: string,
  files: Files,
  fn: (
    site: DirectorySite,
    directory: TemporaryDirectory,
  ) => void | Promise<void>,
  isProtected?: (path: string) => boolean,
): void {
  testWith(HAS_FILES, name, async () => {
    using directory = new TemporaryDirectory(files);
    for (const name of Object.keys(files)) setTime(directory, name, LONG_AGO);
    const site = new DirectorySite(directory.path, {
      ...DIRECTORY_DEFAULTS,
      isProtected,
    });
    try {
      await fn(site, directory);
    } finally {
      site.close();
    }
  });
}

/** The tokens of a file's encodings; undefined when there is no file. */
function encodingsAt(site: DirectorySite, path: string, now = NOW) {
  const resource = site.lookup(path, now);
  return resource.kind === "file"
    ? resource.encoded.map(({ coding }) => coding!.token)
    : undefined;
}

function fileAt(site: DirectorySite, path: string, now = NOW): FileResource {
  const resource = site.lookup(path, now);
  assert(resource.kind === "file", `${path} is ${resource.kind}`);
  return resource;
}

async function decodedAt(site: DirectorySite, path: string, now = NOW) {
  const variant = await site.decode(fileAt(site, path, now));
  return typeof variant === "number"
    ? variant
    : textOf(variant.slice(0, variant.length) as Uint8Array);
}

testSite(
  "an encoded file stands for the file until that comes",
  { "a.txt.gz": gzipSync("encoded") },
  async (site, directory) => {
    assertEquals(fileAt(site, "/a.txt").identity, undefined);
    assertEquals(await decodedAt(site, "/a.txt"), "encoded");
    write(directory, "a.txt", "itself");
    assertEquals(fileAt(site, "/a.txt", NOW + LATER).identity?.length, 6);
    Deno.removeSync(directory.join("a.txt"));
    const after = NOW + 2 * LATER;
    assertEquals(fileAt(site, "/a.txt", after).identity, undefined);
    Deno.removeSync(directory.join("a.txt.gz"));
    assertEquals(encodingsAt(site, "/a.txt", NOW + 3 * LATER), undefined);
  },
);

testSite(
  "another version of an encoded file is decoded again",
  { "a.txt.gz": gzipSync("first") },
  async (site, directory) => {
    assertEquals(await decodedAt(site, "/a.txt"), "first");
    const same = fileAt(site, "/a.txt", NOW + LATER);
    assertEquals(fileAt(site, "/a.txt", NOW + 2 * LATER), same);
    write(directory, "a.txt.gz", gzipSync("second"), LONG_AGO + 1000);
    assertEquals(await decodedAt(site, "/a.txt", NOW + 3 * LATER), "second");
  },
);

testSite(
  "an encoded file that was missing is found as soon as its folder is looked at",
  {},
  (site, directory) => {
    assertEquals(encodingsAt(site, "/a.txt"), undefined);
    write(directory, "a.txt.gz", gzipSync("late"));
    assertEquals(encodingsAt(site, "/a.txt", NOW + LATER), ["gzip"]);
  },
);

testSite(
  "an encoded file that is written at this moment is waited for",
  {},
  async (site, directory) => {
    directory.write("a.txt.gz", gzipSync("fresh"));
    const now = Date.now();
    const found = fileAt(site, "/a.txt", now);
    const file = await found.awaitWriter?.(now) ?? found;
    assert(file.kind === "file");
    const variant = await site.decode(file);
    assert(typeof variant !== "number", String(variant));
    assertEquals(variant.length, 5);
  },
);

testSite(
  "of several encoded files the oldest tells the time",
  {
    "a.txt.gz": gzipSync("a"),
    "a.txt.br": "not looked into",
  },
  (site, directory) => {
    setTime(directory, "a.txt.br", LONG_AGO + 5000);
    const file = fileAt(site, "/a.txt");
    assertEquals(file.modified, LONG_AGO);
    assertEquals(encodingsAt(site, "/a.txt"), ["br", "gzip"]);
  },
);

testSite(
  "an encoded file that is protected stands for a file that is as well",
  { "a.txt.gz": gzipSync("a") },
  (site) => {
    assertEquals(fileAt(site, "/a.txt").realPath, "/a.txt.gz");
    assertEquals(encodingsAt(site, "/a.txt"), ["gzip"]);
  },
  (path) => path === "/a.txt.gz",
);

testSite(
  "an encoded file that is protected is not sent beside one that is not",
  { "a.txt.gz": gzipSync("a"), "a.txt.br": "b" },
  (site, directory) => {
    setTime(directory, "a.txt.br", LONG_AGO + 5000);
    assertEquals(fileAt(site, "/a.txt").realPath, "/a.txt.br");
    assertEquals(encodingsAt(site, "/a.txt"), ["br"]);
  },
  (path) => path === "/a.txt.gz",
);

testSite(
  "an encoded file stands for no directory, and for no other encoded file",
  {
    "docs/a.txt": "a",
    "docs.gz": gzipSync("docs"),
    "b.gz.br": "b",
    "c.svgz.gz": "c",
  },
  (site) => {
    assertEquals(site.lookup("/docs", NOW).kind, "directory");
    for (const path of ["/docs/", "/b.gz", "/b", "/c.svgz", "/docs.gz/"]) {
      assertEquals(encodingsAt(site, path), undefined, path);
    }
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "an encoded file behind links is found as any file is",
  async () => {
    using outside = new TemporaryDirectory({ "a.gz": gzipSync("outside") });
    using directory = new TemporaryDirectory({
      ".data/a.txt.gz": gzipSync("inside"),
    });
    setTime(directory, ".data/a.txt.gz", LONG_AGO);
    Deno.symlinkSync(".data/a.txt.gz", directory.join("a.txt.gz"));
    Deno.symlinkSync(outside.join("a.gz"), directory.join("b.txt.gz"));
    Deno.symlinkSync("gone", directory.join("c.txt.gz"));
    const site = new DirectorySite(directory.path);
    try {
      assertEquals(fileAt(site, "/a.txt").realPath, "/.data/a.txt.gz");
      assertEquals(await decodedAt(site, "/a.txt"), "inside");
      assertEquals(encodingsAt(site, "/b.txt"), undefined);
      assertEquals(encodingsAt(site, "/c.txt"), undefined);
      assertEquals(encodingsAt(site, "/.data/a.txt"), undefined);
    } finally {
      site.close();
    }
  },
);
