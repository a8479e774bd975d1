import { assertEquals, assertNotEquals } from "@std/assert";
import {
  changedPaths,
  SNAPSHOT_ENTRIES_MAX,
  snapshotName,
  takeSnapshot,
} from "../../../lib/site/live/snapshot.ts";
import type { DirectoryEntry, Site } from "../../../lib/site/site.ts";
import { MemorySite } from "../../memory_site.ts";

/** A site of directories that are given. */
function siteOf(
  directories: Readonly<Record<string, readonly Partial<DirectoryEntry>[]>>,
): Site {
  const site = new MemorySite({});
  site.list = (path) => {
    const entries = directories[path];
    if (entries === undefined) return Promise.resolve({ kind: "absent" });
    return Promise.resolve({
      kind: "entries",
      realPath: path.replace(/(\/loop)+\/$/, "/"),
      entries: entries.map((entry) => ({
        name: "a",
        kind: "file",
        size: 1,
        modified: 0,
        ...entry,
      })),
      isCut: false,
    });
  };
  return site;
}

const FOLDER = { kind: "directory" } as const;

Deno.test("takeSnapshot() looks at everything, and at links in a circle once", async () => {
  const loop = [{ name: "a" }, { ...FOLDER, name: "loop" }];
  const site = siteOf({
    "/": [...loop, { ...FOLDER, name: "b" }, { ...FOLDER, name: "gone" }],
    "/loop/": loop,
    "/b/": [{ name: "c", size: 2, modified: 3 }],
  });
  const { entries, isCut } = await takeSnapshot(site);
  assertEquals(Object.fromEntries(entries), {
    "/a": "1 0",
    "/loop/": "",
    "/b/": "",
    "/gone/": "",
    "/b/c": "2 3",
  });
  assertEquals(isCut, false);
});

Deno.test("takeSnapshot() is bounded", async () => {
  const entries = Array.from(
    { length: SNAPSHOT_ENTRIES_MAX + 1 },
    (_, index) => ({ name: `${index}` }),
  );
  const snapshot = await takeSnapshot(siteOf({ "/": entries }));
  assertEquals(snapshot.entries.size, SNAPSHOT_ENTRIES_MAX);
  assertEquals(snapshot.isCut, true);
});

const before = await takeSnapshot(
  siteOf({ "/": [{ name: "a" }, { name: "b" }, { name: "c" }] }),
);
const after = await takeSnapshot(
  siteOf({ "/": [{ name: "d" }, { name: "c", size: 2 }, { name: "a" }] }),
);

Deno.test("changedPaths() are those that are new, other, or gone", () => {
  assertEquals(changedPaths(before, after, 3), ["/d", "/c", "/b"]);
  assertEquals(changedPaths(before, after, 2), undefined);
  assertEquals(changedPaths(before, before, 0), []);
});

Deno.test("snapshotName() does not depend on the order, and on everything else", async () => {
  const same = await takeSnapshot(
    siteOf({ "/": [{ name: "c" }, { name: "a" }, { name: "b" }] }),
  );
  assertEquals(snapshotName(same), snapshotName(before));
  assertNotEquals(snapshotName(after), snapshotName(before));
});
