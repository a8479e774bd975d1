import { assert, assertEquals, assertMatch } from "@std/assert";
import PAGE from "../../../lib/observe/admin/page.html" with { type: "text" };
import SCRIPT from "../../../lib/observe/admin/page.js" with { type: "text" };
import STYLESHEET from "../../../lib/observe/admin/page.css" with {
  type: "text",
};

Deno.test("the page, its style and its script are 28 KB at most", () => {
  const { length } = new TextEncoder().encode(PAGE + STYLESHEET + SCRIPT);
  assert(length <= 28_000, `${length} bytes`);
});

Deno.test("PAGE has no style and no script in it, and loads nothing from elsewhere", () => {
  assert(!/<style|style=|<script>| on\w+=/.test(PAGE));
  const loaded = [...PAGE.matchAll(/(?:src|rel="\w+" href)="([^"]*)"/g)]
    .map((match) => match[1]);
  assertEquals(loaded, [
    "data:,",
    "page.css",
    "page.js",
  ]);
  assertMatch(PAGE, /^<!DOCTYPE html>\n<html lang="en">/);
});

Deno.test("PAGE uses no id twice", () => {
  const ids = [...PAGE.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("STYLESHEET is whole, and uses no property that it does not define", () => {
  assertEquals(STYLESHEET.split("{").length, STYLESHEET.split("}").length);
  const defined = new Set(
    [...STYLESHEET.matchAll(/(--[\w-]+):/g)].map((match) => match[1]),
  );
  for (const [, name] of STYLESHEET.matchAll(/var\((--[\w-]+)\)/g)) {
    assert(defined.has(name!), name);
  }
  assert(!/@import|url\("?https?:/.test(STYLESHEET));
});

Deno.test("STYLESHEET has every colour for light and for dark", () => {
  const parts = STYLESHEET.split("@media (prefers-color-scheme: dark)");
  const [light, dark] = parts.map((part) =>
    [...part.matchAll(/(--[\w-]+): #/g)].map((match) => match[1])
  );
  assert(light!.length > 10);
  assertEquals(dark, light);
});
