import { assert, assertEquals } from "@std/assert";
import { compileRules } from "../../lib/site/rules/rules.ts";
import type { RuleDefinitions } from "../../lib/site/rules/texts.ts";
import type { PolicyOptions } from "../../lib/site/policy.ts";
import type { Files } from "../helpers.ts";
import { type Fields, testStage, textOfLength } from "./stage.ts";

const SITE: Files = {
  "index.html": "home",
  "about.html": "about",
  "docs/index.html": "docs",
  "docs/guide.txt": "guide",
  "empty/.keep": "",
  "assets/app-4f3a9c1b.js": "script",
  "assets/large.txt": textOfLength(3000),
  "errors/lost.html": "lost",
  "gone.html": "gone",
  "en/index.html": "english",
  "docs.html": "never: docs/ has an index",
  "blog.html": "blog",
  "blog/post.html": "post",
  "404.html": "the usual page",
  "secret/.htpasswd": "secret",
  "_headers": "/*\n  X-File: never served\n",
  "_redirects": "/never /served\n",
};

function policyOf(
  texts: Partial<RuleDefinitions>,
  more: Partial<PolicyOptions> = {},
): Partial<PolicyOptions> {
  const none: RuleDefinitions = { headers: [], redirects: [], errorPages: [] };
  const { rules, problems } = compileRules({ ...none, ...texts });
  assertEquals(problems, []);
  return { rules, ...more };
}

/** A redirect, rewrite or status, as `_redirects` has them in a line; "!" for force. */
function rule(line: string): RuleDefinitions["redirects"][number] {
  const [from = "", to, status = "301"] = line.split(" ");
  return {
    from,
    to: to === "-" ? undefined : to,
    status: parseInt(status),
    force: status.endsWith("!"),
    where: `test: ${line}`,
  };
}

