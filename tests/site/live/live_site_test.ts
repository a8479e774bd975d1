import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { errorReply, type Reply } from "../../../lib/http/reply.ts";
import { Responder } from "../../../lib/respond.ts";
import { amendLines } from "../../../lib/site/live/content_security.ts";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { LiveSite } from "../../../lib/site/live/live_site.ts";
import { Policy } from "../../../lib/site/policy.ts";
import { amendRules } from "../../../lib/site/rules/amended_rules.ts";
import { NO_RULES } from "../../../lib/site/rules/rules.ts";
import type { FileResource, Site } from "../../../lib/site/site.ts";
import { bytesOf, textOf } from "../../helpers.ts";
import { headOf, type MemoryFiles, MemorySite } from "../../memory_site.ts";

const NOW = Date.UTC(2026, 0, 1);

const ELEMENT =
  /<script src="\/\.skiff\/live\.js" data-path="([^"]*)" nonce="N"><\/script>/;

const PAGE = "<!doctype html>\n<html><head><title>t</title><p>text";

const FILES: MemoryFiles = {
  "/page.html": PAGE,
  "/a & b.html": PAGE,
  "/empty.html": "",
  "/open.html": "<!-- does not end",
  "/a.txt": "text",
  "/style.css": { content: "a {}", encoded: { br: "BR", gzip: "GZ" } },
  "/packed.html": { content: PAGE, encoded: { br: "BR", gzip: "GZ" } },
  "/404.html": "<h1>none",
};

type Fields = Readonly<Record<string, string>>;

/** What answers requests for a live site. */
function responderOf(files: MemoryFiles = FILES): Responder {
  const site = new LiveSite(new MemorySite(files), "N");
  const rules = amendRules(NO_RULES, (lines) => amendLines(lines, "N"));
  return new Responder(site, new Policy({ pages: site, rules }));
}

async function ask(
  target: string,
  fields: Fields = {},
  responder: Responder = responderOf(),
): Promise<Reply> {
  return await responder.respond(headOf("GET", target, fields), NOW);
}

function bodyOf({ body }: Reply): string {
  return body.map((segment) => {
    if (segment instanceof Uint8Array) return textOf(segment);
    const bytes = new Uint8Array(segment.length);
    const reader = segment.open();
    for (let at = 0; at < bytes.length;) at += reader.read(bytes.subarray(at));
    reader.close();
    return textOf(bytes);
  }).join("");
}

function field({ fields }: Reply, name: string): string | undefined {
  return fields.lines.findLast(([each]) => each === name)?.[1];
}

