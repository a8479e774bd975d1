import { assertEquals } from "@std/assert";
import {
  ANCHOR_NAMES_MAX,
  Anchors,
  WAITING_LINKS_MAX,
} from "../../lib/check/anchors.ts";
import { FindingCollector } from "../../lib/check/findings.ts";

const PLACE = { path: "/from.html", line: 1 };

/** Fragments, and whether a page with these names has them. */
const FRAGMENTS: readonly (readonly [
  names: readonly string[],
  fragment: string,
  has: boolean,
])[] = [
  [["a"], "a", true],
  [["a"], "A", false],
  [["a b"], "a%20b", true],
  [["a%20b"], "a%20b", true],
  [["ü"], "%C3%BC", true],
  [[], "%", false],
  [["%"], "%", true],
  [[], "", true],
  [[], "TOP", true],
  [[], "/users/1", true],
  [[], "!users", true],
  [[], "L3-L9", true],
  [[], "3-9", true],
  [[], "L3", false],
  [[], ":~:text=x", true],
  [["a"], "a:~:text=x", true],
  [["a"], "b:~:text=x", false],
];

for (const [names, fragment, has] of FRAGMENTS) {
  for (const isFirst of [true, false]) {
    Deno.test(`Anchors: a page with [${names}], ${isFirst ? "read before" : "read after"} a link to #${fragment}: ${has}`, () => {
      const findings = new FindingCollector();
      const anchors = new Anchors(findings);
      if (isFirst) anchors.addPage("/a.html", names);
      anchors.addLink("/a.html", fragment, PLACE);
      if (!isFirst) anchors.addPage("/a.html", names);
      assertEquals(findings.result().counts.warning, has ? 0 : 1);
    });
  }
}

Deno.test("Anchors says nothing of pages that were not read", () => {
  const findings = new FindingCollector();
  new Anchors(findings).addLink("/a.html", "x", PLACE);
  assertEquals(findings.result().groups, []);
});

Deno.test("Anchors keeps no more names and links than it may", () => {
  const findings = new FindingCollector();
  const anchors = new Anchors(findings);
  const many = { length: ANCHOR_NAMES_MAX } as readonly string[];
  Object.assign(many, { map: () => [] });
  anchors.addPage("/many.html", many);
  anchors.addPage("/beyond.html", ["a"]);
  anchors.addLink("/beyond.html", "gone", PLACE);
  assertEquals(findings.result().groups, []);
  for (let i = 0; i < WAITING_LINKS_MAX; i++) {
    anchors.addLink("/later.html", "x", PLACE);
  }
  anchors.addLink("/last.html", "x", PLACE);
  anchors.addPage("/last.html", []);
  assertEquals(findings.result().groups, []);
});
