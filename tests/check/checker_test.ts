import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { checkSite, EXTERNALS_MAX } from "../../lib/check/checker.ts";
import { FindingCollector } from "../../lib/check/findings.ts";
import { FINDING_RULES } from "../../lib/check/finding_rules.ts";
import { openCheckedSite } from "../../lib/service/checked_site.ts";
import {
  HAS_FILES,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { planFor } from "../service/plans.ts";
import { KEY, type SampleSite, UNCOMMON_SITES } from "./sites.ts";
import { check, linesOf, PAGE } from "./stage.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
/** Longer than what is compressed while it is served. */
const LARGE = "text ".repeat(2_200_000);

/** Sites, and everything that is found in them. */
const SITES: Readonly<Record<string, SampleSite>> = {
  ...UNCOMMON_SITES,
  "links to pages by every address they have": {
    files: {
      "index.html": `${PAGE}<a href="/">1</a><a href=about>2</a>
<a href="about.html?q=1#x">3</a><a href="./docs/">4</a><a href="docs/index.html">5</a>
<a href="sp%20ace.html">6</a><a href="sp ace.html">7</a><a href="ü.html">8</a>
<a href="">9</a><a href="#">10</a><a href="#top">11</a><a href="files/">12</a>`,
      "about.html": `${PAGE}<p id=x>`,
      "docs/index.html": `${PAGE}<a href="../about">up</a>`,
      "sp ace.html": PAGE,
      "ü.html": PAGE,
      "files/a.txt": "a",
    },
    found: [],
  },
  "addresses that no server is asked for": {
    files: {
      "index.html":
        `${PAGE}<a href="mailto:a@b.example">1</a><a href="javascript:void 0">2</a>
<a href="tel:+1">3</a><img width=1 src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<a href="{{ url }}">5</a><a href="\${path}">6</a><template><a href="/nope">7</a></template>
<script type="text/template"><a href="/nope"></a></script>
<script type="application/ld+json">{"url":"/nope"}</script>
<script type="text/x-later" src="/nope.js"></script>
<!-- <a href="/nope"> --><a href="https://other.example/nope">8</a>
<link rel=preconnect href="/nope"><link rel="dns-prefetch" href="//other.example">
<a name="old"></a><a href="#old">9</a><a href="#/route">10</a><a href="#!route">11</a>
<svg><use href="#icon"/><path style="fill:url(#gradient)"/></svg>
<a href="#:~:text=words">12</a><video></video><img src="" alt=""><p title="href=/nope">`,
    },
    found: [],
  },
  "dead links of all kinds": {
    files: {
      "index.html": `${PAGE}<a href="/gone">1</a>
<a href="../../gone2.html">2</a><area href=gone3>
<link rel=canonical href="/gone4"><link rel="alternate" hreflang=de href="/gone5">
<a
  class=x
  href="gone6">6</a>
<meta http-equiv=refresh content="5; url=/gone7">
<a href="_redirects">7</a><a href=".env">8</a>`,
      ".env": "x",
      "_redirects": "/r /index.html 302",
    },
    found: [
      'dead-link /index.html:10 "/.env" gets 404',
      'dead-link /index.html:10 "/_redirects" gets 404',
      'dead-link /index.html:3 "/gone" gets 404',
      'dead-link /index.html:4 "/gone2.html" gets 404',
      'dead-link /index.html:4 "/gone3" gets 404',
      'dead-link /index.html:5 "/gone4" gets 404',
      'dead-link /index.html:5 "/gone5" gets 404',
      'dead-link /index.html:8 "/gone6" gets 404',
      'dead-link /index.html:9 "/gone7" gets 404',
    ],
  },
  "dead resources of all kinds": {
    files: {
      "index.html": `${PAGE}<script src="/1.js"></script>
<link rel=stylesheet href=2.css><img width=1 src=3.png srcset="4.png 1x, 5.png 2x">
<picture><source srcset="6.webp"></picture><video src=7.mp4 poster=8.png></video>
<iframe src=9.html></iframe><object data=10.pdf></object><p style="background:url(11.png)">
<style>
  a { background: url("12.png") }
  @font-face { src: url(13.woff2) }
</style><svg><use href="14.svg#x"/></svg><link rel=icon href=15.ico>
<link rel=preload as=font href=16.woff2><link rel=manifest href=17.webmanifest>`,
    },
    found: [
      'dead-resource /index.html:10 "/14.svg" gets 404',
      'dead-resource /index.html:10 "/15.ico" gets 404',
      'dead-resource /index.html:11 "/16.woff2" gets 404',
      'dead-resource /index.html:11 "/17.webmanifest" gets 404',
      'dead-resource /index.html:3 "/1.js" gets 404',
      'dead-resource /index.html:4 "/2.css" gets 404',
      'dead-resource /index.html:4 "/3.png" gets 404',
      'dead-resource /index.html:4 "/4.png" gets 404',
      'dead-resource /index.html:4 "/5.png" gets 404',
      'dead-resource /index.html:5 "/6.webp" gets 404',
      'dead-resource /index.html:5 "/7.mp4" gets 404',
      'dead-resource /index.html:5 "/8.png" gets 404',
      'dead-resource /index.html:6 "/10.pdf" gets 404',
      'dead-resource /index.html:6 "/11.png" gets 404',
      'dead-resource /index.html:6 "/9.html" gets 404',
      'dead-resource /index.html:8 "/12.png" gets 404',
      'dead-resource /index.html:9 "/13.woff2" gets 404',
    ],
  },
  "names in another case": {
    files: {
      "index.html":
        `${PAGE}<a href="About">1</a><a href="/Docs/">2</a><script src=App.js></script>`,
      "about.html": PAGE,
      "docs/index.html": PAGE,
      "app.js": "1",
    },
    found: [
      'wrong-case /index.html:3 "/About" is named "/about.html"',
      'wrong-case /index.html:3 "/App.js" is named "/app.js"',
      'wrong-case /index.html:3 "/Docs/" is named "/docs/index.html"',
    ],
  },
  "a file that a rule hides": {
    files: {
      "index.html": `${PAGE}<a href="/secret.html">1</a>`,
      "secret.html": PAGE,
      "_redirects": "/secret.html 404!",
    },
    found: ['dead-link /index.html:3 "/secret.html" gets 404'],
  },
  "anchors": {
    files: {
      "index.html": `${PAGE}<a href="#here">1</a><h1 id=here></h1>
<a href="#gone">2</a><a href="a#b">3</a><a href="a#c">4</a><a href="a.html#sp%20ace">5</a>
<a href="forward.html#any">9</a><a href="a#%3CT%3E">6</a><a href="a#raw%20id">7</a><a href="a.txt#L1">8</a>`,
      "a.html":
        `${PAGE}<p id=b><p id="sp ace"><p id="<T>"><p id="raw%20id"><a href="/#here">back</a>`,
      "a.txt": "a",
      "forward.html": '<meta http-equiv=refresh content="0;url=a.html">',
    },
    found: [
      'dead-anchor /index.html:4 "/a.html" has no anchor "#c"',
      'dead-anchor /index.html:4 "/index.html" has no anchor "#gone"',
    ],
  },
  "redirects on the way": {
    files: {
      "index.html":
        `${PAGE}<a href="docs">1</a><a href="/old">2</a><a href="/a">3</a><a href="/out">4</a><script src="/out"></script>`,
      "docs/index.html": PAGE,
      "_redirects": "/old /docs/ 301\n/a /b\n/b /a\n/out https://x.example/",
    },
    found: [
      'redirect-loop /index.html:3 "/a" is redirected in a circle',
      'redirect-loop _redirects:2 the redirect from "/a" runs in a circle',
      'redirect-loop _redirects:3 the redirect from "/b" runs in a circle',
      'redirected-link /index.html:3 "/docs" is redirected to "/docs/"',
      'redirected-link /index.html:3 "/old" is redirected to "/docs/"',
    ],
  },
  "types that browsers refuse": {
    files: {
      "index.html":
        `${PAGE}<script src=a.txt></script><script type=module src=b.html></script>
<link rel=stylesheet href=c.scss><img width=1 src=files/><script src=ok.js></script>
<script type=module src=ok.mjs></script><link rel=stylesheet href=ok.css>
<img width=1 src=ok.svg><img width=1 src=unknown><iframe src=a.txt></iframe>`,
      "a.txt": "a",
      "b.html": PAGE,
      "c.scss": "a{}",
      "files/x": "x",
      "ok.js": "1",
      "ok.mjs": "1",
      "ok.css": "a{}",
      "ok.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
      "unknown": new Uint8Array([1, 0, 2, 255]),
    },
    found: [
      'wrong-type /index.html:3 "/a.txt" comes as text/plain; charset=UTF-8, but a script needs text/javascript',
      'wrong-type /index.html:3 "/b.html" comes as text/html; charset=UTF-8, but a script needs text/javascript',
      'wrong-type /index.html:4 "/c.scss" comes as text/plain; charset=UTF-8, but a style sheet needs text/css',
      'wrong-type /index.html:4 "/files/" comes as text/html; charset=UTF-8, but an image needs the type of an image',
    ],
  },
  "a shell answers for pages, not for scripts": {
    files: {
      "index.html":
        `${PAGE}<a href="/any/page">1</a><script src="/any.js"></script>`,
    },
    options: { spa: "/index.html" },
    found: ['dead-resource /index.html:3 "/any.js" gets 404'],
  },
  "a rewrite of everything answers scripts with a page": {
    files: {
      "index.html":
        `${PAGE}<a href="/any">1</a><script src="/any.js"></script>`,
      "_redirects": "/* /index.html 200",
    },
    found: [
      'wrong-type /index.html:3 "/any.js" comes as text/html; charset=UTF-8, but a script needs text/javascript',
    ],
  },
  "mixed content": {
    files: {
      "index.html":
        `${PAGE}<script src="http://x.example/a.js"></script><img width=1 src="http://x.example/b.png">
<a href="http://x.example/">1</a><img width=1 src="//x.example/c.png"><img width=1 src="http://localhost/d.png">`,
      "upgraded.html":
        `${PAGE}<meta http-equiv=content-security-policy content="upgrade-insecure-requests"><img width=1 src="http://x.example/b.png">`,
    },
    found: [
      'mixed-content /index.html:3 "http://x.example/a.js" is loaded over plain HTTP',
      'mixed-content /index.html:3 "http://x.example/b.png" is loaded over plain HTTP',
    ],
  },
  "policies of headers and pages": {
    files: {
      "index.html":
        `${PAGE}<script>1</script><script src=ok.js></script><p style="color:red" onclick="x()">
<script src="https://cdn.example/a.js"></script><script src="https://ok.example/a.js"></script>`,
      "meta.html":
        `<!doctype html><html lang=en><title>x</title><meta http-equiv="Content-Security-Policy" content="img-src 'none'">
<img width=1 src=ok.png>`,
      "free.html": `${PAGE}<script>1</script>`,
      "ok.js": "1",
      "ok.png": "png",
      "_headers":
        "/\n  Content-Security-Policy: default-src 'self'; script-src 'self' https://ok.example",
    },
    found: [
      "csp-blocked /index.html:3 a script in an attribute is forbidden by script-src",
      "csp-blocked /index.html:3 a script in the page is forbidden by script-src",
      "csp-blocked /index.html:3 a style in an attribute is forbidden by default-src",
      'csp-blocked /index.html:4 "https://cdn.example/a.js" is forbidden by script-src',
      'csp-blocked /meta.html:2 "ok.png" is forbidden by img-src',
    ],
  },
  "what pages lack": {
    files: {
      "index.html":
        "<!doctype html>\n<html>\n<svg><title>Icon</title></svg><img src=a.png>",
      "empty.html": "<html lang=''><title> </title>",
      "part.html": "<p>A part that a script loads",
      "forward.html":
        '<!doctype html><meta http-equiv=refresh content="0;url=/">',
      "sized.html":
        `${PAGE}<img src=a.png height=1><img src=a.png style="aspect-ratio: 1">`,
      "a.png": "png",
      "nothing.html": "",
    },
    found: [
      "image-size /index.html:3 an image has no width and height",
      "missing-lang /empty.html:1 the page does not say its language",
      "missing-lang /index.html:2 the page does not say its language",
      "missing-title /empty.html:1 the page has no title",
      "missing-title /index.html:2 the page has no title",
    ],
  },
  "rules": {
    files: {
      "index.html": PAGE,
      "about.html": PAGE,
      "hidden.html": PAGE,
      "_redirects": [
        "/about /index.html 200",
        "/x/* /about 301",
        "/x/y /about 301",
        "/gone /nothing 301",
        "/hidden.html /about 301!",
        "/secret.html 404!",
        "/page /missing.html 200",
        "/p/:name /q/:name 301",
        "/q/* /index.html 200",
        "/self /self 301",
        "/bad what",
        "/old/:a /nothing/:a 301",
      ].join("\n"),
      "_headers":
        "/nothing/*\n  X-A: 1\n/about\n  X-B: 1\n/*.html\n  X-C: 1\n/*bout\n  X-D: 1",
      "secret.html": PAGE,
    },
    found: [
      'rule-dead-end _redirects:4 the redirect from "/gone" leads to "/nothing", which gets 404',
      'rule-dead-end _redirects:7 Cannot find "/missing.html" in the site: rewrites to it get 404 until it exists',
      'rule-invalid _redirects:11 Cannot use "what" as a destination: expected a path that begins with "/", or a URL',
      'rule-shadows-file _redirects:5 the rule hides "/hidden.html"',
      'rule-unreachable _headers:1 no path of the site matches "/nothing/*"',
      'rule-unreachable _redirects:1 the rule for "/about" does not apply there: "/about.html" answers',
      'rule-unreachable _redirects:10 the rule for "/self" does not apply there: it leads to its own address',
      'rule-unreachable _redirects:3 the rule for "/x/y" does not apply there: _redirects:2 matches first',
    ],
  },
  "names with and without a hash": {
    files: {
      "index.html": PAGE,
      "logo.png": "png",
      "assets/index-BmOXrCbS.js": "1",
      "assets/jquery-3.7.1.min.js": "1",
      "assets/app-x7q2m9.css": "a{}",
      "plain/index-BmOXrCbS.js": "1",
      "_headers": [
        `/*`,
        `  Cache-Control: ${IMMUTABLE}`,
        "/plain/*",
        "  Cache-Control: no-cache",
        "/404*",
        "  Cache-Control: no-cache",
      ].join("\n"),
    },
    found: [
      `hashed-revalidated /plain/index-BmOXrCbS.js a file with a hash in its name has Cache-Control "no-cache"`,
      `immutable-page /index.html a page has Cache-Control "${IMMUTABLE}"`,
      `immutable-unhashed /logo.png a file without a hash in its name has Cache-Control "${IMMUTABLE}"`,
    ],
  },
  "files that should not be public": {
    files: {
      "index.html": PAGE,
      "server.key": KEY,
      "chain.pem": "-----BEGIN CERTIFICATE-----\n",
      "store.p12": "x",
      "prod.env": "PASSWORD=1",
      ".env": "PASSWORD=1",
      "index.html~": PAGE,
      "dump.sql": "x",
      "app.js.map": "{}",
      "docs/env.html": PAGE,
      "environment.js": "1",
      "monkey.txt": `A key begins with ${KEY}`,
    },
    found: [
      "public-key /server.key a private key is public",
      "public-key /store.p12 a store of keys is public",
      "public-leftover /dump.sql a leftover of a tool is public",
      "public-leftover /index.html~ a leftover of a tool is public",
      "public-secret /prod.env a file with passwords, by its name, is public",
      "public-source-map /app.js.map a source map is public",
    ],
  },
  "precompressed files": {
    files: {
      "index.html": PAGE,
      "a.js": "one",
      "a.js.gz": gzipSync("one"),
      "b.js": "one",
      "b.js.gz": gzipSync("two"),
      "c.js": "one",
      "c.js.gz": "no gzip",
      "alone.css.gz": gzipSync("a{}"),
      "large.txt": LARGE,
      "archive.tar": "x",
    },
    found: [
      'stale-sibling /b.js.gz the file does not decode to "/b.js"',
      "stale-sibling /c.js.gz the file cannot be decoded, or is too large for it",
      "not-compressed /large.txt the file is too large to be compressed while it is served",
    ].sort(),
  },
  "no compression": {
    files: {
      "index.html": PAGE,
      "a.txt": "x".repeat(100_000),
      "b.png": "x".repeat(100_000),
    },
    options: { compression: false },
    found: [
      "not-compressed /a.txt the file is never compressed, because --no-compression is given",
    ],
  },
  "manifests": {
    files: {
      "app.webmanifest":
        `{\n "start_url": "/",\n "icons": [{ "src": "gone.png" },\n  {"src": "ok.png"}],\n "shortcuts": [{ "url": "/gone" }], "name": "/gone" }`,
      "bad.webmanifest": `{\n "a": }`,
      "named.json": `{"start_url": "/gone"}`,
      "other.json": `{"start_url": "/gone"}`,
      "index.html": `${PAGE}<link rel=manifest href=named.json>`,
      "ok.png": "png",
    },
    found: [
      'dead-link /app.webmanifest:5 "/gone" gets 404',
      'dead-link /named.json:1 "/gone" gets 404',
      'dead-resource /app.webmanifest:3 "/gone.png" gets 404',
      "invalid-manifest /bad.webmanifest:2 the manifest is not valid JSON: browsers ignore it",
    ],
  },
  "sitemaps and feeds": {
    files: {
      "index.html": PAGE,
      "sitemap.xml":
        `<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://www.example.com/</loc></url>
<url><loc>https://www.example.com/gone?a=1&amp;b=2</loc></url>
<url><loc>https://other.example/</loc></url></urlset>`,
      "feed.xml":
        `<rss><channel><link>https://www.example.com/</link>\n<item><link>https://www.example.com/gone</link></item></channel></rss>`,
      "elsewhere.xml":
        `<feed><link href="https://a.example/sub/x"/><link href="https://a.example/sub/y"/></feed>`,
      "data.xml": "<data><loc>/gone</loc></data>",
    },
    found: [
      'dead-link /feed.xml:2 "/gone" gets 404',
      'dead-link /sitemap.xml:4 "/gone?a=1&b=2" gets 404',
      'sitemap-elsewhere /elsewhere.xml no address of it is in the site, such as "https://a.example/sub/x"',
    ],
  },
  "bytes that are no text": {
    files: {
      "index.html": PAGE,
      "noise.html": new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0x3c, 0x61]),
      "latin1.html": new Uint8Array([
        ...new TextEncoder().encode(
          "<!doctype html><html lang=de><meta charset=iso-8859-1><title>M",
        ),
        0xfc,
        0x6c,
      ]),
    },
    found: [
      "undecodable-text /noise.html the document contains bytes that are not text",
    ],
  },
  "addresses that nobody accepts": {
    files: {
      "index.html":
        `${PAGE}<a href="http://[::1">1</a><a href="/%">2</a><a href="/a%2fb">3</a>`,
    },
    found: [
      'invalid-address /index.html:3 "/%" is an address that no server accepts',
      'invalid-address /index.html:3 "/a%2fb" is an address that no server accepts',
      'invalid-address /index.html:3 "http://[::1" is no address',
    ],
  },
  "a base": {
    files: {
      "deep/index.html":
        `<!doctype html><html lang=en><title>x</title><base href="/other/"><a href="ok">1</a><a href="gone">2</a>`,
      "other/ok.html": PAGE,
    },
    found: ['dead-link /deep/index.html:1 "/other/gone" gets 404'],
  },
};

