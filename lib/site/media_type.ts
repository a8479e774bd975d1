/**
 * File name → Content-Type, and whether compressing such content pays.
 *
 * @module
 */

import { contentType } from "@std/media-types";
import { extname } from "@std/path";
import type { FieldLine } from "../http/field_section.ts";

/** What is sent when nothing is known of a file's content (RFC 9110 §8.3). */
export const UNKNOWN_TYPE = "application/octet-stream";

/** Where the library is silent, or thinks of something else than a web site does. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  ".cjs": "text/javascript; charset=UTF-8",
  ".mts": "text/plain; charset=UTF-8",
  ".cts": "text/plain; charset=UTF-8",
  ".tsx": "text/plain; charset=UTF-8",
  ".jsx": "text/plain; charset=UTF-8",
  ".m4a": "audio/mp4",
  ".opus": "audio/ogg",
  ".jxl": "image/jxl",
  ".geojson": "application/geo+json; charset=UTF-8",
  ".ipynb": "application/x-ipynb+json; charset=UTF-8",
};

/** Types of text whose charset the library leaves out; files of a site are UTF-8 today. */
const TEXT_WITHOUT_CHARSET =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript)$)|\+xml$|\+json$/;

/** Content-Type for a file name or path: with a charset for text, octet-stream when unknown. */
export function mediaType(name: string): string {
  const extension = extname(name).toLowerCase();
  if (extension === "") return UNKNOWN_TYPE;
  const own = OWN_TYPES[extension];
  if (own !== undefined) return own;
  const type = contentType(extension) ?? UNKNOWN_TYPE;
  const needsCharset = TEXT_WITHOUT_CHARSET.test(type) &&
    !type.includes("charset");
  return needsCharset ? `${type}; charset=UTF-8` : type;
}

/** Endings of files that a build has encoded, and a server is to announce so; the name before them tells the type. */
const ENCODED_NAME = /\.(?:br|gz|zst|unityweb)$/i;

/**
 * Content-Type of what is inside a file that is encoded on disk, by its name: `game.wasm.br` holds WebAssembly.
 * Undefined for a name that does not end as such files do.
 */
export function encodedMediaType(path: string): string | undefined {
  return ENCODED_NAME.test(path)
    ? mediaType(path.replace(ENCODED_NAME, ""))
    : undefined;
}

/** Field lines for content that is encoded on disk: nobody shows an SVG in gzip that is not told so (SVG 1.1 §1.2). */
export function encodingLines(path: string): readonly FieldLine[] {
  return path.toLowerCase().endsWith(".svgz")
    ? [["Content-Encoding", "gzip"]]
    : [];
}

/** Formats that are neither text nor compressed already. */
const COMPRESSIBLE_BINARY: ReadonlySet<string> = new Set([
  "application/wasm",
  "application/vnd.ms-fontobject",
  "application/x-font-ttf",
  "application/x-sh",
  "application/rtf",
  "application/postscript",
  "application/toml",
  "application/sql",
  "application/graphql",
  "application/x-ndjson",
  "application/javascript",
  "application/x-javascript",
  "application/manifest+json",
  "application/json",
  "application/json5",
  "application/xml",
  "font/ttf",
  "font/otf",
  "font/collection",
  "image/bmp",
  "image/x-icon",
  "image/vnd.microsoft.icon",
  "image/svg+xml",
  "model/gltf-binary",
]);

/** Whether content of this type is worth compressing. */
export function isCompressible(type: string): boolean {
  const end = type.indexOf(";");
  const essence = end === -1 ? type : type.slice(0, end);
  return essence.startsWith("text/") || essence.endsWith("+json") ||
    essence.endsWith("+xml") || COMPRESSIBLE_BINARY.has(essence);
}
