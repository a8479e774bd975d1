import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SourceRefused, type SourceSegment } from "../../../lib/http/reply.ts";
import type { FileResource, Variant } from "../../../lib/site/site.ts";
import type { Tree, TreeEntry } from "../../../lib/site/tree.ts";
import {
  ARCHIVE_BYTES_MAX,
  Archiver,
  DOWNLOADS_MAX,
  DOWNLOADS_PER_ADDRESS_MAX,
  PREPARING_MAX,
} from "../../../lib/site/zip/archiver.ts";
import { readSegment, zipNames } from "../../bodies.ts";
import { textOf } from "../../helpers.ts";
import { MemorySite, MODIFIED } from "../../memory_site.ts";
import { turnsDuring } from "../slow_clock.ts";

const NOW = MODIFIED + 60_000;

const REQUEST = {
  path: "/photos & more/",
  isPrivate: false,
  address: "192.0.2.1",
  now: NOW,
  isWanted: () => true,
};

function file(path: string, size: number, modified = MODIFIED): TreeEntry {
  return { path, kind: "file", size, modified, isEmpty: false };
}

function folder(path: string, isEmpty: boolean): TreeEntry {
  return { path, kind: "directory", size: 0, modified: MODIFIED, isEmpty };
}

function treeOf(entries: readonly TreeEntry[], cut?: Tree["cut"]): Tree {
  return { kind: "tree", realPath: "/p/", entries, cut };
}

const SITE = new MemorySite({
  "/photos & more/a": "aaa",
  "/photos & more/d/b": "b",
});

/** An archiver, and which files it opened. */
function archiverOf(site = SITE) {
  const opened: string[] = [];
  const archiver = new Archiver({
    isReadable: (path) => !path.endsWith("unreadable"),
    open: (path, isPrivate) => {
      opened.push(`${path} ${isPrivate}`);
      const found = site.lookup(path);
      return found.kind === "file" ? found : undefined;
    },
  });
  return { archiver, opened };
}

async function archiveOf(
  archiver: Archiver,
  tree: Tree,
  request = REQUEST,
): Promise<FileResource & { readonly identity: Variant }> {
  const found = await archiver.get(tree, request, () => {});
  assert(found.kind === "file" && found.identity !== undefined);
  return found as FileResource & { readonly identity: Variant };
}

function wholeOf({ identity }: { readonly identity: Variant }) {
  return identity.slice(0, identity.length) as SourceSegment;
}

const FILES = [file("a", 3), folder("d/", false), file("d/b", 1)];

Deno.test("Archiver makes a resource with name, length and tag", async () => {
  const { archiver, opened } = archiverOf();
  const tree = treeOf([...FILES, folder("e/", true), file("unreadable", 9)]);
  const found = await archiveOf(archiver, tree);
  assertEquals(found.contentType, "application/zip");
  assertEquals(found.fields, [[
    "Content-Disposition",
    `attachment; filename="photos _ more.zip"; filename*=UTF-8''photos%20%26%20more.zip`,
  ]]);
  assertEquals([found.path, found.realPath], ["/photos & more/", "/p/"]);
  const bytes = readSegment(wholeOf(found));
  assertEquals(bytes.length, found.identity.length);
  assertEquals(zipNames(textOf(bytes)), ["a", "d/b", "e/"]);
  assertEquals(opened.length, 2);
});

Deno.test("Archiver gives the same tag to the same tree alone", async () => {
  const tags = new Set<string | undefined>();
  const trees = [
    FILES,
    [file("a", 3), file("d/b", 1, MODIFIED + 1)],
    [file("a", 3), file("d/b", 2)],
    [file("a", 3), file("d/c", 1)],
    [file("d/b", 1)],
  ];
  for (const entries of [...trees, ...trees]) {
    const { archiver } = archiverOf();
    tags.add((await archiveOf(archiver, treeOf(entries))).identity.etag);
  }
  assertEquals(tags.size, trees.length);
  const { archiver } = archiverOf();
  const isPrivate = true;
  const own = await archiveOf(archiver, treeOf(FILES), {
    ...REQUEST,
    isPrivate,
  });
  assertEquals(tags.has(own.identity.etag), false);
  for (const release of ["v1", "v2"]) {
    const tree = { ...treeOf(FILES), release };
    tags.add((await archiveOf(archiver, tree)).identity.etag);
  }
  assertEquals(tags.size, trees.length + 2);
});

const UNTAGGED: readonly [name: string, modified: number][] = [
  ["was written a moment ago", NOW - 5],
  ["has a time that tells nothing", Date.UTC(1985, 9, 26)],
  ["is from the future", NOW + 60_000],
];

for (const [name, modified] of UNTAGGED) {
  Deno.test(`Archiver gives no tag if a file ${name}`, async () => {
    const { archiver } = archiverOf();
    const tree = treeOf([file("a", 3), file("b", 1, modified)]);
    assertEquals((await archiveOf(archiver, tree)).identity.etag, undefined);
  });
}

const TOO_MUCH: readonly [name: string, tree: Tree, status: 403 | 503][] = [
  ["entries", treeOf(FILES, "entries"), 403],
  ["depth", treeOf(FILES, "depth"), 403],
  ["time", treeOf(FILES, "time"), 503],
  ["bytes", treeOf([file("a", ARCHIVE_BYTES_MAX), file("b", 1)]), 403],
];

