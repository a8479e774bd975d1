import { assert, assertEquals } from "@std/assert";
import { parseTarget } from "../../../lib/http/target.ts";
import type { Outcome } from "../../../lib/site/rules/redirect_rules.ts";
import {
  compileRules,
  NO_RULES,
  type Rules,
} from "../../../lib/site/rules/rules.ts";
import {
  PATTERN_RULES_MAX,
  type RuleDefinitions,
} from "../../../lib/site/rules/texts.ts";

const NONE: RuleDefinitions = { headers: [], redirects: [], errorPages: [] };

/** Rules of lines "from to status", with "!" for force and "-" for no destination; each stands where its number says. */
function redirectTexts(
  ...lines: readonly string[]
): RuleDefinitions["redirects"] {
  return lines.map((line, index) => {
    const [from, to, status] = line.split(" ");
    return {
      from: from!,
      to: to === "-" ? undefined : to,
      status: parseInt(status ?? "301"),
      force: status?.endsWith("!") ?? false,
      where: `${index + 1}`,
    };
  });
}

function rulesOf(texts: Partial<RuleDefinitions>): Rules {
  const { rules, problems } = compileRules({ ...NONE, ...texts });
  assertEquals(problems, []);
  return rules;
}

function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "none";
  const { kind, where } = outcome;
  switch (kind) {
    case "redirect":
      return `${where}: ${outcome.status} ${outcome.location}`;
    case "rewrite": {
      const query = outcome.query === undefined ? "" : ` ? ${outcome.query}`;
      return `${where}: ${outcome.path}${query}`;
    }
    case "status":
      return `${where}: ${outcome.status} ${outcome.path ?? "-"}`;
  }
}

/** What is decided before the site is looked at, and what when it has nothing. */
const DECIDE_ROWS: readonly [
  name: string,
  rules: readonly string[],
  target: string,
  forced: string,
  later: string,
][] = [
  ["no rule", [], "/a", "none", "none"],
  ["a rule for something else", ["/b /c"], "/a", "none", "none"],
  ["a redirect", ["/a /b"], "/a", "none", "1: 301 /b"],
  ["a redirect of the other slash", ["/a /b"], "/a/", "none", "1: 301 /b"],
  [
    "a redirect of a query",
    ["/a /b 302"],
    "/a?x=%20",
    "none",
    "1: 302 /b?x=%20",
  ],
  ["a redirect with force", ["/a /b 307!"], "/a", "1: 307 /b", "1: 307 /b"],
  [
    "a splat",
    ["/o/* /n/:splat"],
    "/o/a%20b/%C3%A9",
    "none",
    "1: 301 /n/a%20b/%C3%A9",
  ],
  ["a splat of nothing", ["/o/* /n/:splat"], "/o", "none", "1: 301 /n/"],
  [
    "placeholders",
    ["/:y/:m /n/:m-:y"],
    "/2026/02",
    "none",
    "1: 301 /n/02-2026",
  ],
  [
    "another host",
    ["/* https://e.example/:splat 308"],
    "/a?b",
    "none",
    "1: 308 https://e.example/a?b",
  ],
  [
    "a rewrite",
    ["/* /index.html 200"],
    "/app/x?q",
    "none",
    "1: /index.html ? q",
  ],
  [
    "a rewrite with force",
    ["/a/* /b/:splat 200!"],
    "/a/%25",
    "1: /b/%",
    "1: /b/%",
  ],
  ["a rewrite to a query", ["/a /b?x=1 200"], "/a?q", "none", "1: /b ? x=1"],
  ["a status", ["/a - 410"], "/a", "none", "1: 410 -"],
  ["a status with force", ["/a/* - 403!"], "/a", "1: 403 -", "1: 403 -"],
  [
    "a status with a page",
    ["/:l/* /:l/404.html 404"],
    "/en/x",
    "none",
    "1: 404 /en/404.html",
  ],

  ["the first of two", ["/a /b", "/a /c"], "/a", "none", "1: 301 /b"],
  ["a pattern before a path", ["/* /b", "/a /c"], "/a", "none", "1: 301 /b"],
  ["a path before a pattern", ["/a /c", "/* /b"], "/a", "none", "1: 301 /c"],
  [
    "a path between patterns",
    ["/x* /1", "/a /2", "/* /3"],
    "/a",
    "none",
    "2: 301 /2",
  ],
  [
    "force behind a rule without",
    ["/a /b", "/a /c 301!"],
    "/a",
    "none",
    "1: 301 /b",
  ],
  [
    "force before a rule without",
    ["/a /b 301!", "/a /c"],
    "/a",
    "1: 301 /b",
    "1: 301 /b",
  ],
  ["force elsewhere", ["/b /c 301!", "/a /d"], "/a", "none", "2: 301 /d"],

  ["a redirect to itself", ["/a /a"], "/a", "none", "none"],
  ["a redirect to itself with force", ["/a /a 301!"], "/a", "none", "none"],
  ["a redirect to itself, with the query", ["/a /a"], "/a?x", "none", "none"],
  ["a redirect to itself, with a fragment", ["/a /a#b"], "/a", "none", "none"],
  ["a redirect to a slash", ["/a /a/"], "/a", "none", "1: 301 /a/"],
  ["a redirect to a slash, there", ["/a /a/"], "/a/", "none", "none"],
  ["a redirect to a query", ["/a /a?x"], "/a", "none", "1: 301 /a?x"],
  ["a redirect to a query, there", ["/a /a?x"], "/a?x", "none", "none"],
  [
    "a redirect to itself behind encoding",
    ["/* /:splat"],
    "/%61%20",
    "none",
    "none",
  ],
  [
    "what comes behind a redirect to itself",
    ["/a /a", "/a /b"],
    "/a",
    "none",
    "2: 301 /b",
  ],
  [
    "a rewrite to itself",
    ["/* /index.html 200"],
    "/index.html",
    "none",
    "none",
  ],
  ["a splat of dots", ["/a/* /:splat"], "/a/...", "none", "1: 301 /..."],
  [
    "a status whose page cannot be",
    ["/x* /.:splat/p 404"],
    "/x.",
    "none",
    "1: 404 -",
  ],
  [
    "a rewrite that cannot be",
    ["/x* /.:splat 200", "/* /y 200"],
    "/x.",
    "none",
    "2: /y",
  ],
];

