import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  directionOf,
  hidden,
  hiddenOrder,
  keptQuery,
  renderName,
  sortForm,
} from "../../../lib/site/listing/entry_parts.ts";
import type { Listing } from "../../../lib/site/listing/listing.ts";

const LISTING: Listing = {
  path: "/",
  entries: [],
  truncatedAt: undefined,
  order: { by: "size", descending: true },
  canDownload: false,
};

Deno.test("another folder is shown in the same order and view", () => {
  assertEquals(keptQuery(LISTING), "?sort=size&amp;order=desc");
  assertEquals(
    keptQuery({ ...LISTING, isGrid: true }),
    "?sort=size&amp;order=desc&amp;view=grid",
  );
  const order = { by: "name", descending: false } as const;
  assertEquals(keptQuery({ ...LISTING, order }), "");
  assertEquals(
    hiddenOrder(LISTING),
    hidden("sort", "size") + hidden("order", "desc"),
  );
});

Deno.test("a form keeps the view and the words of a search", () => {
  const search = { text: `"><script>`, isCut: false };
  const form = sortForm("size", "Size", { ...LISTING, isGrid: true, search });
  assertStringIncludes(form, `name="q" value="&quot;&gt;&lt;script&gt;"`);
  assertStringIncludes(form, hidden("view", "grid"));
  assertStringIncludes(form, hidden("order", "asc"));
  assertEquals(directionOf("size", LISTING), "descending");
  assertEquals(directionOf("name", LISTING), undefined);
});

Deno.test("renderName() escapes, and marks folders", () => {
  const entry = {
    name: "<a>",
    kind: "directory",
    size: 0,
    modified: 0,
  } as const;
  assertEquals(renderName(entry), "<bdi>&lt;a&gt;</bdi>/");
});
