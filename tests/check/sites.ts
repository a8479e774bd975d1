/**
 * Sites for the tests of checks, and what is found in them: what pages refer to
 * in less common ways, and what is in a directory but no part of the site.
 *
 * @module
 */

import type { Options } from "../../lib/cli/options.ts";
import type { Files, TemporaryDirectory } from "../helpers.ts";
import { PAGE } from "./stage.ts";

/** How a private key begins. */
export const KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n";

/** A site, and everything that is found in it. */
export interface SampleSite {
  readonly files: Files;
  readonly options?: Partial<Options>;
  readonly prepare?: (directory: TemporaryDirectory) => void;
  readonly found: readonly string[];
}

/** The sites by their names. */
export const UNCOMMON_SITES: Readonly<Record<string, SampleSite>> = {
  "forms": {
    files: {
      "index.html": `${PAGE}<form action="/search.html"></form>
<form action="/gone" method=GET></form>
<form action="/post" method=" POST "></form>
<form action="https://other.example/" method=post></form>
<form method=post></form><form action="#" method=post></form>
<form action="" method=post></form><form action=/gone method=dialog></form>
<form><button formaction="/gone2">x</button><input type=submit formaction=/post2 formmethod=post>
<input type=image src=gone.png formaction="/search.html"></form>`,
      "search.html": PAGE,
    },
    found: [
      'dead-link /index.html:4 "/gone" gets 404',
      'dead-link /index.html:9 "/gone2" gets 404',
      'unanswered-form /index.html:5 a form is sent to "/post" with POST',
      'unanswered-form /index.html:9 a form is sent to "/post2" with POST',
    ],
  },
  "forms that a policy forbids": {
    files: {
      "index.html": `${PAGE}<form action="https://other.example/x"></form>
<form action="/" method=get></form>`,
      "_headers":
        "/*\n  Content-Security-Policy: form-action 'self'; default-src *\n",
    },
    found: [
      'csp-blocked /index.html:3 "https://other.example/x" is forbidden by form-action',
    ],
  },
  "import maps": {
    files: {
      "index.html": `${PAGE}<script type="importmap">
{ "imports": {
  "app": "/app.js", "gone": "./gone.js", "bare": "app.js",
  "lib/": "/lib/", "cdn": "https://cdn.example/a.js"
}, "scopes": { "/x/": { "app": "/text.txt" } } }
</script>
<script type=importmap>{ broken</script>
<script type=importmap src="/gone.json"></script>`,
      "app.js": "1",
      "text.txt": "1",
    },
    found: [
      'dead-resource /index.html:5 "/gone.js" gets 404',
      'invalid-import-map /index.html:5 "bare" is mapped to "app.js", which needs ./ before it',
      "invalid-import-map /index.html:9 the import map is not valid JSON",
      'wrong-type /index.html:7 "/text.txt" comes as text/plain; charset=UTF-8, but a script needs text/javascript',
    ],
  },
  "an import map that a policy forbids": {
    files: {
      "index.html": `${PAGE}<script type=importmap>{}</script>`,
      "_headers": "/*\n  Content-Security-Policy: script-src 'self'\n",
    },
    found: [
      "csp-blocked /index.html:3 a script in the page is forbidden by script-src",
    ],
  },
  "links of the file system out of the site": {
    files: {
      "index.html": `${PAGE}<script src="/out.js"></script>
<a href="/dangling.html">1</a><a href="/dir/a.html">2</a><a href="/in.html">3</a>
<a href="/.env">4</a><a href="/nothing.html">5</a><img width=1 src="/nothing.png">`,
      "page.html": PAGE,
      ".env": "x",
    },
    prepare: (directory) => {
      Deno.symlinkSync("/etc/hostname", directory.join("out.js"));
      Deno.symlinkSync("gone.html", directory.join("dangling.html"));
      Deno.symlinkSync("/etc", directory.join("dir"));
      Deno.symlinkSync("page.html", directory.join("in.html"));
    },
    found: [
      'dead-link /index.html:4 "/dir/a.html" gets 404',
      'dead-link /index.html:5 "/.env" gets 404',
      'dead-link /index.html:5 "/nothing.html" gets 404',
      'dead-resource /index.html:5 "/nothing.png" gets 404',
      'outside-link /index.html:3 "/out.js" is no file of the site, but a link out of it or to nothing, or a pipe',
      'outside-link /index.html:4 "/dangling.html" is no file of the site, but a link out of it or to nothing, or a pipe',
    ],
  },
  "keys under odd names": {
    files: {
      "backup": KEY,
      "notes/deploy.txt": KEY,
      "app-1a2b.json": `{"private_key": "${KEY.replaceAll("\n", "\\n")}"}`,
      ".hidden": KEY,
      "howto.md": `# Keys\n${KEY}`,
      "index.html": PAGE,
    },
    found: [
      "public-key /app-1a2b.json a private key is public",
      "public-key /backup a private key is public",
      "public-key /notes/deploy.txt a private key is public",
    ],
  },
  "sitemaps in robots.txt": {
    files: {
      "index.html": PAGE,
      "sitemap.xml":
        "<urlset><url><loc>https://www.example.com/</loc></url></urlset>",
      "robots.txt": `User-agent: *
Sitemap: https://www.example.com/sitemap.xml
Sitemap: https://www.example.com/gone.xml
Sitemap: /sitemap.xml`,
      "docs/robots.txt": "Sitemap: https://www.example.com/gone.xml",
    },
    found: [
      'dead-link /robots.txt:3 "/gone.xml" gets 404',
      "invalid-address /robots.txt:4 a sitemap needs a whole address, with https://",
    ],
  },
  "drawings": {
    files: {
      "a.svg": `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<use href="#own"/><use xlink:href="icons.svg#a"/><image href="gone.png"/>
<a xlink:href="/gone.html"><rect style="fill:url(#own)"/></a>
<style>rect { fill: url(gone.svg#a) }</style></svg>`,
      "icons.svg": "<svg><symbol id=a /></svg>",
      "index.html": PAGE,
    },
    found: [
      'dead-link /a.svg:4 "/gone.html" gets 404',
      'dead-resource /a.svg:3 "/gone.png" gets 404',
      'dead-resource /a.svg:5 "/gone.svg" gets 404',
    ],
  },
  "what is loaded ahead": {
    files: {
      "index.html": `${PAGE}<link rel=preload as=fetch href="/gone.json">
<link rel=preload as=worker href="/gone.js"><link rel=search href="/gone.xml">
<link rel="alternate" type="application/rss+xml" href="/gone.rss">
<link rel=preload as=fetch href="/data.json"><body background="gone.png">`,
      "data.json": "{}",
    },
    found: [
      'dead-link /index.html:4 "/gone.xml" gets 404',
      'dead-link /index.html:5 "/gone.rss" gets 404',
      'dead-resource /index.html:3 "/gone.json" gets 404',
      'dead-resource /index.html:4 "/gone.js" gets 404',
      'dead-resource /index.html:6 "/gone.png" gets 404',
    ],
  },
  "a base elsewhere": {
    files: {
      "index.html":
        `${PAGE}<base href="/docs/"><a href="a.html">1</a><a href="gone">2</a>
<meta http-equiv=refresh content="0; url=gone2"><img width=1 srcset="b.png 2x">
<style>@import "gone.css"; a { background: image-set("gone.avif" 1x) }</style>`,
      "docs/a.html": PAGE,
      "docs/b.png": "x",
      "other.html":
        `${PAGE}<base href="https://other.example/"><a href="gone">1</a>`,
    },
    found: [
      'dead-link /index.html:3 "/docs/gone" gets 404',
      'dead-link /index.html:4 "/docs/gone2" gets 404',
      'dead-resource /index.html:5 "/docs/gone.avif" gets 404',
      'dead-resource /index.html:5 "/docs/gone.css" gets 404',
    ],
  },
};
