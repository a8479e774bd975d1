import { assertEquals } from "@std/assert";
import { parseRedirectsFile } from "../../../lib/site/rules/redirects_file.ts";
import { compileRules } from "../../../lib/site/rules/rules.ts";

const ROWS: readonly [line: string, rules: string[]][] = [
  ["", []],
  ["# a comment", []],
  ["   # another", []],
  ["/a /b", ["/a > /b 301"]],
  ["/a /b 302", ["/a > /b 302"]],
  ["  /a\t\t/b   308  ", ["/a > /b 308"]],
  ["/a /b 301!", ["/a > /b 301!"]],
  ["/a /b 302 # why", ["/a > /b 302"]],
  ["/a /b #why", ["/a > /b 301"]],
  ["/a /b#part 302", ["/a > /b#part 302"]],
  ["/* /index.html 200", ["/* > /index.html 200"]],
  ["/* /index.html 200!", ["/* > /index.html 200!"]],
  ["/n/:y/* https://e.example/:y/:splat?x=1 303", [
    "/n/:y/* > https://e.example/:y/:splat?x=1 303",
  ]],
  ["/en/* /en/404.html 404", ["/en/* > /en/404.html 404"]],
  ["/gone 410", ["/gone > - 410"]],
  ["/a#part /b", ["/a > /b 301"]],
  ["/a#x?y /b", ["/a > /b 301"]],
  ["/a? /b", ["/a > /b 301"]],
  ["/a?#x /b", ["/a > /b 301"]],
  ["/p/:a-:b /:b/:a.html 302", ["/p/:a-:b > /:b/:a.html 302"]],
  ["/:a.html /:a 301", ["/:a.html > /:a 301"]],
  ["/gone 410!", ["/gone > - 410!"]],
  ["/a /b\r\n/c /d", ["/a > /b 301", "/c > /d 301"]],
];

for (const [text, expected] of ROWS) {
  Deno.test(`parseRedirectsFile() reads ${JSON.stringify(text)}`, () => {
    const { redirects, problems } = parseRedirectsFile(text, "_redirects");
    const rules = redirects.map(({ from, to = "-", status, force }) =>
      `${from} > ${to} ${status}${force ? "!" : ""}`
    );
    assertEquals(rules, expected);
    assertEquals(problems, []);
    assertEquals(
      compileRules({ headers: [], redirects, errorPages: [] }).problems,
      [],
    );
  });
}

Deno.test("parseRedirectsFile() tells where each rule stands", () => {
  const { redirects } = parseRedirectsFile("# x\n/a /b\n\n/c /d\n", "f");
  assertEquals(redirects.map(({ where }) => where), ["f:2", "f:4"]);
});

const HOST = `rules for a single host are not supported; begin with "/"`;
const STATUSES = "301, 302, 303, 307, 308, 200, 403, 404, 410, 451";

/** Found by the parser, or else by {@linkcode compileRules}: nobody is to see the difference. */
const PROBLEM_ROWS: readonly [line: string, problem: string][] = [
  ["/a", "Cannot use status 301 without a destination"],
  ["/a 301", "Cannot use status 301 without a destination"],
  ["/a 200", "Cannot use status 200 without a destination"],
  ["a /b", `Cannot use "a": a rule begins with a path`],
  ["https://a.example/* /b", `Cannot use "https://a.example/*": ${HOST}`],
  ["http://a.example /b 301!", `Cannot use "http://a.example": ${HOST}`],
  [
    "/a id=:id /b/:id 301",
    `Cannot use "id=:id": rules cannot match query parameters`,
  ],
  [
    "/a b",
    `Cannot use "b" as a destination: expected a path that begins with "/", or a URL`,
  ],
  [
    "/a /b 302 Country=de",
    `Cannot use "Country=de": conditions of Country are not supported`,
  ],
  [
    "/a /b 302 Language=de,en",
    `Cannot use "Language=de,en": conditions of Language are not supported`,
  ],
  [
    "/a /b Role=admin",
    `Cannot use "Role=admin": conditions of Role are not supported`,
  ],
  [
    "/a /b 200! Cookie=x",
    `Cannot use "Cookie=x": conditions of Cookie are not supported`,
  ],
  ["/a /b 302 x=y", `Cannot use "x=y": conditions are not supported`],
  ["/a /b 302 303", `Cannot use "303": expected "from to status"`],
  ["/a /b 30", `Cannot use "30": expected "from to status"`],
  ["/a /b 301!!", `Cannot use "301!!": expected "from to status"`],
  ["/a /b /c", `Cannot use "/c": expected "from to status"`],
  [
    "/api/* /.netlify/functions/:splat 200",
    `Cannot use "/.netlify/functions/:splat": only Netlify has this service`,
  ],
  [
    "/a https://b.example/ 200",
    `Cannot use "https://b.example/" as a destination: skiff does not fetch from other servers`,
  ],
  ["/a /b 304", `Cannot use status 304: expected one of ${STATUSES}`],
  ["/a /b 500", `Cannot use status 500: expected one of ${STATUSES}`],
  ["/a /b 999", `Cannot use status 999: expected one of ${STATUSES}`],
  ["/a*b* /b", `Cannot use pattern "/a*b*": a redirect can have only one "*"`],
  [
    "/a?x=1 /b",
    `Cannot use "/a?x=1": rules cannot match a query`,
  ],
  [
    "/a /:splat",
    `Cannot use "/:splat" as a destination: the pattern has no "*" for :splat; write %3A for a literal ":" in it`,
  ],
  [
    "/a /b#c 200",
    `Cannot use "/b#c" as a destination: only redirects can have a fragment`,
  ],
  ["/a /b?c 404", `Cannot use "/b?c" as a page: it has a query`],
  [
    "/a //evil.example",
    `Cannot use "//evil.example" as a destination: "//" at the beginning names another host; write https:// before it`,
  ],
  [
    "/\0\x1b[2J /b",
    `Cannot use pattern "/\\u0000\\u001b[2J": it contains control characters`,
  ],
  [
    `/${"a".repeat(2000)} /b`,
    "Cannot use this line: it has more than 2000 characters",
  ],
];

for (const [line, problem] of PROBLEM_ROWS) {
  Deno.test(`parseRedirectsFile() or what comes behind names ${JSON.stringify(line).slice(0, 50)}`, () => {
    const parsed = parseRedirectsFile(`/x /y\n${line}\n/z /y\n`, "f");
    const { redirects } = parsed;
    const compiled = compileRules({ headers: [], redirects, errorPages: [] });
    assertEquals([...parsed.problems, ...compiled.problems], [
      { where: "f:2", text: problem },
    ]);
    assertEquals(compiled.rules.decide("/z", undefined, false)?.where, "f:3");
  });
}

Deno.test("parseRedirectsFile() survives what is no such file", () => {
  const { redirects, problems } = parseRedirectsFile(
    "\0\xff = \n".repeat(100_000),
    "f",
  );
  assertEquals(redirects, []);
  assertEquals(problems.length, 101);
});
