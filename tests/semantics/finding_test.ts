import { assert, assertEquals, assertMatch } from "@std/assert";
import { symlinkSync } from "node:fs";
import { fromFileUrl } from "@std/path";
import type { PolicyOptions } from "../../lib/site/policy.ts";
import type { Files, Response } from "../helpers.ts";
import { PAST_DATES, type Stage, testStage } from "./stage.ts";

/** Every page's content is its own name. */
function pages(...names: readonly string[]): Files {
  return Object.fromEntries(names.map((name) => [name, name]));
}

const SITE: Files = {
  ...pages(
    "index.html",
    "about.html",
    "same",
    "same.html",
    "app.js",
    "both.html",
    "both/index.html",
    "docs/index.html",
    "docs/guide.html",
    "docs/v1.2.html",
    "folder.html/inside.txt",
    "plain/a.txt",
    "home.html",
    "plain/home.html",
    "50% ü?#/index.html",
    "a:b/index.html",
  ),
  ".env": "secret",
  ".git/config": "secret",
  ".htaccess.html": "secret",
  "docs/.draft.html": "secret",
  "docs/.private/404.html": "secret",
  ".well-known/security.txt": ".well-known/security.txt",
};

/** A file's name, where a redirect leads, or the status of an error. */
type Want = string | number;

function check({ status, fields, body }: Response, want: Want): void {
  if (typeof want === "number") {
    assertEquals(status, want);
    assertEquals(fields.get("cache-control"), "no-store");
  } else if (want.startsWith("/")) {
    assertEquals([status, fields.get("location"), body], [308, want, ""]);
    assertEquals(fields.get("content-length"), "0");
    assertEquals(fields.get("cache-control"), "no-cache");
  } else {
    assertEquals([status, body], [200, want]);
  }
  // Nobody may be led to another host.
  const location = fields.get("location") ?? "/";
  assertMatch(location, /^\/(?![/\\])/);
  assert(!body.includes("secret"));
}

const TARGET_ROWS: readonly [target: string, want: Want][] = [
  // Files, indexes, clean URLs.
  ["/", "index.html"],
  ["/?", "index.html"],
  ["/index.html", "index.html"],
  ["/index", "index.html"],
  ["/about", "about.html"],
  ["/about?a=b", "about.html"],
  ["/about.html", "about.html"],
  ["/about.html.html", 404],
  ["/about/", 404],
  ["/about.html/", 404],
  ["/About", 404],
  ["/same", "same"],
  ["/same.html", "same.html"],
  ["/docs/", "docs/index.html"],
  ["/docs/guide", "docs/guide.html"],
  ["/docs/v1.2", "docs/v1.2.html"],
  ["/docs//guide", "docs/guide.html"],
  ["/docs/../about", "about.html"],
  ["/docs/%2e%2e/about", "about.html"],
  ["/%61bout", "about.html"],
  ["/folder", 404],
  ["/app.js", "app.js"],
  ["/app", 404],
  ["/app.js/", 404],
  ["/app.js/index.html", 404],
  ["/docs/index.html/../guide", "docs/guide.html"],
  ["/.well-known/security.txt", ".well-known/security.txt"],

  // Directories are redirected to their own name.
  ["/docs", "/docs/"],
  ["/both", "/both/"],
  ["/folder.html", "/folder.html/"],
  ["/docs?", "/docs/?"],
  ["/docs?a=b&c=d%20e", "/docs/?a=b&c=d%20e"],
  ["/docs?https://evil.example/", "/docs/?https://evil.example/"],
  ["/docs?a\\b", "/docs/?a\\b"],
  ["/docs?a%0d%0aX:y", "/docs/?a%0d%0aX:y"],
  ["//docs", "/docs/"],
  ["///docs", "/docs/"],
  ["/.//docs", "/docs/"],
  ["//evil.example/..//docs", "/docs/"],
  ["//evil.example/%2e%2e/docs", "/docs/"],
  ["http://evil.example/docs", "/docs/"],
  ["http://evil.example//docs?a", "/docs/?a"],
  ["HTTP://evil.example:80//docs", "/docs/"],
  ["/50%25%20%C3%BC%3F%23", "/50%25%20%C3%BC%3F%23/"],
  ["/50%25%20%c3%bc%3f%23?x", "/50%25%20%C3%BC%3F%23/?x"],
  ["/a:b", "/a:b/"],

  // Nothing, or a mistake.
  ["//evil.example", 404],
  ["//evil.example/", 404],
  ["//evil.example/..", "index.html"],
  ["//evil.example/%2e%2e", "index.html"],
  ["/missing", 404],
  ["/missing/", 404],
  ["/..", "index.html"],
  ["/../../../etc/passwd", 404],
  ["/%2e%2e/%2e%2e/etc/passwd", 404],
  ["/docs%2fguide", 400],
  ["/docs%2F..%2F..%2Fetc%2Fpasswd", 400],
  ["/\\docs", 400],
  ["/\\\\evil.example/docs", 400],
  ["/%5c%5cevil.example/docs", 400],
  ["/docs\\", 400],
  ["/docs%00", 400],
  ["/docs%0d%0aLocation:%20x", 404],
  ["/%", 400],
  ["/%ff", 400],
  ["/docs#guide", 400],
  ["ftp://evil.example/docs", 400],
  ["docs", 400],
  ["*", 400],
];

