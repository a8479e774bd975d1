import { assert, assertEquals } from "@std/assert";
import {
  ANSWER_STATUSES,
  type Outcome,
  REDIRECT_STATUSES,
} from "../../../lib/site/rules/redirect_rules.ts";
import { compileRules } from "../../../lib/site/rules/rules.ts";
import {
  PATTERN_RULES_MAX,
  type RuleDefinitions,
  RULES_MAX,
} from "../../../lib/site/rules/texts.ts";

const NONE: RuleDefinitions = { headers: [], redirects: [], errorPages: [] };

/** Redirects of lines "from to"; each stands where its number says. */
function redirectTexts(
  ...lines: readonly string[]
): RuleDefinitions["redirects"] {
  return lines.map((line, index) => {
    const [from, to] = line.split(" ");
    return {
      from: from!,
      to,
      status: 301,
      force: false,
      where: `${index + 1}`,
    };
  });
}

function shown(outcome: Outcome | undefined): string {
  assert(outcome?.kind === "redirect");
  return `${outcome.where}: ${outcome.status} ${outcome.location}`;
}

Deno.test("compileRules() knows the statuses, and no others", () => {
  for (let status = 0; status < 1000; status++) {
    const redirects = [{
      from: "/a",
      to: "/b",
      status,
      force: false,
      where: "f:1",
    }];
    const { rules, problems } = compileRules({ ...NONE, redirects });
    const kind = REDIRECT_STATUSES.includes(status)
      ? "redirect"
      : ANSWER_STATUSES.includes(status)
      ? "status"
      : status === 200
      ? "rewrite"
      : undefined;
    assertEquals(rules.decide("/a", undefined, false)?.kind, kind);
    assertEquals(problems.length, kind === undefined ? 1 : 0);
  }
  assertEquals([...REDIRECT_STATUSES], [301, 302, 303, 307, 308]);
  assertEquals([...ANSWER_STATUSES], [403, 404, 410, 451]);
});

Deno.test("compileRules() refuses numbers that are no status", () => {
  for (const status of [NaN, Infinity, -301, 301.5]) {
    const redirects = [{
      from: "/a",
      to: "/b",
      status,
      force: false,
      where: "f",
    }];
    const errorPages = [{ status: status + 100, path: "/e.html", where: "f" }];
    assertEquals(
      compileRules({ headers: [], redirects, errorPages }).problems.length,
      2,
    );
  }
});

function headerTexts(
  ...rows: readonly (readonly [string, ...string[]])[]
): RuleDefinitions["headers"] {
  return rows.map(([pattern, ...lines], index) => ({
    for: pattern,
    values: lines.map((line) => line.split(": ") as [string, string]),
    where: `${index + 1}`,
  }));
}

Deno.test("Rules.errorPage() has the decoded path of a status", () => {
  const { rules } = compileRules({
    ...NONE,
    errorPages: [
      { status: 404, path: "/errors/not%20found.html", where: "f:1" },
      { status: 503, path: "/later.html", where: "f:2" },
    ],
  });
  assertEquals(rules.errorPage(404), "/errors/not found.html");
  assertEquals(rules.errorPage(503), "/later.html");
  assertEquals(rules.errorPage(403), undefined);
});

const PAGE_PROBLEMS: readonly (readonly [
  status: number,
  path: string,
  text: string,
])[] = [
  ...[399, 400, 401, 405, 421, 429, 500, 600].map((status) =>
    [
      status,
      "/e.html",
      `Cannot have a page for status ${status}: expected one of 403, 404, 406, 410, 412, 416, 451, 503`,
    ] as const
  ),
  [404, "/e?x", `Cannot use "/e?x" as a page: expected a path without a query`],
  [
    404,
    "/:a",
    `Cannot use "/:a" as a destination: the pattern has no ":a"; write %3A for a literal ":" in it`,
  ],
  [
    404,
    "https://e.example/",
    `Cannot use "https://e.example/" as a destination: skiff does not fetch from other servers`,
  ],
  [
    404,
    "/../e",
    `Cannot use "/../e" as a destination: it has a "." or ".." segment`,
  ],
  [410, "/again.html", "Cannot have two pages for status 410: f:1 names one"],
];

