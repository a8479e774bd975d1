import { assert, assertEquals } from "@std/assert";
import { compilePattern, Pattern } from "../../../lib/site/rules/pattern.ts";

function patternOf(text: string): Pattern {
  const pattern = compilePattern(text);
  assert(pattern instanceof Pattern, JSON.stringify(pattern));
  return pattern;
}

const LONG = "x".repeat(8000);

/** undefined: no match. */
const MATCH_ROWS: readonly [
  pattern: string,
  path: string,
  captures: Record<string, string> | undefined,
][] = [
  ["/", "/", {}],
  ["/", "/a", undefined],
  ["/about", "/about", {}],
  ["/about", "/about/", {}],
  ["/about/", "/about", {}],
  ["/about/", "/about/", {}],
  ["/about", "/About", undefined],
  ["/about", "/abou", undefined],
  ["/about", "/aboutx", undefined],
  ["/about", "/about/x", undefined],
  ["/about", "", undefined],
  ["/a b/é", "/a b/é", {}],
  ["/a%20b/%C3%A9", "/a b/é", {}],
  ["/a%20b", "/a%20b", undefined],
  ["/%2A", "/*", {}],
  ["/%2A", "/x", undefined],
  ["/%3Ax", "/:x", {}],
  ["/%3Ax", "/y", undefined],
  ["/a.c", "/abc", undefined],
  ["/(a+)+$", "/aaa", undefined],
  ["/at/12:30", "/at/12:30", {}],

  ["/*", "/", { splat: "" }],
  ["/*", "/a/b/", { splat: "a/b/" }],
  ["/*", "", undefined],
  ["/*", "*", undefined],
  ["/old/*", "/old", { splat: "" }],
  ["/old/*", "/old/", { splat: "" }],
  ["/old/*", "/old/a", { splat: "a" }],
  ["/old/*", "/older", undefined],
  ["/old/*", "/ol", undefined],
  ["/old/*", "/x/old/", undefined],
  ["/old*", "/old", { splat: "" }],
  ["/old*", "/older/x", { splat: "er/x" }],
  ["/*.js", "/a/b.js", { splat: "a/b" }],
  ["/*.js", "/.js", { splat: "" }],
  ["/*.js", "/a.js/", undefined],
  ["/*.js", "/a.jsx", undefined],
  ["/a/*/b", "/a/x/y/b", { splat: "x/y" }],
  ["/a/*/b", "/a//b", { splat: "" }],
  ["/a/*/b", "/a/b", undefined],
  ["/a/*/", "/a/x/", { splat: "x" }],
  ["/a/*/", "/a/x", undefined],
  ["/ab*ba", "/aba", undefined],
  ["/ab*ba", "/abba", { splat: "" }],
  ["/*/", "/", undefined],

  ["/:a", "/x", { a: "x" }],
  ["/:a", "/x/", { a: "x" }],
  ["/:a", "/", undefined],
  ["/:a", "//", undefined],
  ["/:a", "/x/y", undefined],
  ["/:a/b", "/x/b", { a: "x" }],
  ["/:a/b", "/x/c", undefined],
  ["/:a/b", "//b", undefined],
  ["/n/:y/:m", "/n/2026/02", { y: "2026", m: "02" }],
  ["/n/:y/:m", "/n/2026", undefined],
  ["/n/:y/:m", "/n/2026/", undefined],
  ["/:__proto__", "/x", { ["__proto__"]: "x" }],
  ["/:a/*", "/x", { a: "x", splat: "" }],
  ["/:a/*", "/x/", { a: "x", splat: "" }],
  ["/:a/*", "/x/y/z", { a: "x", splat: "y/z" }],
  ["/:a/*", "/", undefined],
  ["/u/:a/*", "/u", undefined],
  ["/*/:a", "/x/y/z", { splat: "x/y", a: "z" }],
  ["/*/:a", "/x/y/", undefined],
  ["/*/:a", "/x", undefined],
  ["/:a/*/:b", "/x/y/z", { a: "x", splat: "y", b: "z" }],
  ["/:a/*/:b", "/x/z", undefined],
  ["/:a/*/c/:b/d", "/1/2/3/c/4/d", { a: "1", splat: "2/3", b: "4" }],
  ["/:a/*/c/:b/d", "/1/2/3/c//d", undefined],
  ["/p/:a-:b", "/p/x-y", { a: "x", b: "y" }],
  ["/p/:a-:b", "/p/x-y/", { a: "x", b: "y" }],
  ["/p/:a-:b", "/p/x-y-z", { a: "x-y", b: "z" }],
  ["/p/:a-:b", "/p/x--y", { a: "x-", b: "y" }],
  ["/p/:a-:b", "/p/---", { a: "-", b: "-" }],
  ["/p/:a-:b", "/p/-y", undefined],
  ["/p/:a-:b", "/p/x-", undefined],
  ["/p/:a-:b", "/p/--", undefined],
  ["/p/:a-:b", "/p/x/-y", undefined],
  ["/p/:a-:b", "/p/xy", undefined],
  ["/:a.html", "/x.html", { a: "x" }],
  ["/:a.html", "/x.html.html", { a: "x.html" }],
  ["/:a.html", "/.html", undefined],
  ["/:a.html", "/x.htm", undefined],
  ["/:a.html", "/x/y.html", undefined],
  ["/v:major.:minor/*", "/v1.2/a/b", { major: "1", minor: "2", splat: "a/b" }],
  ["/v:major.:minor/*", "/v1.2", { major: "1", minor: "2", splat: "" }],
  ["/v:major.:minor/*", "/v1/2", undefined],
  ["/*/:a-:b", "/x/y/1-2", { splat: "x/y", a: "1", b: "2" }],
  ["/*/:a-:b", "/x/1-2/", undefined],
  ["/:a%2A:b", "/x*y", { a: "x", b: "y" }],
  ["/:a-x-:b-x-:c", "/1-x-2-x-3-x-4", { a: "1-x-2", b: "3", c: "4" }],
  ["/:a/%3Ab", "/x/:b", { a: "x" }],
  ["/*/a/*", "/x/a/y", {}],
  ["/*/a/*", "/x/a/", {}],
  ["/*/a/*", "/x/a", {}],
  ["/*/a/*", "/x/ay", undefined],
  ["/*/a/*", "/a/y", undefined],
  ["/a*b*c", "/abc", {}],
  ["/a*b*c", "/axbxbxc", {}],
  ["/a*b*c", "/acb", undefined],
  ["/a*bc*c", "/abc", undefined],
  ["/*.*.js", "/a/b.min.js", {}],
  ["/*.*.js", "/a/b.js", undefined],
  ["/**", "/x/y", { splat: "x/y" }],
  ["/:a/*-*/:b", "/1/x-y/2", { a: "1", b: "2" }],
  ["/*aab*aab*", "/aaab/aaaab", {}],
  ["/*aab*aab*", "/aaabaab", {}],
  ["/*aab*aab*", "/aaabab", undefined],
  ["/a/:b", "/a/%2F", { b: "%2F" }],
  ["/a/:b", "/a/\ud800\r\n", { b: "\ud800\r\n" }],
  ["/:a", `/${LONG}`, { a: LONG }],
  ["/*/x", `/${LONG}/x`, { splat: LONG }],
];

