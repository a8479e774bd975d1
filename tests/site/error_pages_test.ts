import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Reply } from "../../lib/http/reply.ts";
import {
  ErrorPages,
  SHOWN_PATH_LENGTH_MAX,
} from "../../lib/site/error_pages.ts";
import { OwnReplies } from "../../lib/site/own_replies.ts";
import {
  DEFAULT_PATH_POLICY,
  Policy,
  type PolicyOptions,
} from "../../lib/site/policy.ts";
import { headOf, MemorySite, MODIFIED } from "../memory_site.ts";

const BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

const SITE = new MemorySite({
  "/docs/guide/a.txt": "a",
  "/private/b.txt": "b",
  "/index.html": "index",
  "/about.html": "about",
});

const isProtected = (path: string) => path.startsWith("/private/");

async function page(
  path: string,
  accept: string | null = BROWSER,
  options: Partial<PolicyOptions> = {},
  isPrivate = false,
): Promise<{ readonly reply: Reply; readonly html: string }> {
  const policy = new Policy({ isProtected, ...options });
  const pages = new ErrorPages({ site: SITE, policy }, new OwnReplies(policy));
  const reply = await pages.get(404, {
    head: headOf("GET", "/", accept === null ? {} : { Accept: accept }),
    target: { path, query: undefined },
    now: MODIFIED + 60_000,
    pathPolicy: { ...DEFAULT_PATH_POLICY, isPrivate },
  });
  const bytes = reply.body[0] as Uint8Array;
  return { reply, html: new TextDecoder().decode(bytes) };
}

/** The addresses that the links of a page at a path lead to. */
function linksOf(html: string, path: string): string[] {
  const base = new URL(
    path.split("/").map(encodeURIComponent).join("/"),
    "http://host",
  );
  return [...html.matchAll(/ href="([^"]*)"/g)]
    .map(([, href]) => decodeURIComponent(new URL(href!, base).pathname));
}

const NEAREST: [path: string, folder: string | undefined][] = [
  ["/nothing", "/"],
  ["/docs/nothing", "/docs/"],
  ["/docs/nothing/", "/docs/"],
  ["/docs/guide/x/y/z.html", "/docs/guide/"],
  ["/docs/a.txt/b", "/docs/"],
  ["/.git/config", "/"],
  ["/private/x/y", "/"],
  [`/docs${"/x".repeat(1000)}`, "/docs/"],
  ["/döcs/ü x", "/"],
];

for (const [path, folder] of NEAREST) {
  Deno.test(`a page for ${path.slice(0, 40)} leads to ${folder}`, async () => {
    const { html } = await page(path);
    assertEquals(linksOf(html, path), folder === undefined ? [] : [folder]);
  });
}

Deno.test("a page leads only a client that has authenticated to a protected folder", async () => {
  const { html } = await page("/private/x", BROWSER, {}, true);
  assertEquals(linksOf(html, "/private/x"), ["/private/"]);
});

Deno.test("a page leads nowhere if there is nothing to see above", async () => {
  const { html } = await page("/docs/x", BROWSER, {
    listing: false,
    index: "none.html",
  });
  assertEquals(linksOf(html, "/docs/x"), []);
  assertStringIncludes(html, "/docs/x");
});

Deno.test("only a client that names HTML gets a page of its own", async () => {
  for (const accept of ["*/*", "text/*", "image/avif,*/*", "", null]) {
    const { html } = await page("/secret-name", accept);
    assert(!html.includes("secret-name"), `${accept}`);
  }
  const { reply, html } = await page("/name");
  assertStringIncludes(html, "<bdi>/name</bdi>");
  const fields = new Map(reply.fields.lines);
  assertEquals(fields.get("Content-Length"), String(reply.body[0]!.length));
  assertEquals(fields.get("Cache-Control"), "no-store");
  assertStringIncludes(
    fields.get("Content-Security-Policy")!,
    "default-src 'none'",
  );
});

const HOSTILE = [
  "/<script>alert(1)</script>",
  `/" onload="alert(1)`,
  "/{title}$&$`{explanation}",
  "/a\nb\x1b[2J\u202Egpj.exe",
  "/\ud800".toWellFormed(),
  "/javascript:alert(1)/x",
];

for (const path of HOSTILE) {
  Deno.test(`a page shows ${JSON.stringify(path)} as text`, async () => {
    const { html } = await page(path);
    const { html: plain } = await page("/x");
    const tags = (text: string) => text.match(/<[^>]*>/g)!.length;
    assertEquals(tags(html), tags(plain));
    assert(!/[\p{Cc}\p{Bidi_Control}]/u.test(html.replaceAll("\n", "")));
    assertEquals(html.includes("404 Not Found$"), false);
  });
}

Deno.test("a page shows the beginning of a long path", async () => {
  const { html } = await page(`/${"x".repeat(8000)}`);
  assertStringIncludes(html, `${"x".repeat(SHOWN_PATH_LENGTH_MAX - 1)}…<`);
  const cut = await page(`/${"x".repeat(SHOWN_PATH_LENGTH_MAX - 2)}🛶🛶`);
  assertStringIncludes(cut.html, "x�…<");
});

Deno.test("a page says what may have been meant if the policy has suggestions", async () => {
  const path = "/dosc/guide/a.txt";
  assertEquals((await page(path)).html.includes("Did you mean"), false);
  const { html } = await page(path, BROWSER, { suggestions: true });
  assertStringIncludes(html, "Did you mean");
  assertEquals(linksOf(html, path), ["/docs/guide/a.txt", "/"]);
  const hidden = await page(path, BROWSER, {
    suggestions: true,
    listing: false,
  });
  assertEquals(hidden.html.includes("Did you mean"), false);
});

Deno.test("a page leads to a file that is named like a folder on the way", async () => {
  const path = "/about/x";
  const { html } = await page(path, BROWSER, { suggestions: true });
  assertEquals(linksOf(html, path), ["/about", "/"]);
});