for (const [status, path, text] of PAGE_PROBLEMS) {
  Deno.test(`compileRules() refuses ${path} as the page of ${status}`, () => {
    const errorPages = [
      { status: 410, path: "/410.html", where: "f:1" },
      { status, path, where: "f:2" },
    ];
    const { rules, problems } = compileRules({ ...NONE, errorPages });
    assertEquals(problems, [{ where: "f:2", text }]);
    assertEquals(rules.errorPage(410), "/410.html");
    assertEquals(rules.errorPage(404), undefined);
  });
}

Deno.test("compileRules() names each wrong rule, and applies the rest", () => {
  const { rules, problems } = compileRules({
    headers: headerTexts(["/*", "ETag: 1", "X-A: 1"], ["x", "X-B: 1"]),
    redirects: redirectTexts(
      "/a https://:splat/",
      "/* https://good.example:splat",
      "/c /d",
    ),
    errorPages: [],
  });
  assertEquals(problems.map(({ where }) => where), ["1", "2", "1", "2"]);
  assertEquals(rules.linesFor("/q"), [["X-A", "1"]]);
  assertEquals(rules.decide("/a", undefined, false), undefined);
  assertEquals(shown(rules.decide("/c", undefined, false)), "3: 301 /d");
});

Deno.test("compileRules() takes so many rules of a kind, and names the rest", () => {
  const lines = Array.from(
    { length: RULES_MAX + 2 },
    (_, i) => `/${i} /to/${i}`,
  );
  const headers = headerTexts(
    ...lines.map((_, i) => [`/${i}`, "A: 1"] as const),
  );
  const { rules, problems } = compileRules({
    headers,
    redirects: redirectTexts(...lines),
    errorPages: [],
  });
  assertEquals(
    problems,
    ["header rules", "redirects"].map((kind) => ({
      where: `${RULES_MAX + 1}`,
      text:
        `Cannot use more than ${RULES_MAX} ${kind}: the 2 from here on are ignored`,
    })),
  );
  const last = RULES_MAX - 1;
  assertEquals(
    shown(rules.decide(`/${last}`, undefined, false)),
    `${RULES_MAX}: 301 /to/${last}`,
  );
  assertEquals(rules.decide(`/${RULES_MAX}`, undefined, false), undefined);
  assertEquals(rules.linesFor(`/${last}`).length, 1);
  assertEquals(rules.linesFor(`/${RULES_MAX}`), []);
});

Deno.test("compileRules() takes so many patterns of a kind, and names a catch-all among the rest", () => {
  const lines = [
    ...Array.from({ length: PATTERN_RULES_MAX }, (_, i) => `/${i}/:x /to`),
    "/beyond/* /to",
    "/exact /to",
    "/* /index.html",
  ];
  const headers = headerTexts(
    ...lines.map((line) => [line.split(" ")[0]!, "A: 1"] as const),
  );
  const { rules, problems } = compileRules({
    headers,
    redirects: redirectTexts(...lines),
    errorPages: [],
  });
  assertEquals(
    problems,
    ["header rules", "redirects"].flatMap((kind) => [{
      where: `${PATTERN_RULES_MAX + 1}`,
      text:
        `Cannot use more than ${PATTERN_RULES_MAX} ${kind} with "*" or placeholders: the 2 from here on are ignored`,
    }, {
      where: `${PATTERN_RULES_MAX + 3}`,
      text:
        `Cannot use "/*": it is among the ${kind} that are ignored; put it before them`,
    }]),
  );
  assertEquals(
    shown(rules.decide("/exact", undefined, false)),
    `${PATTERN_RULES_MAX + 2}: 301 /to`,
  );
  assertEquals(rules.linesFor("/exact"), [["A", "1"]]);
  assertEquals(rules.linesFor("/0/x"), [["A", "1"]]);
  assertEquals(rules.decide("/beyond/a", undefined, false), undefined);
});

Deno.test("compileRules() names a catch-all that is left out before a hundred other problems", () => {
  const lines = [
    ...Array.from({ length: 200 }, () => "wrong /to"),
    ...Array.from({ length: RULES_MAX }, (_, i) => `/${i} /to/${i}`),
    "/* /index.html",
  ];
  const { problems } = compileRules({
    ...NONE,
    redirects: redirectTexts(...lines),
  });
  assertEquals(problems.length, 101);
  assertEquals(
    problems.slice(0, 2).map(({ where }) => where),
    [`${RULES_MAX + 1}`, `${RULES_MAX + 201}`],
  );
});
