import { assertEquals } from "@std/assert";
import { screenHtml } from "../../tools/pictures/terminal.ts";

const ROWS: readonly (readonly [name: string, screen: string, html: string])[] =
  [
    ["plain text", "a <b> & c\nd", "a &lt;b&gt; &amp; c\nd"],
    [
      "a colour, and its end",
      "\x1b[32m200\x1b[39m GET",
      '<span class="" style="color: var(--c2)">200</span> GET',
    ],
    [
      "several codes in one",
      "\x1b[1;31m500\x1b[0m /",
      '<span class="bold" style="color: var(--c1)">500</span> /',
    ],
    [
      "what is turned off apart from the rest",
      "\x1b[1m\x1b[4ma\x1b[24mb\x1b[22mc",
      '<span class="bold underline">a</span><span class="bold">b</span>c',
    ],
    [
      "bright black as dim",
      "\x1b[90m12:03",
      '<span class="" style="color: var(--dim)">12:03</span>',
    ],
    [
      "a link by its text",
      "\x1b]8;;http://a/\x1b\\a\x1b]8;;\x1b\\ b",
      "a b",
    ],
    ["a code that means nothing here", "\x1b[7ma\x1b[m", "a"],
  ];

for (const [name, screen, html] of ROWS) {
  Deno.test(`screenHtml() shows ${name}`, () => {
    assertEquals(screenHtml(screen), html);
  });
}
