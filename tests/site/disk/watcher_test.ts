import { assert, assertEquals } from "@std/assert";
import { symlinkSync } from "node:fs";
import type { DirectorySite } from "../../../lib/site/disk/directory.ts";
import {
  WATCHED_DIRECTORIES_MAX,
  WATCHED_ENTRIES_MAX,
} from "../../../lib/site/disk/watch_place.ts";
import type { WatchEvent } from "../../../lib/site/disk/runtime_watch.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { FakeTime } from "../../fake_time.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";
import { watchedSite } from "./watched_site.ts";
import { FakeSource } from "./fake_source.ts";

/** A site on disk that is watched by a fake, or by the system. */
class Watched implements Disposable {
  readonly directory = new TemporaryDirectory();
  readonly source = new FakeSource();
  readonly told: (string | undefined)[] = [];
  readonly losses: string[] = [];
  readonly watcher: Watcher;
  readonly site: DirectorySite;
  opened = 0;

  constructor(kind: "fake" | "system", files: Record<string, string> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    const open = () => (this.opened++, this.source);
    this.watcher = new Watcher(this.directory.path, {
      onLoss: (text) => this.losses.push(text),
      ...(kind === "fake" ? { open } : {}),
    });
    this.site = watchedSite(this.directory.path, this.watcher, this.told);
  }

  /** Writes a file whose age makes its time final. */
  write(name: string, text: string, hour = 1): void {
    const path = this.directory.join(name);
    this.directory.write(name, text);
    const time = new Date(Date.UTC(2024, 4, 1, hour));
    Deno.utimeSync(path, time, time);
  }

  /** The text of a file as the site serves it. */
  text(path: string, now: number): string {
    const found = this.site.lookup(path, now);
    if (found.kind !== "file") return found.kind;
    const bytes = found.identity!.slice(0, found.identity!.length);
    return new TextDecoder().decode(bytes as Uint8Array);
  }

  [Symbol.dispose](): void {
    this.site.close();
    this.directory[Symbol.dispose]();
  }
}

testWith(
  HAS_FILES,
  "Watcher is trusted once it watches, and says so",
  async () => {
    using watched = new Watched("fake");
    assertEquals(watched.watcher.trusts(0), false);
    await watched.watcher.started;
    assertEquals(watched.told, [undefined]);
    assert(watched.watcher.trusts(0));
    watched.watcher.close();
    assertEquals(watched.watcher.trusts(0), false);
    assert(watched.source.isClosed);
  },
);

testWith(HAS_FILES, "Watcher tells of paths below the root", async () => {
  using watched = new Watched("fake");
  await watched.watcher.started;
  const root = Deno.realPathSync(watched.directory.path);
  watched.source.tell("rename", `${root}/a`, `${root}/b/c d`);
  await until(() => watched.told.length === 3, "news");
  assertEquals(watched.told, [undefined, "/a", "/b/c d"]);
});

const VAGUE: Readonly<Record<string, WatchEvent>> = {
  "an overflow": { kind: "any", paths: ["/x/y"], flag: "rescan" },
  "an event of any kind": { kind: "any", paths: ["/x/y"] },
  "an event without a path": { kind: "modify", paths: [] },
};

for (const [name, event] of Object.entries(VAGUE)) {
  testWith(
    HAS_FILES,
    `Watcher takes ${name} for a change of anything`,
    async () => {
      using watched = new Watched("fake");
      await watched.watcher.started;
      watched.source.push(event);
      await until(() => watched.told.length === 2, "news");
      assertEquals(watched.told, [undefined, undefined]);
      assert(watched.watcher.trusts(0));
    },
  );
}

testWith(
  HAS_FILES,
  "Watcher trusts nothing while a queue may overflow",
  async () => {
    using watched = new Watched("fake");
    await watched.watcher.started;
    const path = `${Deno.realPathSync(watched.directory.path)}/a`;
    for (let i = 0; i < 20; i++) watched.source.tell("modify", path);
    await until(() => watched.told.length > 20, "news");
    assertEquals(watched.watcher.trusts(0), false);
    await until(() => watched.watcher.trusts(0), "news");
    assertEquals(watched.told.at(-1), undefined);
  },
);

