import { assert, assertEquals } from "@std/assert";
import { linkSync, symlinkSync } from "node:fs";
import { CODINGS } from "../../../lib/http/coding.ts";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { LOOK_MS, NoChanges } from "../../../lib/site/disk/changes.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import type { Entry } from "../../../lib/site/disk/entry.ts";
import {
  Trust,
  TRUSTED_DIRECTORIES_MAX,
} from "../../../lib/site/disk/trust.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

class Trusted extends NoChanges {
  looks = 0;
  readonly reported: string[] = [];

  override trusts(): boolean {
    return true;
  }

  override mayLook(): boolean {
    return this.looks-- > 0;
  }

  override found(path: string): void {
    this.reported.push(path);
  }
}

function entry(
  path: string,
  parts: Partial<Entry> & { realPath?: string } = {},
): Entry {
  const { realPath = path, ...rest } = parts;
  const variant = new MemoryVariant(new Uint8Array(1));
  return {
    resource: new SiteFile(path, variant, undefined, false, { realPath }),
    version: { device: 1, inode: 1, size: 1, modified: 0, changed: 0 },
    mayChangeUnseen: false,
    checked: 0,
    canHaveSiblings: true,
    epoch: -1,
    ...rest,
  };
}

function trusting(...entries: readonly (readonly [string, Entry])[]) {
  const changes = new Trusted();
  const byPath = new Map(entries);
  const trust = new Trust(changes, (path) => byPath.get(path));
  for (const [path, each] of entries) trust.confirm(path, each, 0);
  return { changes, trust };
}

/** Entries that may change without a word. */
const UNTRUSTED: Readonly<Record<string, Entry>> = {
  "reached through a link": entry("/d/a", { realPath: "/e/a" }),
  "that exists only encoded": entry("/d/a", { versionPath: "/d/a.gz" }),
  "with several names": entry("/d/a", { hasOtherNames: true }),
  "that was written a moment ago": entry("/d/a", { mayChangeUnseen: true }),
};

for (const [name, each] of Object.entries(UNTRUSTED)) {
  Deno.test(`Trust does not cover a file ${name}`, () => {
    const { trust } = trusting(["/d/a", each]);
    assertEquals(trust.covers(each, 0, 0), false);
  });
}

/** Paths that are told, and whether a file is trusted after. */
const TOLD: readonly (readonly [string | undefined, boolean])[] = [
  ["/d/e/a", false],
  ["/d/e/a.gz", false],
  ["/d/e", false],
  ["/d", false],
  [undefined, false],
  ["/d/e/b", true],
  ["/f", true],
];

for (const [path, isCovered] of TOLD) {
  Deno.test(`Trust in /d/e/a after a change of ${path ?? "anything"}: ${isCovered}`, () => {
    const each = entry("/d/e/a");
    const { trust, changes } = trusting(["/d/e/a", each]);
    assertEquals(trust.covers(each, 0, 0), true);
    changes.onChange(path, "changed");
    assertEquals(trust.covers(each, 0, 0), false || isCovered);
  });
}

Deno.test("Trust ends after a second where a look is allowed", () => {
  const each = entry("/a");
  const { trust, changes } = trusting(["/a", each]);
  changes.looks = 1;
  assertEquals(trust.covers(each, LOOK_MS - 1, 0), true);
  assertEquals(trust.covers(each, LOOK_MS, 0), false);
  assertEquals(trust.covers(each, LOOK_MS, 0), true);
  assertEquals(trust.covers(each, -1, 0), false);
});

Deno.test("Trust reports only what was trusted and not told", () => {
  const each = entry("/a");
  const { trust, changes } = trusting(["/a", each]);
  trust.contradict("/a", each);
  changes.onChange("/a", "changed");
  trust.contradict("/a", each);
  assertEquals(changes.reported, ["/a"]);
});

Deno.test("Trust remembers a bounded number of directories", () => {
  const { trust } = trusting();
  const first = entry("/d/a");
  trust.confirm("/d/a", first, 0);
  for (let i = 0; i < TRUSTED_DIRECTORIES_MAX; i++) {
    const path = `/${i}/a`;
    trust.confirm(path, entry(path), 0);
  }
  assertEquals(trust.covers(first, 0, 0), false);
});

/** A time as a clock makes it, a later one, and a moment long after both. */
const OLDER = new Date(1_000_000_000_400);
const OLD = new Date(1_000_000_100_400);
const NOW = 1_700_000_000_000;

