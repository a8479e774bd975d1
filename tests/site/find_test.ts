import { assertEquals } from "@std/assert";
import { parseTarget } from "../../lib/http/target.ts";
import { Finder } from "../../lib/site/find.ts";
import {
  LISTING_SCRIPT_PATH,
  LISTING_STYLESHEET_PATH,
} from "../../lib/site/listing/assets.ts";
import { Policy, type PolicyOptions } from "../../lib/site/policy.ts";
import { headOf, MemorySite } from "../memory_site.ts";

const NOW = Date.UTC(2026, 0, 1);

const SITE = {
  "/index.html": "home",
  "/about.html": "about",
  "/about/team.html": "team",
  "/docs/index.html": "docs",
  "/docs/guide.txt": "guide",
  "/docs/guide.txt.html": "about the guide",
  "/plain/file.txt": "file",
  "/other/main.htm": "main",
  "/a b/index.html": "space",
  "/what?/index.html": "question",
  "/no#1/ünï/index.html": "letters",
  "/closed/index.html": 403,
  "/closed.txt": 403,
  "/secret.html": 403,
  "/strange/index.html/file.txt": "the index is a directory",
  "/app.html": "shell",
  "/blog.html": "blog",
  "/blog/first.html": "first post",
  "/blog.v2.html": "second blog",
  "/blog.v2/first.html": "first post of the second blog",
  "/odd.html": "odd",
  "/odd/index.html/file.txt": "its index is a directory",
  "/barred.html": "barred",
  "/barred/index.html": 403,
  "/lock.html": 403,
  "/lock/file.txt": "below what cannot be read",
  "/nest.html/file.txt": "a directory by the name of a page",
  "/nest/file.txt": "beside it",
  "/404.html": "not found",
  "/docs/404.html": "no such document",
} as const;

/** What is found, in a word: where it is, or where the client is sent. */
function found(
  target: string,
  policy: Partial<PolicyOptions> = {},
  fields: Readonly<Record<string, string>> = {},
): string {
  const finder = new Finder(new MemorySite(SITE), new Policy(policy));
  const resource = finder.find(
    headOf("GET", target, fields),
    parseTarget("GET", target)!,
    NOW,
  );
  switch (resource.kind) {
    case "file":
    case "directory":
      return `${resource.kind} ${resource.path}`;
    case "redirect":
      return `redirect ${resource.location}`;
    case "refused":
    case "status":
      return `${resource.kind} ${resource.status}`;
    case "absent":
    case "service":
      return resource.kind;
  }
}

const ROWS: readonly (readonly [target: string, found: string])[] = [
  // The file itself.
  ["/index.html", "file /index.html"],
  ["/docs/guide.txt", "file /docs/guide.txt"],
  ["/docs/guide.txt?query", "file /docs/guide.txt"],
  ["/gone.txt", "absent"],
  ["/closed.txt", "refused 403"],

  // Directories.
  ["/", "file /index.html"],
  ["/docs/", "file /docs/index.html"],
  ["/docs", "redirect /docs/"],
  ["/docs?a=b&c=%20", "redirect /docs/?a=b&c=%20"],
  ["/docs?", "redirect /docs/?"],
  ["//docs", "redirect /docs/"],
  ["/docs/../docs", "redirect /docs/"],
  ["/a%20b", "redirect /a%20b/"],
  ["/what%3F", "redirect /what%3F/"],
  ["/no%231/%C3%BCn%C3%AF", "redirect /no%231/%C3%BCn%C3%AF/"],
  ["/plain/", "directory /plain/"],
  ["/plain", "redirect /plain/"],
  ["/closed/", "refused 403"],
  ["/strange/", "directory /strange/"],
  ["/gone/", "absent"],

  // Clean URLs.
  ["/about", "file /about.html"],
  ["/about/team", "file /about/team.html"],
  ["/app", "file /app.html"],
  ["/app?x", "file /app.html"],
  ["/app/", "absent"],
  ["/secret", "refused 403"],
  ["/docs/guide.txt", "file /docs/guide.txt"],
  ["/app.htm", "absent"],

  // A page beside a directory of its name.
  ["/blog", "file /blog.html"],
  ["/blog?page=2", "file /blog.html"],
  ["//blog", "file /blog.html"],
  ["/blog/", "directory /blog/"],
  ["/blog/first", "file /blog/first.html"],
  ["/blog.v2", "file /blog.v2.html"],
  ["/blog.html", "file /blog.html"],
  ["/odd", "file /odd.html"],
  ["/barred", "redirect /barred/"],
  ["/lock", "refused 403"],
  ["/nest", "redirect /nest/"],

  // What listings load.
  [LISTING_STYLESHEET_PATH, `file ${LISTING_STYLESHEET_PATH}`],
  [LISTING_SCRIPT_PATH, `file ${LISTING_SCRIPT_PATH}`],
  ["/.skiff/other", "absent"],
];

