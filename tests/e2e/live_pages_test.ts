/**
 * Pages and policies that many tools would break or miss, live in a browser.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { browserTest } from "./browser.ts";
import { becomes, pause, Stage, TEXT } from "./live_stage.ts";

/** Pages that many tools would break or miss. */
const PAGES: readonly (readonly [
  name: string,
  content: (text: string) => string | Uint8Array,
])[] = [
  ["without head and body", (text) => `<!doctype html><p>${text}`],
  ["with nothing but text", (text) => `<p>${text}`],
  ["in UTF-16", (text) => utf16(`<!doctype html><p>${text}`)],
  [
    "with a policy that forbids everything in a meta element",
    (text) =>
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><p>${text}`,
  ],
  [
    "with <head> in a comment and in a script",
    (text) =>
      `<!doctype html><!-- <head> --><title>t</title><script>"<head></body>"</script><p>${text}`,
  ],
  [
    "with a base of another host",
    (text) => `<!doctype html><base href="http://127.0.0.1:9/"><p>${text}`,
  ],
];

function utf16(text: string): Uint8Array {
  const units = [0xfeff, ...[...text].map((each) => each.charCodeAt(0))];
  return new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
}

for (const [name, content] of PAGES) {
  browserTest(`a page ${name} reloads`, async ({ page }) => {
    await using stage = await Stage.open({ "page.html": content("first") });
    await page.goto(stage.url("/page"));
    await becomes(page, TEXT, "first");
    const mode = await page.evaluate("document.compatMode");
    assertEquals(mode, name.includes("nothing") ? "BackCompat" : "CSS1Compat");
    await pause(500);
    stage.folder.write("page.html", content("second"));
    await becomes(page, TEXT, "second");
  });
}

/** Policies of a site's rules. */
const POLICIES = [
  "default-src 'none'",
  "default-src 'self'; connect-src 'none'; worker-src 'none'",
  "script-src 'none'",
  "script-src 'nonce-abc' 'strict-dynamic'; connect-src https://example.org",
  "script-src-elem 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; default-src 'none'",
  "script-src 'unsafe-inline'; default-src 'none'",
  "require-trusted-types-for 'script'; trusted-types 'none'; default-src 'none'",
];

for (const policy of POLICIES) {
  browserTest(`a page reloads under ${policy}`, async ({ page }) => {
    await using stage = await Stage.open({
      _headers:
        `/*\n  Content-Security-Policy: ${policy}\n  Cache-Control: max-age=9\n`,
      "page.html": "<!doctype html><p>first",
    });
    const response = await page.goto(stage.url("/page"));
    assertEquals(response!.headers()["cache-control"], "no-store");
    await pause(500);
    stage.folder.write("page.html", "<!doctype html><p>second");
    await becomes(page, TEXT, "second");
  });
}