/** How "/a.css.gz" gets its file, and whether the site learns that it is too old when the file changes elsewhere. */
const SIBLINGS: Readonly<
  Record<string, readonly [(path: string, name: string) => void, boolean]>
> = {
  "a copy": [Deno.copyFileSync, false],
  "a link": [symlinkSync, true],
  "another name of a file": [linkSync, true],
};

for (const [kind, [make, isSeen]] of Object.entries(SIBLINGS)) {
  testWith(
    HAS_FILES && IS_UNIX,
    `a file whose sibling is ${kind} is ${isSeen ? "not " : ""}trusted`,
    () => {
      using directory = new TemporaryDirectory({ "a.css": "a", "b": "b" });
      make(directory.join("b"), directory.join("a.css.gz"));
      for (const name of ["a.css", "b", "a.css.gz"]) {
        Deno.utimeSync(directory.join(name), OLD, OLD);
      }
      const options = { ...DIRECTORY_DEFAULTS, changes: new Trusted() };
      const site = new DirectorySite(directory.path, options);
      const gzip = CODINGS.find(({ token }) => token === "gzip")!;
      const hasSibling = (now: number) => {
        const file = site.lookup("/a.css", now);
        assert(file instanceof SiteFile);
        return file.hasSibling(gzip);
      };
      assertEquals(hasSibling(NOW), true);
      Deno.utimeSync(directory.join("b"), OLDER, OLDER);
      assertEquals(hasSibling(NOW + options.revalidate), !isSeen);
      site.close();
    },
  );
}

testWith(
  HAS_FILES,
  "a file that has not changed stays when the watch tells of a sibling that comes and goes",
  () => {
    using directory = new TemporaryDirectory({ "a.png": "a" });
    Deno.utimeSync(directory.join("a.png"), OLD, OLD);
    const changes = new Trusted();
    const options = { ...DIRECTORY_DEFAULTS, revalidate: 0, changes };
    const site = new DirectorySite(directory.path, options);
    const gzip = CODINGS.find(({ token }) => token === "gzip")!;
    const file = site.lookup("/a.png", NOW);
    assert(file instanceof SiteFile);
    for (const isThere of [true, false]) {
      if (isThere) directory.write("a.png.gz", "z");
      else Deno.removeSync(directory.join("a.png.gz"));
      // Two changes of a folder may be so close that its time tells them apart no more.
      const time = isThere ? OLDER : OLD;
      Deno.utimeSync(directory.path, time, time);
      changes.onChange("/a.png.gz", "changed");
      // It knows that its replies have differed by coding, which caches may still rely on.
      assert(site.lookup("/a.png", NOW) === file);
      assertEquals(file.hasSibling(gzip), isThere);
    }
    changes.onChange("/a.png", "changed");
    const later = site.lookup("/a.png", NOW);
    assert(later instanceof SiteFile && later !== file);
    assert(later.compressible);
    site.close();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a file is looked at again if it has another name, under which it may change",
  () => {
    using directory = new TemporaryDirectory({ "a": "a" });
    using outside = new TemporaryDirectory();
    linkSync(directory.join("a"), outside.join("b"));
    Deno.utimeSync(directory.join("a"), OLD, OLD);
    const options = { ...DIRECTORY_DEFAULTS, changes: new Trusted() };
    const site = new DirectorySite(directory.path, options);
    const former = site.lookup("/a", NOW);
    outside.write("b", "changed");
    assert(site.lookup("/a", NOW + options.revalidate) !== former);
    site.close();
  },
);

Deno.test("statistics() tell whether the site is watched, and how many changes of a path were told", () => {
  const { changes, trust } = trusting();
  assertEquals(trust.statistics(), { changes: 0, watched: 0 });
  Object.defineProperty(changes, "isWatching", { value: true });
  changes.onChange(undefined, "changed");
  for (const path of ["/a", "/b"]) changes.onChange(path, "written");
  assertEquals(trust.statistics(), { changes: 2, watched: 1 });
});

testWith(
  HAS_FILES,
  "a site tells in its statistics whether a watcher stands",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const changes = new Watcher(directory.path, { onLoss: () => {} });
    const site = new DirectorySite(directory.path, {
      ...DIRECTORY_DEFAULTS,
      changes,
    });
    assertEquals(site.statistics().watched, 0);
    await changes.started;
    assertEquals(site.statistics().watched, Deno.build.os === "linux" ? 1 : 0);
    site.close();
    assertEquals(site.statistics().watched, 0);
  },
);