for (const [text, path, expected] of MATCH_ROWS) {
  const end = expected === undefined ? "not " : "";
  const shown = JSON.stringify(path).slice(0, 40);
  Deno.test(`Pattern.match() of ${text} does ${end}match ${shown}`, () => {
    const pattern = patternOf(text);
    const captures = pattern.match(path);
    const entries = captures && Object.fromEntries(captures);
    assertEquals(entries, expected);
    assertEquals(pattern.matches(path), expected !== undefined);
    if (captures !== undefined) {
      assertEquals([...captures.keys()].sort(), pattern.names.toSorted());
    }
  });
}

const PROBLEM_ROWS: readonly [text: string, reason: string][] = [
  ["", `it does not begin with "/"`],
  ["a", `it does not begin with "/"`],
  ["*", `it does not begin with "/"`],
  ["https://a/b", `it does not begin with "/"`],
  ["//a", "it has an empty segment"],
  ["/a//", "it has an empty segment"],
  ["/a/../b", `no path has ".."`],
  ["/./b", `no path has "."`],
  ["/%2e%2E/b", `no path has ".."`],
  ["/a\\b", `no path has "\\" in it`],
  ["/a?b", `a pattern matches the path alone; write %3F for a "?" in it`],
  ["/a#b", `a pattern matches the path alone; write %23 for a "#" in it`],
  ["/a\nb", "it contains control characters"],
  ["/a\0", "it contains control characters"],
  ["/100%", `"100%" is not a percent-encoded segment`],
  ["/%C3", `"%C3" is not a percent-encoded segment`],
  ["/%C3*%A9", `"%C3*%A9" is not a percent-encoded segment`],
  ["/a%2fb", `"a%2fb" is not a percent-encoded segment`],
  ["/a%5Cb", `"a%5Cb" is not a percent-encoded segment`],
  ["/a%00", `"a%00" is not a percent-encoded segment`],
  ["/:a:b", `two placeholders touch in ":a:b"`],
  ["/x:a:b-:c", `two placeholders touch in "x:a:b-:c"`],
  ["/:a-:a", `":a" occurs twice`],
  ["/x:splat", `":splat" is the name of what "*" matches`],
  ["/:a-%2f", `":a-%2f" is not a percent-encoded segment`],
  ["/*/:a/*", `placeholders cannot stand between two "*"`],
  ["/a*/x:a/*b", `placeholders cannot stand between two "*"`],
  [
    "/:a*",
    `a segment cannot mix "*" and placeholders; write %3A for a literal ":" in ":a*"`,
  ],
  [
    "/*:a",
    `a segment cannot mix "*" and placeholders; write %3A for a literal ":" in "*:a"`,
  ],
  ["/:splat/x", `":splat" is the name of what "*" matches`],
  ["/:a/:a", `":a" occurs twice`],
  ["/:a/*/:a", `":a" occurs twice`],
  ["/" + "a".repeat(2000), "it has more than 2000 characters"],
];

