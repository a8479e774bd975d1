/**
 * Words for a shell: what a message tells people to type or paste.
 *
 * @module
 */

/** What no shell reads as anything but itself. */
const PLAIN = /^[\w%+:,./=@-]+$/;

/**
 * The text as one word for a POSIX shell, in quotes where it needs them: a folder may be named `$(reboot)`, and a message
 * that names it is to be pasted as it stands.
 */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A flag of Deno with names behind it, as one word for a shell. A comma within a name is written twice, as Deno reads it. */
export function permissionFlag(flag: string, names: readonly string[]): string {
  const list = names.map((name) => name.replaceAll(",", ",,")).join();
  return `${flag}=${shellWord(list)}`;
}
