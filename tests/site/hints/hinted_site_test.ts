import { assertEquals } from "@std/assert";
import { Responder } from "../../../lib/respond.ts";
import { HintedSite } from "../../../lib/site/hints/hinted_site.ts";
import { Policy } from "../../../lib/site/policy.ts";
import { compileRules } from "../../../lib/site/rules/rules.ts";
import { headOf, MemorySite } from "../../memory_site.ts";

const PAGE = "<link rel=stylesheet href=a.css><p>page";
const LINK = "</a.css>; rel=preload; as=style";

/** Resolves once the pages are read that a site has begun to read. */
async function readingEnds(): Promise<void> {
  await import("../../../lib/site/hints/preload_links.ts");
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** The Link lines of a response to a request, and those of the 103 before it. */
async function linksOf(responder: Responder, path: string) {
  const reply = await responder.respond(headOf("GET", path), 0);
  const links = (lines: readonly (readonly [string, string])[] = []) =>
    lines.filter(([name]) => name === "Link").map(([, value]) => value);
  return {
    status: reply.status,
    links: links(reply.fields.lines),
    early: links(reply.earlyHints?.lines),
  };
}

Deno.test("HintedSite: a page says what it loads once it was read", async () => {
  const site = new HintedSite(
    new MemorySite({ "/index.html": PAGE, "/plain.txt": PAGE, "/b.html": "b" }),
  );
  const responder = new Responder(site, new Policy({ earlyHints: true }));
  const before = { status: 200, links: [], early: [] };
  assertEquals(await linksOf(responder, "/"), before);
  await readingEnds();
  const after = { status: 200, links: [LINK], early: [LINK] };
  assertEquals(await linksOf(responder, "/"), after);
  assertEquals(await linksOf(responder, "/index.html"), after);
  for (const path of ["/plain.txt", "/b.html"]) {
    assertEquals(await linksOf(responder, path), before);
    await readingEnds();
    assertEquals(await linksOf(responder, path), before);
  }
});

Deno.test("HintedSite: rules name links in place of the page", async () => {
  const value = "</b.js>; rel=modulepreload";
  const { rules } = compileRules({
    headers: [{
      where: "test",
      for: "/*",
      values: [["Link", value], ["Link", "</x>; rel=license"]],
    }],
    redirects: [],
    errorPages: [],
  });
  const site = new HintedSite(new MemorySite({ "/index.html": PAGE }));
  const policy = new Policy({ earlyHints: true, rules });
  const responder = new Responder(site, policy);
  await linksOf(responder, "/");
  await readingEnds();
  const { links, early } = await linksOf(responder, "/");
  assertEquals(links.includes(value), true);
  assertEquals(links.includes(LINK), false);
  assertEquals(early, [value]);
});

Deno.test("HintedSite: a variant is made of the site's own file", async () => {
  const own = new MemorySite({
    "/index.html": { content: PAGE, makeable: ["gzip"] },
  });
  const site = new HintedSite(own);
  const responder = new Responder(site, new Policy({ earlyHints: true }));
  await responder.respond(headOf("GET", "/"), 0);
  await readingEnds();
  await responder.respond(headOf("GET", "/", { "Accept-Encoding": "gzip" }), 0);
  assertEquals(own.encodings, ["/index.html gzip"]);
});
