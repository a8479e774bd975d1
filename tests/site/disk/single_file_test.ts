import { assert, assertEquals } from "@std/assert";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import {
  FileSource,
  SingleFileSite,
} from "../../../lib/site/disk/single_file.ts";
import { readSegment } from "../../bodies.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  textOf,
} from "../../helpers.ts";

testWith(
  HAS_FILES,
  "SingleFileSite has its file at / and at its name, and nothing else",
  async () => {
    using directory = new TemporaryDirectory({
      "report.html": "report",
      "report.html.gz": "secret",
      "other.html": "secret",
      "sub/report.html": "secret",
    });
    const site = new SingleFileSite(
      directory.path,
      "report.html",
      "name.html",
      DIRECTORY_DEFAULTS,
    );
    const now = Date.now() + 60_000;
    for (const path of ["/", "/name.html"]) {
      const found = site.lookup(path, now);
      assert(found.kind === "file");
      assertEquals(found.identity!.length, 6);
      assertEquals(found.encoded, []);
      assertEquals(found.codings, []);
    }
    const others = [
      "/report.html",
      "/other.html",
      "/report.html.gz",
      "/sub/",
      "/name.html/",
      "/..",
      "/index.html",
    ];
    for (const path of others) {
      assertEquals(site.lookup(path, now).kind, "absent", path);
      assertEquals([site.hasName(path), site.isReadable(path, now)], [
        false,
        false,
      ]);
    }
    assertEquals((await site.list("/sub/")).kind, "absent");
    const list = await site.list("/");
    assert(list.kind === "entries");
    assertEquals(list.entries.map(({ name, size }) => [name, size]), [
      ["name.html", 6],
    ]);
    site.close();
  },
);

testWith(
  HAS_FILES,
  "FileSource reads a file, and tells when another one takes its place",
  () => {
    using directory = new TemporaryDirectory({ "a.zip": "first" });
    const source = FileSource.open(directory.path, "a.zip")!;
    assertEquals(source.length, 5);
    assertEquals(textOf(readSegment(source.slice(1, 4))), "irs");
    assertEquals(source.renew(), undefined);
    directory.write("new", "second");
    Deno.renameSync(directory.join("new"), directory.join("a.zip"));
    const newer = source.renew()!;
    assertEquals(textOf(readSegment(newer.slice(0, newer.length))), "second");
    // Whoever still reads the first one reads it to its end.
    assertEquals(textOf(readSegment(source.slice(0, 5))), "first");
    Deno.removeSync(directory.join("a.zip"));
    assertEquals(newer.renew(), undefined);
    source.close();
    newer.close();
    assertEquals(FileSource.open(directory.path, "none"), undefined);
  },
);
