import {
  assertEquals,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { gridOf } from "../../../lib/site/listing/grid.ts";
import type { Listing } from "../../../lib/site/listing/listing.ts";
import type { DirectoryEntry } from "../../../lib/site/site.ts";

function entry(
  name: string,
  kind: DirectoryEntry["kind"] = "file",
): DirectoryEntry {
  return { name, kind, size: 2048, modified: 0 };
}

function listing(...entries: DirectoryEntry[]): Listing {
  return {
    path: "/p/",
    entries,
    truncatedAt: undefined,
    order: { by: "size", descending: true },
    isGrid: true,
    canDownload: false,
  };
}

Deno.test("gridOf() shows pictures as the files they are, loaded late", () => {
  const html = gridOf(listing(entry("a b.jpg"), entry("c.txt")), false);
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
  const html = gridOf(listing(entry("sub", "directory")), true);
  const query = "?sort=size&amp;order=desc&amp;view=grid";
  assertStringIncludes(html, `class="parent" href="../${query}"`);
  assertStringIncludes(html, `class="folder" href="./sub/${query}"`);
  assertStringIncludes(html, `<li class="descending"><form rel="nofollow">`);
  assertStringIncludes(html, `Size <span class="unseen">descending</span>`);
  assertEquals(html.match(/name="view" value="grid"/g)!.length, 3);
});

Deno.test("gridOf() stays within its policy, whatever a name is", () => {
  const html = gridOf(
    listing(entry(`"onload="alert(1)" x=".png`), entry("javascript:x.png")),
    false,
  );
  assertNotMatch(html, /<[^>]*\s(?:style|on\w+)\s*=/i);
  for (const [, reference] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
    assertEquals(reference!.startsWith("./"), true);
  }
});
