import { assert, assertEquals } from "@std/assert";
import {
  encodingLines,
  EXTENSIONS_MAX,
  isCompressible,
  mediaType,
  UNKNOWN_TYPE,
} from "../../../lib/site/content/media_type.ts";
import { bytesOf } from "../../helpers.ts";

const TYPES: readonly (readonly [name: string, type: string])[] = [
  ["/index.html", "text/html; charset=UTF-8"],
  ["/page.htm", "text/html; charset=UTF-8"],
  ["/style.css", "text/css; charset=UTF-8"],
  ["/script.js", "text/javascript; charset=UTF-8"],
  ["/module.mjs", "text/javascript; charset=UTF-8"],
  ["/old.cjs", "text/javascript; charset=UTF-8"],
  ["/data.json", "application/json; charset=UTF-8"],
  ["/script.js.map", "application/json; charset=UTF-8"],
  ["/app.webmanifest", "application/manifest+json; charset=UTF-8"],
  ["/feed.xml", "application/xml"],
  ["/notes.txt", "text/plain; charset=UTF-8"],
  ["/notes.md", "text/markdown; charset=UTF-8"],
  ["/table.csv", "text/csv; charset=UTF-8"],
  ["/drawing.svg", "image/svg+xml"],
  ["/code.wasm", "application/wasm"],
  ["/picture.png", "image/png"],
  ["/photo.jpg", "image/jpeg"],
  ["/photo.jpeg", "image/jpeg"],
  ["/photo.webp", "image/webp"],
  ["/photo.avif", "image/avif"],
  ["/photo.jxl", "image/jxl"],
  ["/favicon.ico", "image/vnd.microsoft.icon"],
  ["/font.woff2", "font/woff2"],
  ["/font.ttf", "font/ttf"],
  ["/song.mp3", "audio/mpeg"],
  ["/song.m4a", "audio/mp4"],
  ["/film.mp4", "video/mp4"],
  ["/film.webm", "video/webm"],
  ["/paper.pdf", "application/pdf"],
  ["/archive.zip", "application/zip"],
  ["/archive.tar.gz", "application/gzip"],
  // TypeScript, not the video format that has the same extension in registries.
  ["/module.mts", "text/plain; charset=UTF-8"],
  ["/component.tsx", "text/plain; charset=UTF-8"],
  // XML says itself in which encoding it is.
  ["/feed.rss", "application/rss+xml"],
  ["/feed.atom", "application/atom+xml"],
  ["/page.xhtml", "application/xhtml+xml"],
  ["/style.xsl", "application/xml"],
  ["/list.dtd", "application/xml-dtd"],
  ["/feeds.opml", "text/x-opml"],
  ["/deck.wml", "text/vnd.wap.wml"],
  // Text that has no registered type, or one that nobody shows.
  ["/main.rs", "text/plain; charset=UTF-8"],
  ["/main.py", "text/plain; charset=UTF-8"],
  ["/main.go", "text/plain; charset=UTF-8"],
  ["/main.rb", "text/plain; charset=UTF-8"],
  ["/main.kt", "text/plain; charset=UTF-8"],
  ["/main.c", "text/plain; charset=UTF-8"],
  ["/main.php", "text/plain; charset=UTF-8"],
  ["/install.sh", "text/plain; charset=UTF-8"],
  ["/Cargo.toml", "text/plain; charset=UTF-8"],
  ["/Cargo.lock", "text/plain; charset=UTF-8"],
  ["/schema.sql", "text/plain; charset=UTF-8"],
  ["/fix.diff", "text/plain; charset=UTF-8"],
  ["/App.vue", "text/plain; charset=UTF-8"],
  ["/tsconfig.jsonc", "text/plain; charset=UTF-8"],
  ["/ci.yml", "text/plain; charset=UTF-8"],
  ["/style.scss", "text/plain; charset=UTF-8"],
  ["/module.ts", "text/plain; charset=UTF-8"],
  ["/LICENSE", "text/plain; charset=UTF-8"],
  ["/a/Makefile", "text/plain; charset=UTF-8"],
  ["/Dockerfile", "text/plain; charset=UTF-8"],
  ["/license/file", UNKNOWN_TYPE],
  ["/a.br", UNKNOWN_TYPE],
  // Upper and lower case are the same.
  ["/PHOTO.JPG", "image/jpeg"],
  ["/Index.Html", "text/html; charset=UTF-8"],
  // Only the last extension counts, and only the name's.
  ["/page.html.png", "image/png"],
  ["/folder.html/picture.png", "image/png"],
  ["/folder.html/file", UNKNOWN_TYPE],
  ["/file", UNKNOWN_TYPE],
  ["/file.", UNKNOWN_TYPE],
  ["/file.nobodyknows", UNKNOWN_TYPE],
  ["/", UNKNOWN_TYPE],
  ["", UNKNOWN_TYPE],
  // Names of what every object has are no extensions.
  ["/file.constructor", UNKNOWN_TYPE],
  ["/file.toString", UNKNOWN_TYPE],
  ["/file.__proto__", UNKNOWN_TYPE],
  ["/file.hasOwnProperty", UNKNOWN_TYPE],
];

for (const [name, type] of TYPES) {
  Deno.test(`mediaType() of ${JSON.stringify(name)}`, () => {
    assertEquals(mediaType(name), type);
  });
}

const TEXT = "some words\n";
const BINARY = "\x7fELF\x02\x01\x01\0";
const LATIN = `<meta charset="iso-8859-1">`;

/** A transport stream: packets of 188 bytes. */
const STREAM = ("G" + "\xff".repeat(187)).repeat(6);

