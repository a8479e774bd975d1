import { assertEquals } from "@std/assert";
import {
  DEFAULT_ORDER,
  type ListingOrder,
  orderParameters,
  parseListingOrder,
  sortEntries,
} from "../../../lib/site/listing/order.ts";
import { ENTRIES, file } from "./entries.ts";

const ORDERS: [query: string, by: ListingOrder["by"], descending: boolean][] = [
  ["", "name", false],
  ["sort=name", "name", false],
  ["sort=size", "size", false],
  ["sort=modified", "modified", false],
  ["sort=size&order=desc", "size", true],
  ["order=desc&sort=size", "size", true],
  ["sort=modified&order=asc", "modified", false],
  ["order=desc", "name", true],
  ["sort=%73ize", "size", false],
  ["sort=size&sort=modified", "size", false],
  ["v=3&sort=size&x", "size", false],
  ["sort=colour&order=desc", "name", false],
  ["sort=size&order=sideways", "name", false],
  ["sort=&order=desc", "name", false],
  ["sort", "name", false],
  ["sort=SIZE", "name", false],
  ["sort=constructor", "name", false],
  ["sort=__proto__&order=desc", "name", false],
  ["?sort=size", "size", false],
  ["sort=%E0%A4%A&order=%", "name", false],
  ["&&&==&", "name", false],
  ["\uD800=\0", "name", false],
];

for (const [query, by, descending] of ORDERS) {
  Deno.test(`parseListingOrder() reads ${JSON.stringify(query)}`, () => {
    assertEquals(parseListingOrder(query), { by, descending });
  });
}

const NATURAL: [title: string, names: string[]][] = [
  ["numbers by value", ["file1", "file2", "file10", "file100"]],
  ["numbers in the middle", ["a2b", "a10a", "a10b"]],
  ["upper and lower case together", ["apple", "Banana", "cherry"]],
  ["case alone by code units", ["README", "Readme", "readme"]],
  ["accents beside their letters", ["etage", "étage", "etagf"]],
  ["leading zeros by code units", ["a01", "a1", "a02"]],
  ["digits before letters", ["7", "42", "a"]],
  ["the empty name first", ["", "a"]],
  ["halves of surrogate pairs", ["a\uD800", "a\uDC00"]],
  ["what a collation ignores", ["ab", "a\0b", "a\u0001b"].toSorted()],
];

for (const [title, names] of NATURAL) {
  Deno.test(`sortEntries() sorts ${title}, whatever came in`, () => {
    const entries = names.map((name) => file(name));
    const rotated = [...entries.slice(1), ...entries.slice(0, 1)];
    for (const input of [entries, entries.toReversed(), rotated]) {
      const sorted = sortEntries(input, DEFAULT_ORDER).map((entry) =>
        entry.name
      );
      assertEquals(sorted, names);
    }
  });
}

const SORTED: [order: ListingOrder, names: string][] = [
  [{ by: "name", descending: false }, "y z a.txt b.txt c.txt d.txt"],
  [{ by: "name", descending: true }, "z y d.txt c.txt b.txt a.txt"],
  [{ by: "size", descending: false }, "y z c.txt a.txt b.txt d.txt"],
  [{ by: "size", descending: true }, "y z d.txt a.txt b.txt c.txt"],
  [{ by: "modified", descending: false }, "y z d.txt c.txt b.txt a.txt"],
  [{ by: "modified", descending: true }, "z y a.txt b.txt c.txt d.txt"],
];

for (const [order, names] of SORTED) {
  const direction = order.descending ? "descending" : "ascending";
  Deno.test(`sortEntries() sorts by ${order.by}, ${direction}`, () => {
    for (const input of [ENTRIES, ENTRIES.toReversed()]) {
      const sorted = sortEntries(input, order).map((entry) => entry.name);
      assertEquals(sorted.join(" "), names);
    }
  });
}

Deno.test("sortEntries() leaves its argument as it is", () => {
  const entries = [file("b"), file("a")];
  sortEntries(entries, DEFAULT_ORDER);
  assertEquals(entries.map((entry) => entry.name), ["b", "a"]);
});

for (const [query, by, descending] of ORDERS) {
  Deno.test(`orderParameters() asks for what ${JSON.stringify(query)} does`, () => {
    const parameters = orderParameters({ by, descending });
    assertEquals(parameters.length === 0, by === "name" && !descending);
    const again = parameters.map((pair) => pair.join("=")).join("&");
    assertEquals(parseListingOrder(again), { by, descending });
  });
}
