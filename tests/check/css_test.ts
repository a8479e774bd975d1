import { assertEquals } from "@std/assert";
import { cssReferences } from "../../lib/check/css.ts";
import { REFERENCES_MAX } from "../../lib/check/reference.ts";

/** Style sheets, and what they refer to. */
const SHEETS: readonly (readonly [css: string, found: readonly string[]])[] = [
  ["", []],
  ["a { color: red }", []],
  ["a { background: url(a.png) }", ["image a.png 1"]],
  ['a { background: url( "a b.png" ) }', ["image a b.png 1"]],
  ["a {\n background:\n  URL('a.png'), url(b.png) }", [
    "image a.png 3",
    "image b.png 3",
  ]],
  ["@import 'a.css';", ["style a.css 1"]],
  ["@import url(a.css) supports((a: 'b') and (c: 'd'));", ["style a.css 1"]],
  ["@import url(a.css) layer(x) supports(display: grid) print;", [
    "style a.css 1",
  ]],
  ['@import url("a.css") supports(background: url("b.png"));', [
    "style a.css 1",
  ]],
  [
    "@font-face { font-family: x; src: url(a.woff2) format('woff2'), local('b') }",
    ["font a.woff2 1"],
  ],
  ["@font-face { src: url(a.woff) }\na { background: url(b.png) }", [
    "font a.woff 1",
    "image b.png 2",
  ]],
  ["a { background: image-set('a.png' 1x, url(b.png) 2x type('image/png')) }", [
    "image a.png 1",
    "image b.png 1",
  ]],
  ["a { content: 'url(a.png)' }", []],
  ["/* url(a.png) */ a { background: url(b.png) }", ["image b.png 1"]],
  ["a { --x: url(a.png); background: url(b.png) }", ["image b.png 1"]],
  ["@namespace svg url(http://www.w3.org/2000/svg);", []],
  ["a { background: url(a\\20 b.png) }", ["image a b.png 1"]],
  ["a { background: url(a b.png) }", []],
  ["@media print { a { background: url(a.png) } }", ["image a.png 1"]],
  ["}}} a { background: url(a.png)", ["image a.png 1"]],
  ["a { background: url(", ["image  1"]],
  ["a { background: url('x", ["image x 1"]],
  ["background:url(a.png)", ["image a.png 1"]],
  ["a { mask: url(#m) }", ["image #m 1"]],
];

for (const [css, found] of SHEETS) {
  Deno.test(`cssReferences() of ${JSON.stringify(css)}`, () => {
    const references = cssReferences(css)
      .map(({ kind, address, line }) => `${kind} ${address} ${line}`);
    assertEquals(references, [...found]);
  });
}

Deno.test("cssReferences() counts lines from where the text begins", () => {
  assertEquals(cssReferences("\na{b:url(c)}", 7)[0]!.line, 8);
});

Deno.test("cssReferences() keeps no more than it may", () => {
  const css = "url(a)".repeat(REFERENCES_MAX + 10);
  assertEquals(cssReferences(css).length, REFERENCES_MAX);
});
