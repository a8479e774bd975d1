import { assert, assertEquals } from "@std/assert";
import {
  MARKDOWN_LENGTH_MAX,
  renderMarkdown,
} from "../../../lib/site/markdown/markdown.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly html: string;
  readonly headingShift?: number;
}

const CASES: readonly Case[] = [
  {
    name: "renders a paragraph",
    text: "Hello *you*",
    html: "<p>Hello <em>you</em></p>\n",
  },
  {
    name: "keeps relative links and images, which are requests like any other",
    text: "[a](./b%20c.md) ![d](e.png)",
    html:
      '<p><a href="./b%20c.md">a</a> <img src="e.png" alt="d" loading="lazy"></p>\n',
  },
  {
    name: "aligns cells without a style",
    text: "|a|b|\n|:-|-:|\n|c|d|",
    html:
      '<table>\n<thead>\n<tr>\n<th align="left">a</th>\n<th align="right">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align="left">c</td>\n<td align="right">d</td>\n</tr>\n</tbody>\n</table>\n',
  },
  {
    name: "tells other servers nothing",
    text: "[a](https://example.com/) [b](//example.com)",
    html:
      '<p><a href="https://example.com/" rel="nofollow noreferrer">a</a> <a href="//example.com" rel="nofollow noreferrer">b</a></p>\n',
  },
  {
    name: "loads no image of another server",
    text:
      "![a < b](http://example.com/c?d&e) ![](//example.com/f.png) ![g](mailto:h@i)",
    html:
      '<p><a href="http://example.com/c?d&amp;e" rel="nofollow noreferrer">a &lt; b</a> <a href="//example.com/f.png" rel="nofollow noreferrer">//example.com/f.png</a> <a href="mailto:h@i" rel="nofollow noreferrer">g</a></p>\n',
  },
  {
    name: "makes no link inside a link of an image of another server",
    text: "[![a](https://example.com/b)](c) ![d](https://example.com/e)",
    html:
      '<p><a href="c">a</a> <a href="https://example.com/e" rel="nofollow noreferrer">d</a></p>\n',
  },
  {
    name: "gives headings identifiers of their own, and links to them",
    text: "# A b!\n# A b\n[to](#a-b-1)",
    html:
      '<h1 id="md-a-b">A b!</h1>\n<h1 id="md-a-b-1">A b</h1>\n<p><a href="#md-a-b-1">to</a></p>\n',
  },
  {
    name: "shifts headings",
    text: "# A\n###### F",
    headingShift: 1,
    html: '<h2 id="md-a">A</h2>\n<h6 id="md-f">F</h6>\n',
  },
  {
    name: "escapes raw HTML",
    text: "<script>alert(1)</script>\n\n<b onclick=x>&</b>",
    html:
      "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p>&lt;b onclick=x&gt;&amp;&lt;/b&gt;</p>\n",
  },
  {
    name: "escapes code and its language",
    text: '```a"><script>\n<x>\n```',
    html:
      '<pre><code class="language-a&quot;&gt;&lt;script&gt;">&lt;x&gt;\n</code></pre>\n',
  },
  {
    name: "escapes titles and texts of images",
    text: "![\"><script>](a.png '\"onload=x')",
    html:
      '<p><img src="a.png" alt="&quot;&gt;&lt;script&gt;" title="&quot;onload=x" loading="lazy"></p>\n',
  },
  ...[
    "javascript:x",
    "JaVaScRiPt:x",
    "vbscript:x",
    "data:text/html,x",
    "data:image/png;base64,AA",
    "file:///etc/passwd",
    "intent://x",
    "blob:x",
    "&#106;avascript:x",
  ].map((url): Case => ({
    name: `makes no link of ${url}`,
    text: `[a](${url})`,
    html: `<p>[a](${url.replace("&#106;", "j")})</p>\n`,
  })),
  {
    name: "leaves no control character in front of a scheme",
    text: "[a](<\x01javascript:x>)",
    html: '<p><a href="%01javascript:x">a</a></p>\n',
  },
];

for (const { name, text, html, headingShift } of CASES) {
  Deno.test(`renderMarkdown() ${name}`, () => {
    assertEquals(renderMarkdown(text, headingShift)?.html, html);
  });
}

Deno.test("renderMarkdown() takes the title from the first heading", () => {
  assertEquals(renderMarkdown("a\n\n## B `c` *d*\n# E")?.title, "B c d");
  assertEquals(renderMarkdown("a")?.title, undefined);
});

Deno.test("renderMarkdown() renders no text that is too long", () => {
  const longest = "a".repeat(MARKDOWN_LENGTH_MAX);
  assert(renderMarkdown(longest) !== undefined);
  assertEquals(renderMarkdown(`${longest}a`), undefined);
});
