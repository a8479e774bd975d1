import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { BundleSite } from "../../../lib/site/bundle/bundle.ts";
import { BundleError } from "../../../lib/site/bundle/archive.ts";
import type { BundleFile } from "../../../lib/site/bundle/format.ts";
import { LISTING_ENTRIES_MAX } from "../../../lib/site/site.ts";
import type { FileResource } from "../../../lib/site/site.ts";
import { textOf } from "../../helpers.ts";
import { archiveOf, fileOf, MODIFIED } from "./bundle_forge.ts";

const NOW = Date.UTC(2026, 0, 1);

function siteOf(files: readonly BundleFile[]): BundleSite {
  return new BundleSite(archiveOf(files));
}

const FILES = [
  fileOf("/index.html", "home"),
  fileOf("/a.txt", "file beside a directory"),
  fileOf("/a-b/c.txt", "before the directory in order"),
  fileOf("/a/b.txt", "in the directory"),
  fileOf("/a/c/d.txt", "deeper"),
  fileOf("/a0/e.txt", "behind the directory in order"),
  fileOf("/.well-known/security.txt", "Contact:"),
  fileOf("/ünï/☃.txt", "letters"),
];

const LOOKUPS: readonly [path: string, kind: string, resourcePath?: string][] =
  [
    ["/", "directory", "/"],
    ["/index.html", "file", "/index.html"],
    ["/a.txt", "file", "/a.txt"],
    ["/a", "directory", "/a/"],
    ["/a/", "directory", "/a/"],
    ["/a/b.txt", "file", "/a/b.txt"],
    ["/a/c", "directory", "/a/c/"],
    ["/a/c/", "directory", "/a/c/"],
    ["/a/c/d.txt", "file", "/a/c/d.txt"],
    ["/a-b", "directory", "/a-b/"],
    ["/a0", "directory", "/a0/"],
    ["/.well-known/", "directory", "/.well-known/"],
    ["/ünï/☃.txt", "file", "/ünï/☃.txt"],
    ["/ünï", "directory", "/ünï/"],
    ["/a.txt/", "absent"],
    ["/a/b", "absent"],
    ["/a/b.tx", "absent"],
    ["/a/b.txt/c", "absent"],
    ["/A", "absent"],
    ["/A.txt", "absent"],
    ["/a-", "absent"],
    ["/z", "absent"],
    ["/.env", "absent"],
    ["*", "absent"],
    ["/__proto__", "absent"],
    ["/constructor", "absent"],
    ["/u\u0308ni\u0308/☃.txt", "absent"],
  ];

for (const [path, kind, resourcePath] of LOOKUPS) {
  const what = resourcePath === undefined ? "nothing" : `the ${kind}`;
  Deno.test(`BundleSite.lookup() finds ${what} at "${path}"`, () => {
    const resource = siteOf(FILES).lookup(path, NOW);
    assertEquals(resource.kind, kind);
    if (resource.kind === "file" || resource.kind === "directory") {
      assertEquals(resource.path, resourcePath);
    }
  });
}

const KEPT = "/js/app-1f0c9a7e.js";

/** A site that has kept files; some of them no packing would keep. */
function siteWithKept(): BundleSite {
  const kept = [
    fileOf(KEPT, "old", { br: "brotli" }),
    fileOf("/a/older-2f0c9a7e.js", "older"),
    fileOf("/index.html", "old home"),
    fileOf("/js/plain.js", "plain"),
    fileOf("/js/app-1f0c9a7e.js.map", "map"),
    fileOf("/js/data-1f0c9a7e.json", "data"),
    fileOf("/a/both-3f0c9a7e.js", "old"),
  ].map((file) => ({ ...file, age: file.path.startsWith("/a/") ? 7 : 1 }))
    .sort((a, b) => a.path < b.path ? -1 : 1);
  const both = fileOf("/a/both-3f0c9a7e.js", "new");
  return new BundleSite(archiveOf([...FILES, both], kept));
}

Deno.test("BundleSite.lookup() finds of older builds what has a hash, and nothing else", () => {
  const site = siteWithKept();
  const file = lookUpFile(site, KEPT);
  assertEquals(contentAt(site, KEPT), "old");
  assertEquals(file.codings.map(({ token }) => token), ["br"]);
  assertStrictEquals(lookUpFile(site, KEPT), file);
  assertEquals(site.originOf(file), "an older build, 1 back");
  assertEquals(site.originOf(lookUpFile(site, "/a.txt")), undefined);
  assertEquals(contentAt(site, "/a/older-2f0c9a7e.js"), "older");
  assertEquals(contentAt(site, "/a/both-3f0c9a7e.js"), "new");
  assertEquals(contentAt(site, "/index.html"), "home");
  for (
    const path of [
      "/js/plain.js",
      "/js/app-1f0c9a7e.js.map",
      "/js/data-1f0c9a7e.json",
      "/js",
      "/js/",
      `${KEPT}.br`,
    ]
  ) assertEquals(site.lookup(path, NOW).kind, "absent", path);
  assertEquals(site.isReadable(KEPT), true);
  assertEquals(site.isReadable("/js/plain.js"), false);
  assertEquals(site.hasName(KEPT), false);
  assertEquals(site.statistics().olderHits, [3, 0, 1]);
  assertEquals(siteOf(FILES).statistics().olderHits, undefined);
});

