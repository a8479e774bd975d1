import { assertEquals } from "@std/assert";
import { hasHiddenSegment } from "../../lib/site/hidden.ts";

const CASES: readonly [path: string, isHidden: boolean][] = [
  ["/", false],
  ["", false],
  ["/a.b/c.d", false],
  ["/a/.env", true],
  ["/.git/config", true],
  ["/a/.b/c", true],
  ["/.", true],
  ["/..", true],
  ["/...", true],
  ["/a/../b", true],
  ["/.well-known", false],
  ["/.well-known/acme-challenge/x", false],
  ["/a/.well-known/b", false],
  ["/.well-known/.private", true],
  ["/.well-knownish", true],
  ["/.Well-Known", true],
  ["/.well-known.txt", true],
];

for (const [path, isHidden] of CASES) {
  Deno.test(`hasHiddenSegment() finds ${isHidden ? "one" : "none"} in "${path}"`, () => {
    assertEquals(hasHiddenSegment(path), isHidden);
  });
}
