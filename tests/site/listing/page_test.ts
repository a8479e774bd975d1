import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { listingJson } from "../../../lib/site/listing/listing.ts";
import {
  type ListingOrder,
  sortEntries,
} from "../../../lib/site/listing/order.ts";
import { listingHtml } from "../../../lib/site/listing/page.ts";
import {
  type DirectoryEntry,
  LISTING_ENTRIES_MAX,
} from "../../../lib/site/site.ts";
import { ENTRIES, file, folder, listing, TIME } from "./entries.ts";

/** How each form of a listing begins: no `action`, so that it sends to the page itself. */
const SORT_FORM = `<form rel="nofollow">`;

/** The rows of the table, without the way up. */
function rowsOf(html: string): string[] {
  return html.split("\n").filter((line) =>
    line.startsWith("<tr>") && !line.includes(`class="parent"`)
  );
}

/** What stands between the first `start` and the next `end` in the text. */
function between(text: string, start: string, end: string): string {
  const found = text.indexOf(start);
  assert(found !== -1, `There is no ${start} in: ${text}`);
  const from = found + start.length;
  return text.slice(from, text.indexOf(end, from));
}

/* As text, and as the last part of an address. */
const NAMES: [title: string, name: string, text: string, href: string][] = [
  ["a plain name", "a.txt", "a.txt", "./a.txt"],
  [
    "markup",
    "<img src=x onerror=alert(1)>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "./%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
  ],
  ["double quotes", '" x="', "&quot; x=&quot;", "./%22%20x%3D%22"],
  ["a single quote", "it's", "it&#39;s", "./it's"],
  ["ampersands", "a&b&amp;", "a&amp;b&amp;amp;", "./a%26b%26amp%3B"],
  ["a scheme", "javascript:x", "javascript:x", "./javascript%3Ax"],
  ["a colon", "a:b", "a:b", "./a%3Ab"],
  ["a query", "a?b=c", "a?b=c", "./a%3Fb%3Dc"],
  ["a fragment", "a#b", "a#b", "./a%23b"],
  ["a percent sign", "%25", "%25", "./%2525"],
  ["an encoded slash", "..%2f..%2fx", "..%2f..%2fx", "./..%252f..%252fx"],
  ["backslashes", "\\\\host\\x", "\\\\host\\x", "./%5C%5Chost%5Cx"],
  ["leading dots", "...a", "...a", "./...a"],
  ["spaces", "  a  b ", "  a  b ", "./%20%20a%20%20b%20"],
  ["a plus sign", "a+b", "a+b", "./a%2Bb"],
  ["letters of other scripts", "é漢", "é漢", "./%C3%A9%E6%BC%A2"],
  ["an emoji", "👋🏽", "👋🏽", "./%F0%9F%91%8B%F0%9F%8F%BD"],
  ["a joined emoji", "👩‍🚀", "👩‍🚀", "./%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80"],
  ["a newline", "a\nb", "a␊b", "./a%0Ab"],
  ["NUL and escape", "\0\x1b[2J", "␀␛[2J", "./%00%1B%5B2J"],
  ["delete", "\x7f", "␡", "./%7F"],
  ["a C1 control", "\x85", "[U+0085]", "./%C2%85"],
  [
    "line separators",
    "\u2028\u2029",
    "[U+2028][U+2029]",
    "./%E2%80%A8%E2%80%A9",
  ],
  ["an override", "a\u202Egpj.exe", "a[U+202E]gpj.exe", "./a%E2%80%AEgpj.exe"],
  ["embeddings", "\u202A\u202B", "[U+202A][U+202B]", "./%E2%80%AA%E2%80%AB"],
  [
    "the end of embeddings",
    "\u202C\u202D",
    "[U+202C][U+202D]",
    "./%E2%80%AC%E2%80%AD",
  ],
  ["isolates", "\u2066\u2067", "[U+2066][U+2067]", "./%E2%81%A6%E2%81%A7"],
  [
    "the end of isolates",
    "\u2068\u2069",
    "[U+2068][U+2069]",
    "./%E2%81%A8%E2%81%A9",
  ],
  ["marks", "\u200E\u200F", "[U+200E][U+200F]", "./%E2%80%8E%E2%80%8F"],
  [
    "spaces without width",
    "a\u200Bb\uFEFFc\u2060",
    "a[U+200B]b[U+FEFF]c[U+2060]",
    "./a%E2%80%8Bb%EF%BB%BFc%E2%81%A0",
  ],
  ["fillers", "\u00AD\u3164", "[U+00AD][U+3164]", "./%C2%AD%E3%85%A4"],
  [
    "joiners of words and emoji",
    "\u0645\u06CC\u200C\u062E \u{1F469}\u200D\u{1F4BB}\u2764\uFE0F",
    "\u0645\u06CC\u200C\u062E \u{1F469}\u200D\u{1F4BB}\u2764\uFE0F",
    "./%D9%85%DB%8C%E2%80%8C%D8%AE%20%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB%E2%9D%A4%EF%B8%8F",
  ],
  ["the Arabic mark", "\u061C", "[U+061C]", "./%D8%9C"],
  ["right to left letters", "אב", "אב", "./%D7%90%D7%91"],
  ["half a surrogate pair", "a\uD83D", "a[U+D83D]", "./a%EF%BF%BD"],
  ["the other half", "\uDE00a", "[U+DE00]a", "./%EF%BF%BDa"],
];

