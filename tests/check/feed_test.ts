import { assertEquals } from "@std/assert";
import { isFeed, parseFeed, parseRobots } from "../../lib/check/feed.ts";
import { REFERENCES_MAX } from "../../lib/check/reference.ts";

/** Feeds, and what they refer to. */
const FEEDS: readonly (readonly [xml: string, found: readonly string[]])[] = [
  ["<urlset><url>\n<loc> /a?b&amp;c </loc></url></urlset>", ["link /a?b&c 2"]],
  [
    "<urlset><url><loc>/a</loc><image:image><image:loc>/b.png</image:loc></image:image></url></urlset>",
    ["link /a 1", "image /b.png 1"],
  ],
  ["<urlset><xhtml:link rel='alternate' href='/de'/></urlset>", ["link /de 1"]],
  ["<sitemapindex><sitemap><loc>/s.xml</loc></sitemap></sitemapindex>", [
    "hint /s.xml 1",
  ]],
  [
    "<rss><channel><link>/</link><item><link>/a</link><enclosure url='/a.mp3'/></item></channel></rss>",
    ["link / 1", "link /a 1", "media /a.mp3 1"],
  ],
  ["<rss><channel><link><![CDATA[/a]]></link></channel></rss>", ["link /a 1"]],
  [
    "<feed><link href='/a'/><link rel='self' href='/feed'/><link rel='hub' href='/hub'/></feed>",
    ["link /a 1"],
  ],
  ["<rss><link/><link></link></rss>", []],
  ["<other><loc>/a</loc></other>", []],
  ["<urlset><toString>/a</toString></urlset>", []],
  ["<urlset><loc>/a", ["link /a 1"]],
  ["</urlset><<>>&&&;", []],
  ["", []],
];

for (const [xml, found] of FEEDS) {
  Deno.test(`parseFeed() of ${xml}`, () => {
    const { references } = parseFeed(xml);
    assertEquals(
      references.map(({ kind, address, line }) => `${kind} ${address} ${line}`),
      [...found],
    );
  });
}

Deno.test("isFeed() knows sitemaps and feeds from other XML", () => {
  const feeds = [
    "<urlset>",
    "<?xml?>\n<rss version='2.0'>",
    "<feed\n>",
    "<svg>",
    "<rssx>",
    "",
  ];
  assertEquals(feeds.map(isFeed), [true, true, true, false, false, false]);
});

Deno.test("parseFeed() reads no deeper than it may", () => {
  assertEquals(parseFeed("<rss>".repeat(1_000_000)).isCut, true);
});

Deno.test("parseFeed() keeps no more than it may", () => {
  const { references, isCut } = parseFeed(
    `<urlset>${"<loc>a</loc>".repeat(REFERENCES_MAX + 1)}`,
  );
  assertEquals([references.length, isCut], [REFERENCES_MAX, true]);
});

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
