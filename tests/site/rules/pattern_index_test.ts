import { assertEquals } from "@std/assert";
import { compilePattern, Pattern } from "../../../lib/site/rules/pattern.ts";
import {
  isFirstNext,
  PatternIndex,
} from "../../../lib/site/rules/pattern_index.ts";

function indexOf(...texts: readonly string[]): PatternIndex {
  return new PatternIndex(
    texts.map(compilePattern).filter((pattern) => pattern instanceof Pattern),
  );
}

Deno.test("PatternIndex looks up patterns of one path, whatever stands at its end", () => {
  const index = indexOf("/a", "/*", "/a/", "/b/:c", "/", "/__proto__");
  assertEquals(index.exact("/a"), [0, 2]);
  assertEquals(index.exact("/a/"), [0, 2]);
  assertEquals(index.exact("/a//"), []);
  assertEquals(index.exact("/"), [4]);
  assertEquals(index.exact("/__proto__"), [5]);
  assertEquals(index.exact("/toString"), []);
  assertEquals(index.others, [1, 3]);
});

Deno.test("isFirstNext() merges two lists in their order", () => {
  const lists: [number[], number[]][] = [
    [[], []],
    [[1], []],
    [[], [1]],
    [[0, 3, 4], [1, 2, 5]],
    [[2, 3], [0, 1]],
  ];
  for (const [first, second] of lists) {
    const merged: number[] = [];
    let i = 0;
    let j = 0;
    while (i < first.length || j < second.length) {
      merged.push(
        isFirstNext(first, i, second, j) ? first[i++]! : second[j++]!,
      );
    }
    assertEquals(merged, [...first, ...second].sort());
  }
});
