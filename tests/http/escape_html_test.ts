import { assertEquals } from "@std/assert";
import { escape } from "@std/html";
import { escapeHtml } from "../../lib/http/escape_html.ts";

const TEXTS: readonly (readonly [name: string, text: string, html: string])[] =
  [
    ["nothing", "", ""],
    ["no such character", "naïve 🙂", "naïve 🙂"],
    ["an element", "<b>", "&lt;b&gt;"],
    ["the end of an attribute", `" onload='x'`, "&quot; onload=&#39;x&#39;"],
    ["a reference", "&lt;", "&amp;lt;"],
    ["names of objects", "__proto__ constructor", "__proto__ constructor"],
  ];

for (const [name, text, html] of TEXTS) {
  Deno.test(`escapeHtml, ${name}`, () => {
    assertEquals(escapeHtml(text), html);
    assertEquals(escape(text), html);
  });
}

Deno.test("escapeHtml escapes what the standard library does", () => {
  const all = Array.from({ length: 0x300 }, (_, i) => String.fromCharCode(i));
  assertEquals(escapeHtml(all.join("")), escape(all.join("")));
});