for (const [name, lines, raw, forced, later] of DECIDE_ROWS) {
  Deno.test(`Rules.decide() follows ${name}`, () => {
    const rules = rulesOf({ redirects: redirectTexts(...lines) });
    const { path, query } = parseTarget("GET", raw)!;
    assertEquals(shown(rules.decide(path, query, true)), forced);
    assertEquals(shown(rules.decide(path, query, false)), later);
  });
}

/** Decoded paths below /old: some that a Target can have, and some that it cannot. */
const HOSTILE_PATHS = [
  "/old",
  "/old/",
  "/old//evil.com",
  "/old///evil.com",
  "/old/\\evil.com",
  "/old/\\\\evil.com",
  "/old/%2F%2Fevil.com",
  "/old/@evil.com",
  "/old/.evil.com",
  "/old/:80@evil.com",
  "/old/https://evil.com",
  "/old/\t/evil.com",
  "/old/\r\nLocation: https://evil.com",
  "/old/\n/evil.com",
  "/old/\0",
  "/old/\ud800",
  "/old/\udc00\ud800/x",
  "/old/\u2028",
  "/old/?//evil.com",
  "/old/#//evil.com",
  "/old/..",
  "/old/../evil",
  "/old/./x",
  "/old/..//evil.com",
  "/old/" + "x".repeat(8192),
  "/old" + "/".repeat(8192) + "evil.com",
  "/old/" + "//evil.com".repeat(800),
  "/old/" + "\u4f60".repeat(2700),
];

const HOSTILE_RULES = [
  "/old/* /:splat",
  "/old/* /new:splat",
  "/old* /:splat",
  "/old/* https://good.example/:splat",
];

for (const line of HOSTILE_RULES) {
  Deno.test(`Rules.decide() makes no open redirect of "${line}"`, () => {
    const rules = rulesOf({ redirects: redirectTexts(line) });
    const origin = line.includes("https")
      ? "https://good.example"
      : "https://self.example";
    let count = 0;
    for (const path of HOSTILE_PATHS) {
      for (
        const query of [undefined, "", "//evil.com", "\r\nA: b", "#\ud800"]
      ) {
        const outcome = rules.decide(path, query, false);
        if (outcome === undefined) continue;
        assert(outcome.kind === "redirect");
        const { location } = outcome;
        assert(/^[\x21-\x7e]+$/.test(location), location);
        assert(!/^\/[/\\]/.test(location), location);
        assertEquals(
          new URL(location, "https://self.example/old/").origin,
          origin,
        );
        count++;
      }
    }
    // Nearly all of them are answered: the rest would have had dot segments.
    assert(count > 90, `${count}`);
  });
}

Deno.test("NO_RULES are empty", () => {
  assertEquals(NO_RULES.decide("/", undefined, false), undefined);
  assertEquals(NO_RULES.errorPage(404), undefined);
});

Deno.test("Rules compare long paths with all rules in linear time", () => {
  const redirects = redirectTexts(
    ...Array.from(
      { length: PATTERN_RULES_MAX },
      (_, i) => `/a*${"a".repeat(100)}b/:x /n/${i}`,
    ),
  );
  const rules = rulesOf({ redirects });
  // Trying each beginning with each end would be 10¹³ steps.
  const path = "/" + "a".repeat(1_000_000) + "/";
  for (let i = 0; i < 5; i++) {
    assertEquals(rules.decide(path, undefined, false), undefined);
  }
});
