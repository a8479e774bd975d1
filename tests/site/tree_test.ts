import { assert, assertEquals } from "@std/assert";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import {
  ABSENT,
  type DirectoryEntries,
  type DirectoryEntry,
  type Site,
} from "../../lib/site/site.ts";
import {
  type Tree,
  TREE_DEPTH_MAX,
  TREE_ENTRIES_MAX,
  TREE_MS_MAX,
  TreeReader,
  Trees,
  TREES_WAITING_MAX,
} from "../../lib/site/tree.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { FakeTime } from "../fake_time.ts";
import { TurnCounter } from "../turn_counter.ts";
import { turnsDuring } from "./slow_clock.ts";

const ALL = () => true;

function entry(name: string, kind: DirectoryEntry["kind"]): DirectoryEntry {
  return { name, kind, size: 1, modified: 0 };
}

/** A site whose folders are what `list` says. */
function siteOf(
  list: (path: string) => readonly DirectoryEntry[],
): Site & { readonly listed: string[] } {
  const listed: string[] = [];
  return {
    listed,
    lookup: () => ABSENT,
    encode: () => {},
    decode: () => 503,
    isReadable: () => true,
    list: (path): Promise<DirectoryEntries> => {
      listed.push(path);
      const entries = list(path);
      return Promise.resolve({
        kind: "entries",
        realPath: path,
        entries,
        isCut: false,
      });
    },
  };
}

async function read(
  site: Site,
  path = "/",
  isShown: (path: string, entry: DirectoryEntry) => boolean = ALL,
): Promise<Tree> {
  const tree = await new TreeReader(site, path, isShown).read();
  assert(tree.kind === "tree");
  return tree;
}

function pathsOf({ entries }: Tree): string[] {
  return entries.map(({ path }) => path);
}

testWith(
  HAS_FILES && IS_UNIX,
  "TreeReader reads what a client may see, in one order",
  async () => {
    using directory = new TemporaryDirectory({
      "site/b.txt": "b",
      "site/a/x": "x",
      "site/a/.hidden": "",
      "site/.git/config": "",
      "site/Z": "",
      "outside/secret": "",
    });
    Deno.mkdirSync(directory.join("site/empty"));
    Deno.symlinkSync("../outside", directory.join("site/out"));
    Deno.symlinkSync("a", directory.join("site/link"));
    const site = new DirectorySite(directory.join("site"));
    const tree = await read(site);
    assertEquals(pathsOf(tree), [
      "Z",
      "a/",
      "a/x",
      "b.txt",
      "empty/",
      "link/",
      "link/x",
    ]);
    assertEquals(
      tree.entries.filter(({ isEmpty }) => isEmpty).map(({ path }) => path),
      ["empty/"],
    );
    assertEquals(tree.cut, undefined);
    assertEquals(pathsOf(await read(site, "/a/")), ["x"]);
    site.close();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "TreeReader follows no link back to a folder on the way",
  async () => {
    using directory = new TemporaryDirectory({ "a/x": "", "b/y": "" });
    Deno.symlinkSync("..", directory.join("a/up"));
    Deno.symlinkSync(".", directory.join("a/self"));
    Deno.symlinkSync("../b", directory.join("a/b"));
    Deno.symlinkSync("../a", directory.join("b/a"));
    const site = new DirectorySite(directory.path);
    assertEquals(pathsOf(await read(site)), [
      "a/",
      "a/b/",
      "a/b/y",
      "a/x",
      "b/",
      "b/a/",
      "b/a/x",
      "b/y",
    ]);
    site.close();
  },
);

Deno.test("TreeReader leaves out what is not to be shown, and what is below", async () => {
  const site = siteOf((path) =>
    path === "/" ? [entry("a", "directory"), entry("b", "file")] : []
  );
  const tree = await read(site, "/", (_, { name }) => name !== "a");
  assertEquals(pathsOf(tree), ["b"]);
  assertEquals(site.listed, ["/"]);
});

Deno.test("TreeReader ends at a number of entries", async () => {
  const many = Array.from(
    { length: TREE_ENTRIES_MAX },
    (_, index) => entry(`f${index}`, "file"),
  );
  const all = await read(siteOf(() => many));
  assertEquals([all.entries.length, all.cut], [TREE_ENTRIES_MAX, undefined]);
  const cut = await read(siteOf(() => [...many, entry("g", "file")]));
  assertEquals([cut.entries.length, cut.cut], [TREE_ENTRIES_MAX, "entries"]);
});

Deno.test("TreeReader ends at a depth", async () => {
  const site = siteOf(() => [entry("d", "directory"), entry("f", "file")]);
  const { entries, cut } = await read(site);
  assertEquals(cut, "depth");
  assertEquals(entries.length, 2 * TREE_DEPTH_MAX + 1);
});

Deno.test("TreeReader ends after a while", async () => {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    const site = siteOf(() => {
      time += TREE_MS_MAX / 4;
      return [entry("d", "directory")];
    });
    const { entries, cut } = await read(site);
    assertEquals([entries.length, cut], [4, "time"]);
  } finally {
    performance.now = now;
  }
});

/** The trees of a site in which everything is shown to clients that have authenticated, else what is not secret. */
function treesOf(site: Site): Trees {
  return new Trees(
    site,
    (isPrivate) => (_path, { name }) => isPrivate || name !== "secret",
  );
}

/** Gets the tree of a folder for a client. */
function getTree(
  trees: Trees,
  path: string,
  now = 0,
  { isPrivate = false, address = "", isWanted = (): boolean => true } = {},
) {
  return trees.get({ path, isPrivate, now, address, isWanted });
}

