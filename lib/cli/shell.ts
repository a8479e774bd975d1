/**
 * Quotes words for a shell, for messages with a command to paste.
 *
 * @module
 */

/** Text that no shell interprets. */
const PLAIN = /^[\w%+:,./=@-]+$/;

/**
 * The text as one word for a POSIX shell, in quotes if it needs them: pasting a message about a folder named `$(reboot)`
 * must not reboot.
 */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : quotedWord(text);
}

/** The same, always in single quotes. */
export function quotedWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
