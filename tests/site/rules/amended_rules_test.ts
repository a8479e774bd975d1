import { assertEquals, assertStrictEquals } from "@std/assert";
import type { FieldLine } from "../../../lib/http/field_section.ts";
import {
  amendRules,
  withoutStorage,
} from "../../../lib/site/rules/amended_rules.ts";
import { compileRules } from "../../../lib/site/rules/rules.ts";

Deno.test("amendRules() changes lines, once for equal ones, and nothing else", () => {
  const { rules } = compileRules({
    headers: [{ for: "/*", values: [["X-A", "1"]], where: "a" }],
    redirects: [{
      from: "/old",
      to: "/new",
      status: 301,
      force: false,
      where: "b",
    }],
    errorPages: [],
  });
  let count = 0;
  const amended = amendRules(rules, (lines) => {
    count++;
    return [...lines, ["X-B", "2"]];
  });
  assertEquals(amended.linesFor("/x"), [["X-A", "1"], ["X-B", "2"]]);
  assertStrictEquals(amended.linesFor("/y"), amended.linesFor("/x"));
  assertEquals(count, 1);
  assertEquals(
    amended.decide("/old", undefined, false),
    rules.decide("/old", undefined, false),
  );
  assertEquals(amended.errorPage(404), undefined);
});

Deno.test("withoutStorage() leaves out what clients may store, in any case", () => {
  const kept: FieldLine[] = [["X-A", "1"], ["Pragma", "x"]];
  const lines: FieldLine[] = [
    ["cache-control", "public"],
    ["Expires", "0"],
    ["Clear-Site-Data", '"cache"'],
    ...kept,
  ];
  assertEquals(withoutStorage(lines), kept);
  assertEquals(withoutStorage(kept), kept);
});
