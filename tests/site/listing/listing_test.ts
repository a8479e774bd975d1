import { assertEquals } from "@std/assert";
import {
  isoDate,
  listingJson,
  listingText,
} from "../../../lib/site/listing/listing.ts";
import type { ListingOrder } from "../../../lib/site/listing/order.ts";
import { file, folder, listing, TIME } from "./entries.ts";

Deno.test("listingJson() has a stable shape, sorted, with a newline", () => {
  const entries = [file("b.txt", 12), folder("z"), file("a.txt", 5, NaN)];
  const order: ListingOrder = { by: "size", descending: true };
  assertEquals(
    listingJson(listing(entries, { path: "/d/", truncatedAt: 3, order })),
    `{"path":"/d/","truncated":true,"entries":[` +
      `{"name":"z","type":"directory","size":0,"modified":"2026-11-20T07:12:33.000Z"},` +
      `{"name":"b.txt","type":"file","size":12,"modified":"2026-11-20T07:12:33.000Z"},` +
      `{"name":"a.txt","type":"file","size":5,"modified":null}]}\n`,
  );
  assertEquals(
    listingJson(listing([])),
    `{"path":"/","truncated":false,"entries":[]}\n`,
  );
});

Deno.test("listingText() has one name a line, sorted, folders with a slash", () => {
  const entries = [file("b 2.txt", 1), folder("z"), file("a.txt", 5)];
  const order: ListingOrder = { by: "size", descending: true };
  assertEquals(
    listingText(listing(entries, { order })),
    "z/\na.txt\nb 2.txt\n",
  );
  assertEquals(listingText(listing([])), "");
});

const HOSTILE: [title: string, name: string, line: string][] = [
  ["a line break", "a\nb", "a␊b"],
  ["a carriage return", "a\rb", "a␍b"],
  ["a command for a terminal", "\x1b[2J\x9b2J", "␛[2J[U+009B]2J"],
  ["a separator of lines", "a\u2028b", "a[U+2028]b"],
  ["an override", "\u202Egpj.exe", "[U+202E]gpj.exe"],
  ["markup", "<b>&amp;", "<b>&amp;"],
];

for (const [title, name, line] of HOSTILE) {
  Deno.test(`listingText() keeps one line for ${title}`, () => {
    assertEquals(listingText(listing([file(name)])), `${line}\n`);
  });
}

Deno.test("isoDate() knows no time that is unknown", () => {
  assertEquals(isoDate(NaN), undefined);
  assertEquals(isoDate(TIME), "2026-11-20T07:12:33.000Z");
});