Deno.test("BundleSite.list() shows nothing of older builds", async () => {
  const site = siteWithKept();
  assertEquals(await site.list("/js/"), { kind: "absent" });
  const listing = await site.list("/a/");
  assert(listing.kind === "entries");
  assertEquals(listing.entries.map(({ name }) => name), [
    "b.txt",
    "both-3f0c9a7e.js",
    "c",
  ]);
});

function contentAt(site: BundleSite, path: string): string {
  const { identity } = lookUpFile(site, path);
  return textOf(identity!.slice(0, identity!.length) as Uint8Array);
}

function lookUpFile(site: BundleSite, path: string, now = NOW): FileResource {
  const resource = site.lookup(path, now);
  if (resource.kind !== "file") throw new Error(`Not a file: ${path}`);
  return resource;
}

Deno.test("BundleSite.lookup() tells of a file what the archive tells", () => {
  const file = fileOf("/a.html", "<p>long</p>", { br: "b", gzip: "gg" });
  const resource = lookUpFile(siteOf([file]), "/a.html");
  assertEquals(resource.contentType, "text/html; charset=UTF-8");
  assertEquals(resource.modified, MODIFIED);
  assertEquals(resource.compressible, true);
  assertEquals(resource.codings, [CODINGS[0]!, CODINGS[2]!]);
  assertEquals(resource.varies, []);
  assertEquals(resource.fields, []);
  const variants = [resource.identity!, ...resource.encoded];
  assertEquals(
    variants.map(({ coding, length, etag }) => [coding?.token, length, etag]),
    [
      [undefined, 11, file.identity.etag],
      ["br", 1, file.encoded[0]!.etag],
      ["gzip", 2, file.encoded[1]!.etag],
    ],
  );
  assertEquals(
    variants.map((variant) =>
      textOf(variant.slice(0, variant.length) as Uint8Array)
    ),
    ["<p>long</p>", "b", "gg"],
  );
});

Deno.test("BundleSite.lookup() tells of a picture that it is not compressible", () => {
  const site = siteOf([fileOf("/a.png", "not really")]);
  assertEquals(lookUpFile(site, "/a.png").compressible, false);
});

Deno.test("BundleSite.lookup() tells of a picture with an encoding that there is one", () => {
  const site = siteOf([fileOf("/a.png", "not really", { gzip: "less" })]);
  const resource = lookUpFile(site, "/a.png");
  assertEquals(resource.compressible, true);
  assertEquals(resource.codings, [CODINGS[2]!]);
});

Deno.test("BundleSite.lookup() gives the same resource again, with what was prepared for it", () => {
  const site = siteOf(FILES);
  const first = lookUpFile(site, "/a.txt");
  assertStrictEquals(site.lookup("/a.txt", NOW + 1e9), first);
  assertEquals(first.identity!.prepared, undefined);
});

for (
  const [name, time] of [["in the future", NOW + 5000], ["frozen", 0]] as const
) {
  Deno.test(`BundleSite.lookup() tells no time that is ${name}`, () => {
    const site = siteOf([fileOf("/a.txt", "a", {}, time)]);
    assertEquals(lookUpFile(site, "/a.txt").modified, undefined);
  });
}

Deno.test("BundleSite gives slices of the archive itself", () => {
  const archive = archiveOf([fileOf("/a.txt", "0123456789", { br: "abcdef" })]);
  const { identity, encoded } = lookUpFile(new BundleSite(archive), "/a.txt");
  const slice = identity!.slice(3, 7) as Uint8Array;
  assertEquals(textOf(slice), "3456");
  assertStrictEquals(slice.buffer, archive.buffer);
  assertEquals(textOf(encoded[0]!.slice(0, 2) as Uint8Array), "ab");
  assertEquals(identity!.slice(4, 4).length, 0);
});

Deno.test("BundleSite throws a BundleError for bytes that are no archive", () => {
  assertThrows(() => new BundleSite(new Uint8Array(100)), BundleError);
});

async function entriesOf(site: BundleSite, path: string) {
  const found = await site.list(path);
  if (found.kind !== "entries") throw new Error(`Not entries: ${found.kind}`);
  return found;
}

async function namesOf(site: BundleSite, path: string): Promise<string[]> {
  const { entries } = await entriesOf(site, path);
  return entries.map(({ name, kind }) =>
    kind === "directory" ? `${name}/` : name
  );
}

const LISTS: readonly [path: string, names: readonly string[]][] = [
  ["/", [".well-known/", "a-b/", "a.txt", "a/", "a0/", "index.html", "ünï/"]],
  ["/a/", ["b.txt", "c/"]],
  ["/a/c/", ["d.txt"]],
  ["/.well-known/", ["security.txt"]],
  ["/ünï/", ["☃.txt"]],
];

