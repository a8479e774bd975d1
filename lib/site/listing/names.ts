/**
 * How a name becomes text, an address or an icon. Pure.
 *
 * File names are hostile input. Each passes through one of two functions:
 * {@linkcode hrefOf} when it becomes an address, {@linkcode textOf} when it
 * becomes text.
 *
 * @module
 */

import { escape } from "@std/html";
import { extname } from "@std/path/extname";
import { mediaType } from "../content/media_type.ts";
import type { DirectoryEntry } from "../site.ts";

/*
 * Controls, unpaired surrogates, line and paragraph separators, characters that change the direction of text, and those
 * that show nothing at all, such as the zero width space: with them, two names can look alike. Joiners, variation
 * selectors and tags stay: words of some languages, and emoji, are made with them.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]|(?![\u200C\u200D\p{Variation_Selector}\u{E0020}-\u{E007F}])\p{Default_Ignorable_Code_Point}/gu;

/** Returns what stands for a character that is not seen. */
function visible(character: string): string {
  const code = character.codePointAt(0)!;
  // U+2400 to U+241F are pictures of the controls U+0000 to U+001F.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** Makes invisible and reordering characters of a name visible; no line breaks and no controls remain. */
export function visibleName(name: string): string {
  return name.replace(UNSEEN, visible);
}

/** Escapes a name for HTML text or a quoted attribute, and makes invisible and reordering characters visible. */
export function textOf(name: string): string {
  return escape(visibleName(name));
}

/**
 * Returns a relative reference to an entry (RFC 3986 §4.2). The `./` keeps a name like `javascript:x` from being a
 * scheme. The result needs no escaping: `encodeURIComponent` leaves only letters, digits and `-_.!~*'()%`. It throws
 * on an unpaired surrogate, hence `toWellFormed`.
 */
export function hrefOf(entry: DirectoryEntry): string {
  const name = entry.name.toWellFormed().split("/").map(encodeURIComponent)
    .join("/");
  return entry.kind === "directory" ? `./${name}/` : `./${name}`;
}

/* Extensions whose icon does not follow from the media type. */
const ICON_EXTENSIONS = {
  archive:
    "7z apk br bz2 cab deb dmg gz iso jar lz4 rar rpm tar tgz xz zip zst",
  text: "cjs ipynb js json map mjs rtf xml",
  pdf: "pdf",
};

const ICONS: ReadonlyMap<string, string> = new Map(
  Object.entries(ICON_EXTENSIONS).flatMap(([icon, extensions]) =>
    extensions.split(" ").map((extension) => [extension, icon] as const)
  ),
);

const ICON_TYPES = new Set(["audio", "font", "image", "text", "video"]);

/** Returns the icon's name, which is a class in the stylesheet. */
export function iconOf(entry: DirectoryEntry): string {
  if (entry.kind === "directory") return "folder";
  const extension = extname(entry.name).slice(1).toLowerCase();
  const icon = ICONS.get(extension);
  if (icon !== undefined) return icon;
  const type = mediaType(entry.name).split("/", 1)[0]!;
  return ICON_TYPES.has(type) ? type : "other";
}

/* What browsers show in an <img>. */
const PICTURE = /\.(?:a?png|avif|bmp|gif|ico|jfif|jpe?g|svg|webp)$/i;

/** Whether a browser can show an entry as a picture, by its name. */
export function isPicture({ name, kind }: DirectoryEntry): boolean {
  return kind === "file" && PICTURE.test(name);
}