const covered = new Set<string>();

for (const [name, site] of Object.entries(SITES)) {
  const { files, options, prepare, found } = site;
  for (const line of found) covered.add(line.split(" ")[0]!);
  testWith(HAS_FILES, `checkSite(): ${name}`, async () => {
    const findings = await check(files, options, prepare);
    assertEquals(linesOf(findings), [...found].sort());
  });
}

testWith(
  HAS_FILES,
  "checkSite() names an error page that is missing",
  async () => {
    const found = await check(
      { "404.html": "", "index.html": PAGE },
      {},
      (site) => Deno.removeSync(site.join("404.html")),
    );
    assertEquals(linesOf(found), [
      "missing-404 /404.html pages that do not exist get the built-in error page",
    ]);
  },
);

testWith(HAS_FILES, "checkSite() sees a sibling that is older", async () => {
  const found = await check(
    { "index.html": PAGE, "a.js": "one", "a.js.gz": gzipSync("zero") },
    {},
    (site) => Deno.utimeSync(site.join("a.js.gz"), 1e9, 1e9),
  );
  assertEquals(linesOf(found), [
    'unused-sibling /a.js.gz the file is older than "/a.js"',
  ]);
});

testWith(HAS_FILES, "checkSite() ends with links in a circle", async () => {
  const found = await check(
    {
      "index.html": `${PAGE}<a href="/again/again/a.html">1</a>`,
      "a.html": PAGE,
    },
    {},
    (site) => Deno.symlinkSync(".", site.join("again")),
  );
  assertEquals(linesOf(found), []);
});

