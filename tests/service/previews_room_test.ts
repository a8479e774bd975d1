import { assertEquals } from "@std/assert";
import { PREVIEWS_OPEN_MAX } from "../../lib/service/previews.ts";
import { createPools } from "../../lib/site/disk/pools.ts";
import { FakeTime } from "../fake_time.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
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