testStage("a target finds what it names", SITE, async (stage, context) => {
  for (const [target, want] of TARGET_ROWS) {
    await context.step(`${target} is ${want}`, async () => {
      check(await stage.get(target), want);
    });
  }
});

testStage("a name with a line end is redirected to itself, and to no field", {
  "a\r\nX: y/index.html": "a",
}, async (stage) => {
  const response = await stage.get("/a%0d%0aX:%20y");
  check(response, "/a%0D%0AX:%20y/");
  assertEquals(response.fields.has("x"), false);
});

const INDEX_ROWS: readonly [index: string, target: string, want: Want][] = [
  ["home.html", "/", "home.html"],
  ["home.html", "/plain/", "plain/home.html"],
  ["home.html", "/index.html", "index.html"],
  ["home.html", "/docs/", 404],
  ["a.txt", "/plain/", "plain/a.txt"],
  ["docs/guide.html", "/", "docs/guide.html"],
  ["docs", "/", 404],
  ["folder.html", "/", 404],
  [".env", "/", 404],
  [".draft.html", "/docs/", 404],
  ["../about.html", "/docs/", 404],
];

for (const [index, target, want] of INDEX_ROWS) {
  testStage(
    `${target} is ${want} when the index is ${index}`,
    SITE,
    async (stage) => {
      check(await stage.get(target), want);
    },
    { policy: { index, listing: false } },
  );
}

/** Policies under which hidden files have to stay hidden. */
const POLICIES: Readonly<Record<string, Partial<PolicyOptions>>> = {
  "by default": {},
  "without listings": { listing: false },
  "with a shell": { spa: "/index.html" },
  "with a hidden shell": { spa: "/.env" },
  "with a hidden index": { index: ".env" },
};

const HIDDEN_TARGETS: readonly string[] = [
  "/.env",
  "/%2eenv",
  "/%2Eenv",
  "/docs/../.env",
  "/.//.env",
  "/.env/",
  "/.git",
  "/.git/",
  "/.git/config",
  "/.git//config",
  "/.git/..%2f.env",
  "/.htaccess",
  "/.htaccess.html",
  "/docs/.draft",
  "/docs/.draft.html",
  "/docs/.private/",
  "/docs/.private/missing",
  "/docs/.private/404.html",
  "/.well-known/../.env",
  "/...",
  "/",
  "/plain/",
  "/missing",
];

