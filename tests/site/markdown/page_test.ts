import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { MARKDOWN_LENGTH_MAX } from "../../../lib/site/markdown/markdown.ts";
import { isMarkdown, markdownPage } from "../../../lib/site/markdown/page.ts";
import { ABSENT, type FileResource } from "../../../lib/site/site.ts";
import { textOf, utf8 } from "../../helpers.ts";

function file(text: string): SiteFile {
  return new SiteFile("/notes.md", new MemoryVariant(utf8(text)), 0, true);
}

function textAs({ identity }: FileResource): string {
  return textOf(identity!.slice(0, identity!.length) as Uint8Array);
}

Deno.test("isMarkdown() goes by the name", () => {
  const names = ["/a.md", "/A.MD", "/a.markdown", "/md", "/a.md.txt"];
  assertEquals(names.map(isMarkdown), [true, true, true, false, false]);
});

Deno.test("markdownPage() makes a page that runs nothing", () => {
  const source = file("# $& <b>\n\n{body} $'");
  const page = markdownPage(source);
  const html = textAs(page);
  assertStringIncludes(html, "<title>$&amp; &lt;b&gt;</title>");
  assertStringIncludes(html, "<p>{body} $'</p>");
  assertEquals(page.contentType, "text/html; charset=UTF-8");
  assertEquals(page.fields[0]![0], "Content-Security-Policy");
  assertEquals(page.fields[0]![1].includes("script-src"), false);
  assertEquals(page.identity!.etag === source.identity!.etag, false);
  assertEquals(markdownPage(source) === page, true);
  assertStringIncludes(textAs(markdownPage(file("text"))), "<title>notes.md<");
});

Deno.test("markdownPage() fills its template whatever the title is", () => {
  const html = textAs(markdownPage(file("# {body} {title}")));
  assertStringIncludes(html, "<title>{body} {title}</title>");
  assertStringIncludes(html, ">{body} {title}</h1>");
});

Deno.test("markdownPage() leaves a file as it is that is too long", () => {
  const source = file("a".repeat(MARKDOWN_LENGTH_MAX + 1));
  assertEquals(markdownPage(source) === source, true);
});

Deno.test("markdownPage() waits for the writer of its file", async () => {
  const source = file("half");
  source.awaitWriter = () => Promise.resolve(file("whole"));
  const whole = await markdownPage(source).awaitWriter!(0);
  assert(whole.kind === "file");
  assertStringIncludes(textAs(whole), "<p>whole</p>");
  const gone = file("half");
  gone.awaitWriter = () => Promise.resolve(ABSENT);
  assertEquals(await markdownPage(gone).awaitWriter!(0), ABSENT);
});