for (const [title, name, text, href] of NAMES) {
  Deno.test(`listingHtml() shows and links ${title}`, () => {
    const html = listingHtml(listing([file(name)]));
    const row = rowsOf(html)[0]!;
    assertEquals(between(row, "<bdi>", "</bdi>"), text);
    assertEquals(between(row, `href="`, `"`), href);
    const target = new URL(href, "http://host/dir/");
    assertEquals(target.origin + target.search + target.hash, "http://host");
    assertEquals(
      decodeURIComponent(target.pathname),
      `/dir/${name.toWellFormed()}`,
    );
  });

  Deno.test(`listingHtml() shows ${title} in the path`, () => {
    const path = `/${name}/`;
    const html = listingHtml(listing([file("x")], { path }));
    assertEquals(between(html, "<title>", "</title>"), `Index of /${text}/`);
    assertEquals(between(html, "<h1><bdi>", "</bdi></h1>"), text);
    assertStringIncludes(html, `Contents of <bdi>/${text}/</bdi>`);
  });

  Deno.test(`listingJson() writes ${title} as it is`, () => {
    const path = `/${name}/`;
    const json = JSON.parse(listingJson(listing([file(name)], { path })));
    assertEquals([json.path, json.entries[0].name], [path, name]);
  });

  Deno.test(`listingHtml() stays within its policy with ${title}`, () => {
    const path = `/${name}/`;
    const html = listingHtml(
      listing([file(name), folder(name)], {
        path,
        truncatedAt: 2,
        canDownload: true,
      }),
    );
    assertNotMatch(html, /<style|<base|<iframe|<object/i);
    assertEquals(html.match(/<img/gi)!.length, 1);
    // Those that search, download and sort, which send to the page itself.
    assertEquals(html.match(/<form[^>]*>/gi), [
      '<form id="filter" role="search">',
      '<form class="download">',
      ...Array(3).fill(SORT_FORM),
    ]);
    assertNotMatch(html, /<[^>]*\s(?:style|on\w+|srcdoc)\s*=/i);
    const scripts = html.match(/<script[\s\S]*?<\/script>/gi);
    assertEquals(scripts, [
      `<script src="../.skiff/listing.js" defer></script>`,
    ]);
    assertEquals(html.match(/<\/?bdi>/g)!.length % 2, 0);
    for (const [, reference] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
      assertMatch(reference!, /^\.{1,2}\//);
    }
  });
}

Deno.test("listingHtml() marks folders with a slash, in text and address", () => {
  const row = rowsOf(listingHtml(listing([folder("a b")])))[0]!;
  assertStringIncludes(
    row,
    `<a class="folder" href="./a%20b/"><bdi>a b</bdi>/</a>`,
  );
});

const SIZES: [bytes: number, text: string, title: string][] = [
  [0, "0 B", "0 bytes"],
  [1, "1 B", "1 byte"],
  [1023, "1020 B", "1,023 bytes"],
  [1024, "1 KiB", "1,024 bytes"],
  [1536, "1.5 KiB", "1,536 bytes"],
  [2 ** 30 * 1.25, "1.25 GiB", "1,342,177,280 bytes"],
  [Number.MAX_SAFE_INTEGER, "8 PiB", "9,007,199,254,740,991 bytes"],
];

for (const [bytes, text, title] of SIZES) {
  Deno.test(`listingHtml() shows ${title} as ${text}`, () => {
    const row = rowsOf(listingHtml(listing([file("x", bytes)])))[0]!;
    assertStringIncludes(row, `<td title="${title}">${text}</td>`);
  });
}

const TIMES: [modified: number, iso: string | null, shown: string][] = [
  [TIME + 45, "2026-11-20T07:12:33.045Z", "2026-11-20 07:12"],
  [0, "1970-01-01T00:00:00.000Z", "1970-01-01 00:00"],
  [-1.5, "1969-12-31T23:59:59.999Z", "1969-12-31 23:59"],
  [8.64e15, "+275760-09-13T00:00:00.000Z", "+275760-09-13 00:00"],
  [8.65e15, null, ""],
  [NaN, null, ""],
  [-Infinity, null, ""],
];

for (const [modified, iso, shown] of TIMES) {
  Deno.test(`a listing shows the time ${modified} as ${iso}`, () => {
    const entries = listing([file("x", 1, modified)]);
    const time = iso && `<time datetime="${iso}">${shown}</time>`;
    assertStringIncludes(listingHtml(entries), `<td>${time ?? ""}</td></tr>`);
    assertEquals(JSON.parse(listingJson(entries)).entries[0].modified, iso);
  });
}

const ICONS: Record<string, string[]> = {
  archive: ["a.zip", "a.tar.gz", "A.ZST", "a.deb"],
  audio: ["a.mp3", "a.flac", "a.ogg"],
  font: ["a.woff2", "a.ttf"],
  image: ["a.png", "a.JPEG", "a.svg", "a.avif"],
  pdf: ["a.pdf"],
  text: [
    "a.txt",
    "a.html",
    "a.ts",
    "a.mts",
    "a.json",
    "a.rs",
    "a.css",
    "LICENSE",
  ],
  video: ["a.mp4", "a.webm"],
  other: ["a", "a.", "zip", "a.exe", "a.constructor", "a.__proto__", "a.zip "],
};

for (const [icon, names] of Object.entries(ICONS)) {
  Deno.test(`listingHtml() gives the icon "${icon}" to its files`, () => {
    for (const name of names) {
      const html = listingHtml(listing([file(name)]));
      assertEquals(
        between(html, `<th scope="row"><a class="`, `"`),
        icon,
        name,
      );
    }
  });
}

Deno.test("listingHtml() has no way up at the root", () => {
  const html = listingHtml(listing([file("x")]));
  assert(!html.includes(`href="../"`));
  assert(!html.includes("<nav"));
  assertStringIncludes(html, `href="./.skiff/listing.css"`);
  assertStringIncludes(html, `src="./.skiff/listing.js"`);
  assertStringIncludes(html, "<h1><bdi>Index of /</bdi></h1>");
});

Deno.test("listingHtml() leads to each folder above", () => {
  const html = listingHtml(listing([file("x")], { path: "/a/b c/d/" }));
  assertEquals(
    between(html, "<ol>", "</ol>"),
    [
      `<li><a href="../../../"><bdi>Home</bdi></a></li>`,
      `<li><a href="../../"><bdi>a</bdi></a></li>`,
      `<li><a href="../"><bdi>b c</bdi></a></li>`,
    ].join(""),
  );
  assertStringIncludes(html, `<a class="parent" href="../">`);
  assertStringIncludes(html, `href="../../../.skiff/listing.css"`);
  assertStringIncludes(html, `src="../../../.skiff/listing.js"`);
});

Deno.test("listingHtml() links to no order of the same folder", () => {
  const html = listingHtml(listing([file("x"), folder("y")]));
  assertNotMatch(html, /href="[^"]*\?/);
});

