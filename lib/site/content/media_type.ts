/**
 * Derives Content-Type from the file name and, if necessary, from the first
 * bytes of the file; and tells whether such content is worth compressing.
 *
 * @module
 */

import { contentType } from "@std/media-types";
import { basename } from "@std/path/basename";
import { extname } from "@std/path/extname";
import type { FieldLine } from "../../http/field_section.ts";
import {
  isText,
  isTransportStream,
  isUtf16,
  namesOtherEncoding,
} from "./beginning.ts";

/** The type of unknown content (RFC 9110 §8.3). */
export const UNKNOWN_TYPE = "application/octet-stream";

const PLAIN_TEXT = "text/plain; charset=UTF-8";

/** Types that the library lacks, or where it does not mean what web sites mean. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  ".cjs": "text/javascript; charset=UTF-8",
  ".m4a": "audio/mp4",
  ".opus": "audio/ogg",
  ".jxl": "image/jxl",
  ".geojson": "application/geo+json; charset=UTF-8",
  ".ipynb": "application/x-ipynb+json; charset=UTF-8",
  ".zst": "application/zstd",
  // Brotli has no magic number: its first bytes may look like text.
  ".br": UNKNOWN_TYPE,
};

/*
 * Extensions of source code, configuration and notes without a registered text type. Browsers would download the
 * library's types.
 */
const TEXT_EXTENSIONS: ReadonlySet<string> = new Set(
  ("ada adb adoc ads asciidoc asm astro awk bash bat bib bzl c cc cfg " +
    "clj cljc cljs cmake cmd coffee cpp cs csproj csx cts cu cxx dart " +
    "diff dockerfile edn ejs elm env erb erl ex exs f f90 fish for frag " +
    "fs fsx gemspec glsl go gql gradle graphql groovy h haml hbs hcl hh " +
    "hjson hlsl hpp hrl hs hxx j2 jade java jl json5 jsonc jsonl jsx kt " +
    "kts latex less liquid lisp lock lua m mak mdx mk ml mli mm " +
    "mustache ndjson nim ninja nix njk pas patch php phtml pl pm po " +
    "prisma properties proto ps1 psd1 psm1 pug py pyi pyx r rake rb rkt " +
    "rs rst s sass sbt scala scss sed sh slim sln sql srt sty styl sv " +
    "svelte swift tcl tex tf tfvars thrift toml tsx twig vala vb vert " +
    "vhdl vim vue wat yaml yml zig zsh").split(" ")
    .map((extension) => `.${extension}`),
);

/* Extensions of text that are also registered for another format: the first bytes decide. */
const CONTESTED_EXTENSIONS: ReadonlySet<string> = new Set([
  ".org",
  ".pot",
  ".pub",
  ".scm",
]);

/** TypeScript; in the registry, the video packets of TV sticks and cameras. */
const TRANSPORT_STREAM_EXTENSIONS: ReadonlySet<string> = new Set([
  ".ts",
  ".mts",
]);

/** File names without an extension that mean text, in lower case. */
const TEXT_NAMES: ReadonlySet<string> = new Set(
  ("authors brewfile caddyfile changelog changes codeowners containerfile " +
    "contributing contributors copying copyright dockerfile gemfile " +
    "gnumakefile jenkinsfile justfile licence license maintainers makefile " +
    "notice procfile rakefile readme sha256sums sha512sums todo unlicense " +
    "vagrantfile").split(" "),
);

/** XML types. The declaration inside names the encoding, and a charset would override it (RFC 7303 §3). */
const XML =
  /^(?:text|application)\/xml(?:-dtd|-external-parsed-entity)?$|\+xml$|^text\/(?:x-opml|vnd\.wap\.wml)$/;

/** Text types for which the library omits the charset. Files of sites are in UTF-8 today. */
const TEXT_WITHOUT_CHARSET =
  /^(?:text\/|application\/(?:json|javascript)$)|\+json$/;

/**
 * Returns the Content-Type for a file name or path. Text has a charset, unless it declares another encoding than
 * UTF-8; XML has none. A file with an unknown name is text if it begins like text, else octet-stream.
 *
 * `beginning` returns the first {@linkcode BEGINNING_BYTES_MAX} bytes of the file, or all there are. It is called at
 * most once, and only if the name does not decide. Without it the name decides.
 */
