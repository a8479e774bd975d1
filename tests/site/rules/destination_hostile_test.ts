import { assert, assertEquals } from "@std/assert";
import {
  compileLocation,
  compileSitePath,
  LOCATION_CHARACTERS_MAX,
  LocationTemplate,
  SitePathTemplate,
} from "../../../lib/site/rules/destination.ts";

/** What a client could put into a path, as far as a decoded path can hold it, and further. */
const HOSTILE = [
  "",
  "/",
  "//",
  "\\",
  "/\\",
  "\\/",
  "//evil.com",
  "\\\\evil.com",
  "@evil.com",
  ".evil.com",
  ":80",
  ":80@evil.com",
  "%2F%2Fevil.com",
  "\t//evil.com",
  "\r\n//evil.com",
  "\0",
  "\ud800",
  "\udc00\ud800",
  "\u2028",
  "?",
  "#",
  "?//evil.com",
  "javascript:alert(1)",
  "https://evil.com",
  "..",
  "../..",
  ".",
  "./",
  "/../",
  "\u0085",
  "\u00a0",
  "\uff0f\uff0fevil.com",
  "%",
  "%0d%0a",
  "é",
  "[",
  "]",
  "x".repeat(8192),
  "/".repeat(8192),
  "é".repeat(2000),
];

const TEMPLATES = [
  "/:splat",
  "/:splat/:splat",
  "/:a:splat",
  "/x/:splat",
  "/.:splat",
  "/x:splat",
  "/:splat//x",
  "/x?:splat",
  "/x#:splat",
  "https://good.example/:splat",
  "https://good.example?:splat",
  "https://good.example#:splat",
  "https://good.example/:a/:splat//x",
];

for (const to of TEMPLATES) {
  Deno.test(`LocationTemplate.render() leads nowhere else with ${to}, whatever is put in`, () => {
    const base = "https://self.example/some/page";
    const origin = to.startsWith("/")
      ? "https://self.example"
      : "https://good.example";
    const template = compileLocation(to, ["a", "splat"]);
    assert(template instanceof LocationTemplate);
    for (const splat of HOSTILE) {
      for (const a of HOSTILE) {
        const captures = new Map([["splat", splat], ["a", a]]);
        const made = template.render(captures, splat);
        if (made === undefined) continue;
        assert(/^[\x21-\x7e]+$/.test(made), made);
        assert(made.length <= LOCATION_CHARACTERS_MAX);
        assert(!/^\/[/\\]/.test(made), made);
        const url = new URL(made, base);
        assertEquals(url.origin, origin, made);
        assertEquals(url.username + url.password, "");
        if (to.includes("/x")) assert(url.pathname.includes("/x"), made);
      }
    }
  });
}

Deno.test("SitePathTemplate.path() is always a clean path or nothing", () => {
  for (const to of TEMPLATES.filter((to) => /^\/(?!.*(?:\/\/|#))/.test(to))) {
    const template = compileSitePath(to, ["a", "splat"]);
    assert(template instanceof SitePathTemplate);
    for (const splat of HOSTILE) {
      const path = template.path(new Map([["splat", splat], ["a", splat]]));
      if (path === undefined) continue;
      assert(/^\/(?!.*\/\/)[^\\\0]*$/s.test(path), path);
      assert(
        !path.split("/").some((part) => part === "." || part === ".."),
        path,
      );
    }
  }
});
