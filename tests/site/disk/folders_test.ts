import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Kind, siblingBit } from "../../../lib/site/disk/folder.ts";
import type { Spot } from "../../../lib/site/disk/folders.ts";
import { Root } from "../../../lib/site/disk/root.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

/** Long after the folders of a test were changed last. */
const NOW = Date.now() + 60_000;

const REVALIDATE = 100;

/** What a path comes to, with the content of a file. */
function outcome(root: Root, path: string, now = NOW): string {
  const found = root.open(path, now);
  if (found.kind !== "file") return found.kind;
  const bytes = found.file.readAll() ?? new Uint8Array();
  found.file.release();
  return new TextDecoder().decode(bytes);
}

/** Calls made of the file system while `fn` runs, by name. */
function calls(fn: () => void): Record<string, number> {
  const counts: Record<string, number> = {};
  const names = ["lstatSync", "statSync", "realPathSync", "readDirSync"];
  const deno = Deno as unknown as Record<string, (path: string) => unknown>;
  const originals = names.map((name) => [name, deno[name]!] as const);
  for (const [name, original] of originals) {
    deno[name] = (path) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return original(path);
    };
  }
  try {
    fn();
  } finally {
    for (const [name, original] of originals) deno[name] = original;
  }
  return counts;
}

/** Runs `fn`; before a file system call for a path, does something once. */
function before<T>(
  name: "lstatSync" | "realPathSync" | "readDirSync",
  path: string,
  change: () => void,
  fn: () => T,
): T {
  const deno = Deno as unknown as Record<string, (path: string) => unknown>;
  const original = deno[name]!;
  let isDone = false;
  deno[name] = (asked) => {
    if (asked === path && !isDone) {
      isDone = true;
      change();
    }
    return original(asked);
  };
  try {
    return fn();
  } finally {
    deno[name] = original;
    assert(isDone);
  }
}