for (const [path, names] of LISTS) {
  Deno.test(`BundleSite.list() lists "${path}"`, async () => {
    assertEquals(await namesOf(siteOf(FILES), path), names);
  });
}

for (const path of ["/b/", "/a/b/", "/a.txt/", "/A/"]) {
  Deno.test(`BundleSite.list() finds nothing at "${path}"`, async () => {
    assertEquals((await siteOf(FILES).list(path)).kind, "absent");
  });
}

Deno.test("BundleSite.list() tells sizes, times and kinds; a directory has the time of its latest file", async () => {
  const site = siteOf([
    fileOf("/a.txt", "12345", { br: "1" }, 1000),
    fileOf("/d/1.txt", "1", {}, 3000),
    fileOf("/d/2/3.txt", "1", {}, 9000),
    fileOf("/d/4.txt", "1", {}, 5000),
    fileOf("/e/5.txt", "1", {}, 4000),
  ]);
  assertEquals(await entriesOf(site, "/"), {
    kind: "entries",
    realPath: "/",
    entries: [
      { name: "a.txt", kind: "file", size: 5, modified: 1000 },
      { name: "d", kind: "directory", size: 0, modified: 9000 },
      { name: "e", kind: "directory", size: 0, modified: 4000 },
    ],
    isCut: false,
  });
});

Deno.test("BundleSite.list() finds the root of an empty archive, with nothing in it", async () => {
  const site = siteOf([]);
  assertEquals(site.lookup("/", NOW).kind, "directory");
  assertEquals((await entriesOf(site, "/")).entries, []);
  assertEquals(site.lookup("/a", NOW).kind, "absent");
});

for (const [more, isCut] of [[0, false], [1, true]] as const) {
  Deno.test(`BundleSite.list() says ${isCut ? "that it is cut" : "all"} with ${LISTING_ENTRIES_MAX + more} entries`, async () => {
    const files = Array.from(
      { length: LISTING_ENTRIES_MAX + more },
      (_, index) => fileOf(`/${index}`, "same"),
    );
    const found = await entriesOf(siteOf(files), "/");
    assertEquals(found.entries.length, LISTING_ENTRIES_MAX);
    assertEquals(found.isCut, isCut);
  });
}

Deno.test("BundleSite.list() counts a directory once, however much is in it", async () => {
  const files = Array.from(
    { length: LISTING_ENTRIES_MAX + 1 },
    (_, index) => fileOf(`/d/${index}`, "same"),
  );
  const found = await entriesOf(siteOf(files), "/");
  assertEquals(found.entries.map(({ name }) => name), ["d"]);
  assertEquals(found.isCut, false);
});

Deno.test("BundleSite.isReadable() is true of files only", () => {
  const site = siteOf(FILES);
  const paths = ["/a.txt", "/a/b.txt", "/a/", "/nothing"];
  const readable = paths.filter((path) => site.isReadable(path));
  assertEquals(readable, ["/a.txt", "/a/b.txt"]);
  site.close();
});

Deno.test("BundleSite.encode() leaves everything as it is", () => {
  const site = siteOf([fileOf("/a.html", "text")]);
  const file = lookUpFile(site, "/a.html");
  site.encode();
  assertEquals(file.encoded, []);
  assertEquals(file.codings, []);
  site.close();
  assert(lookUpFile(site, "/a.html") === file);
});

/** A site with two encoded files that stand for one, of which some paths are protected. */
function encodedSite(isProtected?: (path: string) => boolean): BundleSite {
  const files = [
    fileOf("/a.txt.br", "bbb", {}, NOW - 1000),
    fileOf("/a.txt.gz", "gg", {}, NOW - 2000),
  ];
  return new BundleSite(archiveOf(files), isProtected);
}

for (
  const [name, pattern, tokens, realPath] of [
    ["nothing", "", ["br", "gzip"], "/a.txt.gz"],
    ["one of them", "/a.txt.gz", ["br"], "/a.txt.br"],
    ["the file itself", "/a.txt", ["br", "gzip"], "/a.txt.gz"],
  ] as const
) {
  Deno.test(`BundleSite.lookup() finds what is there only encoded, with ${name} protected`, () => {
    const site = encodedSite((path) => path === pattern);
    const file = lookUpFile(site, "/a.txt");
    assertEquals(file.identity, undefined);
    assertEquals(file.encoded.map(({ coding }) => coding!.token), [...tokens]);
    assertEquals(file.realPath, realPath);
    assertStrictEquals(site.lookup("/a.txt", NOW), file);
    site.close();
  });
}

Deno.test("BundleSite.lookup() tells by the path of what is only encoded that it is protected", () => {
  const site = encodedSite((path) => path !== "/a.txt");
  const file = lookUpFile(site, "/a.txt");
  assertEquals(file.realPath, "/a.txt.gz");
  assertEquals(file.modified, NOW - 2000);
  site.close();
});
