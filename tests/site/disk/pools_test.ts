import { assertEquals } from "@std/assert";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { createPools } from "../../../lib/site/disk/pools.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";

testWith(
  HAS_FILES,
  "createPools() makes room that sites share: entries, missing names and open files",
  () => {
    using directory = new TemporaryDirectory({
      "a.txt": "a",
      "b.txt": "b",
      "large.bin": new Uint8Array(2_000),
    });
    const pools = createPools({ entries: 3, bytes: 100_000 });
    const options = { ...DIRECTORY_DEFAULTS, pools, fileBytesMax: 1_000 };
    const sites = [0, 1, 2].map(() =>
      new DirectorySite(directory.path, options)
    );
    const sum = (key: "entries" | "openFiles") =>
      sites.reduce((sum, site) => sum + site.statistics()[key], 0);
    for (let round = 0; round < 4; round++) {
      const now = 1e12 + 1e6 * round;
      for (const site of sites) {
        for (
          const name of ["/a.txt", "/b.txt", "/large.bin", "/no/", "/none/"]
        ) {
          site.lookup(name, now);
        }
        const { entries, absent, openFiles } = pools;
        assertEquals(entries.size + absent.size, sum("entries"));
        assertEquals(openFiles.size, sum("openFiles"));
        assertEquals([entries.size <= 3, absent.size <= 3], [true, true]);
      }
    }
    assertEquals([pools.entries.size, pools.absent.size], [3, 3]);
    for (const site of sites) site.close();
    for (const { size, bytes, members } of Object.values(pools)) {
      assertEquals([size, bytes, members], [0, 0, 0]);
    }
  },
);
