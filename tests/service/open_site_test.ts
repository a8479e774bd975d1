import { assertEquals, assertThrows } from "@std/assert";
import { openSite, poolsOf, prepareRoot } from "../../lib/service/open_site.ts";
import { PlanError, type SiteRoot } from "../../lib/service/plan.ts";
import { Decoder } from "../../lib/site/disk/decoder.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { createPools } from "../../lib/site/disk/pools.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { planFor } from "./plans.ts";

const OPENING = {
  isProtected: undefined,
  changes: undefined,
  pools: createPools(DIRECTORY_DEFAULTS.cache),
  onWarning: () => {},
};

testWith(
  HAS_FILES,
  "openSite() opens a directory, a file, and what is in a ZIP file",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "a",
      "b.zip": forgeZip([{ name: "c.txt", content: "c" }]),
    });
    const now = Date.now() + 60_000;
    const kindsFor = async (
      root: string,
      kind: SiteRoot["kind"],
    ) => {
      const plan = { ...planFor(directory.join(root)), kind };
      await prepareRoot(plan);
      const site = openSite(plan, OPENING);
      try {
        return ["/", "/a.txt", "/b.zip", "/c.txt"].map((path) =>
          site.lookup(path, now).kind
        );
      } finally {
        site.close();
      }
    };
    assertEquals(await kindsFor(".", "directory"), [
      "directory",
      "file",
      "file",
      "absent",
    ]);
    assertEquals(await kindsFor("a.txt", "file"), [
      "file",
      "file",
      "absent",
      "absent",
    ]);
    assertEquals(await kindsFor("b.zip", "zip"), [
      "directory",
      "absent",
      "absent",
      "file",
    ]);
  },
);

testWith(
  HAS_FILES,
  "openSite() says what is wrong with a ZIP file",
  async () => {
    using directory = new TemporaryDirectory({ "a.zip": "no" });
    const plan = { ...planFor(directory.join("a.zip")), kind: "zip" as const };
    await prepareRoot(plan);
    assertThrows(
      () => openSite(plan, OPENING),
      PlanError,
      "it is no ZIP file, or its end is missing",
    );
  },
);

Deno.test("poolsOf() gives each isolate its share", () => {
  const one = poolsOf(planFor("/"));
  const four = poolsOf({ ...planFor("/"), isolates: 4 });
  for (const name of ["entries", "decoded"] as const) {
    assertEquals(four[name].limits.bytes, one[name].limits.bytes / 4);
  }
  assertEquals(four.entries.limits.entries, one.entries.limits.entries / 4);
});

testWith(
  HAS_FILES,
  "openSite() leaves nothing in the room that sites share for what it cannot open",
  async () => {
    using directory = new TemporaryDirectory({ "a.skiff": "a", "b.zip": "b" });
    const { close } = Decoder.prototype;
    let closed = 0;
    Decoder.prototype.close = function () {
      closed++;
      close.call(this);
    };
    try {
      for (
        const [name, kind] of [["a.skiff", "archive"], [
          "b.zip",
          "zip",
        ]] as const
      ) {
        const plan = { ...planFor(directory.join(name)), kind };
        await prepareRoot(plan);
        closed = 0;
        assertThrows(() => openSite(plan, OPENING));
        assertEquals(closed, 1, name);
      }
    } finally {
      Decoder.prototype.close = close;
    }
  },
);
