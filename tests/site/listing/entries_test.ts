import {
  assertEquals,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  gridOf,
  hiddenOrder,
  keptQuery,
  parentLink,
  tableOf,
} from "../../../lib/site/listing/entries.ts";
import type { Listing } from "../../../lib/site/listing/listing.ts";
import type { DirectoryEntry } from "../../../lib/site/site.ts";

const LISTING: Listing = {
  path: "/p/",
  entries: [
    { name: "sub", kind: "directory", size: 0, modified: NaN },
    { name: "a.txt", kind: "file", size: 1, modified: 0 },
  ],
  truncatedAt: undefined,
  order: { by: "modified", descending: false },
  canDownload: false,
};

Deno.test("tableOf() leads to folders in the same order, and to files as they are", () => {
  const html = tableOf(LISTING, true);
  const query = "?sort=modified&amp;order=asc";
  assertStringIncludes(html, `class="parent" href="../${query}"`);
  assertStringIncludes(html, `class="folder" href="./sub/${query}"`);
  assertStringIncludes(html, `class="text" href="./a.txt"`);
});

Deno.test("tableOf() leaves the size of a folder out", () => {
  const html = tableOf(LISTING, false);
  assertStringIncludes(html, "</a></th><td></td><td></td></tr>");
  assertEquals(html.includes("parent"), false);
});

Deno.test("tableOf() escapes names, and marks folders", () => {
  const entry = {
    name: "<a>",
    kind: "directory",
    size: 0,
    modified: 0,
  } as const;
  const html = tableOf({ ...LISTING, entries: [entry] }, false);
  assertStringIncludes(html, "><bdi>&lt;a&gt;</bdi>/</a>");
});

function entry(
  name: string,
  kind: DirectoryEntry["kind"] = "file",
): DirectoryEntry {
  return { name, kind, size: 2048, modified: 0 };
}

function grid(...entries: DirectoryEntry[]): Listing {
  const order = { by: "size", descending: true } as const;
  return { ...LISTING, entries, order, isGrid: true };
}

Deno.test("gridOf() shows pictures as the files they are, loaded late", () => {
  const html = gridOf(grid(entry("a b.jpg"), entry("c.txt")), false);
  assertEquals(html.match(/<img[^>]*>/g), [
    `<img src="./a%20b.jpg" alt="" loading="lazy" decoding="async">`,
  ]);
  assertStringIncludes(html, `<a class="image" href="./a%20b.jpg"><img`);
  assertStringIncludes(
    html,
    "<span><bdi>c.txt</bdi></span><small>2 KiB</small>",
  );
  assertStringIncludes(html, `aria-label="Contents of /p/, folders first"`);
});

Deno.test("gridOf() leads on in the same order and view", () => {
  const html = gridOf(grid(entry("sub", "directory")), true);
  const query = "?sort=size&amp;order=desc&amp;view=grid";
  assertStringIncludes(html, `class="parent" href="../${query}"`);
  assertStringIncludes(html, `class="folder" href="./sub/${query}"`);
  assertStringIncludes(html, `<li class="descending"><form rel="nofollow">`);
  assertStringIncludes(html, `Size <span class="unseen">descending</span>`);
  assertEquals(html.match(/name="view" value="grid"/g)!.length, 3);
});

Deno.test("gridOf() stays within its policy, whatever a name is", () => {
  const html = gridOf(
    grid(entry(`"onload="alert(1)" x=".png`), entry("javascript:x.png")),
    false,
  );
  assertNotMatch(html, /<[^>]*\s(?:style|on\w+)\s*=/i);
  for (const [, reference] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
    assertEquals(reference!.startsWith("./"), true);
  }
});

Deno.test("another folder is shown in the same order and view", () => {
  const listing = grid();
  const query = "?sort=size&amp;order=desc";
  assertEquals(keptQuery({ ...listing, isGrid: false }), query);
  assertEquals(keptQuery(listing), `${query}&amp;view=grid`);
  const order = { by: "name", descending: false } as const;
  assertEquals(keptQuery({ ...LISTING, order }), "");
  assertEquals(
    parentLink({ ...LISTING, order }),
    `<a class="parent" href="../">Parent directory</a>`,
  );
  assertEquals(
    hiddenOrder(listing),
    `<input type="hidden" name="sort" value="size">` +
      `<input type="hidden" name="order" value="desc">`,
  );
});

Deno.test("the form of a column keeps the view and the words of a search", () => {
  const search = { text: `"><script>`, isCut: false };
  const html = gridOf({ ...grid(), search }, false);
  const kept =
    `<form rel="nofollow"><input type="hidden" name="q" value="&quot;&gt;&lt;script&gt;">` +
    `<input type="hidden" name="view" value="grid">`;
  for (
    const [by, order] of [["name", "asc"], ["size", "asc"], [
      "modified",
      "desc",
    ]]
  ) {
    assertStringIncludes(
      html,
      `${kept}<input type="hidden" name="order" value="${order}"><button name="sort" value="${by}">`,
    );
  }
});
