/**
 * How wide a text is on a terminal, and how to make it fit.
 *
 * @module
 */

/** Characters that take two columns: those of East Asian scripts, and emoji (Unicode Standard Annex #11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Characters that are drawn over the one before them. */
const COMBINING = /[\p{Mn}\p{Me}]/u;

/** Printable ASCII alone, of which each character takes one column. */
const NARROW = /^[ -~]*$/;

function widthOf(character: string): number {
  if (character <= "~") return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns the number of columns that a printable text takes. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/**
 * Returns the text if it fits into `columns`, otherwise its beginning and its end around `mark`: the end of a path says
 * more than its middle. Cuts no character in two. The result is empty if not even the mark fits.
 */
export function fitted(
  text: string,
  columns: number,
  mark: string = "…",
): string {
  if (columnsOf(text) <= columns) return text;
  const room = columns - mark.length;
  if (room < 0) return "";
  const characters = [...text];
  const start = taken(characters, Math.floor(room / 2));
  const end = taken(characters.reverse(), room - columnsOf(start));
  return start + mark + [...end].reverse().join("");
}

/** Returns as many of the first characters as fit. */
function taken(characters: readonly string[], columns: number): string {
  let text = "";
  let left = columns;
  for (const character of characters) {
    left -= widthOf(character);
    if (left < 0) break;
    text += character;
  }
  return text;
}