/* The order shown, and the order that each of the three heads leads to. */
const HEADS: [by: ListingOrder["by"], shown: string, links: string][] = [
  ["name", "asc", "desc desc desc"],
  ["name", "desc", "asc desc desc"],
  ["size", "asc", "asc desc desc"],
  ["size", "desc", "asc asc desc"],
  ["modified", "asc", "asc desc desc"],
  ["modified", "desc", "asc desc asc"],
];

for (const [by, shown, links] of HEADS) {
  Deno.test(`listingHtml() has heads that sort, from ${by} ${shown}`, () => {
    const order = { by, descending: shown === "desc" };
    const html = listingHtml(listing(ENTRIES, { order }));
    const heads = between(html, "<thead>", "</thead>").match(/<th .*?<\/th>/g)!;
    const columns = ["name", "size", "modified"];
    for (const [index, link] of links.split(" ").entries()) {
      const sorted = columns[index] === by ? ` aria-sort="${shown}ending"` : "";
      assertStringIncludes(
        heads[index]!,
        `<th scope="col"${sorted}><form rel="nofollow"><input type="hidden" name="order" value="${link}"><button name="sort" value="${
          columns[index]
        }">`,
      );
    }
    const names = rowsOf(html).map((row) => between(row, "<bdi>", "</bdi>"));
    assertEquals(names, sortEntries(ENTRIES, order).map((entry) => entry.name));
  });
}

