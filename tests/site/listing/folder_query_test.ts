import { assertEquals } from "@std/assert";
import {
  type FolderQuery,
  parseFolderQuery,
  wantsGrid,
} from "../../../lib/site/listing/folder_query.ts";

const CASES: readonly [query: string, wanted: FolderQuery | undefined][] = [
  ["", undefined],
  ["sort=size&order=desc", undefined],
  ["download=zip", { kind: "zip" }],
  ["download=tar", undefined],
  ["download=ZIP", undefined],
  ["download", undefined],
  ["q=a+b%20c", { kind: "search", text: "a b c" }],
  ["q=", undefined],
  ["q=+%20", undefined],
  ["q=%ff%zz", { kind: "search", text: "\ufffd%zz" }],
  ["q=a&q=b", { kind: "search", text: "a" }],
  ["q=a&download=zip", { kind: "zip" }],
];

for (const [query, wanted] of CASES) {
  Deno.test(`parseFolderQuery() of "${query}"`, () => {
    assertEquals(parseFolderQuery(query), wanted);
  });
}

for (
  const [query, wanted] of [
    ["view=grid", true],
    ["sort=size&view=grid", true],
    ["view=grid&view=list", true],
    ["view=list&view=grid", false],
    ["view=GRID", false],
    ["view", false],
    ["", false],
    ["%ff=%&view=%67rid", true],
  ] as const
) {
  Deno.test(`wantsGrid() of "${query}"`, () => {
    assertEquals(wantsGrid(query), wanted);
  });
}