testWith(
  HAS_FILES,
  "checkSite() judges what needs a password as its users see it",
  async () => {
    const files = {
      "index.html": `${PAGE}<a href="/private/gone">1</a>`,
      "private/server.key": KEY,
    };
    const options = { authFile: "users", authPaths: ["/private/*"] };
    assertEquals(linesOf(await check(files, options)), [
      'dead-link /index.html:3 "/private/gone" gets 404',
      "public-key /private/server.key a private key is public",
    ]);
  },
);

testWith(
  HAS_FILES,
  "checkSite() calls no key public that needs a password",
  async () => {
    using directory = new TemporaryDirectory({
      "404.html": PAGE,
      "private/server.key": KEY,
    });
    using site = await openCheckedSite(planFor(directory.path, {
      options: { authFile: "users", authPaths: ["/private/*"] },
      credentials: ANN_LINE,
    }));
    const findings = new FindingCollector();
    await checkSite(site, findings);
    assertEquals(linesOf(findings.result()), []);
  },
);

testWith(
  HAS_FILES,
  "checkSite() only notes that compression is off",
  async () => {
    const files = { "a.txt": "x".repeat(100_000) };
    const { counts } = await check(files, { compression: false });
    assertEquals(counts, { error: 0, warning: 0, note: 1 });
  },
);

