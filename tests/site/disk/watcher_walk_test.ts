import { assertEquals } from "@std/assert";
import { WATCHED_DIRECTORIES_MAX } from "../../../lib/site/disk/watch_place.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";

testWith(
  HAS_FILES,
  "a large site that cannot be watched is not walked through again each second",
  async () => {
    using directory = new TemporaryDirectory();
    const count = WATCHED_DIRECTORIES_MAX;
    using walks = new CrowdedDirectory(directory.path, count, "directory");
    const watcher = new Watcher(directory.path, { onLoss: () => {} });
    try {
      await watcher.started;
      assertEquals(walks.begun, 1);
      const later = Date.now() + 2000;
      assertEquals(watcher.trusts(later), false);
      assertEquals(walks.begun, 1);
      assertEquals(watcher.trusts(later + 1e9), false);
      await until(() => walks.begun === 2 && walks.ended === 2, "another walk");
    } finally {
      watcher.close();
    }
  },
);
