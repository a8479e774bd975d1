import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  DIRECT_DIRECTORIES_MAX,
  DIRECT_ENTRIES_MAX,
} from "../../../lib/site/disk/watch_place.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { WorkerWatch } from "../../../lib/site/disk/worker_watch.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "../../helpers.ts";

const CAN_WATCH = HAS_FILES && Deno.build.os === "linux";

testWith(CAN_WATCH, "WorkerWatch tells what the system tells", async () => {
  using directory = new TemporaryDirectory({ "d/a.txt": "a" });
  const watch = await WorkerWatch.open({
    trees: [directory.path],
    branches: [],
  });
  directory.write("d/a.txt", "b");
  const kinds: string[] = [];
  for await (const { kind, paths } of watch) {
    assertEquals(paths, [directory.join("d/a.txt")]);
    kinds.push(kind);
    if (kind === "access") break;
  }
  assertEquals(kinds[0], "modify");
  watch.close();
});

testWith(
  CAN_WATCH,
  "WorkerWatch says that anything may have changed when too much was not taken",
  async () => {
    using directory = new TemporaryDirectory();
    const watch = await WorkerWatch.open({
      trees: [directory.path],
      branches: [],
    });
    const written: string[] = [];
    for (let i = 0; i < 1000; i++) {
      written.push(directory.join(`${i}`));
      Deno.writeTextFileSync(written.at(-1)!, "");
      // Old runtimes queue few events, and drop others without a word.
      if (i % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const last = written.at(-1)!;
    let events = 0;
    let hasOverflown = false;
    for await (const { paths, flag } of watch) {
      events++;
      hasOverflown ||= flag === "rescan";
      if (hasOverflown && paths[0] === last) break;
      // Until something else happens, the last one may have gone in the overflow.
      if (hasOverflown) Deno.writeTextFileSync(last, "again");
    }
    assert(events < 3000, `${events}`);
    watch.close();
  },
);

testWith(CAN_WATCH, "WorkerWatch says why it cannot watch", async () => {
  const open = () =>
    WorkerWatch.open({ trees: ["/does/not/exist"], branches: [] });
  const { message } = await assertRejects(open, Deno.errors.NotFound);
  assertMatch(message, /^No (?:path was found|such file)/);
});

testWith(
  CAN_WATCH,
  "a large site that is removed before it is watched is watched once it is there again",
  async () => {
    using directory = new TemporaryDirectory({ "site/a.txt": "a" });
    const site = directory.join("site");
    const away = directory.join("away");
    const count = DIRECT_ENTRIES_MAX + 1;
    using crowd = new CrowdedDirectory(site, count, "file");
    const losses: string[] = [];
    const watcher = new Watcher(site, {
      onLoss: (text) => losses.push(text),
    });
    await until(() => crowd.begun > 0, "the walk");
    Deno.renameSync(site, away);
    await within(watcher.started, "the first attempt");
    assertEquals(losses, []);
    assertEquals(watcher.isWatching, false);
    Deno.renameSync(away, site);
    await until(() => watcher.trusts(Date.now()), "the watch");
    watcher.close();
  },
);

/** Runs something while the runtime of this thread refuses to watch. */
async function withoutWatchFs(run: () => Promise<void>): Promise<void> {
  const { watchFs } = Deno;
  Deno.watchFs = () => {
    throw new Error("asked in this thread");
  };
  try {
    await run();
  } finally {
    Deno.watchFs = watchFs;
  }
}

for (
  const [name, kind, most] of [
    ["files", "file", DIRECT_ENTRIES_MAX],
    // The root counts too.
    ["directories", "directory", DIRECT_DIRECTORIES_MAX - 1],
  ] as const
) {
  testWith(
    CAN_WATCH,
    `a site with many ${name} is watched by a thread of its own`,
    async () => {
      using directory = new TemporaryDirectory();
      for (
        const [count, isHere] of [[most, true], [most + 1, false]] as const
      ) {
        using _crowd = new CrowdedDirectory(directory.path, count, kind);
        await withoutWatchFs(async () => {
          const losses: string[] = [];
          const told: (string | undefined)[] = [];
          const watcher = new Watcher(directory.path, {
            onLoss: (text) => losses.push(text),
          });
          watcher.onChange = (path) => told.push(path);
          await within(watcher.started, "the watch");
          assertEquals(watcher.trusts(Date.now()), !isHere);
          assertEquals(losses.length, isHere ? 1 : 0);
          directory.write("new.txt", String(count));
          await until(() => isHere || told.includes("/new.txt"), "news");
          watcher.close();
          assertEquals(watcher.trusts(Date.now()), false);
        });
      }
    },
  );
}

testWith(
  CAN_WATCH,
  "a large site that is closed before it is watched leaves no thread",
  async () => {
    using directory = new TemporaryDirectory();
    const count = DIRECT_ENTRIES_MAX + 1;
    using _crowd = new CrowdedDirectory(directory.path, count, "file");
    const watcher = new Watcher(directory.path, { onLoss: () => {} });
    watcher.close();
    await watcher.started;
    assertEquals(watcher.isWatching, false);
  },
);
