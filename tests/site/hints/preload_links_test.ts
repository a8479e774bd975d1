import { assertEquals } from "@std/assert";
import {
  LINK_LENGTH_MAX,
  LINKS_MAX,
  preloadLinks,
  SCANNED_BYTES_MAX,
} from "../../../lib/site/hints/preload_links.ts";
import { utf8 } from "../../helpers.ts";

const CSS = "</a.css>; rel=preload; as=style";
const LINK = "<link rel=stylesheet href=/a.css>";

/** Pages, and the links that they have. All are at /docs/page.html. */
const PAGES: readonly (readonly [name: string, html: string, string[]])[] = [
  ["a style sheet", LINK, [CSS]],
  ["the same one twice", LINK + LINK, [CSS]],
  [
    "a font that is preloaded",
    `<LINK REL="Preload" as=font crossorigin href="f.woff2" type="font/woff2">`,
    [
      '</docs/f.woff2>; rel=preload; as=font; type="font/woff2"; crossorigin',
    ],
  ],
  [
    "a module",
    "<link rel=modulepreload href='m.js?v=1#top'>",
    ["</docs/m.js?v=1>; rel=modulepreload"],
  ],
  [
    "a base",
    "<base href=/other/><base href=/third/><link rel=stylesheet href=x.css>",
    ["</other/x.css>; rel=preload; as=style"],
  ],
  ["a base elsewhere", `<base href=https://cdn.example/>${LINK}`, []],
  ["a character reference", LINK.replace("/", "&#47;"), [CSS]],
  ["its own origin by scheme", LINK.replace("/a", "//cdn.example/a"), []],
  ["another origin", LINK.replace("/a", "https://cdn.example/a"), []],
  ["a script's address", LINK.replace("/a.css", "javascript:alert(1)"), []],
  ["a comment", `<!-- ${LINK} -->`, []],
  ["a script", `<script>"${LINK}"</script>`, []],
  ["a template", `<template>${LINK}</template>`, []],
  ["a page for browsers without scripts", `<noscript>${LINK}</noscript>`, []],
  ["behind a template", `<template></template>${LINK}`, [CSS]],
  ["for print", LINK.replace(">", " media=print>"), []],
  ["switched off", LINK.replace(">", " disabled>"), []],
  ["an alternate", LINK.replace("stylesheet", '"alternate stylesheet"'), []],
  ["a preload of no kind", "<link rel=preload href=q.js>", []],
  ["an icon", "<link rel=icon href=i.png>", []],
  ["no address", "<link rel=stylesheet>", []],
  ["an address that ends the header", "<link rel=stylesheet href='/a>;b'>", [
    "</a%3E;b>; rel=preload; as=style",
  ]],
  [
    "a line end in an attribute",
    "<link rel=preload href=/a as='font\r\nSet-Cookie: a=b'>",
    ["</a>; rel=preload"],
  ],
  [
    "a long address",
    `<link rel=stylesheet href=/${"a".repeat(LINK_LENGTH_MAX)}>`,
    [],
  ],
  ["beyond what is read", " ".repeat(SCANNED_BYTES_MAX) + LINK, []],
  ["no HTML", "\0\xff<<<>>><link", []],
  ["no end", "<link rel=stylesheet href=/a.css", []],
];

for (const [name, html, links] of PAGES) {
  Deno.test(`preloadLinks: ${name}`, () => {
    assertEquals(preloadLinks(utf8(html), "/docs/page.html"), links);
  });
}

Deno.test("preloadLinks: at most so many links", () => {
  const html = Array.from(
    { length: LINKS_MAX + 5 },
    (_, number) => `<link rel=stylesheet href=/${number}.css>`,
  ).join("");
  assertEquals(preloadLinks(utf8(html), "/").length, LINKS_MAX);
});