testWith(
  HAS_FILES,
  "names that a judged folder has and has not are known without a call",
  () => {
    using directory = new TemporaryDirectory({
      "docs/a.js": "a",
      "docs/a.js.gz": "gz",
      "docs/only.js.br": "br",
    });
    const root = new Root(directory.path, REVALIDATE);
    root.kindOf("/docs/first", NOW);
    const counts = calls(() => {
      assertEquals(root.kindOf("/docs/gone.js", NOW), Kind.Nothing);
      const kind = root.kindOf("/docs/a.js", NOW)!;
      assertEquals(kind, Kind.File | siblingBit(2));
      assertEquals(root.kindOf("/docs/only.js", NOW), siblingBit(0));
      assertEquals(root.kindOf("/docs", NOW), Kind.Directory);
      assertEquals(root.kindOf("/no/such/folder.js", NOW), Kind.Nothing);
    });
    assertEquals(counts, {});
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a plain file in a judged folder is opened with two calls that look where it is",
  () => {
    using directory = new TemporaryDirectory({ "docs/a.txt": "a" });
    const root = new Root(directory.path, REVALIDATE);
    root.kindOf("/docs/a.txt", NOW);
    const counts = calls(() => {
      const found = root.open("/docs/a.txt", NOW);
      assert(found.kind === "file");
      found.file.release();
    });
    assertEquals(counts, { lstatSync: 2 });
  },
);

testWith(
  HAS_FILES,
  "what was found of a name holds while its folder is believed, and not once that is in doubt",
  () => {
    using directory = new TemporaryDirectory({ "docs/a.js": "a" });
    const root = new Root(directory.path, REVALIDATE);
    const spot = root.find("/docs/a.js", NOW)!;
    directory.write("docs/a.js.gz", "gz");
    // Two changes within one tick of the file system leave the same time.
    Deno.utimeSync(directory.join("docs"), 1, 1);
    const hasSibling = (now: number, known?: Spot) =>
      (root.kindOf("/docs/a.js", now, known)! & siblingBit(2)) !== 0;
    assert(!hasSibling(NOW + 1, spot));
    root.doubt(NOW + 1);
    assert(hasSibling(NOW + 1, spot));
    const late = root.find("/docs/a.js", NOW + 2)!;
    Deno.removeSync(directory.join("docs/a.js.gz"));
    Deno.utimeSync(directory.join("docs"), 2, 2);
    assert(hasSibling(NOW + 3, late));
    assert(!hasSibling(NOW + 2 + REVALIDATE, late));
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "what was found of a name is not believed again when opening it contradicts",
  () => {
    using directory = new TemporaryDirectory({
      "docs/a.js": "a",
      "docs/a.js.gz": "gz",
    });
    const root = new Root(directory.path, REVALIDATE);
    const spot = root.find("/docs/a.js", NOW)!;
    Deno.removeSync(directory.join("docs/a.js"));
    Deno.removeSync(directory.join("docs/a.js.gz"));
    assertEquals(root.open("/docs/a.js", NOW, undefined, spot).kind, "absent");
    assertEquals(root.kindOf("/docs/a.js", NOW, spot), Kind.Nothing);
  },
);

testWith(HAS_FILES, "a folder is believed for a while, then looked at", () => {
  using directory = new TemporaryDirectory({ "docs/a.txt": "a" });
  const root = new Root(directory.path, REVALIDATE);
  assertEquals(root.kindOf("/docs/b.txt", NOW), Kind.Nothing);
  directory.write("docs/b.txt", "b");
  const later = NOW + REVALIDATE;
  assertEquals(root.kindOf("/docs/b.txt", later - 1), Kind.Nothing);
  assertEquals(outcome(root, "/docs/b.txt", later), "b");
  Deno.removeSync(directory.join("docs/b.txt"));
  assertEquals(outcome(root, "/docs/b.txt", later), "absent");
  assertEquals(root.kindOf("/docs/b.txt", later), Kind.Nothing);
});

testWith(HAS_FILES, "an unchanged folder is not read again", () => {
  using directory = new TemporaryDirectory({ "docs/a.txt": "a" });
  const root = new Root(directory.path, REVALIDATE);
  root.kindOf("/docs/a.txt", NOW);
  const counts = calls(() => root.kindOf("/docs/a.txt", NOW + REVALIDATE));
  assertEquals(counts.readDirSync, undefined);
});

testWith(HAS_FILES, "a folder in doubt is looked at before its time", () => {
  using directory = new TemporaryDirectory({ "docs/a.txt": "a" });
  const root = new Root(directory.path, REVALIDATE);
  assertEquals(root.kindOf("/docs/b.txt", NOW), Kind.Nothing);
  directory.write("docs/b.txt", "b");
  root.doubt(NOW + 1);
  assertEquals(outcome(root, "/docs/b.txt", NOW + 2), "b");
});

testWith(
  HAS_FILES,
  "a folder whose time does not tell of a name is believed no more",
  () => {
    using directory = new TemporaryDirectory({ "docs/a.txt": "a" });
    const docs = directory.join("docs");
    Deno.utimeSync(docs, 1_600_000_000.5, 1_600_000_000.5);
    const root = new Root(directory.path, REVALIDATE);
    root.kindOf("/docs/a.txt", NOW);
    directory.write("docs/b.txt", "b");
    Deno.utimeSync(docs, 1_600_000_000.5, 1_600_000_000.5);
    const later = NOW + REVALIDATE;
    // The first missing name after each look is looked up on disk as well.
    assertEquals(outcome(root, "/docs/b.txt", later), "b");
    assertNotEquals(root.kindOf("/docs/b.txt", later), Kind.Nothing);
  },
);

/** Whether a name that comes after a look is found before the next one. */
const CROWDS: readonly (readonly [
  name: string,
  names: number,
  isFound: boolean,
])[] = [
  ["8192 names in a folder are remembered", 8192, false],
  ["8193 names in a folder are found one by one", 8193, true],
];

for (const [name, names, isFound] of CROWDS) {
  testWith(
    HAS_FILES && IS_UNIX,
    name,
    () => {
      using directory = new TemporaryDirectory({ "docs/a": "a" });
      const docs = directory.join("docs");
      using _crowd = new CrowdedDirectory(docs, names - 1, "file");
      const root = new Root(directory.path, REVALIDATE);
      assertEquals(outcome(root, "/docs/a"), "a");
      assertEquals(root.kindOf("/docs/gone", NOW), Kind.Nothing);
      directory.write("docs/late", "late");
      assertEquals(root.kindOf("/docs/late", NOW) !== Kind.Nothing, isFound);
      assertEquals(outcome(root, "/docs/late", NOW + REVALIDATE), "late");
    },
  );
}

testWith(
  HAS_FILES && IS_UNIX,
  "names in a folder whose directory is large are found one by one",
  () => {
    using directory = new TemporaryDirectory({ "docs/a": "a" });
    const docs = directory.join("docs");
    for (let i = 0; i < 700; i++) {
      Deno.symlinkSync("a", `${docs}/${String(i).padEnd(240, "x")}`);
    }
    // Some file systems tell no such size.
    if (Deno.statSync(docs).size <= 128 * 1024) return;
    const root = new Root(directory.path, REVALIDATE);
    assertEquals(root.kindOf("/docs/gone", NOW), Kind.Nothing);
    directory.write("docs/late", "late");
    assertNotEquals(root.kindOf("/docs/late", NOW), Kind.Nothing);
  },
);

testWith(HAS_FILES, "of many folders some are read again", () => {
  using directory = new TemporaryDirectory();
  const names = Array.from({ length: 4100 }, (_, at) => `/n${at}`);
  for (const name of names) Deno.mkdirSync(directory.path + name);
  const root = new Root(directory.path, Infinity);
  const counts = calls(() => {
    for (const name of names) root.kindOf(`${name}/gone`, NOW);
    for (const name of names) root.kindOf(`${name}/gone`, NOW);
  });
  assert(counts.readDirSync! > names.length + 1);
});

/** How a folder or a file is replaced by a link to outside at the worst moment. */
const SWAPS: readonly [
  what: string,
  call: "lstatSync" | "realPathSync" | "readDirSync",
  at: string,
  swapped: string,
][] = [
  ["a folder before it is looked at", "lstatSync", "site/docs", "docs"],
  ["a folder before it is read", "readDirSync", "site/docs/", "docs"],
  ["a folder before it is judged", "realPathSync", "site/docs", "docs"],
  ["a folder above before it is judged", "realPathSync", "site/x/y", "x"],
];

for (const [what, call, at, swapped] of SWAPS) {
  testWith(
    HAS_FILES && IS_UNIX,
    `${what} is swapped for a link to outside: nothing of that is shown`,
    () => {
      using yard = new TemporaryDirectory({
        "site/docs/a.txt": "inside",
        "site/x/y/a.txt": "inside",
        "outside/a.txt": "SECRET",
        "outside/secret.txt": "SECRET",
        "outside/y/a.txt": "SECRET",
        "outside/y/secret.txt": "SECRET",
      });
      const folder = at.includes("x/y") ? "/x/y" : "/docs";
      const root = new Root(yard.join("site"), REVALIDATE);
      const place = yard.join(`site/${swapped}`);
      const seen = before(call, yard.join(at), () => {
        Deno.renameSync(place, `${place}.old`);
        Deno.symlinkSync("../outside", place);
      }, () => [
        outcome(root, `${folder}/a.txt`),
        outcome(root, `${folder}/secret.txt`),
        root.kindOf(`${folder}/secret.txt`, NOW),
      ]);
      assertEquals(seen, ["absent", "absent", Kind.Nothing]);
    },
  );
}

/** A name or folder that is swapped between the look at the folder and the opening of a file. */
const SWAPPED_LATER = ["docs", "docs/a.txt"];

for (const swapped of SWAPPED_LATER) {
  testWith(
    HAS_FILES && IS_UNIX,
    `${swapped} is swapped for a link to outside after the folder was judged: that is not sent`,
    () => {
      using yard = new TemporaryDirectory({
        "site/docs/a.txt": "inside",
        "outside/a.txt": "SECRET",
        "outside/docs/a.txt": "SECRET",
      });
      const root = new Root(yard.join("site"), REVALIDATE);
      assertEquals(outcome(root, "/docs/a.txt"), "inside");
      const place = yard.join(`site/${swapped}`);
      Deno.renameSync(place, `${place}.old`);
      const target = swapped === "docs" ? "outside" : "outside/a.txt";
      Deno.symlinkSync(yard.join(target), place);
      assertEquals(outcome(root, "/docs/a.txt"), "absent");
    },
  );
}

testWith(
  HAS_FILES && IS_UNIX,
  "a file that was opened behind a link is not sent, though the folder is back at once",
  () => {
    using yard = new TemporaryDirectory({
      "site/docs/a.txt": "inside",
      "outside/a.txt": "SECRET",
    });
    const root = new Root(yard.join("site"), REVALIDATE);
    root.kindOf("/docs/a.txt", NOW);
    const docs = yard.join("site/docs");
    Deno.renameSync(docs, `${docs}.old`);
    Deno.symlinkSync("../outside", docs);
    // The file is open by now, and the look at the folder comes next.
    const seen = before("lstatSync", docs, () => {
      Deno.removeSync(docs);
      Deno.renameSync(`${docs}.old`, docs);
    }, () => outcome(root, "/docs/a.txt"));
    assertEquals(seen, "inside");
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a folder that becomes a link inside is found in the next moment",
  () => {
    using directory = new TemporaryDirectory({
      "docs/a.txt": "old",
      "new/a.txt": "new",
    });
    const root = new Root(directory.path, REVALIDATE);
    assertEquals(outcome(root, "/docs/a.txt"), "old");
    Deno.renameSync(directory.join("docs"), directory.join("old"));
    Deno.symlinkSync("new", directory.join("docs"));
    assertEquals(outcome(root, "/docs/a.txt"), "new");
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a root whose link is swapped shows the other place after a while",
  () => {
    using yard = new TemporaryDirectory({ "1/a.txt": "1", "2/a.txt": "2" });
    Deno.symlinkSync("1", yard.join("site"));
    const root = new Root(yard.join("site"), REVALIDATE);
    assertEquals(outcome(root, "/a.txt"), "1");
    Deno.symlinkSync("2", yard.join("next"));
    Deno.renameSync(yard.join("next"), yard.join("site"));
    assertEquals(outcome(root, "/a.txt", NOW + REVALIDATE), "2");
  },
);
