import { assertEquals } from "@std/assert";
import { parseRobots } from "../../lib/check/robots.ts";

/** Texts of robots.txt, and the lines and addresses of their sitemaps. */
const TEXTS:
  readonly (readonly [text: string, found: readonly string[], bad?: number])[] =
    [
      ["", []],
      ["User-agent: *\nDisallow: /sitemap", []],
      ["Sitemap: https://a/1.xml\n", ["1 https://a/1.xml"]],
      [
        "User-agent: *\r\n\r\n sitemap :https://a/1.xml # all\rSITEMAP:\thttps://a/2.xml",
        ["3 https://a/1.xml", "4 https://a/2.xml"],
      ],
      ["Sitemap: /1.xml", ["1 /1.xml"], 1],
      ["Sitemap:", ["1 "], 1],
      ["# Sitemap: https://a/1.xml", []],
    ];

for (const [text, found, bad = 0] of TEXTS) {
  Deno.test(`parseRobots() of ${JSON.stringify(text)}`, () => {
    const { references, defects } = parseRobots(text);
    const lines = references.map(({ line, address }) => `${line} ${address}`);
    assertEquals([lines, defects.length], [[...found], bad]);
  });
}
