/**
 * Names in ZIP files: bytes → the path of a file in a site, or why no request
 * can name it. Pure.
 *
 * @module
 */

/** The upper half of code page 437, which names have without a flag (APPNOTE §4.4.4, Appendix D). */
const CODE_PAGE_437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a name. Many programs write UTF-8 without the flag; what cannot be UTF-8 is in code page 437 then. */
export function decodeName(
  bytes: Uint8Array,
  isUtf8: boolean,
): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    if (isUtf8) return undefined;
    return Array.from(
      bytes,
      (byte) =>
        byte < 0x80 ? String.fromCharCode(byte) : CODE_PAGE_437[byte - 0x80],
    ).join("");
  }
}

/** Longest name in a ZIP file, in characters: few systems know longer paths. */
export const NAME_LENGTH_MAX = 4_096;

/** A path in a site, or why a name is none. */
export type PathResult =
  | { readonly path: string; readonly problem?: undefined }
  | { readonly path?: undefined; readonly problem: string };

/** Returns the path of a file with a name. No path leads out of the site, and none is what a request never has. */
export function pathOf(name: string): PathResult {
  if (name.length > NAME_LENGTH_MAX) return { problem: "a name too long" };
  if (name.includes("\\")) return { problem: "a backslash in its name" };
  if (name.includes("\0")) return { problem: "a NUL in its name" };
  if (name.startsWith("/")) return { problem: "an absolute name" };
  const segments = name.split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    return { problem: 'a "." or ".." in its name' };
  }
  if (segments.includes("")) return { problem: "an empty step in its name" };
  return { path: `/${name}` };
}
