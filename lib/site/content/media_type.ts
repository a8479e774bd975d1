/**
 * File name, and where that is not enough the beginning of the file, →
 * Content-Type; and whether compressing such content pays.
 *
 * @module
 */

import { contentType } from "@std/media-types";
import { basename, extname } from "@std/path";
import type { FieldLine } from "../../http/field_section.ts";
import {
  isText,
  isTransportStream,
  isUtf16,
  namesOtherEncoding,
} from "./beginning.ts";

/** What is sent when nothing is known of a file's content (RFC 9110 §8.3). */
export const UNKNOWN_TYPE = "application/octet-stream";

const PLAIN_TEXT = "text/plain; charset=UTF-8";

/** Where the library is silent, or thinks of something else than a web site does. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  ".cjs": "text/javascript; charset=UTF-8",
  ".m4a": "audio/mp4",
  ".opus": "audio/ogg",
  ".jxl": "image/jxl",
  ".geojson": "application/geo+json; charset=UTF-8",
  ".ipynb": "application/x-ipynb+json; charset=UTF-8",
  ".zst": "application/zstd",
  // Brotli has no magic number: a few bytes of it may look like text.
  ".br": UNKNOWN_TYPE,
};

/* Extensions of source code, configuration and notes for which no text type is
 * registered. Browsers download what the library calls them. */
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

/* Extensions of text that are registered for another format as well: what the
 * file begins with decides. */
const CONTESTED_EXTENSIONS: ReadonlySet<string> = new Set([
  ".org",
  ".pot",
  ".pub",
  ".scm",
]);

/** TypeScript, and in the registry the packets of video that sticks and cameras write. */
const TRANSPORT_STREAM_EXTENSIONS: ReadonlySet<string> = new Set([
  ".ts",
  ".mts",
]);

/** Names that stand for text without an extension, in lower case. */
const TEXT_NAMES: ReadonlySet<string> = new Set(
  ("authors brewfile caddyfile changelog changes codeowners containerfile " +
    "contributing contributors copying copyright dockerfile gemfile " +
    "gnumakefile jenkinsfile justfile licence license maintainers makefile " +
    "notice procfile rakefile readme sha256sums sha512sums todo unlicense " +
    "vagrantfile").split(" "),
);

/** Types that are XML: the declaration inside tells the encoding, and a charset would overrule it (RFC 7303 §3). */
const XML =
  /^(?:text|application)\/xml(?:-dtd|-external-parsed-entity)?$|\+xml$/;

/** Types of text whose charset the library leaves out; files of a site are UTF-8 today. */
const TEXT_WITHOUT_CHARSET =
  /^(?:text\/|application\/(?:json|javascript)$)|\+json$/;

/**
 * Content-Type of the file with this name or path. Text has a charset, unless it says inside that it is
 * another than UTF-8; XML has none. What has an unknown name is text if it begins so, else octet-stream.
 *
 * `beginning` is called at most once, and only if the name alone does not decide. It returns the first
 * {@linkcode BEGINNING_BYTES_MAX} bytes of the file, or all there are. Without it the name decides.
 */
export function mediaType(name: string, beginning?: () => Uint8Array): string {
  const known = typeByName(name);
  const isCertain = known !== undefined && !known.includes("; charset=");
  const bytes = isCertain ? undefined : beginning?.();
  if (bytes === undefined) return known ?? UNKNOWN_TYPE;
  const other = otherFormat(extname(name).toLowerCase(), bytes);
  if (other !== undefined) return other;
  const type = known ?? (isText(bytes) ? PLAIN_TEXT : UNKNOWN_TYPE);
  const hasOtherCharset = type.startsWith("text/html;")
    ? namesOtherEncoding(bytes)
    : isUtf16(bytes);
  return hasOtherCharset ? withoutParameters(type) : type;
}

/** The type that a name stands for; undefined when it stands for none. */
function typeByName(name: string): string | undefined {
  const extension = extname(name).toLowerCase();
  const own = OWN_TYPES[extension];
  if (own !== undefined) return own;
  const isPlainText = TEXT_EXTENSIONS.has(extension) ||
    CONTESTED_EXTENSIONS.has(extension) ||
    TRANSPORT_STREAM_EXTENSIONS.has(extension) ||
    TEXT_NAMES.has(basename(name).toLowerCase());
  if (isPlainText) return PLAIN_TEXT;
  const type = extension === "" ? undefined : contentType(extension);
  if (type === undefined) return undefined;
  const essence = withoutParameters(type);
  if (XML.test(essence)) return essence;
  return TEXT_WITHOUT_CHARSET.test(type) && !type.includes("; charset=")
    ? `${type}; charset=UTF-8`
    : type;
}

/** The registered format of a contested extension, if that is what the file begins as. */
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

/** Whether content of this type is worth compressing. */
export function isCompressible(type: string): boolean {
  const essence = withoutParameters(type);
  return essence.startsWith("text/") || essence.endsWith("+json") ||
    essence.endsWith("+xml") || COMPRESSIBLE_BINARY.has(essence);
}
