import { assertEquals, assertRejects } from "@std/assert";
import {
  foldedText,
  SEARCH_LENGTH_MAX,
  SEARCH_RESULTS_MAX,
  searchTree,
  searchWordsOf,
} from "../../../lib/site/listing/search.ts";
import { CancelledError } from "../../../lib/site/pause.ts";
import type { Tree } from "../../../lib/site/tree.ts";
import { SlowClock } from "../slow_clock.ts";

function treeOf(paths: readonly string[], cut?: Tree["cut"]): Tree {
  const entries = paths.map((path) => ({
    path,
    kind: path.endsWith("/") ? "directory" as const : "file" as const,
    size: 0,
    modified: 0,
    isEmpty: false,
  }));
  return { kind: "tree", realPath: "/", entries, cut };
}

const FOLDED: readonly [text: string, folded: string][] = [
  ["README", "readme"],
  ["Grüße", "gruße"],
  ["u\u0308", "u"],
  ["Ångström", "angstrom"],
  ["ﬁle ①", "file 1"],
  ["ＡＢＣ", "abc"],
  ["Ёлка", "елка"],
];

for (const [text, folded] of FOLDED) {
  Deno.test(`foldedText() of "${text}"`, () => {
    assertEquals(foldedText(text), folded);
  });
}

Deno.test("searchWordsOf() splits at white space, once each", () => {
  assertEquals(searchWordsOf(" Über\u3000a\tA "), ["uber", "a"]);
});

Deno.test("searchWordsOf() ignores the rest of a long text", () => {
  const words = searchWordsOf("x".repeat(SEARCH_LENGTH_MAX + 10));
  assertEquals(words, ["x".repeat(SEARCH_LENGTH_MAX)]);
});

const SEARCHES: readonly [text: string, found: readonly string[]][] = [
  ["INSTALL", ["guide/install.md", "a/b/install/"]],
  ["guide install", ["guide/install.md"]],
  ["guide", ["guide/"]],
  ["ubersicht", ["Übersicht.pdf"]],
  [".md", ["guide/install.md"]],
  ["*", []],
  ["(", []],
];

const TREE = treeOf([
  "a/",
  "a/b/",
  "a/b/install/",
  "guide/",
  "guide/install.md",
  "Übersicht.pdf",
]);

for (const [text, found] of SEARCHES) {
  Deno.test(`searchTree() for "${text}"`, async () => {
    const { entries, isCut } = await searchTree(TREE, searchWordsOf(text));
    assertEquals(entries.map(({ path }) => path), found);
    assertEquals(isCut, false);
  });
}

Deno.test("searchTree() ends when its client leaves", async () => {
  using _clock = new SlowClock();
  const tree = treeOf(Array.from({ length: 100 }, (_, index) => `${index}`));
  let asked = 0;
  await assertRejects(
    () => searchTree(tree, ["1"], () => ++asked < 3),
    CancelledError,
  );
  assertEquals(asked, 3);
});

Deno.test("searchTree() returns a bounded number, the nearest", async () => {
  const names = Array.from({ length: SEARCH_RESULTS_MAX }, (_, i) => `a${i}`);
  const many = treeOf(["a/a/a", ...names]);
  const { entries, isCut } = await searchTree(many, ["a"]);
  assertEquals(entries.length, SEARCH_RESULTS_MAX);
  assertEquals(entries.some(({ path }) => path === "a/a/a"), false);
  assertEquals(isCut, true);
});

Deno.test("searchTree() says so if not everything was looked at", async () => {
  const { isCut } = await searchTree(treeOf(["a"], "time"), ["a"]);
  assertEquals(isCut, true);
});