const SUMMARIES: [entries: DirectoryEntry[], summary: string][] = [
  [[], "Empty folder"],
  [[folder("a")], "1 folder"],
  [[file("a", 1)], "1 file, 1 B"],
  [[file("a", 1024), file("b", 512)], "2 files, 1.5 KiB"],
  [
    [folder("a"), folder("b"), file("c", 1e9), file("d", 1e9)],
    "2 folders, 2 files, 1.86 GiB",
  ],
  [Array.from({ length: 1234 }, (_, i) => folder(`${i}`)), "1,234 folders"],
];

for (const [entries, summary] of SUMMARIES) {
  Deno.test(`listingHtml() sums up as "${summary}"`, () => {
    const html = listingHtml(listing(entries));
    assertEquals(between(html, `<p class="summary">`, "</p>"), summary);
  });
}

Deno.test("listingHtml() says that a folder is empty, and shows the way up", () => {
  const root = listingHtml(listing([]));
  assertStringIncludes(root, "There is nothing here yet.");
  assertNotMatch(root, /<table|id="filter"|class="parent"/);
  const below = listingHtml(listing([], { path: "/a/" }));
  assertStringIncludes(below, `<a class="parent" href="../">`);
});

Deno.test("listingHtml() says when there is more than it shows", () => {
  const entries = [file("a"), file("b")];
  const note = "This folder has more entries than the 10,000 that are shown.";
  const html = listingHtml(listing(entries, { truncatedAt: 10_000 }));
  assertStringIncludes(html, `<p class="note">${note}`);
  assert(!listingHtml(listing(entries)).includes("more entries"));
});

Deno.test("listingHtml() can be read by ear and used by keyboard", () => {
  const html = listingHtml(listing([file("a")], { path: "/x/" }));
  assertStringIncludes(html, `<html lang="en">`);
  assertStringIncludes(html, `<nav aria-label="Breadcrumbs">`);
  assertStringIncludes(html, "<caption>Contents of <bdi>/x/</bdi>");
  assertStringIncludes(html, `<form id="filter" role="search">`);
  assertStringIncludes(html, `<label for="query">`);
  assertStringIncludes(html, `<input id="query" name="q" type="search"`);
  assertStringIncludes(html, `<p id="count" role="status"></p>`);
  assertStringIncludes(html, `Modified <span id="zone">(UTC)</span>`);
  assertEquals(html.match(/<h1>/g)!.length, 1);
  assert(!html.includes("tabindex"));
});