testWith(
  HAS_FILES,
  "checkSite() keeps no more addresses of other servers than it may",
  async () => {
    const links = Array.from(
      { length: EXTERNALS_MAX + 2 },
      (_, index) => `<a href="https://a.example/${index}#x">`,
    );
    using directory = new TemporaryDirectory({ "a.html": links.join("\n") });
    using site = await openCheckedSite(planFor(directory.path));
    const { externals } = await checkSite(site, new FindingCollector());
    assertEquals(externals.size, EXTERNALS_MAX);
    assertEquals(externals.get("https://a.example/0"), {
      path: "/a.html",
      line: 1,
    });
  },
);

testWith(
  HAS_FILES,
  "checkSite() names files that cannot be read, and says that there are more",
  async () => {
    using directory = new TemporaryDirectory({
      "404.html": PAGE,
      "a.txt": "a",
    });
    using site = await openCheckedSite(planFor(directory.path));
    const findings = new FindingCollector();
    const opened = await site.open("/a.txt", "asset");
    await checkSite(
      {
        ...site,
        isCut: true,
        open: (target, asker) =>
          target === "/a.txt"
            ? { ...opened, status: 403, file: undefined }
            : site.open(target, asker),
      },
      findings,
    );
    assertEquals(linesOf(findings.result()), [
      "too-many-files / only 2 files were checked",
      "unreadable-file /a.txt the file gets 403",
    ]);
  },
);

