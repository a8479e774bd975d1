import { assert, assertEquals } from "@std/assert";
import { NoChanges } from "../../../lib/site/disk/changes.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import { waitForWriter } from "../../../lib/site/disk/settling.ts";
import { WriterCloses } from "../../../lib/site/disk/writer_closes.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";

const NOW = 1_700_000_000_300;

function versionOf(size: number, modified = NOW) {
  return { device: 1, inode: 2, size, modified, changed: 0 };
}

Deno.test("WriterCloses knows the version that a writer closed, until someone writes again", () => {
  let version = versionOf(3);
  const closes = new WriterCloses(() => version);
  assertEquals(closes.isClosed("/a", version), false);
  closes.tell("/a", "written");
  assertEquals(closes.isClosed("/a", version), true);
  assertEquals(closes.isClosed("/b", version), false);
  assertEquals(closes.isClosed("/a", versionOf(4)), false);
  closes.tell("/a", "changed");
  assertEquals(closes.isClosed("/a", version), false);
  closes.tell("/a", "written");
  closes.tell(undefined, "changed");
  assertEquals(closes.isClosed("/a", version), false);
  version = versionOf(0);
  closes.tell("/a", "written");
  assertEquals(closes.isClosed("/a", version), false);
});

Deno.test("WriterCloses keeps a limited number", () => {
  const closes = new WriterCloses(() => versionOf(3));
  closes.tell("/first", "written");
  for (let at = 0; at < 1024; at++) closes.tell(`/${at}`, "written");
  assertEquals(closes.isClosed("/first", versionOf(3)), false);
  assertEquals(closes.isClosed("/1023", versionOf(3)), true);
});

Deno.test("a wait ends as soon as the writer has closed the file", async () => {
  let looks = 0;
  const look = () => {
    looks++;
    return versionOf(3);
  };
  const closes = new WriterCloses(() => versionOf(3));
  const wait = waitForWriter(look, NOW, closes.of("/a"));
  closes.tell("/a", "written");
  assertEquals((await wait).quiet, versionOf(3));
  assertEquals(looks, 2);
});

testWith(
  HAS_FILES,
  "a file that was written a moment ago is not waited for once its writer closed it",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "first" });
    const changes = new NoChanges();
    const site = new DirectorySite(directory.path, {
      ...DIRECTORY_DEFAULTS,
      changes,
    });
    try {
      const now = Date.now();
      const waiting = site.lookup("/a.txt", now);
      assert(waiting.kind === "file" && waiting.awaitWriter !== undefined);
      const wait = waiting.awaitWriter(now);
      changes.onChange("/a.txt", "written");
      const file = await wait;
      assert(file.kind === "file");
      assertEquals(file.identity?.etag?.startsWith('"'), true);
      // It would take 26 ms at least.
      directory.write("a.txt", "second");
      changes.onChange("/a.txt", "changed");
      changes.onChange("/a.txt", "written");
      const again = site.lookup("/a.txt", Date.now());
      assert(again.kind === "file" && again.awaitWriter === undefined);
      assertEquals(again.identity?.length, 6);
    } finally {
      site.close();
    }
  },
);
