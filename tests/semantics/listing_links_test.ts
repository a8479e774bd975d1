import { assert, assertEquals } from "@std/assert";
import type { Response } from "../helpers.ts";
import { attributesOf, decode } from "./listing_page.ts";
import { type Stage, testStage } from "./stage.ts";

const JSON_WANTED = { Accept: "application/json" };

const STRANGE_NAMES: readonly string[] = [
  "<img src=x onerror=alert(1)>.txt",
  "<script>alert(1)<",
  "<!--",
  "\"'><b>&amp;&lt;.txt",
  "javascript:alert(1)",
  "https:",
  "data:text,x",
  "50% off?#1;a=b&c.txt",
  "%2e%2e",
  "a+b c",
  " leading and trailing ",
  "two\nlines\r\n\r\nX: y",
  "tab\tbell\x07escape\x1b[31mdelete\x7f.txt",
  "C1\x80\x9f.txt",
  "\u202egpj.exe",
  "\u2066isolated\u2069\u200f.txt",
  "line\u2028paragraph\u2029.txt",
  "ünï\u0308 日本語 😀.txt",
  "x".repeat(255),
];

testStage(
  "names of all kinds are text in a listing, and links that lead to them",
  Object.fromEntries(STRANGE_NAMES.map((name) => [`docs/${name}`, name])),
  async (stage) => {
    const json = await stage.get("/docs/", JSON_WANTED);
    const listed: { name: string }[] = JSON.parse(decode(json.body)).entries;
    assertEquals(
      listed.map(({ name }) => name).toSorted(),
      STRANGE_NAMES.toSorted(),
    );
    const page = await stage.get("/docs/");
    const text = decode(page.body);
    assert(!/<(?:b>|!--)/.test(text));
    assertEquals([...text.matchAll(/<img/g)].length, 1);
    assertEquals([...text.matchAll(/<script/g)].length, 1);
    const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
    assert(!unseen.test(text.replaceAll("\n", "")));
    for (const name of STRANGE_NAMES) {
      const response = await followed(stage, page, encodeURIComponent(name));
      assertEquals([response.status, decode(response.body)], [200, name]);
    }
  },
);

/** What a browser gets that follows the link with this name. */
async function followed(
  stage: Stage,
  page: Response,
  name: string,
): Promise<Response> {
  const link = attributesOf(page, "href").find((href) => href === `./${name}`);
  assert(link !== undefined, name);
  const { host, pathname, search } = new URL(link, "http://localhost/docs/");
  assertEquals(host, "localhost");
  return await stage.get(pathname + search);
}

testStage("every link of a listing leads somewhere in the site", {
  "a/b & c/d/file.txt": "",
  "a/b & c/d/folder/file.txt": "",
}, async (stage) => {
  const base = "http://localhost/a/b%20%26%20c/d/";
  const page = await stage.get(new URL(base).pathname);
  // The icon that browsers look for is there, and empty.
  const links = [...attributesOf(page, "href"), ...attributesOf(page, "src")]
    .filter((link) => link !== "data:,");
  assert(links.length >= 9);
  for (const link of links) {
    const { host, pathname, search } = new URL(link, base);
    assertEquals(host, "localhost");
    const { status } = await stage.get(pathname + search);
    assertEquals(status, 200, link);
  }
});