for (const [text, reason] of PROBLEM_ROWS) {
  Deno.test(`compilePattern() refuses ${JSON.stringify(text).slice(0, 30)}`, () => {
    const result = compilePattern(text);
    assert("problem" in result);
    assert(
      result.problem.startsWith(`Cannot use pattern "`) &&
        result.problem.endsWith(`": ${reason}`),
      result.problem,
    );
  });
}

Deno.test("compilePattern() takes a pattern of as many characters as there may be", () => {
  const path = "/" + "a".repeat(1999);
  assert(patternOf(path).matches(path));
});

const LITERAL_ROWS: readonly [text: string, literal: string | undefined][] = [
  ["/", "/"],
  ["/a/b/", "/a/b"],
  ["/%2A", "/*"],
  ["/*", undefined],
  ["/:a", undefined],
  ["/a/:a/b", undefined],
];

for (const [text, literal] of LITERAL_ROWS) {
  Deno.test(`Pattern.literal of ${text} is ${literal}`, () => {
    assertEquals(patternOf(text).literal, literal);
  });
}

/**
 * Pairs that take exponential or quadratic time with regular expressions made of the patterns; the counts are
 * so large that more than linear time could not pass for slowness: 200 matches of 200,000 characters each take
 * under a second, and would be at least 10¹¹ steps if every beginning were tried with every end.
 */
const ADVERSARIAL: readonly [pattern: string, path: string][] = [
  ["/*" + "a".repeat(900) + "b*!", "/" + "a".repeat(100_000)],
  ["/*b" + "a".repeat(900) + "*!", "/" + "a".repeat(100_000) + "!"],
  ["/:x-b" + "a".repeat(900) + "-:y", "/" + "-" + "a".repeat(100_000) + "-"],
  ["/*a".repeat(200) + "*!", "/" + "/a".repeat(50_000)],
  ["/a*" + "a".repeat(900) + "b", "/" + "a".repeat(200_000)],
  ["/:p/:q/:r/*/x/:s/y", "/" + "a/".repeat(100_000)],
  ["/:p/:q/:r/*/x/:s/y", "/" + "x/y/".repeat(50_000) + "y/z"],
  [
    "/*/" + Array.from({ length: 200 }, (_, i) => `:p${i}`).join("/") + "/!",
    "/" + "a/".repeat(100_000),
  ],
  [
    "/" + Array.from({ length: 200 }, (_, i) => `:p${i}`).join("/") + "/*/!",
    "/" + "a/".repeat(100_000),
  ],
];

for (const [index, [text, path]] of ADVERSARIAL.entries()) {
  Deno.test(`Pattern.match() does not try twice, with pair ${index + 1}`, () => {
    const pattern = patternOf(text);
    const start = performance.now();
    for (let i = 0; i < 200; i++) assert(!pattern.matches(path));
    assert(performance.now() - start < 20_000);
  });
}

Deno.test("Pattern.match() takes a path ten times as long at most some ten times as long", () => {
  const pattern = patternOf("/:a/*/:b");
  const paths = [20_000, 200_000].map((length) =>
    `/${"a".repeat(length)}/${"b".repeat(length)}/${"c".repeat(length)}`
  );
  const fastest = paths.map((path) => {
    let best = Infinity;
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      for (let i = 0; i < 20; i++) assert(pattern.match(path) !== undefined);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  });
  // Quadratic time would be a hundred times as long; what is too short to measure is no trouble either.
  assert(fastest[1]! < 40 * fastest[0]! + 5, `${fastest}`);
});
