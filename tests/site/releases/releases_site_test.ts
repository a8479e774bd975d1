import { assert, assertEquals } from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { Responder } from "../../../lib/respond.ts";
import { Policy } from "../../../lib/site/policy.ts";
import {
  type OpenRelease,
  ReleasesSite,
} from "../../../lib/site/releases/releases_site.ts";
import { headOf, type MemoryFiles, MemorySite } from "../../memory_site.ts";

/** A release in memory. */
class MemoryRelease extends MemorySite {
  readonly misses = 1;
  isClosed = false;

  override isReadable(path: string): boolean {
    return this.lookup(path).kind === "file";
  }

  override hasName(path: string): boolean {
    return path === "/_headers";
  }

  statistics() {
    return {
      hits: 1,
      misses: 2,
      evictions: 3,
      bytes: 4,
      entries: 5,
      openFiles: 6,
      changes: 7,
      watched: 1,
    };
  }

  closeSpareFiles(): void {}

  close(): void {
    this.isClosed = true;
  }
}

const HASHED = "/assets/app-1f0c9a7e.js";

function releasesOf(...files: MemoryFiles[]) {
  const sites = files.map((each) => new MemoryRelease(each));
  const [served, ...others] = sites.map((site, index): OpenRelease => ({
    name: `v${files.length - index}`,
    site,
  }));
  return { site: new ReleasesSite(served!, others), sites };
}

/** What only the older release has, and whether it is answered. */
const OLDER: readonly (readonly [path: string, isFound: boolean])[] = [
  [HASHED, true],
  ["/_app/immutable/chunks/BQkD7f3u.js", true],
  ["/assets/style-1f0c9a7e.css", true],
  ["/assets/app.js", false],
  ["/assets/app-1f0c9a7e.html", false],
  ["/assets/app-1f0c9a7e.js.map", false],
  ["/assets/data-1f0c9a7e.json", false],
  ["/old.html", false],
  ["/index.html", false],
  ["/404.html", false],
  ["/_headers", false],
];

Deno.test("ReleasesSite: only names with a hash come from an older release", () => {
  const files = Object.fromEntries(OLDER.map(([path]) => [path, "old"]));
  const { site } = releasesOf({ "/a.txt": "new" }, files);
  for (const [path, isFound] of OLDER) {
    const found = site.lookup(path, 0);
    assertEquals(found.kind, isFound ? "file" : "absent", path);
    assertEquals(site.isReadable(path, 0), isFound, path);
    if (found.kind === "file") assertEquals(site.originOf(found), "release v1");
  }
});

Deno.test("ReleasesSite: the release that is served comes first, whatever it has", () => {
  const { site, sites } = releasesOf(
    { [HASHED]: "new", "/b/c-2f1c9a7e.js": 403 },
    { [HASHED]: "old", "/b/c-2f1c9a7e.js": "old", "/a-1f0c9a7e.js": "old" },
  );
  const found = site.lookup(HASHED, 0);
  assert(found.kind === "file");
  assertEquals(site.originOf(found), "release v2");
  // It is there, and may not be read: that is not missing.
  assertEquals(site.lookup("/b/c-2f1c9a7e.js", 0).kind, "refused");
  assertEquals(sites[1]!.lookups, []);
});

Deno.test("ReleasesSite: says of which release a file is, and what that says of it", () => {
  const older = "/a-2f1c9a7e.js";
  const { site, sites } = releasesOf({ [HASHED]: "new" }, { [older]: "old" });
  const origin = (path: string) => {
    const found = site.lookup(path, 0);
    assert(found.kind === "file");
    return site.originOf(found);
  };
  assertEquals([HASHED, older].map(origin), ["release v2", "release v1"]);
  // An archive may have kept files itself.
  for (const each of sites) {
    Object.assign(each, { originOf: () => "an older build, 1 back" });
  }
  assertEquals(origin(older), "release v1 (an older build, 1 back)");
});

Deno.test("ReleasesSite: a name comes from the newest release that has it, and is counted by its age", () => {
  const { site } = releasesOf(
    {},
    {},
    { [HASHED]: "v3" },
    { [HASHED]: "v2", "/a-2f1c9a7e.js": "v2" },
    { "/a-3f1c9a7e.js": "v1" },
  );
  const from = (path: string) => {
    const found = site.lookup(path, 0);
    assert(found.kind === "file");
    return site.originOf(found);
  };
  assertEquals(
    [HASHED, "/a-2f1c9a7e.js", "/a-3f1c9a7e.js"].map(from),
    ["release v3", "release v2", "release v1"],
  );
  assertEquals(site.statistics(), {
    hits: 5,
    misses: 10,
    evictions: 15,
    bytes: 20,
    entries: 25,
    openFiles: 30,
    changes: 35,
    watched: 1,
    olderHits: [0, 1, 2],
  });
  assertEquals(site.misses, 5);
});

Deno.test("ReleasesSite: encodings are made by the release that a file is of", () => {
  const { site, sites } = releasesOf(
    { "/index.html": { content: "new", makeable: ["gzip"] } },
    { [HASHED]: { content: "old", makeable: ["gzip"] } },
  );
  const gzip = CODINGS.find(({ token }) => token === "gzip")!;
  for (const path of ["/index.html", HASHED]) {
    const found = site.lookup(path, 0);
    assert(found.kind === "file");
    site.encode(found, gzip);
  }
  assertEquals(
    sites.map(({ encodings }) => encodings.length),
    [1, 1],
  );
});

Deno.test("ReleasesSite: a file of an older release is as immutable as ever", async () => {
  const { site } = releasesOf({ "/index.html": "new" }, { [HASHED]: "old" });
  const responder = new Responder(site, new Policy({ spa: "/index.html" }));
  const fields = { Accept: "text/html" };
  const reply = await responder.respond(headOf("GET", HASHED, fields), 0);
  assertEquals(reply.status, 200);
  const control = reply.fields.lines.find(([name]) => name === "Cache-Control");
  assertEquals(control?.[1], "public, max-age=31536000, immutable");
});

Deno.test("ReleasesSite: lists, names and problems are those of the release that is served; all are closed", async () => {
  const { site, sites } = releasesOf({ "/a.txt": "a" }, { "/b.txt": "b" });
  const list = await site.list("/");
  assert(list.kind === "entries");
  assertEquals(list.entries.map(({ name }) => name), ["a.txt"]);
  assertEquals(site.hasName("/_headers"), true);
  assertEquals(site.problems, []);
  await site.idle();
  site.close();
  assertEquals(sites.map(({ isClosed }) => isClosed), [true, true]);
});
