import { assert, assertEquals } from "@std/assert";
import {
  compileSitePath,
  SitePathTemplate,
} from "../../../lib/site/rules/destination.ts";

/** What can stand in the templates below. */
const NAMES = ["a", "b", "splat"];

type Values = Readonly<Record<string, string>>;

const PATH_REASON =
  `expected a path that begins with "/", or for redirects a URL with http:// or https://`;
const HOST_REASON =
  `"//" at the beginning names another host; write https:// before it`;
function sitePath(to: string): SitePathTemplate {
  const template = compileSitePath(to, NAMES);
  assert(template instanceof SitePathTemplate, JSON.stringify(template));
  return template;
}

const SITE_ROWS: readonly [
  to: string,
  captures: Values,
  path: string | undefined,
][] = [
  ["/", {}, "/"],
  ["/index.html", {}, "/index.html"],
  ["/a%20b/%C3%A9", {}, "/a b/é"],
  ["/%3Aa%2A", {}, "/:a*"],
  ["/app/:splat", { splat: "x/y" }, "/app/x/y"],
  ["/app/:splat", { splat: "" }, "/app/"],
  ["/app/:splat/i.html", { splat: "" }, "/app/i.html"],
  ["/app/:splat/i.html", { splat: "x/" }, "/app/x/i.html"],
  ["/app/:splat", { splat: "/x//y" }, "/app/x/y"],
  ["/:a/:b.html", { a: "1", b: "2%20?" }, "/1/2%20?.html"],
  ["/:a", { a: "%2e%2e" }, "/%2e%2e"],
  ["/:splat", { splat: ".." }, undefined],
  ["/:splat", { splat: "a/../b" }, undefined],
  ["/:splat", { splat: "a/." }, undefined],
  ["/:a:b/x", { a: ".", b: "." }, undefined],
  ["/:splat", { splat: "a\\b" }, undefined],
  ["/:splat", { splat: "a\0" }, undefined],
];

for (const [to, captures, expected] of SITE_ROWS) {
  Deno.test(`SitePathTemplate.path() of ${to} with ${JSON.stringify(captures)} is ${expected}`, () => {
    const map = new Map(Object.entries(captures));
    assertEquals(sitePath(to).path(map), expected);
  });
}

Deno.test("SitePathTemplate.query() keeps the request's, but for one of its own", () => {
  const captures = new Map([["a", "1&2"]]);
  assertEquals(sitePath("/x").query(captures, "q"), "q");
  assertEquals(sitePath("/x").query(captures, undefined), undefined);
  assertEquals(sitePath("/x?s=:a é").query(captures, "q"), "s=1%262%20%C3%A9");
});

const SITE_PROBLEMS: readonly [to: string, reason: string][] = [
  ["https://e.example/", "skiff does not fetch from other servers"],
  ["HTTP:x", "skiff does not fetch from other servers"],
  ["", PATH_REASON],
  ["x", PATH_REASON],
  ["//e.example", HOST_REASON],
  ["/a//b", "it has an empty segment"],
  ["/x#y", "only redirects can have a fragment"],
  ["/a%2fb", "it is not the percent-encoded path of a file"],
  ["/a%5cb", "it is not the percent-encoded path of a file"],
  ["/a%00b", "it is not the percent-encoded path of a file"],
  ["/%C3:a%A9", "it is not the percent-encoded path of a file"],
  ["/%2e%2e/x", `it has a "." or ".." segment`],
  ["/x\\y", `no path has "\\" in it`],
  ["/:c", `the pattern has no ":c"; write %3A for a literal ":" in it`],
];

for (const [to, reason] of SITE_PROBLEMS) {
  Deno.test(`compileSitePath() refuses ${JSON.stringify(to)}`, () => {
    const result = compileSitePath(to, NAMES);
    assert("problem" in result);
    assert(
      result.problem.endsWith(` as a destination: ${reason}`),
      result.problem,
    );
  });
}