Deno.test("Trees reads a folder once for all requests, and again after a while", async () => {
  const site = siteOf(() => [entry("f", "file")]);
  const trees = treesOf(site);
  const [a, b] = await Promise.all([getTree(trees, "/"), getTree(trees, "/")]);
  assertEquals(a === b, true);
  await getTree(trees, "/", 500);
  assertEquals(site.listed.length, 1);
  await getTree(trees, "/", 60_000);
  assertEquals(site.listed.length, 2);
});

Deno.test("Trees reads a folder again for clients that may see more, and after it is forgotten", async () => {
  const site = siteOf(() => [entry("f", "file"), entry("secret", "file")]);
  const trees = treesOf(site);
  const pathsFor = async (isPrivate: boolean) => {
    const tree = await getTree(trees, "/", 0, { isPrivate });
    assert(tree.kind === "tree");
    return pathsOf(tree);
  };
  const check = async (listed: number) => {
    assertEquals(await pathsFor(false), ["f"]);
    assertEquals(await pathsFor(true), ["f", "secret"]);
    assertEquals(site.listed.length, listed);
  };
  await check(2);
  await check(2);
  const request = { path: "/", now: 0, address: "", isWanted: () => true };
  trees.forget({ ...request, isPrivate: true });
  await check(3);
});

Deno.test("TreeReader lets other work run before each folder", async () => {
  const folders = Array.from(
    { length: 50 },
    (_, index) => entry(`f${index}`, "directory"),
  );
  const site = siteOf((path) => path === "/" ? folders : []);
  using other = new TurnCounter();
  await read(site);
  assertEquals(other.turns >= 45, true, `${other.turns} turns`);
});

Deno.test("Trees refuses when too many folders wait", async () => {
  const trees = treesOf(siteOf(() => []));
  const all = Array.from(
    { length: TREES_WAITING_MAX + 2 },
    (_, index) => getTree(trees, `/${index}/`),
  );
  const kinds = (await Promise.all(all)).map(({ kind }) => kind);
  assertEquals(
    kinds.filter((kind) => kind === "tree").length,
    TREES_WAITING_MAX + 1,
  );
  assertEquals(kinds.at(-1), "refused");
});

Deno.test("Trees lets no client wait behind all folders of another", async () => {
  const site = siteOf(() => []);
  const trees = treesOf(site);
  const greedy = Array.from(
    { length: TREES_WAITING_MAX + 2 },
    (_, index) => getTree(trees, `/${index}/`, 0, { address: "greedy" }),
  );
  const other = { address: "other" };
  // One of its own, and one for which the other client waits as well.
  const own = getTree(trees, "/own/", 0, other);
  const shared = getTree(trees, "/9/", 0, other);
  assertEquals((await own).kind, "tree");
  assertEquals((await shared).kind, "tree");
  await Promise.all(greedy);
  // The next one may begin before this goes on.
  assertEquals(site.listed.slice(0, 5), ["/0/", "/1/", "/own/", "/2/", "/9/"]);
});

Deno.test("Trees reads no folder for which all clients have left", async () => {
  const site = siteOf(() => []);
  const trees = treesOf(site);
  let isHere = true;
  const isWanted = () => isHere;
  const all = ["/a/", "/b/", "/c/", "/b/"].map((path, index) =>
    getTree(trees, path, 0, index === 3 ? {} : { isWanted })
  );
  isHere = false;
  const kinds = (await Promise.all(all)).map(({ kind }) => kind);
  assertEquals(kinds, ["tree", "tree", "refused", "tree"]);
  assertEquals(site.listed, ["/a/", "/b/"]);
  assertEquals((await getTree(trees, "/c/")).kind, "tree");
});

Deno.test("Trees rests as long as reading took", async () => {
  using time = new FakeTime();
  const { now } = performance;
  let clock = 0;
  performance.now = () => clock;
  try {
    const site = siteOf(() => {
      clock += 100;
      return [];
    });
    const trees = treesOf(site);
    const reading = getTree(trees, "/a/");
    await reading;
    const next = getTree(trees, "/b/");
    await time.tickAsync(99);
    assertEquals(site.listed, ["/a/"]);
    clock += 100;
    await time.tickAsync(1);
    await next;
    assertEquals(site.listed, ["/a/", "/b/"]);
  } finally {
    performance.now = now;
  }
});

Deno.test("Trees keeps nothing that cannot be read", async () => {
  const trees = treesOf({
    ...siteOf(() => []),
    list: () => Promise.resolve(ABSENT),
  });
  assertEquals(await getTree(trees, "/"), ABSENT);
  assertEquals(await getTree(trees, "/"), ABSENT);
});

Deno.test("Trees reads a folder again when the clock was set back", async () => {
  const site = siteOf(() => [entry("f", "file")]);
  const trees = treesOf(site);
  await getTree(trees, "/", 60_000);
  await getTree(trees, "/", 0);
  assertEquals(site.listed.length, 2);
});

Deno.test("TreeReader leaves out a folder whose link leads elsewhere by the time that it is read", async () => {
  const site = siteOf((path) =>
    path === "/"
      ? [{ ...entry("link", "directory"), realPath: "/open/" }]
      : [entry("secret", "file")]
  );
  const list = site.list;
  const pathsWith = async (realPath: string) => {
    site.list = async (path) => {
      const found = await list(path);
      return path === "/link/" ? { ...found, realPath } : found;
    };
    return (await read(site)).entries.map(({ path }) => path);
  };
  assertEquals(await pathsWith("/open/"), ["link/", "link/secret"]);
  assertEquals(await pathsWith("/private/"), []);
});

Deno.test("TreeReader lets other work run while it reads a large folder", async () => {
  const many = Array.from(
    { length: 1_000 },
    (_, index) => entry(`f${index}`, "file"),
  );
  const turns = await turnsDuring(() => read(siteOf(() => many)));
  assertEquals(turns > 200, true, `${turns} turns`);
});
