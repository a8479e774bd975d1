import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  compileRules,
  LINE_SETS_MAX,
  NO_RULES,
  type Rules,
} from "../../../lib/site/rules/rules.ts";
import type { RuleDefinitions } from "../../../lib/site/rules/texts.ts";

/** Rules of rows of a pattern and its fields; each stands where its number says. */
function rulesOf(
  ...rows: readonly (readonly [pattern: string, ...fields: string[]])[]
): Rules {
  const headers: RuleDefinitions["headers"] = rows.map((
    [pattern, ...lines],
    index,
  ) => ({
    for: pattern,
    values: lines.map((line) => line.split(": ") as [string, string]),
    where: `${index + 1}`,
  }));
  const { rules, problems } = compileRules({
    headers,
    redirects: [],
    errorPages: [],
  });
  assertEquals(problems, []);
  return rules;
}

const HEADERS = rulesOf(
  ["/*", "X-All: 1", "X-Frame-Options: DENY"],
  ["/assets/*", "Cache-Control: immutable"],
  ["/*.js", "X-All: 2", "Cache-Control: no-cache"],
  ["/about", "X-About: 1"],
  ["/u/:id", "X-User: 1"],
);

const LINES_ROWS: readonly [path: string, lines: readonly string[]][] = [
  ["/", ["X-All: 1", "X-Frame-Options: DENY"]],
  ["/x", ["X-All: 1", "X-Frame-Options: DENY"]],
  ["/assets/a.css", [
    "X-All: 1",
    "X-Frame-Options: DENY",
    "Cache-Control: immutable",
  ]],
  ["/assets/a.js", [
    "X-Frame-Options: DENY",
    "X-All: 2",
    "Cache-Control: no-cache",
  ]],
  ["/about/", ["X-All: 1", "X-Frame-Options: DENY", "X-About: 1"]],
  ["/u/1", ["X-All: 1", "X-Frame-Options: DENY", "X-User: 1"]],
];

for (const [path, lines] of LINES_ROWS) {
  Deno.test(`Rules.linesFor() has all that match ${path}`, () => {
    assertEquals(HEADERS.linesFor(path).map((line) => line.join(": ")), lines);
  });
}

Deno.test("Rules.linesFor() gives the same array for the same rules", () => {
  assertStrictEquals(HEADERS.linesFor("/x"), HEADERS.linesFor("/y/z"));
  assert(HEADERS.linesFor("/x") !== HEADERS.linesFor("/x.js"));
  const other = rulesOf(["/a", "A: 1"], ["/b", "B: 1"]);
  assertStrictEquals(other.linesFor("/x"), other.linesFor("/y"));
  assertStrictEquals(other.linesFor("/x"), NO_RULES.linesFor("/x"));
  assertEquals(other.linesFor("/x"), []);
  assert(other.linesFor("/a") !== other.linesFor("/b"));
});

Deno.test("Rules.linesFor() remembers so many sets, and then forgets them", () => {
  const names = Array.from({ length: LINE_SETS_MAX }, (_, i) => `/${i}`);
  const rules = rulesOf(
    ["/x", "X: 1"],
    ...names.map((name) => [name, "A: 1"] as const),
  );
  const first = rules.linesFor("/x");
  for (const name of names.slice(1)) rules.linesFor(name);
  assertStrictEquals(rules.linesFor("/x"), first);
  rules.linesFor(names[0]!);
  assert(rules.linesFor("/x") !== first);
  assertEquals(rules.linesFor("/x"), first);
});

Deno.test("Rules.headerRulesFor() tells which rules apply", () => {
  const where = (path: string) =>
    HEADERS.headerRulesFor(path).map((rule) => rule.where);
  assertEquals(where("/assets/a.js"), ["1", "2", "3"]);
  assertEquals(where("/about"), ["1", "4"]);
});

Deno.test("Rules.linesFor() takes patterns with several stars, and paths and patterns in their order", () => {
  const rule = (pattern: string, value: string) => ({
    for: pattern,
    values: [["X-A", value]] as [string, string][],
    where: pattern,
  });
  const { rules, problems } = compileRules({
    headers: [
      rule("/a/*", "1"),
      rule("/a/b.js", "2"),
      rule("/*/*.js", "3"),
      rule("/c/x.min.js/", "4"),
      rule("/*/:name.css", "5"),
    ],
    redirects: [],
    errorPages: [],
  });
  assertEquals(problems, []);
  const rows: [string, string | undefined][] = [
    ["/a/x", "1"],
    ["/a/b.js", "3"],
    ["/c/x.min.js", "4"],
    ["/c/y.js", "3"],
    ["/y.js", undefined],
    ["/d/y.css", "5"],
    ["/d/.css", undefined],
  ];
  for (const [path, value] of rows) {
    assertEquals(rules.linesFor(path)[0]?.[1], value, path);
  }
});
