import { assert, assertEquals } from "@std/assert";
import {
  encodingLines,
  isCompressible,
  mediaType,
  UNKNOWN_TYPE,
} from "../../lib/site/media_type.ts";

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
  ["/feed.xml", "application/xml; charset=UTF-8"],
  ["/notes.txt", "text/plain; charset=UTF-8"],
  ["/notes.md", "text/markdown; charset=UTF-8"],
  ["/table.csv", "text/csv; charset=UTF-8"],
  ["/drawing.svg", "image/svg+xml; charset=UTF-8"],
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