/** What files with some names begin with, a character for each byte. */
const BEGINNINGS: readonly [name: string, beginning: string, type: string][] = [
  ["/file", TEXT, "text/plain; charset=UTF-8"],
  ["/file.nobodyknows", TEXT, "text/plain; charset=UTF-8"],
  ["/empty", "", "text/plain; charset=UTF-8"],
  ["/file", BINARY, UNKNOWN_TYPE],
  ["/file", "f\xfcr", UNKNOWN_TYPE],
  // What a browser would run, or might be told to read as such, stays text.
  [
    "/file",
    "<!doctype html><script>alert(1)</script>",
    "text/plain; charset=UTF-8",
  ],
  [
    "/file",
    "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "text/plain; charset=UTF-8",
  ],
  ["/file", "<?xml version='1.0'?>", "text/plain; charset=UTF-8"],
  ["/file", "#!/bin/sh\n", "text/plain; charset=UTF-8"],
  ["/file.js.unknown", "alert(1)", "text/plain; charset=UTF-8"],
  ["/file.bin", TEXT, UNKNOWN_TYPE],
  ["/file.png", "<!doctype html>", "image/png"],
  ["/file.txt", "<!doctype html>", "text/plain; charset=UTF-8"],
  ["/a.br", TEXT, UNKNOWN_TYPE],
  ["/a.rs", BINARY, "text/plain; charset=UTF-8"],
  ["/clip.ts", STREAM, "video/mp2t"],
  ["/clip.mts", STREAM, "video/mp2t"],
  ["/clip.TS", STREAM, "video/mp2t"],
  ["/module.ts", "export const G = 1;\n", "text/plain; charset=UTF-8"],
  ["/module.ts", BINARY, "text/plain; charset=UTF-8"],
  ["/module.ts", "", "text/plain; charset=UTF-8"],
  ["/file.txt", STREAM, "text/plain; charset=UTF-8"],
  ["/file", STREAM, UNKNOWN_TYPE],
  ["/notes.org", TEXT, "text/plain; charset=UTF-8"],
  ["/notes.org", BINARY, "application/vnd.lotus-organizer"],
  ["/page.html", LATIN, "text/html"],
  ["/page.htm", "\xff\xfe<\0", "text/html"],
  ["/page.html", `<meta charset="utf-8">`, "text/html; charset=UTF-8"],
  ["/page.html", `<!-- ${LATIN} -->`, "text/html; charset=UTF-8"],
  ["/page.html", `\xef\xbb\xbf${LATIN}`, "text/html; charset=UTF-8"],
  // Only pages have a meta, but every text can have a mark.
  ["/page.txt", LATIN, "text/plain; charset=UTF-8"],
  ["/page.txt", "\xfe\xff\0a", "text/plain"],
  ["/data.json", "\xff\xfe{\0", "application/json"],
  ["/feed.xml", LATIN, "application/xml"],
];

for (const [name, beginning, type] of BEGINNINGS) {
  const title = JSON.stringify(beginning.slice(0, 30));
  Deno.test(`mediaType() of ${name} that begins with ${title}`, () => {
    assertEquals(mediaType(name, () => bytesOf(beginning)), type);
  });
}

Deno.test("mediaType() looks at the content once, and only if it matters", () => {
  const looks = [
    "/a.png",
    "/a.xml",
    "/a.wasm",
    "/a.bin",
    "/a.html",
    "/a",
    "/a.ts",
  ]
    .map((name) => {
      let count = 0;
      mediaType(name, () => (count++, bytesOf(TEXT)));
      return count;
    });
  assertEquals(looks, [0, 0, 0, 0, 1, 1, 1]);
});

const COMPRESSIBLE: readonly string[] = [
  "/a.html",
  "/a.css",
  "/a.js",
  "/a.json",
  "/a.svg",
  "/a.xml",
  "/a.txt",
  "/a.wasm",
  "/a.ttf",
  "/a.ico",
  "/a.webmanifest",
];

const COMPRESSED: readonly string[] = [
  "/a.png",
  "/a.jpg",
  "/a.webp",
  "/a.woff2",
  "/a.mp3",
  "/a.mp4",
  "/a.zip",
  "/a.gz",
  "/a.br",
  "/a.pdf",
  "/a",
];

for (const name of COMPRESSIBLE) {
  Deno.test(`isCompressible() says yes to ${name}`, () => {
    assert(isCompressible(mediaType(name)));
  });
}

for (const name of COMPRESSED) {
  Deno.test(`isCompressible() says no to ${name}`, () => {
    assert(!isCompressible(mediaType(name)));
  });
}

Deno.test("isCompressible() looks at the type alone, not at its parameters", () => {
  assert(isCompressible("text/plain"));
  assert(isCompressible("application/json;charset=utf-8"));
  assert(!isCompressible("image/png; note=text/html"));
});

const ENCODED: readonly (readonly [path: string, isEncoded: boolean])[] = [
  ["/a.svgz", true],
  ["/A.SVGZ", true],
  ["/a.svg", false],
  ["/svgz", false],
  ["/a.svgz/b", false],
  ["/a.svg.gz", false],
];

for (const [path, isEncoded] of ENCODED) {
  Deno.test(`encodingLines() says ${isEncoded ? "gzip" : "nothing"} of ${path}`, () => {
    const lines = isEncoded ? [["Content-Encoding", "gzip"]] : [];
    assertEquals<unknown>(encodingLines(path), lines);
  });
}

Deno.test("mediaType() is right after more extensions than it remembers", () => {
  for (let number = 0; number <= EXTENSIONS_MAX; number++) {
    assertEquals(mediaType(`/a.unknown${number}`), UNKNOWN_TYPE);
  }
  for (const [name, type] of TYPES) assertEquals(mediaType(name), type);
  for (const [name, type] of TYPES) assertEquals(mediaType(name), type);
});