testWith(
  HAS_FILES,
  "a watched file is used without a look, but not for longer than a second",
  async () => {
    using watched = new Watched("fake", { "a.txt": "old" });
    await watched.watcher.started;
    const now = Date.now();
    assertEquals(watched.text("/a.txt", now), "old");
    watched.write("a.txt", "new!", 2);
    assertEquals(watched.text("/a.txt", now + 900), "old");
    assertEquals(watched.text("/a.txt", now + 1000), "new!");
  },
);

testWith(
  HAS_FILES,
  "a system that tells nothing is found out, once, and then the site looks ten times a second",
  async () => {
    using watched = new Watched("fake", { "a.txt": "old" });
    await watched.watcher.started;
    const now = Date.now();
    watched.text("/a.txt", now);
    watched.write("a.txt", "new!", 2);
    using time = new FakeTime();
    watched.text("/a.txt", now + 1000);
    await time.tickAsync(999);
    assertEquals(watched.losses.length, 0);
    await time.tickAsync(1);
    assertEquals(watched.losses.length, 1);
    watched.write("a.txt", "newer", 3);
    assertEquals(watched.text("/a.txt", now + 1100), "newer");
    // Closing it might never return.
    watched.watcher.close();
    assertEquals(watched.source.isClosed, false);
  },
);

testWith(HAS_FILES, "a system that tells late is not found out", async () => {
  using watched = new Watched("fake", { "a.txt": "old" });
  await watched.watcher.started;
  const now = Date.now();
  watched.text("/a.txt", now);
  watched.write("a.txt", "new!", 2);
  using time = new FakeTime();
  watched.text("/a.txt", now + 1000);
  const root = Deno.realPathSync(watched.directory.path);
  await time.tickAsync(999);
  watched.source.tell("modify", `${root}/a.txt`);
  await time.tickAsync(1000);
  assert(watched.told.includes("/a.txt"));
  assertEquals(watched.losses, []);
  assert(watched.watcher.trusts(now));
});

testWith(
  HAS_FILES,
  "what was told is looked at again: a file, its sibling, what is in a directory",
  async () => {
    using watched = new Watched("fake", { "d/a.txt": "old", "d/b.txt": "b" });
    await watched.watcher.started;
    const root = Deno.realPathSync(watched.directory.path);
    const now = Date.now();
    for (const told of ["/d/a.txt", "/d/a.txt.gz", "/d"]) {
      watched.text("/d/a.txt", now);
      watched.text("/d/a.txt", now + 150);
      const text = `after ${told}`;
      watched.write("d/a.txt", text, 2);
      assert(watched.text("/d/a.txt", now + 300) !== text);
      watched.source.tell("create", `${root}${told}`);
      await until(() => watched.told.includes(told), "news");
      assertEquals(watched.text("/d/a.txt", now + 301), text);
    }
  },
);

testWith(
  HAS_FILES,
  "a root that is a link is watched again where it leads",
  async () => {
    using directory = new TemporaryDirectory({ "one/a": "1", "two/a": "2" });
    const link = directory.join("current");
    symlinkSync("one", link);
    const opened: string[] = [];
    const sources: FakeSource[] = [];
    const watcher = new Watcher(link, {
      onLoss: () => {},
      open: (path) => {
        opened.push(path.slice(path.lastIndexOf("/")));
        sources.push(new FakeSource());
        return sources.at(-1)!;
      },
    });
    await watcher.started;
    const now = Date.now();
    assert(watcher.trusts(now));
    symlinkSync("two", directory.join("next"));
    Deno.renameSync(directory.join("next"), link);
    assertEquals(watcher.trusts(now + 100), false);
    await until(() => watcher.trusts(now + 100), "news");
    assertEquals(opened, ["/one", "/two"]);
    assert(sources[0]!.isClosed);
    watcher.close();
  },
);

