/**
 * Folders in which every visible name is a link to a hidden one, as programs make them: what a client names decides
 * what is hidden from it, and the real path decides what lies in the site.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { IS_UNIX } from "../place.ts";
import { PAST, type Stage, testStage } from "./stage.ts";

/** A ConfigMap as the kubelet mounts it, with a second version beside the one in use, and a store as pnpm lays it out. */
const FILES = {
  "..2026_11_01/index.html": "first",
  "..2026_11_01/app.js": "one",
  "..2026_11_02/index.html": "second",
  "..2026_11_02/app.js": "two",
  "node_modules/.pnpm/lit@3/node_modules/lit/index.js": "lit",
  "node_modules/.pnpm/lit@3/node_modules/lit/.npmrc": "secret",
  ".git/annex/objects/aa/photo": "photo",
};

const LINKS: Readonly<Record<string, string>> = {
  "..data": "..2026_11_01",
  "index.html": "..data/index.html",
  "app.js": "..data/app.js",
  "node_modules/lit": ".pnpm/lit@3/node_modules/lit",
  "photo.jpg": ".git/annex/objects/aa/photo",
  "outside.txt": "../../../../../../etc/passwd",
};

function link(stage: Stage): void {
  for (const [name, target] of Object.entries(LINKS)) {
    Deno.symlinkSync(target, stage.directory.join(name));
  }
}

/** What is asked for, and the body of the answer; undefined for a 404. */
const ROWS: readonly (readonly [target: string, body: string | undefined])[] = [
  ["/", "first"],
  ["/index.html", "first"],
  ["/index", "first"],
  ["/app.js", "one"],
  ["/node_modules/lit/index.js", "lit"],
  ["/photo.jpg", "photo"],

  ["/..data/index.html", undefined],
  ["/%2e%2edata/index.html", undefined],
  ["/..2026_11_01/index.html", undefined],
  ["/..data/", undefined],
  ["/node_modules/.pnpm/lit@3/node_modules/lit/index.js", undefined],
  ["/node_modules/.pnpm/", undefined],
  ["/node_modules/lit/.npmrc", undefined],
  ["/.git/annex/objects/aa/photo", undefined],
  ["/outside.txt", undefined],
];

for (const [target, body] of IS_UNIX ? ROWS : []) {
  const outcome = body === undefined ? "nothing" : `"${body}"`;
  testStage(
    `links to hidden names: ${target} is ${outcome}`,
    FILES,
    async (stage) => {
      link(stage);
      const answer = await stage.get(target);
      if (body === undefined) assertEquals(answer.status, 404);
      else assertEquals([answer.status, answer.body], [200, body]);
    },
  );
}

if (IS_UNIX) {
  testStage(
    "listings show links to hidden names, and not the names",
    FILES,
    async (stage) => {
      link(stage);
      const fields = { Accept: "application/json" };
      const { body } = await stage.get("/node_modules/", fields);
      assert(body.includes('"lit"'), body);
      assert(!body.includes("pnpm"), body);
      const inside = await stage.get("/node_modules/lit/", fields);
      assert(inside.body.includes('"index.js"'), inside.body);
      assert(!inside.body.includes("npmrc"), inside.body);
    },
  );

  testStage(
    "a swap of ..data shows the new files, each with its own tag",
    FILES,
    async (stage) => {
      link(stage);
      const before = await stage.get("/app.js");
      Deno.symlinkSync("..2026_11_02", stage.directory.join("..data_tmp"));
      Deno.renameSync(
        stage.directory.join("..data_tmp"),
        stage.directory.join("..data"),
      );
      stage.advance(100);
      const after = await stage.get("/app.js");
      assertEquals([before.body, after.body], ["one", "two"]);
      assert(before.fields.get("etag") !== after.fields.get("etag"));
      assertEquals((await stage.get("/")).body, "second");
      stage.write("..2026_11_02/app.js.gz", "gzip", PAST);
      assertEquals((await stage.get("/app.js")).body, "two");
    },
  );
}