export function mediaType(name: string, beginning?: () => Uint8Array): string {
  const byName = typeByName(name);
  const isCertain = byName !== undefined && !byName.includes("; charset=");
  const bytes = isCertain ? undefined : beginning?.();
  if (bytes === undefined) return byName ?? UNKNOWN_TYPE;
  const other = otherFormat(extname(name).toLowerCase(), bytes);
  if (other !== undefined) return other;
  const type = byName ?? (isText(bytes) ? PLAIN_TEXT : UNKNOWN_TYPE);
  const hasOtherCharset = type.startsWith("text/html;")
    ? namesOtherEncoding(bytes)
    : isUtf16(bytes);
  return hasOtherCharset ? withoutParameters(type) : type;
}

/** Most extensions whose types are remembered; with more, skiff begins again. */
export const EXTENSIONS_MAX = 500;

/** Types by extension, as files have them. */
const typesByExtension = new Map<string, string | undefined>();

/** Returns the type for a name; undefined if unknown. */
function typeByName(name: string): string | undefined {
  const extension = extname(name);
  if (extension === "") {
    return TEXT_NAMES.has(basename(name).toLowerCase())
      ? PLAIN_TEXT
      : undefined;
  }
  const known = typesByExtension.get(extension);
  if (known !== undefined || typesByExtension.has(extension)) return known;
  if (typesByExtension.size >= EXTENSIONS_MAX) typesByExtension.clear();
  const type = typeByExtension(extension.toLowerCase());
  typesByExtension.set(extension, type);
  return type;
}

/** Returns the type for an extension in lower case; undefined if unknown. */
function typeByExtension(extension: string): string | undefined {
  const own = OWN_TYPES[extension];
  if (own !== undefined) return own;
  const isPlainText = TEXT_EXTENSIONS.has(extension) ||
    CONTESTED_EXTENSIONS.has(extension) ||
    TRANSPORT_STREAM_EXTENSIONS.has(extension);
  if (isPlainText) return PLAIN_TEXT;
  const type = contentType(extension);
  if (type === undefined) return undefined;
  const essence = withoutParameters(type);
  if (XML.test(essence)) return essence;
  return TEXT_WITHOUT_CHARSET.test(type) && !type.includes("; charset=")
    ? `${type}; charset=UTF-8`
    : type;
}

/** Returns the registered format of a contested extension, if the file begins like it. */
function otherFormat(
  extension: string,
  beginning: Uint8Array,
): string | undefined {
  const isOther = TRANSPORT_STREAM_EXTENSIONS.has(extension)
    ? isTransportStream(beginning)
    : CONTESTED_EXTENSIONS.has(extension) && !isText(beginning) &&
      !isUtf16(beginning);
  return isOther ? contentType(extension) : undefined;
}

function withoutParameters(type: string): string {
  return type.split(";", 1)[0]!;
}

/** Endings of files that a build has encoded. The name before the ending tells the type. */
const ENCODED_NAME = /\.(?:br|gz|zst|unityweb)$/i;

/**
 * Returns the Content-Type of the content inside an encoded file, by its name: `game.wasm.br` holds WebAssembly.
 * Undefined for other names.
 */
export function encodedMediaType(path: string): string | undefined {
  return ENCODED_NAME.test(path)
    ? mediaType(path.replace(ENCODED_NAME, ""))
    : undefined;
}

const NO_LINES: readonly FieldLine[] = [];

/**
 * Returns the lines for content that is encoded on disk: browsers show a gzipped SVG only with Content-Encoding (SVG
 * 1.1 §1.2).
 */
export function encodingLines(path: string): readonly FieldLine[] {
  return path.toLowerCase().endsWith(".svgz")
    ? [["Content-Encoding", "gzip"]]
    : NO_LINES;
}

/** Formats that are neither text nor compressed. */
const COMPRESSIBLE_BINARY: ReadonlySet<string> = new Set([
  "application/wasm",
  "application/vnd.ms-fontobject",
  "application/x-font-ttf",
  "application/rtf",
  "application/postscript",
  "application/javascript",
  "application/x-javascript",
  "application/manifest+json",
  "application/json",
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

export function isCompressible(type: string): boolean {
  const essence = withoutParameters(type);
  return essence.startsWith("text/") || essence.endsWith("+json") ||
    essence.endsWith("+xml") || COMPRESSIBLE_BINARY.has(essence);
}