for (const [target, expected] of ROWS) {
  Deno.test(`find() of ${target}`, () => {
    assertEquals(found(target), expected);
  });
}

Deno.test("find() looks for the index that it is told", () => {
  assertEquals(found("/other/", { index: "main.htm" }), "file /other/main.htm");
  assertEquals(found("/docs/", { index: "main.htm" }), "directory /docs/");
});

Deno.test("find() compares a page with the index that it is told", () => {
  assertEquals(found("/about", { index: "team.html" }), "redirect /about/");
  assertEquals(found("/about", { index: "none.html" }), "file /about.html");
  assertEquals(found("/blog", { listing: false }), "file /blog.html");
});

Deno.test("find() shows no directory when none is to be listed", () => {
  assertEquals(found("/plain/", { listing: false }), "absent");
  assertEquals(found("/plain", { listing: false }), "redirect /plain/");
  assertEquals(found("/docs/", { listing: false }), "file /docs/index.html");
});

const SHELL = { spa: "/app.html" };
const BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

const SHELL_ROWS: readonly (readonly [
  target: string,
  fields: Readonly<Record<string, string>>,
  found: string,
])[] = [
  // Browsers that say what they want it for.
  ["/users/7", { "Sec-Fetch-Dest": "document" }, "file /app.html"],
  ["/users/7", { "Sec-Fetch-Dest": "iframe" }, "file /app.html"],
  ["/users/anna.b", { "Sec-Fetch-Dest": "document" }, "file /app.html"],
  ["/users/7", { "Sec-Fetch-Dest": "script" }, "absent"],
  ["/users/7", { "Sec-Fetch-Dest": "image", "Accept": BROWSER }, "absent"],
  ["/users/7", { "Sec-Fetch-Dest": "empty", "Accept": "*/*" }, "absent"],
  ["/users/7", { "Sec-Fetch-Dest": "" }, "absent"],

  // Others.
  ["/users/7", { Accept: BROWSER }, "file /app.html"],
  ["/users/7", { Accept: "TEXT/HTML" }, "file /app.html"],
  ["/users/7/", { Accept: BROWSER }, "file /app.html"],
  ["/users/anna.b", { Accept: BROWSER }, "file /app.html"],
  ["/users/anna.b", { Accept: "*/*" }, "absent"],
  ["/gone.js", { Accept: BROWSER }, "absent"],
  ["/users/7", { Accept: "*/*" }, "file /app.html"],
  ["/users/7", { Accept: "application/json" }, "absent"],
  ["/users/7", { Accept: "xtext/htmlx" }, "absent"],
  ["/users/7", {}, "file /app.html"],

  // Only what would not be there.
  ["/docs/guide.txt", { Accept: BROWSER }, "file /docs/guide.txt"],
  ["/about/team", { Accept: BROWSER }, "file /about/team.html"],
  ["/docs", { Accept: BROWSER }, "redirect /docs/"],
  ["/plain/", { Accept: BROWSER }, "directory /plain/"],
  ["/closed.txt", { Accept: BROWSER }, "refused 403"],
];

for (const [target, fields, expected] of SHELL_ROWS) {
  Deno.test(`find() of ${target} with ${JSON.stringify(fields)} in a site with a shell`, () => {
    assertEquals(found(target, SHELL, fields), expected);
  });
}

Deno.test("find() does without a shell that is not there", () => {
  const fields = { Accept: BROWSER };
  assertEquals(found("/users/7", { spa: "/gone.html" }, fields), "absent");
  assertEquals(found("/users/7", { spa: "/plain" }, fields), "absent");
  assertEquals(found("/users/7", {}, fields), "absent");
});

const ERROR_PAGES: readonly (readonly [
  path: string,
  status: number,
  page: string | undefined,
])[] = [
  ["/gone.txt", 404, "/404.html"],
  ["/plain/gone.txt", 404, "/404.html"],
  ["/gone/gone/gone.txt", 404, "/404.html"],
  ["/docs/gone.txt", 404, "/docs/404.html"],
  ["/docs/gone/gone/", 404, "/docs/404.html"],
  ["/docs", 404, "/404.html"],
  ["/docs/", 404, "/docs/404.html"],
  ["/docsgone/", 404, "/404.html"],
  ["/gone.txt", 403, undefined],
  ["/docs/gone.txt", 412, undefined],
];

for (const [path, status, page] of ERROR_PAGES) {
  Deno.test(`findErrorPage() for ${status} at ${path}`, () => {
    const finder = new Finder(new MemorySite(SITE), new Policy());
    assertEquals(finder.findErrorPage(path, status, NOW)?.path, page);
  });
}

Deno.test("findErrorPage() does not look at every step of a long way", () => {
  const site = new MemorySite(SITE);
  const path = "/n".repeat(4000);
  assertEquals(
    new Finder(site, new Policy()).findErrorPage(path, 404, NOW)?.path,
    "/404.html",
  );
  assertEquals(site.lookups.length < 20, true);
});