for (
  const [path, file] of [
    ["/page.html", "/page.html"],
    ["/page", "/page.html"],
    ["/a%20&%20b.html", "/a%20&amp;%20b.html"],
    ["/empty.html", "/empty.html"],
  ]
) {
  Deno.test(`a live page at ${path} has the script, and says what file it is`, async () => {
    const reply = await ask(path!);
    const text = bodyOf(reply);
    assertEquals(ELEMENT.exec(text)?.[1], file);
    assertEquals(field(reply, "Content-Length"), `${text.length}`);
    assertMatch(field(reply, "ETag")!, /-live"$/);
    assertEquals(field(reply, "Last-Modified"), undefined);
    const plain = path === "/empty.html" ? "" : PAGE;
    assertEquals(text.replace(ELEMENT, ""), plain);
  });
}

Deno.test("a page whose beginning is not clear, and a file of another type, stay as they are", async () => {
  for (const path of ["/open.html", "/a.txt"]) {
    const reply = await ask(path);
    assertEquals(bodyOf(reply), FILES[path]);
  }
});

Deno.test("a script that fetches a part of a page gets it as it is, with another tag", async () => {
  const responder = responderOf();
  const mode = (value: string) => ({ "Sec-Fetch-Mode": value });
  const part = await ask("/page.html", mode("cors"), responder);
  assertEquals(bodyOf(part), PAGE);
  const page = await ask("/page.html", mode("navigate"), responder);
  assertMatch(bodyOf(page), ELEMENT);
  assertNotEquals(field(part, "ETag"), field(page, "ETag"));
  assertEquals(field(page, "Vary"), "Sec-Fetch-Mode");
});

Deno.test("nothing is sent with a coding, neither of a page nor of anything else", async () => {
  for (const path of ["/style.css", "/packed.html"]) {
    const reply = await ask(path, { "Accept-Encoding": "br, gzip" });
    assertEquals(field(reply, "Content-Encoding"), undefined);
    assert(bodyOf(reply).includes(path === "/style.css" ? "a {}" : "<p>text"));
  }
});

Deno.test("a live page is not made again for each request", async () => {
  const responder = responderOf();
  // The replies of a page are kept from its second request on.
  await ask("/page.html", {}, responder);
  const second = await ask("/page.html", {}, responder);
  assertStrictEquals(await ask("/page.html", {}, responder), second);
});

Deno.test("304 is for who has the live page, not for who has the plain one", async () => {
  const etag = field(await ask("/page.html"), "ETag")!;
  const again = await ask("/page.html", { "If-None-Match": etag });
  assertEquals(again.status, 304);
  const plain = etag.replace("-live", "");
  const other = await ask("/page.html", { "If-None-Match": plain });
  assertEquals(other.status, 200);
  const since = { "If-Modified-Since": new Date(NOW).toUTCString() };
  assertEquals((await ask("/page.html", since)).status, 200);
});

Deno.test("ranges are those of the live page, wherever they begin and end", async () => {
  const whole = bodyOf(await ask("/page.html"));
  const start = whole.indexOf("<script");
  const end = whole.indexOf("</script>") + "</script>".length;
  const cuts = [0, 1, start, start + 1, end - 1, end, whole.length - 1];
  for (const from of cuts) {
    for (const to of cuts.filter((each) => each >= from)) {
      const reply = await ask("/page.html", { Range: `bytes=${from}-${to}` });
      assertEquals(reply.status, 206);
      assertEquals(bodyOf(reply), whole.slice(from, to + 1));
      const range = `bytes ${from}-${to}/${whole.length}`;
      assertEquals(field(reply, "Content-Range"), range);
    }
  }
});

for (const path of ["/page.html", "/packed.html", "/style.css"]) {
  Deno.test(`a range that is ignored changes nothing of ${path}`, async () => {
    const responder = responderOf();
    const whole = await ask(path, {}, responder);
    for (const range of ["bytes=x", "lines=1-2"]) {
      const reply = await ask(path, { Range: range }, responder);
      assertEquals(reply.status, 200);
      assertEquals(reply.fields.lines, whole.fields.lines);
      assertEquals(bodyOf(reply), bodyOf(whole));
    }
  });
}

Deno.test("error pages have the script: that of the site, and the built-in one", async () => {
  const own = await ask("/none");
  assertEquals([own.status, field(own, "Content-Length")], [
    404,
    `${bodyOf(own).length}`,
  ]);
  assertEquals(ELEMENT.exec(bodyOf(own))?.[1], "/404.html");
  const { "/404.html": _, ...others } = FILES;
  const builtIn = await ask("/none", {}, responderOf(others));
  const text = bodyOf(builtIn);
  assertEquals(ELEMENT.exec(text)?.[1], "");
  assertEquals(field(builtIn, "Content-Length"), `${text.length}`);
  assertEquals(text.replace(ELEMENT, ""), bodyOf(errorReply(404)));
  const policy = field(builtIn, "Content-Security-Policy")!;
  assert(policy.includes("script-src-elem 'nonce-N';"), policy);
});

Deno.test("copy() is what is sent", async () => {
  const site = new LiveSite(new MemorySite(FILES), "N");
  const file = site.lookup("/page.html", NOW);
  assert(file.kind === "file");
  const head = headOf("GET", "/page.html", {});
  const edited = site.editFile(file, "text/html", head);
  assertStrictEquals(site.editFile(file, "text/html", head), edited);
  assertMatch(textOf((await edited.identity!.copy())!), ELEMENT);
});

Deno.test("what rules make of a type counts, not the name of the file", () => {
  const site = new LiveSite(new MemorySite(FILES), "N");
  const head = headOf("GET", "/", {});
  const page = site.lookup("/page.html", NOW);
  const text = site.lookup("/a.txt", NOW);
  assert(page.kind === "file" && text.kind === "file");
  assertStrictEquals(site.editFile(page, "text/plain", head), page);
  assert(site.editFile(text, "text/html; charset=x", head) !== text);
});

Deno.test("decode() puts the script into a page that exists only encoded, and into nothing else", async () => {
  const gzip = CODINGS.find(({ token }) => token === "gzip")!;
  const decoded = new MemoryVariant(bytesOf(PAGE));
  const site: Site = new MemorySite({});
  const packed = (path: string) => {
    const encoded = new MemoryVariant(bytesOf("GZ"), gzip);
    const file = new SiteFile(path, undefined, NOW, false);
    return Object.assign(file, { encoded: [encoded], codings: [gzip] });
  };
  const live = new LiveSite(site, "N");
  const editOf = (file: FileResource, mode: string) =>
    live.editFile(
      file,
      "text/html",
      headOf("GET", "/", { "Sec-Fetch-Mode": mode }),
    );
  const file = packed("/a.html");
  const page = editOf(file, "navigate");
  const part = editOf(file, "cors");
  assertStrictEquals(editOf(file, "navigate"), page);
  assertEquals([page.identity, page.encoded, page.codings], [
    undefined,
    [],
    [],
  ]);
  for (const result of [decoded, Promise.resolve(decoded)]) {
    site.decode = (asked) => {
      assertStrictEquals(asked, file);
      return result;
    };
    const edited = await live.decode(page);
    assert(typeof edited === "object");
    assertMatch(textOf((await edited.copy())!), ELEMENT);
    assertStrictEquals(await live.decode(part), decoded);
    assertStrictEquals(await live.decode(file), decoded);
  }
  site.decode = () => 406;
  assertEquals(await live.decode(page), 406);
});
