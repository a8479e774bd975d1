import { assertEquals } from "@std/assert";
import { PREVIEWS_OPEN_MAX } from "../../lib/service/previews.ts";
import { createPools } from "../../lib/site/disk/pools.ts";
import { Watcher } from "../../lib/site/disk/watcher.ts";
import { FakeTime } from "../fake_time.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { FILES, HASHED, PreviewStage } from "./preview_stage.ts";

testWith(
  HAS_FILES,
  "PreviewHandler keeps a bounded number of releases open, and its counts",
  async () => {
    const names = Array.from({ length: 2 * PREVIEWS_OPEN_MAX }, (_, i) => i);
    const files = Object.fromEntries(
      names.map((i) => [`p${i}/index.html`, `page ${i}`]),
    );
    using stage = await PreviewStage.open(
      ["*=*.pre.localhost"],
      { keepReleases: 100 },
      { "v10/index.html": "ten", ...files },
    );
    let before = 0;
    let entriesMax = 0;
    for (const i of [...names, ...names]) {
      const { text } = await stage.ask("/", `p${i}.pre.localhost`);
      assertEquals(text, `page ${i}`);
      const { misses, entries } = stage.handler.statistics();
      assertEquals(misses > before, true);
      assertEquals(misses, stage.handler.misses);
      before = misses;
      entriesMax = Math.max(entriesMax, entries);
    }
    // A directory and its index.
    assertEquals(entriesMax <= 2 * PREVIEWS_OPEN_MAX, true);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler closes the preview that was asked longest ago",
  async () => {
    // What has been read stays valid.
    using _time = new FakeTime();
    const names = Array.from({ length: PREVIEWS_OPEN_MAX + 1 }, (_, i) => i);
    using stage = await PreviewStage.open(
      ["*=*.pre.localhost"],
      { keepReleases: 100 },
      {
        "v10/index.html": "ten",
        ...Object.fromEntries(names.map((i) => [`p${i}/index.html`, ""])),
      },
    );
    const missesOf = async (i: number) => {
      const before = stage.handler.misses;
      await stage.ask("/", `p${i}.pre.localhost`);
      return stage.handler.misses - before;
    };
    for (const i of names.slice(0, -1)) await missesOf(i);
    assertEquals(await missesOf(0), 0);
    assertEquals(await missesOf(PREVIEWS_OPEN_MAX) > 0, true);
    assertEquals(await missesOf(0), 0);
    assertEquals(await missesOf(1) > 0, true);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler shares the room of the site with all releases",
  async () => {
    const pools = createPools({ entries: 5, bytes: 1_000_000 });
    const hosts = ["localhost", "v9.pre.localhost", "v10.pre.localhost"];
    using stage = await PreviewStage.open(
      ["*=*.pre.localhost"],
      {},
      FILES,
      pools,
    );
    for (let round = 0; round < 3; round++) {
      for (const host of hosts) {
        for (const path of ["/", "/plain.js", HASHED]) {
          await stage.ask(path, host);
          const { entries } = stage.handler.statistics();
          assertEquals([entries, entries <= 5], [pools.entries.size, true]);
        }
      }
    }
    assertEquals(pools.entries.size, 5);
    stage.handler.close();
    assertEquals([pools.entries.size, pools.entries.bytes], [0, 0]);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler adds what previews have open to the statistics of the site",
  async () => {
    const zip = forgeZip([{ name: "index.html", content: "zip" }]);
    using stage = await PreviewStage.open(["*=*.pre.localhost"], {}, {
      ...FILES,
      "p1.zip": zip,
      "p2.zip": zip,
      [`p3${HASHED.replace("app", "old")}`]: "older",
    });
    const older = HASHED.replace("app", "old");
    assertEquals((await stage.ask(older, "localhost")).text, "older");
    const before = stage.handler.statistics();
    for (const host of ["p1-zip.pre.localhost", "p2-zip.pre.localhost"]) {
      assertEquals((await stage.ask("/", host)).status, 200);
    }
    const after = stage.handler.statistics();
    assertEquals(after.openFiles - before.openFiles, 2);
    assertEquals(after.olderHits!.reduce((sum, hits) => sum + hits), 1);
    assertEquals(after.olderHits, before.olderHits);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler leaves nothing open of a release that it cannot show",
  async () => {
    const pools = createPools({ entries: 100, bytes: 1_000_000 });
    using stage = await PreviewStage.open(
      ["v11=old.localhost"],
      {},
      FILES,
      pools,
    );
    assertEquals((await stage.ask("/", "old.localhost")).status, 500);
    stage.handler.close();
    assertEquals(pools.entries.size, 0);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler watches the release that is served, and no preview",
  async () => {
    const { close } = Watcher.prototype;
    let closed = 0;
    Watcher.prototype.close = function () {
      closed++;
      close.call(this);
    };
    try {
      const stage = await PreviewStage.open(["v9=old.localhost"], {
        watch: true,
      });
      assertEquals((await stage.ask("/", "old.localhost")).text, "nine");
      stage[Symbol.dispose]();
    } finally {
      Watcher.prototype.close = close;
    }
    assertEquals(closed, 1);
  },
);
