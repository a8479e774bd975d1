import { assert, assertEquals } from "@std/assert";
import {
  compileLocation,
  LocationTemplate,
  PLACEHOLDERS_MAX,
} from "../../../lib/site/rules/destination.ts";

/** What can stand in the templates below. */
const NAMES = ["a", "b", "splat"];

type Values = Readonly<Record<string, string>>;

function location(
  to: string,
  captures: Values,
  query?: string,
): string | undefined {
  const template = compileLocation(to, NAMES);
  assert(template instanceof LocationTemplate, JSON.stringify(template));
  return template.render(new Map(Object.entries(captures)), query);
}

const LOCATION_ROWS: readonly [
  name: string,
  to: string,
  captures: Values,
  query: string | undefined,
  location: string | undefined,
][] = [
  ["a path", "/new", {}, undefined, "/new"],
  ["the root", "/", {}, undefined, "/"],
  ["a path and the query", "/new", {}, "x=1", "/new?x=1"],
  ["a path and the empty query", "/new", {}, "", "/new?"],
  ["a query of its own", "/new?y=2", {}, "x=1", "/new?y=2"],
  ["an empty query of its own", "/new?", {}, "x=1", "/new?"],
  ["a fragment", "/new#top", {}, "x=1", "/new?x=1#top"],
  ["query and fragment", "/n?y#a?b", {}, undefined, "/n?y#a?b"],
  ["a URL", "https://e.example/x", {}, "q", "https://e.example/x?q"],
  [
    "a URL of a host alone",
    "https://e.example",
    {},
    undefined,
    "https://e.example",
  ],
  [
    "a host alone and the query",
    "http://e.example",
    {},
    "q",
    "http://e.example?q",
  ],
  [
    "a host and a query",
    "http://e.example?:a",
    { a: "/@" },
    undefined,
    "http://e.example?%2F%40",
  ],
  [
    "a host and a fragment",
    "http://e.example#:a",
    { a: "/@" },
    undefined,
    "http://e.example#%2F%40",
  ],
  ["a port", "http://e.example:8080/", {}, undefined, "http://e.example:8080/"],
  [
    "an IPv6 address",
    "http://[fe80::abcd]:80/",
    {},
    undefined,
    "http://[fe80::abcd]:80/",
  ],
  [
    "a scheme in capitals",
    "HTTPS://E.example/",
    {},
    undefined,
    "HTTPS://E.example/",
  ],
  [
    "what is not ASCII",
    "/é ü/\u4f60",
    {},
    undefined,
    "/%C3%A9%20%C3%BC/%E4%BD%A0",
  ],
  [
    "what is encoded already",
    "/%C3%A9%2Fx%25",
    {},
    undefined,
    "/%C3%A9%2Fx%25",
  ],
  ["a colon before no name", "/at/12:30/%3Aa", {}, undefined, "/at/12:30/%3Aa"],
  [
    "a URL in the path",
    "https://e.example/web/https://f.example//x",
    {},
    undefined,
    "https://e.example/web/https://f.example//x",
  ],
  [
    "placeholders",
    "/:b/x-:a.html",
    { a: "1", b: "2" },
    undefined,
    "/2/x-1.html",
  ],
  ["a splat", "/new/:splat", { splat: "a/b/" }, undefined, "/new/a/b/"],
  ["an empty splat", "/new/:splat", { splat: "" }, undefined, "/new/"],
  [
    "an empty splat before more",
    "/new/:splat/x",
    { splat: "" },
    undefined,
    "/new/x",
  ],
  [
    "a splat with its slash before more",
    "/new/:splat/x",
    { splat: "a/" },
    undefined,
    "/new/a/x",
  ],
  [
    "captures in the query",
    "/s?q=:a&r=:splat",
    { a: "1&2=3#", splat: "x/y" },
    "z",
    "/s?q=1%262%3D3%23&r=x%2Fy",
  ],
  ["a second # in the fragment", "/s#a#b", {}, undefined, "/s#a#b"],
  [
    "a second # behind a query",
    "/s?q#a#:a#",
    { a: "#" },
    undefined,
    "/s?q#a#%23#",
  ],
  ["captures in the fragment", "/s#:a", { a: "é#" }, undefined, "/s#%C3%A9%23"],
  [
    "special characters",
    "/:a",
    { a: '?#% "<>é' },
    undefined,
    "/%3F%23%25%20%22%3C%3E%C3%A9",
  ],

  [
    "a splat that begins with slashes",
    "/:splat",
    { splat: "//evil.com" },
    undefined,
    "/evil.com",
  ],
  [
    "a splat that begins with a backslash",
    "/:splat",
    { splat: "\\evil.com" },
    undefined,
    "/%5Cevil.com",
  ],
  [
    "a splat of slash and backslash",
    "/:splat",
    { splat: "/\\evil.com" },
    undefined,
    "/%5Cevil.com",
  ],
  [
    "a splat that is encoded",
    "/:splat",
    { splat: "%2F%2Fevil.com" },
    undefined,
    "/%252F%252Fevil.com",
  ],
  [
    "an at sign behind a host",
    "https://e.example/:splat",
    { splat: "@evil.com" },
    undefined,
    "https://e.example/@evil.com",
  ],
  [
    "an empty splat before a literal",
    "/:splat/evil.com",
    { splat: "" },
    undefined,
    "/evil.com",
  ],
  [
    "two captures that meet",
    "/:a:splat",
    { a: "", splat: "//evil.com" },
    undefined,
    "/evil.com",
  ],
  [
    "a tab between slashes",
    "/:splat",
    { splat: "\t/evil.com" },
    undefined,
    "/%09/evil.com",
  ],
  [
    "CR LF",
    "/:splat",
    { splat: "x\r\nSet-Cookie: a=b" },
    undefined,
    "/x%0D%0ASet-Cookie:%20a=b",
  ],
  ["CR LF in the query", "/s?:a", { a: "\r\n" }, undefined, "/s?%0D%0A"],
  [
    "CR LF in the request's query",
    "/s",
    {},
    "a\r\nB: c#d%0a",
    "/s?a%0D%0AB:%20c%23d%0a",
  ],
  [
    "a lone surrogate",
    "/:a?:a#:a",
    { a: "\ud800" },
    "\udfff",
    "/%EF%BF%BD?%EF%BF%BD#%EF%BF%BD",
  ],
  ["a lone surrogate in the request's query", "/", {}, "\udfff", "/?%EF%BF%BD"],
  ["dot segments", "/new/:splat", { splat: "../x" }, undefined, undefined],
  [
    "dot segments inside",
    "/new/:splat",
    { splat: "x/./y" },
    undefined,
    undefined,
  ],
  ["dots at the end", "/new/:splat", { splat: ".." }, undefined, undefined],
  ["dots that come together", "/.:a/", { a: "." }, undefined, undefined],
  [
    "dots of which the template has one",
    "/%2E:a/",
    { a: "." },
    undefined,
    undefined,
  ],
  ["dots that are encoded", "/:a/", { a: "%2e%2e" }, undefined, "/%252e%252e/"],
  ["three dots", "/:a/", { a: "..." }, undefined, "/.../"],
  ["a value that nobody has captured", "/x:a", {}, undefined, "/x"],
  [
    "8,000 slashes",
    "/:splat",
    { splat: "/".repeat(8000) + "x" },
    undefined,
    "/x",
  ],
  [
    "what gets too long",
    "/:splat",
    { splat: "é".repeat(8000) },
    undefined,
    undefined,
  ],
];

