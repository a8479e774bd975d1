import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { liveLines, liveRules } from "../../../lib/site/live/live_rules.ts";
import type { FieldLine } from "../../../lib/http/field_section.ts";
import type { RuleSource } from "../../../lib/site/rules/rules.ts";

Deno.test("liveLines() drops what would be stored", () => {
  const kept: FieldLine = ["X-A", "1"];
  const lines: FieldLine[] = [
    ["cache-control", "immutable"],
    kept,
    ["Expires", "0"],
  ];
  assertEquals(liveLines(lines, "N"), [kept]);
  const others = [kept];
  assertStrictEquals(liveLines(others, "N"), others);
});

Deno.test("liveRules() keeps equal lines equal, and decides as the rules do", () => {
  const lines: FieldLine[] = [["Content-Security-Policy", "connect-src a"]];
  const rules: RuleSource = {
    decide: (path) => ({
      kind: "redirect",
      status: 301,
      location: path,
      where: "",
    }),
    linesFor: () => lines,
    errorPage: (status) => `/${status}`,
  };
  const live = liveRules(rules, "N");
  const first = live.linesFor("/a");
  assertStrictEquals(live.linesFor("/b"), first);
  assert(first[0]![1].includes("/.skiff/live"));
  assertEquals(live.errorPage(404), "/404");
  assertEquals(live.decide("/a", undefined, false)?.kind, "redirect");
});
