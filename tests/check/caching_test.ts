import { assertEquals } from "@std/assert";
import { cachingProblem } from "../../lib/check/caching.ts";

const FOREVER = "public, max-age=31536000, immutable";

/** Files with their Cache-Control, and the rule that they break. */
const FILES: readonly (readonly [
  path: string,
  cacheControl: string,
  type: string,
  rule: string | undefined,
])[] = [
  ["/index.html", "no-cache", "text/html; charset=UTF-8", undefined],
  ["/index.html", FOREVER, "text/html; charset=UTF-8", "immutable-page"],
  ["/index.html", "max-age=31536000", "text/html", undefined],
  ["/a.js", "no-cache", "text/javascript", undefined],
  ["/a.js", FOREVER, "text/javascript", "immutable-unhashed"],
  ["/a.js", `${FOREVER}, no-cache`, "text/javascript", undefined],
  ["/a.js", "max-age=600", "text/javascript", undefined],
  ["/favicon.ico", FOREVER, "image/x-icon", "immutable-unhashed"],
  ["/hero-image.webp", FOREVER, "image/webp", "immutable-unhashed"],
  ["/assets/index-BmOXrCbS.js", FOREVER, "text/javascript", undefined],
  [
    "/assets/index-BmOXrCbS.js",
    "no-cache",
    "text/javascript",
    "hashed-revalidated",
  ],
  [
    "/assets/index-BmOXrCbS.js",
    "private, max-age=31536000",
    "text/javascript",
    undefined,
  ],
  ["/jquery-3.7.1.min.js", FOREVER, "text/javascript", undefined],
  ["/v2/app.js", FOREVER, "text/javascript", undefined],
  ["/lib@1.0.0/app.js", FOREVER, "text/javascript", undefined],
  ["/d3.v7.2.min.js", FOREVER, "text/javascript", undefined],
  ["/lib@1.0/app.js", FOREVER, "text/javascript", undefined],
  ["/chunk-abcDefgh.js", FOREVER, "text/javascript", undefined],
  ["/app.deadbe.js", FOREVER, "text/javascript", undefined],
  ["/chunk.x7q2m9.js", FOREVER, "text/javascript", undefined],
  ["/chunk-abcdefgh.js", FOREVER, "text/javascript", undefined],
  ["/app.deadbeef.js", FOREVER, "text/javascript", undefined],
];

for (const [path, cacheControl, type, rule] of FILES) {
  Deno.test(`cachingProblem() of ${path}, ${cacheControl}: ${rule}`, () => {
    assertEquals(cachingProblem(path, cacheControl, type)?.rule, rule);
  });
}