for (const [name, to, captures, query, expected] of LOCATION_ROWS) {
  Deno.test(`LocationTemplate.render() makes of ${name} ${expected === undefined ? "nothing" : "a Location"}`, () => {
    assertEquals(location(to, captures, query), expected);
  });
}

const PATH_REASON =
  `expected a path that begins with "/", or for redirects a URL with http:// or https://`;
const HOST_REASON =
  `"//" at the beginning names another host; write https:// before it`;
const AUTHORITY_REASON =
  `behind "//" stands a host, and perhaps a port, in ASCII and without placeholders`;

const LOCATION_PROBLEMS: readonly [to: string, reason: string][] = [
  ["", PATH_REASON],
  ["new", PATH_REASON],
  [":splat", PATH_REASON],
  ["?x", PATH_REASON],
  ["https:/evil.com", PATH_REASON],
  ["https:evil.com", PATH_REASON],
  ["javascript:0", PATH_REASON],
  ["ftp://e.example/", PATH_REASON],
  [" https://e.example/", PATH_REASON],
  ["//e.example", HOST_REASON],
  ["//:splat", HOST_REASON],
  ["/\\e.example", `no path has "\\" in it`],
  ["/x\\:splat", `no path has "\\" in it`],
  ["https://:splat/", AUTHORITY_REASON],
  ["https://:splat", AUTHORITY_REASON],
  ["https://good.example:splat", AUTHORITY_REASON],
  ["https://good.example:splat/", AUTHORITY_REASON],
  ["https://:a.good.example/", AUTHORITY_REASON],
  ["https://good.example\\:splat", AUTHORITY_REASON],
  ["https://user@good.example/", AUTHORITY_REASON],
  ["https://user:a@good.example/", AUTHORITY_REASON],
  ["https:///good.example/", AUTHORITY_REASON],
  ["https://", AUTHORITY_REASON],
  ["https://gööd.example/", AUTHORITY_REASON],
  ["https://good.example\t/", AUTHORITY_REASON],
  ["/x\r\nA: b", "it contains control characters"],
  ["/100%", `write %25 for a literal "%"`],
  ["/%2:a", `write %25 for a literal "%"`],
  [
    "/new/*",
    `the text that "*" matches is :splat; write %2A for a literal "*"`,
  ],
  ["/:c", `the pattern has no ":c"; write %3A for a literal ":" in it`],
  ["/:ab", `the pattern has no ":ab"; write %3A for a literal ":" in it`],
  [
    "/wiki/Talk:Main",
    `the pattern has no ":Main"; write %3A for a literal ":" in it`,
  ],
  ["/../x", `it has a "." or ".." segment`],
  ["/:splat/..", `it has a "." or ".." segment`],
  ["/x/%2E%2e/", `it has a "." or ".." segment`],
  ["https://e.example/./:splat", `it has a "." or ".." segment`],
  ["/" + "x".repeat(2000), "it has more than 2000 characters"],
  [
    "/" + ":a".repeat(PLACEHOLDERS_MAX + 1),
    `it has more than ${PLACEHOLDERS_MAX} placeholders`,
  ],
];

for (const [to, reason] of LOCATION_PROBLEMS) {
  Deno.test(`compileLocation() refuses ${JSON.stringify(to).slice(0, 40)}`, () => {
    const result = compileLocation(to, NAMES);
    assert("problem" in result);
    assert(result.problem.startsWith(`Cannot use "`), result.problem);
    assert(
      result.problem.endsWith(` as a destination: ${reason}`),
      result.problem,
    );
  });
}

Deno.test("compileLocation() names the star that a splat would need", () => {
  const result = compileLocation("/x/:splat", ["a"]);
  assert("problem" in result);
  assert(
    result.problem.includes(`the pattern has no "*" for :splat`),
    result.problem,
  );
});
