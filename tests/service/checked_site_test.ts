import { gzipSync } from "node:zlib";
import { assertEquals, assertRejects } from "@std/assert";
import {
  DIRECTORIES_MAX,
  FILES_MAX,
  openCheckedSite,
} from "../../lib/service/checked_site.ts";
import { CODINGS } from "../../lib/http/coding.ts";
import { prepareRoot } from "../../lib/service/open_site.ts";
import type { Plan } from "../../lib/service/plan.ts";
import { DECODED_BYTES_MAX } from "../../lib/site/disk/decoder.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { archiveOf, fileOf } from "../site/bundle/bundle_forge.ts";
import { planFor } from "./plans.ts";

testWith(
  HAS_FILES,
  "openCheckedSite() lists what clients could ask for",
  async () => {
    using directory = new TemporaryDirectory({
      "index.html": "x",
      "docs/a.txt": "a",
      "docs/deep/b.txt": "b",
      ".env": "x",
      ".git/config": "x",
      ".well-known/security.txt": "x",
      "_redirects": "",
      "docs/_redirects": "",
    });
    if (IS_UNIX) {
      Deno.symlinkSync("..", directory.join("docs/up"));
      Deno.symlinkSync("/etc", directory.join("etc"));
    }
    using site = await openCheckedSite(planFor(directory.path));
    assertEquals(site.files, [
      "/.well-known/security.txt",
      "/docs/_redirects",
      "/docs/a.txt",
      "/docs/deep/b.txt",
      "/index.html",
    ]);
    assertEquals(site.directories.toSorted(), [
      "/",
      "/.well-known/",
      "/docs/",
      "/docs/deep/",
    ]);
    assertEquals(site.isCut, false);
    assertEquals([FILES_MAX, DIRECTORIES_MAX], [1_000_000, 200_000]);
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() lists a directory with more than a listing shows",
  async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10_050 }, (_, index) => [`${index}.txt`, ""]),
    );
    using directory = new TemporaryDirectory(files);
    using site = await openCheckedSite(planFor(directory.path));
    assertEquals([site.files.length, site.isCut], [10_050, false]);
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() answers as the server would, without its guards",
  async () => {
    using directory = new TemporaryDirectory({
      "index.html": "<p>page",
      "docs/index.html": "docs",
      "_redirects": "/old /docs/ 301",
    });
    const options = {
      allow: ["192.0.2.1"],
      allowedHosts: ["a.example"],
      requestsPerSecond: 0.001,
    };
    using site = await openCheckedSite(planFor(directory.path, { options }));
    // More than the limit allows at once.
    for (let i = 0; i < 20; i++) await site.open("/", "document");
    const asked: [string, number, string | undefined, string | undefined][] =
      [];
    for (const target of ["/", "/docs", "/old", "/gone", "/a b", "/docs/"]) {
      const { status, location, file } = await site.open(target, "document");
      asked.push([target, status, location, file]);
    }
    assertEquals(asked, [
      ["/", 200, undefined, "/index.html"],
      ["/docs", 308, "/docs/", undefined],
      ["/old", 301, "/docs/", undefined],
      ["/gone", 404, undefined, undefined],
      ["/a b", 400, undefined, undefined],
      ["/docs/", 200, undefined, "/docs/index.html"],
    ]);
    const page = await site.open("/", "document");
    assertEquals(new TextDecoder().decode(page.read(3)), "<p>");
    assertEquals((await site.open("/old", "asset")).rule, "_redirects:1");
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() knows what needs a password",
  async () => {
    using directory = new TemporaryDirectory({ "private/a.txt": "a" });
    const options = { authFile: "users", authPaths: ["/private/*"] };
    const credentials =
      "u:$scrypt$ln=15,r=8,p=1$bm8gc2FsdCBmb3IgdGVzdHM$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const plan = planFor(directory.path, { options, credentials });
    using site = await openCheckedSite(plan);
    assertEquals(site.isProtected("/private/a.txt"), true);
    assertEquals(site.isProtected("/index.html"), false);
    assertEquals((await site.open("/private/a.txt", "asset")).status, 200);
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() compares no file that is too large to decode",
  async () => {
    const other = new Uint8Array(gzipSync("other"));
    using directory = new TemporaryDirectory({
      "large.txt": "",
      "large.txt.gz": other,
      "small.txt": "",
      "small.txt.gz": other,
    });
    Deno.truncateSync(directory.join("large.txt"), DECODED_BYTES_MAX + 1);
    for (const { name } of Deno.readDirSync(directory.path)) {
      Deno.utimeSync(directory.join(name), 1e9, 1e9);
    }
    using site = await openCheckedSite(planFor(directory.path));
    const gzip = CODINGS.find(({ suffix }) => suffix === ".gz")!;
    assertEquals(await site.compare("/small.txt", gzip), "different");
    assertEquals(await site.compare("/large.txt", gzip), "equal");
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() throws for a plan that is invalid",
  async () => {
    using directory = new TemporaryDirectory({});
    const options = { allow: ["no network"] };
    await assertRejects(() =>
      openCheckedSite(planFor(directory.path, { options }))
    );
  },
);

testWith(
  HAS_FILES,
  "openCheckedSite() opens an archive as it opens a directory",
  async () => {
    using directory = new TemporaryDirectory({
      "site.skiff": archiveOf([
        fileOf("/index.html", "<p>page"),
        fileOf("/docs/index.html", "docs"),
        fileOf("/_redirects", "/old /docs/ 301"),
      ]),
    });
    const root = directory.join("site.skiff");
    const plan: Plan = { ...planFor(root), kind: "archive" };
    await prepareRoot(plan);
    using site = await openCheckedSite(plan);
    assertEquals(site.files, ["/docs/index.html", "/index.html"]);
    assertEquals(site.directories.toSorted(), ["/", "/docs/"]);
    const { status, location } = await site.open("/old", "document");
    assertEquals([status, location], [301, "/docs/"]);
    const page = await site.open("/", "document");
    assertEquals([page.file, page.length], ["/index.html", 7]);
  },
);
