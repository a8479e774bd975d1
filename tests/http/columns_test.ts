import { assertEquals } from "@std/assert";
import { columnsOf, fitted } from "../../lib/http/columns.ts";

const WIDTHS: readonly (readonly [text: string, columns: number])[] = [
  ["", 0],
  ["/guide/", 7],
  ["/über/", 6],
  ["日本", 4],
  ["한글", 4],
  ["ｆｕｌｌ", 8],
  ["a\u0308", 1],
  ["🚤", 2],
  ["👍a", 3],
  ["…", 1],
];

for (const [text, columns] of WIDTHS) {
  Deno.test(`columnsOf() counts ${columns} for "${text}"`, () => {
    assertEquals(columnsOf(text), columns);
  });
}

const FITTED: readonly (readonly [
  text: string,
  columns: number,
  result: string,
])[] = [
  ["/guide/", 7, "/guide/"],
  ["/guide/start.html", 11, "/guid….html"],
  ["/guide/start.html", 10, "/gui….html"],
  ["日本語日本語", 12, "日本語日本語"],
  ["日本語日本語", 11, "日本…日本語"],
  ["日本語日本語", 10, "日本…本語"],
  ["🚤🚤🚤", 3, "…🚤"],
  ["abc", 1, "…"],
  ["abc", 0, ""],
];

for (const [text, columns, result] of FITTED) {
  Deno.test(`fitted() makes "${text}" fit ${columns} columns`, () => {
    assertEquals(fitted(text, columns), result);
  });
}

Deno.test("fitted() never takes more columns than there are", () => {
  const text = "/日本/a\u0308b🚤/…/index.html".repeat(3);
  for (let columns = 0; columns < 70; columns++) {
    for (const mark of ["…", "...", ""]) {
      const result = fitted(text, columns, mark);
      assertEquals(columnsOf(result) <= columns, true, result);
      // No half of a surrogate pair.
      assertEquals(result.isWellFormed(), true);
    }
  }
});
