import { assertEquals } from "@std/assert";
import { FindingCollector } from "../../lib/check/findings.ts";
import {
  checkRules,
  COMPARISONS_MAX,
  placeOf,
} from "../../lib/check/rule_checks.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
import { check, linesOf, PAGE } from "./stage.ts";

Deno.test("placeOf() splits a place into file and line", () => {
  assertEquals(placeOf("_redirects:3"), { path: "_redirects", line: 3 });
  assertEquals(placeOf("C:\\skiff.json:12"), {
    path: "C:\\skiff.json",
    line: 12,
  });
  assertEquals(placeOf("--spa"), { path: "--spa" });
});

/** Redirect files of a site with index.html, a.html and docs/index.html, and what is found in them. */
const RULES:
  readonly (readonly [redirects: string, found: readonly string[]])[] = [
    ["/* /index.html 200", []],
    ["/old /a\n/old2 /docs/\n/x/* /docs/:splat", []],
    ["/x/* /a\n/* /index.html 200", []],
    ["/* /index.html 200\n/x /a", [
      'rule-unreachable _redirects:2 the rule for "/x" does not apply there: _redirects:1 matches first',
    ]],
    ["/x/* /a\n/x/y/* /docs/", [
      'rule-unreachable _redirects:2 the rule for "/x/y/*" does not apply there: _redirects:1 matches first',
    ]],
    ["/x/:a /a\n/x/y /docs/", [
      'rule-unreachable _redirects:2 the rule for "/x/y" does not apply there: _redirects:1 matches first',
    ]],
    ["/x/y /a\n/x/* /docs/", []],
    ["/x* /a\n/y /docs/", []],
    ["/docs /a", [
      'rule-unreachable _redirects:1 the rule for "/docs" does not apply there: the directory of that name answers',
    ]],
    ["/docs /a 301!", []],
    ["/a.html /docs/ 301!", [
      'rule-shadows-file _redirects:1 the rule hides "/a.html"',
    ]],
    ["/* https://new.example/:splat 301!", [
      'rule-shadows-file _redirects:1 the rule hides 4 files, such as "/404.html"',
    ]],
    ["/private/* 404!", []],
    [
      "/one /two\n/two /three\n/three /one",
      [1, 2, 3].map((line) =>
        `redirect-loop _redirects:${line} the redirect from "/${
          ["one", "two", "three"][line - 1]
        }" runs in a circle`
      ),
    ],
    [
      "/u/:a /v/:a\n/v/:a /u/:a",
      ["u", "v"].map((name, index) =>
        `redirect-loop _redirects:${
          index + 1
        } the redirect from "/${name}/:a" runs in a circle`
      ),
    ],
    ["/blog/:slug /posts/:slug", []],
    ["/blog/* /posts", [
      'rule-dead-end _redirects:1 the redirect from "/blog/*" leads to "/posts", which gets 404',
    ]],
    ["/out https://example.com/gone", []],
  ];

for (const [redirects, found] of RULES) {
  testWith(
    HAS_FILES,
    `checkRules(): ${JSON.stringify(redirects)}`,
    async () => {
      const files = {
        "index.html": PAGE,
        "a.html": PAGE,
        "docs/index.html": PAGE,
        _redirects: redirects,
      };
      assertEquals(linesOf(await check(files)), [...found].sort());
    },
  );
}

Deno.test("checkRules() compares header rules only so often", async () => {
  const { rules } = compileRules({
    headers: Array.from({ length: 2000 }, (_, index) => ({
      for: `/none-${index}/*`,
      values: [["X-A", "1"]] as const,
      where: `_headers:${index}`,
    })),
    redirects: [],
    errorPages: [],
  });
  const findings = new FindingCollector();
  const count = Math.ceil(COMPARISONS_MAX / 1990);
  const files = Array.from({ length: count }, (_, index) => `/${index}`);
  const ask = () => {
    throw new Error("Nothing is asked");
  };
  await checkRules({ rules, files, directories: [], ask, findings });
  const { note } = findings.result().counts;
  assertEquals(note > 1980 && note < 2000, true, `${note}`);
});
