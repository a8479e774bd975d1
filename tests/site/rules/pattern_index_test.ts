import { assertEquals } from "@std/assert";
import { compilePattern, Pattern } from "../../../lib/site/rules/pattern.ts";
import { PatternIndex } from "../../../lib/site/rules/pattern_index.ts";

function indexOf(...texts: readonly string[]): PatternIndex {
  return new PatternIndex(
    texts.map(compilePattern).filter((pattern) => pattern instanceof Pattern),
  );
}

/** Returns the indices that are visited for a path, up to `last`. */
function visited(index: PatternIndex, path: string, last?: number): number[] {
  const indices: number[] = [];
  index.visit(path, (each) => {
    indices.push(each);
    return each === last;
  });
  return indices;
}

Deno.test("PatternIndex finds patterns of one path, whatever stands at its end", () => {
  const index = indexOf("/a", "/a/", "/b/:c", "/", "/__proto__");
  assertEquals(visited(index, "/a"), [0, 1]);
  assertEquals(visited(index, "/a/"), [0, 1]);
  assertEquals(visited(index, "/a//"), []);
  assertEquals(visited(index, "/"), [3]);
  assertEquals(visited(index, "/__proto__"), [4]);
  assertEquals(visited(index, "/toString"), []);
});

/** Orders of patterns of one path and of others, of which those with "x" do not match "/a". */
const ORDERS: readonly (readonly [
  patterns: readonly string[],
  visited: readonly number[],
])[] = [
  [[], []],
  [["/a"], [0]],
  [["/*"], [0]],
  [["/x*"], []],
  [["/a", "/*", "/:b", "/a", "/a", "/*"], [0, 1, 2, 3, 4, 5]],
  [["/*", "/:b", "/a", "/a"], [0, 1, 2, 3]],
  [["/x*", "/a", "/x/:b", "/*", "/a", "/x*"], [1, 3, 4]],
];

for (const [patterns, indices] of ORDERS) {
  const name = patterns.join(", ");
  Deno.test(`PatternIndex.visit() keeps the order of "${name}"`, () => {
    assertEquals(visited(indexOf(...patterns), "/a"), indices);
  });

  Deno.test(`PatternIndex.visit() ends where it is told to in "${name}"`, () => {
    const index = indexOf(...patterns);
    for (const [at, last] of indices.entries()) {
      assertEquals(visited(index, "/a", last), indices.slice(0, at + 1));
    }
  });
}
