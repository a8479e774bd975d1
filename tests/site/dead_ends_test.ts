import { assertEquals } from "@std/assert";
import { findDeadEnds } from "../../lib/site/dead_ends.ts";
import { Policy } from "../../lib/site/policy.ts";
import { parseRedirectsFile } from "../../lib/site/rules/redirects_file.ts";
import type { ErrorPageText } from "../../lib/site/rules/texts.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import { MemorySite } from "../memory_site.ts";

const NOW = Date.UTC(2026, 0, 1);

const SITE = {
  "/closed.html": "closed",
  "/en/index.html": "english",
  "/plain/a.txt": "a",
  "/refused.html": 403,
} as const;

/** The dead ends of lines of `_redirects`, pages of errors and a shell, one text each. */
function deadEnds(
  lines: readonly string[],
  errorPages: readonly ErrorPageText[] = [],
  spa?: string,
): readonly string[] {
  const { redirects } = parseRedirectsFile(lines.join("\n"), "_redirects");
  const { rules } = compileRules({ headers: [], redirects, errorPages });
  const policy = new Policy({ spa });
  return findDeadEnds(new MemorySite(SITE), policy, rules, NOW)
    .map(({ where, text }) => `${where}: ${text}`);
}

const PAGE = "in the site: the usual page is sent until it exists";
const REWRITE = "in the site: rewrites to it get 404 until it exists";

/** A line of `_redirects`, and what is said of it. */
const ROWS: readonly (readonly [line: string, text: string | undefined])[] = [
  ["/a /closed 404", undefined],
  ["/a /closed.html 410", undefined],
  ["/a /en/ 410", undefined],
  ["/a /en 404", undefined],
  ["/a /closd 404", `Cannot find the page "/closd" ${PAGE}`],
  ["/a /closed/ 404!", `Cannot find the page "/closed/" ${PAGE}`],
  ["/a /plain/ 404", `Cannot find the page "/plain/" ${PAGE}`],
  ["/a /refused.html 404", `Cannot find the page "/refused.html" ${PAGE}`],
  ["/a /_headers 404", `Cannot find the page "/_headers" ${PAGE}`],
  ["/a /plain/ 200", undefined],
  ["/a /plain 200", undefined],
  ["/a /nothing 200", `Cannot find "/nothing" ${REWRITE}`],
  ["/a /%1b[2J 200", `Cannot find "/\\u001b[2J" ${REWRITE}`],
  ["/a /nothing 301", undefined],
  ["/a 404", undefined],
  ["/a/:x /:x 404", undefined],
  ["/a/* /:splat 200", undefined],
];

for (const [line, text] of ROWS) {
  Deno.test(`findDeadEnds() looks at ${line}`, () => {
    const want = text === undefined ? [] : [`_redirects:1: ${text}`];
    assertEquals(deadEnds([line]), want);
  });
}

Deno.test("findDeadEnds() looks at pages of errors", () => {
  const errorPages = [
    { status: 404, path: "/closed", where: "skiff.json:2" },
    { status: 403, path: "/missing/", where: "skiff.json:3" },
  ];
  assertEquals(deadEnds([], errorPages), [
    `skiff.json:3: Cannot find the page "/missing/" ${PAGE}`,
  ]);
});

Deno.test("findDeadEnds() looks at the shell, which has to be a file", () => {
  assertEquals(deadEnds([], [], "/closed.html"), []);
  for (const spa of ["/app.html", "/en", "/refused.html"]) {
    assertEquals(deadEnds([], [], spa), [
      `--spa: Cannot find "${spa}" in the site: pages that do not exist get 404 until it exists`,
    ]);
  }
});

Deno.test("findDeadEnds() names no more than anybody wants to read", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `/${i} /x${i} 404`);
  assertEquals(deadEnds(lines).length, 100);
});