testWith(
  HAS_FILES,
  "a root that is gone is watched again when it is back",
  async () => {
    using watched = new Watched("fake");
    await watched.watcher.started;
    const root = Deno.realPathSync(watched.directory.path);
    const now = Date.now();
    watched.source.tell("remove", root);
    await until(() => watched.source.isClosed, "news");
    watched.source.isClosed = false;
    await until(() => watched.watcher.trusts(now + 2000), "news");
    assertEquals(watched.opened, 2);
  },
);

/** Whether a site with this tree is watched. */
async function isWatched(make: (root: string) => unknown): Promise<boolean> {
  using directory = new TemporaryDirectory();
  make(directory.path);
  let opened = 0;
  const watcher = new Watcher(directory.path, {
    onLoss: () => {},
    open: () => (opened++, new FakeSource()),
  });
  await watcher.started;
  assertEquals(watcher.trusts(0), opened > 0);
  watcher.close();
  return opened > 0;
}

/** Whether a site whose root has so many entries is watched. */
function isCrowdWatched(
  count: number,
  kind: "file" | "directory",
): Promise<boolean> {
  const crowds = new DisposableStack();
  return isWatched((root) =>
    crowds.use(new CrowdedDirectory(root, count, kind))
  ).finally(() => crowds.dispose());
}

testWith(
  HAS_FILES,
  "a site with too many directories is looked at instead of watched",
  async () => {
    // The root counts too.
    const most = WATCHED_DIRECTORIES_MAX - 1;
    assertEquals(await isCrowdWatched(most, "directory"), true);
    assertEquals(await isCrowdWatched(most + 1, "directory"), false);
  },
);

testWith(
  HAS_FILES,
  "a site with too many files is looked at instead of watched",
  async () => {
    const most = WATCHED_ENTRIES_MAX;
    assertEquals(await isCrowdWatched(most, "file"), true);
    assertEquals(await isCrowdWatched(most + 1, "file"), false);
  },
);

testWith(
  HAS_FILES,
  "a site that cannot be watched is looked at, and the operator hears why",
  async () => {
    using directory = new TemporaryDirectory();
    const losses: string[] = [];
    const watcher = new Watcher(directory.path, {
      onLoss: (text) => losses.push(text),
      open: () => {
        throw new Error("no space left");
      },
    });
    await watcher.started;
    assertEquals(losses, ["Cannot watch the site for changes: no space left"]);
    assertEquals(watcher.trusts(0), false);
  },
);

testWith(
  HAS_FILES && Deno.build.os === "linux",
  "the system tells of a change within 10 ms of its end, 20 times",
  async () => {
    using watched = new Watched("system", { "a.txt": "0" });
    await watched.watcher.started;
    const now = Date.now();
    const times: number[] = [];
    for (let trial = 1; trial <= 20; trial++) {
      watched.text("/a.txt", now);
      watched.write("a.txt", String(trial), 1);
      const closedAt = performance.now();
      watched.told.length = 0;
      await until(() => watched.told.includes("/a.txt"), "news");
      times.push(performance.now() - closedAt);
      await until(() => watched.text("/a.txt", now) === String(trial), "news");
    }
    times.sort((a, b) => a - b);
    // Other work on the machine makes some of them late.
    assert(times[4]! <= 10, times.join());
  },
);

testWith(
  HAS_FILES && Deno.build.os === "linux",
  "the system tells of new directories and what is in them, and of what is renamed",
  async () => {
    using watched = new Watched("system", { "d/a.txt": "a" });
    await watched.watcher.started;
    const now = Date.now();
    watched.text("/d/a.txt", now);
    Deno.renameSync(watched.directory.join("d"), watched.directory.join("e"));
    await until(() => watched.text("/d/a.txt", now) === "absent", "news");
    await until(() => watched.text("/e/a.txt", Date.now()) === "a", "news");
    watched.write("n/m/b.txt", "b");
    await until(() => watched.told.includes("/n"), "news");
    watched.told.length = 0;
    await until(() => watched.text("/n/m/b.txt", Date.now()) === "b", "news");
    watched.write("n/m/b.txt", "later", 2);
    await until(() => watched.told.includes("/n/m/b.txt"), "news");
  },
);
