import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  isPage,
  listingFile,
  searchFile,
} from "../../../lib/site/listing/files.ts";
import type { Listing } from "../../../lib/site/listing/listing.ts";

const LISTING: Listing = {
  path: "/d/",
  entries: [{ name: "a.png", kind: "file", size: 1, modified: 0 }],
  truncatedAt: undefined,
  order: { by: "name", descending: false },
  canDownload: false,
};

function textOf({ identity }: ReturnType<typeof listingFile>): string {
  const bytes = identity!.slice(0, identity!.length) as Uint8Array;
  return new TextDecoder().decode(bytes);
}

const FORMATS = [
  ["html", "text/html", "<table"],
  ["grid", "text/html", '<ul class="entries grid"'],
  ["json", "application/json", '{"path":"/d/"'],
  ["text", "text/plain", "a.png\n"],
] as const;

for (const [format, type, part] of FORMATS) {
  Deno.test(`listingFile() makes ${format}`, () => {
    const file = listingFile(LISTING, format, "/real/d/");
    assertEquals(file.contentType, `${type}; charset=UTF-8`);
    assertEquals([file.path, file.realPath], ["/d/", "/real/d/"]);
    assertEquals(file.varies, ["Accept"]);
    assertStringIncludes(textOf(file), part);
    assertEquals(file.fields.length, isPage(format) ? 1 : 0);
  });
}

Deno.test("searchFile() shows paths, and leads back to the view before", () => {
  const html = textOf(searchFile({
    path: "/d/",
    realPath: "/d/",
    order: { by: "size", descending: true },
    format: "grid",
    text: "b",
    results: {
      isCut: false,
      entries: [{
        path: "a/b/",
        kind: "directory",
        size: 0,
        modified: 0,
        isEmpty: true,
      }],
    },
  }));
  const query = "?sort=size&amp;order=desc&amp;view=grid";
  assertStringIncludes(html, `<a href="./${query}">Show the folder</a>`);
  assertStringIncludes(html, `href="./a/b/${query}"`);
  assertStringIncludes(html, "<table");
});
