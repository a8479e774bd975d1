import { assertEquals } from "@std/assert";
import { SiteNames } from "../../lib/check/names.ts";

const NAMES = new SiteNames([
  "/About.html",
  "/docs/index.html",
  "/Img/Ä.png",
  "/plain",
], "index.html");

/** Paths, and the file that they name where case does not count. */
const PATHS: readonly (readonly [path: string, file: string | undefined])[] = [
  ["/about.html", "/About.html"],
  ["/about", "/About.html"],
  ["/ABOUT/", undefined],
  ["/Docs", "/docs/index.html"],
  ["/DOCS/", "/docs/index.html"],
  ["/img/ä.png", "/Img/Ä.png"],
  ["/img/a\u0308.png", "/Img/Ä.png"],
  ["/plain", "/plain"],
  ["/", undefined],
  ["/gone", undefined],
];

for (const [path, file] of PATHS) {
  Deno.test(`SiteNames.similar() of ${path}: ${file}`, () => {
    assertEquals(NAMES.similar(path), file);
  });
}

Deno.test("SiteNames.has() knows exact names", () => {
  assertEquals([NAMES.has("/plain"), NAMES.has("/Plain")], [true, false]);
});
