/**
 * Content-Disposition: the name under which a client stores what it downloads
 * (RFC 6266, RFC 8187). Pure.
 *
 * @module
 */

/** Characters of `filename` that no client takes for anything else; the others become "_". */
const UNSAFE = /[^A-Za-z0-9 ._()+=,@~-]/gu;

/** Characters that encodeURIComponent leaves, but an attr-char of RFC 8187 §3.2.1 is not. */
const NOT_ATTRIBUTE = /[*'()]/g;

/** Returns the value for a download with a name: as ASCII, and if that is not all of it, in UTF-8. */
export function attachment(name: string): string {
  const plain = name.replace(UNSAFE, "_");
  if (plain === name) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    NOT_ATTRIBUTE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