testWith(HAS_FILES, "checkSite() says that a site is empty", async () => {
  using directory = new TemporaryDirectory({ ".env": "x", "a/b/.gitkeep": "" });
  using site = await openCheckedSite(planFor(directory.path));
  const collector = new FindingCollector();
  await checkSite(site, collector);
  assertEquals(linesOf(collector.result()), [
    "empty-site / there is no file in the site",
  ]);
});

/** Deno 2.5 leaves out names that are not UTF-8. */
const LISTS_ALL_NAMES = !Deno.version.deno.startsWith("2.5.");

testWith(
  HAS_PROGRAMS && Deno.build.os === "linux",
  "checkSite() says which names are never served",
  async () => {
    const files = {
      "index.html": PAGE,
      "a/back\\slash.txt": "x",
      "a/replaced\ufffd.txt": "x",
    };
    const findings = await check(files, {}, ({ path }) => {
      // The runtime makes no such name.
      const args = ["-c", "printf x > \"$(printf 'b\\377.txt')\""];
      new Deno.Command("sh", { args, cwd: path }).outputSync();
    });
    const message = "no client can ask for a file with such a name";
    assertEquals(linesOf(findings), [
      `unservable-name /a/back\\slash.txt ${message}`,
      ...LISTS_ALL_NAMES ? [`unservable-name /b\ufffd.txt ${message}`] : [],
    ]);
  },
);

/** Rules with a test of their own. */
const ELSEWHERE = [
  "empty-site",
  "unservable-name",
  "missing-404",
  "unused-sibling",
  "dead-external",
  "external-unchecked",
  "document-cut",
  "too-many-files",
  "unreadable-file",
];

Deno.test("every rule of a check has a row", () => {
  const all = Object.keys(FINDING_RULES);
  assertEquals(
    all.filter((rule) => !covered.has(rule) && !ELSEWHERE.includes(rule)),
    [],
  );
});