const WISHES = [
  {},
  { "Sec-Fetch-Dest": "document" },
  { "Accept": "application/json" },
];

for (const [name, policy] of Object.entries(POLICIES)) {
  testStage(`hidden files stay hidden ${name}`, SITE, async (stage) => {
    for (const target of HIDDEN_TARGETS) {
      for (const fields of WISHES) {
        const { body } = await stage.get(target, fields);
        assert(!body.includes("secret"), target);
        assert(!body.includes(".env"), target);
      }
    }
  }, { policy });
}

/** Where the page of an error is looked for. */
const ERROR_PAGE_ROWS: readonly [target: string, page: string][] = [
  ["/missing", "404.html"],
  ["/missing/", "404.html"],
  ["/missing/deep/er", "404.html"],
  ["/docs/missing", "docs/404.html"],
  ["/docs/missing/", "docs/404.html"],
  ["/docs/missing/deep/er.js", "docs/404.html"],
  ["/docs/guide/", "docs/404.html"],
  ["/docs/deep/missing", "docs/deep/404.html"],
  ["/docs/.private/missing", "docs/404.html"],
  ["/docsmissing", "404.html"],
  ["/.env", "404.html"],
  [`/docs/${"far/".repeat(1000)}`, "docs/404.html"],
];

testStage("an error has the nearest page upwards", {
  ...SITE,
  ...pages("404.html", "docs/404.html", "docs/deep/404.html"),
}, async (stage, context) => {
  for (const [target, page] of ERROR_PAGE_ROWS) {
    await context.step(`${target.slice(0, 40)} has ${page}`, async () => {
      const response = await stage.get(target, {
        "If-Modified-Since": PAST_DATES[0]!,
        "Range": "bytes=0-0",
      });
      assertEquals([response.status, response.body], [404, page]);
      checkErrorFields(response);
    });
  }
});

function checkErrorFields({ fields }: Response): void {
  assertEquals(fields.get("cache-control"), "no-store");
  assertEquals(fields.get("content-type"), "text/html; charset=UTF-8");
  const validators = [
    "etag",
    "last-modified",
    "accept-ranges",
    "content-range",
  ];
  for (const name of validators) {
    assertEquals(fields.get(name), undefined, name);
  }
}

testStage(
  "the page of an error is a page like any other under its own name",
  pages("404.html"),
  async (stage) => {
    const { status, fields } = await stage.get("/404.html");
    assertEquals([status, fields.get("cache-control")], [200, "no-cache"]);
    assertEquals((await stage.get("/404")).status, 200);
  },
);

/** Things with the name of an error page that are none. */
const NO_PAGES: Readonly<Record<string, (stage: Stage) => void>> = {
  "nothing": () => {},
  "a directory": (stage) => stage.write("404.html/index.html", "not a page"),
  "a link to nothing": (stage) =>
    symlinkSync("gone", stage.directory.join("404.html")),
  "a link that leaves the site": (stage) =>
    symlinkSync(
      fromFileUrl(import.meta.url),
      stage.directory.join("404.html"),
    ),
};

for (const [name, make] of Object.entries(NO_PAGES)) {
  testStage(
    `without a page of its own, but ${name}, a site has the built-in one`,
    {},
    async (stage) => {
      make(stage);
      const response = await stage.get("/missing-and-unique");
      assertEquals(response.status, 404);
      assertMatch(response.body, /404 Not Found/);
      assert(!response.body.includes("unique"));
      checkErrorFields(response);
    },
  );
}

testStage(
  "a link to a hidden file inside the site can be its error page",
  { "..data/404.html": "own page" },
  async (stage) => {
    symlinkSync("..data/404.html", stage.directory.join("404.html"));
    const response = await stage.get("/missing");
    assertEquals([response.status, response.body], [404, "own page"]);
    checkErrorFields(response);
    assertEquals((await stage.get("/..data/404.html")).status, 404);
  },
);