Deno.test("Archiver refuses what is too much", async (context) => {
  for (const [name, tree, status] of TOO_MUCH) {
    await context.step(name, async () => {
      const { archiver } = archiverOf();
      const found = await archiver.get(tree, REQUEST, () => {});
      assertEquals(found, { kind: "refused", status });
    });
  }
});

Deno.test("Archiver sends a bounded number of archives at once", async () => {
  const { archiver } = archiverOf();
  const tree = treeOf(FILES);
  const segmentFor = async (address: string) =>
    wholeOf(await archiveOf(archiver, tree, { ...REQUEST, address }));
  const open: { close(): void }[] = [];
  const own = await segmentFor("a");
  for (let count = 0; count < DOWNLOADS_PER_ADDRESS_MAX; count++) {
    open.push(own.open());
  }
  assertThrows(() => own.open(), SourceRefused);
  for (let count = open.length; count < DOWNLOADS_MAX; count++) {
    open.push((await segmentFor(`b${count}`)).open());
  }
  const other = await segmentFor("c");
  assertThrows(() => other.open(), SourceRefused);
  for (const reader of open) reader.close();
  own.open().close();
  other.open().close();
});

Deno.test("Archiver computes checksums for a bounded number of clients that resume", async () => {
  const { archiver } = archiverOf();
  const { identity } = await archiveOf(archiver, treeOf(FILES));
  const slices = [{ start: identity.length - 200, end: identity.length }];
  const prepare = () => identity.prepareSlices!(slices);
  const waiting = Array.from({ length: PREPARING_MAX + 1 }, prepare);
  await assertRejects(prepare, SourceRefused);
  await Promise.all(waiting);
  await prepare();
});

/** The end of an archive, which needs the checksums of all its files. */
function endOf({ identity }: { readonly identity: Variant }) {
  return [{ start: identity.length - 200, end: identity.length }];
}

Deno.test("Archiver lets another client's checksums go before the second of one client", async () => {
  const { archiver } = archiverOf();
  const ended: string[] = [];
  const tree = treeOf(FILES);
  const [a, b] = await Promise.all(
    ["a", "b"].map((address) =>
      archiveOf(archiver, tree, { ...REQUEST, address })
    ),
  );
  const prepare = (client: string) =>
    (client === "a" ? a! : b!).identity.prepareSlices!(endOf(a!))
      .then(() => ended.push(client), () => ended.push("refused"));
  const greedy = Array.from({ length: PREPARING_MAX + 1 }, () => "a");
  await Promise.all([...greedy, "b"].map(prepare));
  const done = ended.filter((each) => each !== "refused");
  assertEquals([ended.length - done.length, done.indexOf("b")], [1, 2]);
});

Deno.test("Archiver computes no checksums for a client that has left", async () => {
  const { archiver, opened } = archiverOf();
  let isWanted = true;
  const request = { ...REQUEST, isWanted: () => isWanted };
  const first = await archiveOf(archiver, treeOf(FILES));
  const other = await archiveOf(archiver, treeOf(FILES), request);
  const running = first.identity.prepareSlices!(endOf(first));
  const waiting = other.identity.prepareSlices!(endOf(other));
  isWanted = false;
  await assertRejects(() => waiting, SourceRefused);
  await running;
  assertEquals(opened.length, 1);
});

Deno.test("Archiver tells of a file that is not as in the tree", async () => {
  const { archiver } = archiverOf();
  let changes = 0;
  const tree = treeOf([file("a", 4)]);
  const found = await archiver.get(tree, REQUEST, () => changes++);
  assert(found.kind === "file");
  const segment = found.identity!.slice(0, found.identity!.length);
  assertThrows(() => readSegment(segment));
  const later = treeOf([file("a", 3, MODIFIED + 1000)]);
  const other = await archiveOf(archiver, later);
  assertThrows(() => readSegment(wholeOf(other)));
  assertEquals(changes, 1);
  const shorter = await archiveOf(archiver, treeOf([file("a", 2)]));
  assertThrows(() => readSegment(wholeOf(shorter)));
});

Deno.test("Archiver knows the checksums of an earlier state of the folder", async () => {
  const { archiver, opened } = archiverOf();
  readSegment(wholeOf(await archiveOf(archiver, treeOf(FILES))));
  opened.length = 0;
  const { identity } = await archiveOf(archiver, treeOf([file("a", 3)]));
  // In the central directory, behind all contents.
  const start = identity.length - 72;
  await identity.prepareSlices!([{ start, end: identity.length }]);
  assertEquals(opened, []);
});

Deno.test("Archiver lets other work run while it makes an archive of many files", async () => {
  const { archiver } = archiverOf();
  const many = Array.from({ length: 1_000 }, (_, index) => file(`${index}`, 1));
  const make = () => archiver.get(treeOf(many), REQUEST, () => {});
  const turns = await turnsDuring(make);
  assertEquals(turns > 100, true, `${turns} turns`);
  // Now with the checksums of the one before.
  const more = await turnsDuring(make);
  assertEquals(more > 2 * turns, true, `${turns} and then ${more} turns`);
});
