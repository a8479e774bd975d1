import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Listing } from "../../../lib/site/listing/listing.ts";
import { tableOf } from "../../../lib/site/listing/table.ts";

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
