import { assertEquals } from "@std/assert";
import {
  WATCHED_ENTRIES_MAX,
  Watcher,
} from "../../../lib/site/disk/watcher.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";

testWith(
  HAS_FILES,
  "a large site that cannot be watched is not walked through again each second",
  async () => {
    using directory = new TemporaryDirectory();
    for (let i = 0; i <= WATCHED_ENTRIES_MAX; i++) {
      Deno.writeTextFileSync(directory.join(`${i}`), "");
    }
    const { readDir } = Deno;
    let walks = 0;
    let ended = 0;
    Deno.readDir = async function* (path) {
      walks++;
      try {
        yield* readDir(path);
      } finally {
        ended++;
      }
    };
    const watcher = new Watcher(directory.path, { onLoss: () => {} });
    try {
      await watcher.started;
      assertEquals(walks, 1);
      const later = Date.now() + 2000;
      assertEquals(watcher.trusts(later), false);
      assertEquals(walks, 1);
      assertEquals(watcher.trusts(later + 1e9), false);
      await until(() => walks === 2 && ended === 2, "another walk");
    } finally {
      watcher.close();
      Deno.readDir = readDir;
    }
  },
);