/** Rules, what is asked for, and the status with Location or body that comes. */
const ROWS: readonly (readonly [
  name: string,
  rules: readonly string[],
  target: string,
  want: string,
  fields?: Fields,
])[] = [
  // Redirects.
  ["a redirect", ["/old /new"], "/old", "301 /new"],
  ["a redirect's status", ["/old /new 302"], "/old", "302 /new"],
  ["a redirect with its query", ["/old /new"], "/old?a=1", "301 /new?a=1"],
  ["a splat", ["/old/* /new/:splat 308"], "/old/a/b", "308 /new/a/b"],
  ["a placeholder", ["/u/:id /users/:id"], "/u/7", "301 /users/7"],
  [
    "an address elsewhere",
    ["/x/* https://a.test/:splat"],
    "/x/y",
    "301 https://a.test/y",
  ],
  ["the first rule that matches", ["/a /b", "/a /c"], "/a", "301 /b"],
  [
    "what the site has before a rule",
    ["/about /elsewhere"],
    "/about",
    "200 about",
  ],
  [
    "a file before a rule",
    ["/docs/* /elsewhere"],
    "/docs/guide.txt",
    "200 guide",
  ],
  ["a directory before a rule", ["/docs /elsewhere"], "/docs", "308 /docs/"],
  [
    "a rule with force before a file",
    ["/about /elsewhere 302!"],
    "/about",
    "302 /elsewhere",
  ],
  // Open redirects.
  [
    "no host from a splat",
    ["/old/* /:splat"],
    "/old//evil.test",
    "301 /evil.test",
  ],
  [
    "no host from an encoded splat",
    ["/old* /:splat"],
    "/old//evil.test/",
    "301 /evil.test/",
  ],
  ["no host from a backslash", ["/old/* /:splat"], "/old/%5Cevil.test", "400 "],
  // Rewrites.
  ["a rewrite to a file", ["/r /docs/guide.txt 200"], "/r", "200 guide"],
  ["a rewrite to an index", ["/r /docs/ 200"], "/r", "200 docs"],
  [
    "a rewrite to a directory without its slash",
    ["/r /docs 200"],
    "/r",
    "200 docs",
  ],
  ["a rewrite to a clean address", ["/r /about 200"], "/r", "200 about"],
  ["a rewrite to nothing", ["/r /nothing 200"], "/r", "404 the usual page"],
  [
    "a rewrite that no other rule sees",
    ["/r /s 200", "/s /docs/guide.txt 200"],
    "/r",
    "404 the usual page",
  ],
  [
    "a rewrite of everything that is missing",
    ["/* /index.html 200"],
    "/app/users/7",
    "200 home",
  ],
  [
    "a rewrite to what is hidden",
    ["/r /secret/.htpasswd 200"],
    "/r",
    "404 the usual page",
  ],
  [
    "a rewrite out of the site",
    ["/r/* /docs/:splat 200"],
    "/r/..%2f..%2fetc/passwd",
    "400 ",
  ],
  [
    "a rewrite to the files with the rules",
    ["/r /_headers 200"],
    "/r",
    "404 the usual page",
  ],
  // Statuses.
  ["a status", ["/old - 410"], "/old", "410 "],
  ["a status with a page", ["/old /gone.html 410"], "/old", "410 gone"],
  [
    "a status with a page that is not there",
    ["/old /nothing.html 404"],
    "/old",
    "404 the usual page",
  ],
  ["a page by its clean name", ["/old /gone 404"], "/old", "404 gone"],
  ["a page by a folder", ["/e/* /en/ 404"], "/e/x", "404 english"],
  [
    "a page by a folder without its slash",
    ["/e/* /en 404"],
    "/e/x",
    "404 english",
  ],
  ["a page beside its folder", ["/old /blog 410"], "/old", "410 blog"],
  [
    "a page by a placeholder",
    ["/x/:lang/* /:lang/ 404"],
    "/x/en/a",
    "404 english",
  ],
  ["no page by a listing", ["/old /empty/ 404"], "/old", "404 the usual page"],
  [
    "no page from the files with the rules",
    ["/old /_headers 404"],
    "/old",
    "404 the usual page",
  ],
  [
    "no page from what is hidden",
    ["/old /secret/.htpasswd 404"],
    "/old",
    "404 the usual page",
  ],
  ["a status with force", ["/about - 410!"], "/about", "410 "],
  // The files with the rules.
  ["no client _headers", [], "/_headers", "404 the usual page"],
  ["no client _redirects", [], "/_redirects", "404 the usual page"],
  [
    "files of that name further down",
    ["/x /y"],
    "/docs/_headers",
    "404 the usual page",
  ],
];

for (const [name, lines, target, want, fields] of ROWS) {
  testStage(`rules give ${name}`, SITE, async (stage) => {
    const { status, fields: got, body } = await stage.get(target, fields);
    const isBuiltIn = /^<!doctype html>/i.test(body);
    const rest = got.get("location") ?? (isBuiltIn ? "" : body);
    assertEquals(`${status} ${rest}`, want);
  }, { policy: policyOf({ redirects: lines.map(rule) }) });
}

const HEADERS = [
  {
    for: "/*",
    values: [["X-All", "1"], ["X-Frame-Options", "DENY"]],
    where: "a",
  },
  {
    for: "/assets/*",
    values: [["Cache-Control", "public, max-age=60"]],
    where: "b",
  },
  {
    for: "/docs/guide.txt",
    values: [["Content-Type", "text/x-guide"], ["X-All", "2"]],
    where: "c",
  },
] as const;

