import { assertEquals } from "@std/assert";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { editDistance } from "../../lib/http/edit_distance.ts";

const PAIRS: readonly (readonly [a: string, b: string, distance: number])[] = [
  ["", "", 0],
  ["", "abc", 3],
  ["port", "port", 0],
  ["prot", "port", 2],
  ["adress", "address", 1],
  ["kitten", "sitting", 3],
  ["🙂", "🙃", 1],
];

for (const [a, b, distance] of PAIRS) {
  Deno.test(`editDistance, "${a}" and "${b}"`, () => {
    assertEquals(editDistance(a, b), distance);
    assertEquals(editDistance(b, a), distance);
  });
}

Deno.test("editDistance finds what the standard library does", () => {
  let seed = 1;
  const next = (count: number) =>
    (seed = (seed * 48_271) % 0x7fff_ffff) % count;
  const text = () =>
    Array.from({ length: next(70) }, () => "abcdé🙂"[next(6)]).join("");
  for (let i = 0; i < 500; i++) {
    const [a, b] = [text(), text()];
    assertEquals(editDistance(a, b), levenshteinDistance(a, b), `${a} ${b}`);
  }
});
