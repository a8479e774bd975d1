/**
 * Makes any text harmless to the terminal that shows it.
 *
 * @module
 */

/**
 * Unicode's controls and format characters, line and paragraph separators, and halves of surrogate pairs: they act on a
 * terminal, end a line, reorder other characters or are invisible.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The text as one line without anything that a terminal acts on or hides: such characters become `\u001b`, or what `escape`
 * makes of them. Texts within JSON keep their meaning. Every text that reaches a terminal passes through here, because
 * file names, configuration files and clients may hold any character.
 */
export function printable(
  text: string,
  escape: (character: string) => string = escapeSequence,
): string {
  return text.replace(UNPRINTABLE, escape);
}

/** The longest text that {@linkcode quote} shows in full, in characters. */
const QUOTED_CHARACTERS_MAX = 80;

/** Quotes a text for a message: shortened to {@linkcode QUOTED_CHARACTERS_MAX}, and harmless to a terminal. */
export function quote(text: string): string {
  const shown = text.length > QUOTED_CHARACTERS_MAX
    ? `${text.slice(0, QUOTED_CHARACTERS_MAX)}…`
    : text;
  return `"${printable(shown)}"`;
}

/** Each UTF-16 unit of a text as JSON can write it. */
function escapeSequence(character: string): string {
  let text = "";
  for (let i = 0; i < character.length; i++) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return text;
}