/** Which fields replies have for a path. */
const HEADER_ROWS: readonly (readonly [
  name: string,
  target: string,
  want: Readonly<Record<string, string | undefined>>,
  fields?: Fields,
])[] = [
  ["a file", "/about.html", { "x-all": "1", "x-frame-options": "DENY" }],
  ["a page without its extension", "/about", { "x-all": "1" }],
  ["a missing page", "/nothing", { "x-all": "1", "cache-control": "no-store" }],
  ["a missing page among those that may be kept", "/assets/nothing", {
    "cache-control": "no-store",
  }],
  ["a redirect to a directory", "/docs", {
    "x-all": "1",
    "location": "/docs/",
  }],
  ["a listing", "/empty/", { "x-all": "1" }],
  ["caching of its own", "/assets/app-4f3a9c1b.js", {
    "cache-control": "public, max-age=60",
  }],
  ["a later rule in place of an earlier", "/docs/guide.txt", {
    "x-all": "2",
    "content-type": "text/x-guide",
  }],
  ["a part", "/docs/guide.txt", {
    "content-type": "text/x-guide",
    "content-range": "bytes 0-1/5",
  }, { Range: "bytes=0-1" }],
  ["an unread condition", "/assets/app-4f3a9c1b.js", {
    "cache-control": "public, max-age=60",
    "content-type": undefined,
  }, { "If-None-Match": "*" }],
];

for (const [name, target, want, fields] of HEADER_ROWS) {
  testStage(`header rules apply to ${name}`, SITE, async (stage) => {
    const { fields: got } = fields?.["Range"] === undefined
      ? await stage.get(target, fields)
      : await stage.ask("GET", target, fields);
    for (const [field, value] of Object.entries(want)) {
      assertEquals(got.get(field), value, field);
    }
  }, { policy: policyOf({ headers: HEADERS }) });
}

testStage(
  "one file that is found by two paths has the fields of each",
  SITE,
  async (stage) => {
    const fieldOf = async (target: string) =>
      (await stage.get(target)).fields.get("x-for");
    for (let round = 0; round < 2; round++) {
      assertEquals(await fieldOf("/about"), "clean");
      assertEquals(await fieldOf("/about.html"), "file");
    }
  },
  {
    policy: policyOf({
      headers: [
        { for: "/about", values: [["X-For", "clean"]], where: "a" },
        { for: "/about.html", values: [["X-For", "file"]], where: "b" },
      ],
    }),
  },
);

testStage("a rule names the page of an error", SITE, async (stage) => {
  const { status, body, fields } = await stage.get("/nothing");
  assertEquals([status, body], [404, "lost"]);
  assertEquals(fields.get("cache-control"), "no-store");
  assertEquals((await stage.ask("GET", "/%00")).status, 400);
}, {
  policy: policyOf({
    errorPages: [{ status: 404, path: "/errors/lost.html", where: "a" }],
  }),
});

testStage(
  "listings leave out the files with the rules",
  SITE,
  async (stage) => {
    const { body } = await stage.get("/", { Accept: "application/json" });
    assert(body.includes("about.html"));
    assert(!body.includes("_headers") && !body.includes("_redirects"), body);
  },
  { policy: { index: "none.html" } },
);

testStage(
  "listings name nothing that a rule redirects, replaces or refuses",
  SITE,
  async (stage) => {
    const { body } = await stage.get("/", { Accept: "text/plain" });
    assert(body.includes("blog.html"));
    assert(!/about|^blog\//m.test(body), body);
  },
  {
    policy: policyOf({
      redirects: ["/about.html - 404!", "/blog/* / 301!"].map(rule),
    }, { index: "none.html" }),
  },
);

/** What caches are told of paths that not everybody may see. */
const PRIVATE_ROWS: readonly (readonly [string, string, string])[] = [
  ["a page", "/about.html", "private, no-cache"],
  [
    "a file that never changes",
    "/assets/app-4f3a9c1b.js",
    "private, max-age=31536000, immutable",
  ],
  ["an error", "/nothing", "no-store"],
  ["what everybody may see", "/docs/guide.txt", "no-cache"],
];

for (const [name, target, want] of PRIVATE_ROWS) {
  testStage(
    `no shared cache may keep what is protected: ${name}`,
    SITE,
    async (stage) => {
      const { fields } = await stage.get(target);
      assertEquals(fields.get("cache-control"), want);
    },
    { policy: { isProtected: (path) => !path.startsWith("/docs/") } },
  );
}
