import { assertEquals } from "@std/assert";
import { openFileRoot } from "../../lib/service/file_roots.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { planFor } from "./plans.ts";

testWith(
  HAS_FILES && IS_UNIX,
  "openFileRoot() follows a link that the operator named, under its own name",
  () => {
    using directory = new TemporaryDirectory({
      "real/report-7.html": "report",
      "real/site-7.zip": forgeZip([{ name: "a", content: "a" }]),
      "links/other.html": "other",
    });
    const link = (target: string, name: string) =>
      Deno.symlinkSync(target, directory.join(name));
    link("../real/report-7.html", "links/report.html");
    link("../real/site-7.zip", "links/site.zip");
    const now = Date.now() + 60_000;
    const open = (name: string, kind: "zip" | "file") =>
      openFileRoot(
        { ...planFor(directory.join(name)), kind },
        DIRECTORY_DEFAULTS,
      );
    const report = open("links/report.html", "file");
    assertEquals(report.lookup("/report.html", now).kind, "file");
    assertEquals(report.lookup("/other.html", now).kind, "absent");
    assertEquals(report.lookup("/report-7.html", now).kind, "absent");
    const site = open("links/site.zip", "zip");
    assertEquals(site.lookup("/a", now).kind, "file");
    report.close();
    site.close();
  },
);