Deno.test("listingHtml() and listingJson() are quick with the most entries", () => {
  const entries = Array.from(
    { length: LISTING_ENTRIES_MAX },
    (_, i) => file(`IMG_${(i * 7919) % 10_000} Zürich & co.jpg`, i, TIME - i),
  );
  const start = performance.now();
  const html = listingHtml(listing(entries));
  const json = listingJson(listing(entries));
  // About 100 ms. Something quadratic would take many seconds.
  assertLess(performance.now() - start, 3000);
  assertEquals(rowsOf(html).length, 10_000);
  assertEquals(JSON.parse(json).entries.length, 10_000);
});

Deno.test("listingHtml() offers an archive only where there is one", () => {
  const button = `name="download" value="zip"`;
  const entries = [file("a")];
  const html = listingHtml(listing(entries, { canDownload: true }));
  assertStringIncludes(html, button);
  assertEquals(listingHtml(listing(entries)).includes(button), false);
  const empty = listingHtml(listing([], { canDownload: true }));
  assertEquals(empty.includes(button), false);
});

for (const [title, name, text, href] of NAMES) {
  Deno.test(`listingHtml() shows what was found with ${title}`, () => {
    const search = { text: name, isCut: false };
    const found = listing([file(`${name}/${name}`), folder(name)], { search });
    const html = listingHtml(found);
    assertStringIncludes(html, `href="${href}${href.slice(1)}"`);
    assertStringIncludes(html, `href="${href}/"`);
    assertStringIncludes(html, `with “<bdi>${text}</bdi>”`);
    assertEquals(html.match(/<script/g)!.length, 1);
    assertEquals(html.match(/<input[^>]*>/g)!.length, 7);
    const json = JSON.parse(listingJson(found));
    assertEquals([json.query, json.truncated], [name, false]);
    assertEquals(json.entries[1].name, `${name}/${name}`);
  });
}

Deno.test("a search keeps its words when it is sorted, and says whether there is more", () => {
  const search = { text: "a b", isCut: true };
  const found = listing([file("a b")], { search });
  const html = listingHtml(found);
  assertEquals(
    html.match(/<input type="hidden" name="q" value="a b">/g)!.length,
    3,
  );
  assertStringIncludes(html, "There may be more");
  assertEquals(JSON.parse(listingJson(found)).truncated, true);
  assertStringIncludes(listingHtml(listing([], { search })), "Nothing found");
});

Deno.test("listingHtml() offers pictures where there are some, and a way back", () => {
  const order: ListingOrder = { by: "size", descending: true };
  const entries = [file("a.png"), file("b.txt")];
  const table = listingHtml(listing(entries, { order }));
  assertStringIncludes(
    table,
    `<form class="view" rel="nofollow"><input type="hidden" name="sort" value="size"><input type="hidden" name="order" value="desc"><button name="view" value="grid">`,
  );
  assertNotMatch(table, /<img[^>]*a\.png/);
  const grid = listingHtml(listing(entries, { order, isGrid: true }));
  assertMatch(grid, /<img src="\.\/a\.png"/);
  assertStringIncludes(grid, `<button name="view" value="list">`);
  assertNotMatch(listingHtml(listing([file("b.txt")])), /name="view"/);
});

Deno.test("listingHtml() shows what a folder says about itself below it", () => {
  const readme = { name: `a"<b>.md`, html: "<p>Hello</p>" };
  const html = listingHtml(listing([file("x")], { readme }));
  assertStringIncludes(
    html,
    `<h2 id="readme"><a href="./a%22%3Cb%3E.md"><bdi>a&quot;&lt;b&gt;.md</bdi></a></h2>`,
  );
  assertStringIncludes(html, "<p>Hello</p>");
  assertEquals(html.indexOf("</table>") < html.indexOf("readme"), true);
  assertNotMatch(listingHtml(listing([file("x")])), /readme/);
});
