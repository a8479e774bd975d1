/**
 * Formats counts for people. Pure.
 *
 * @module
 */

let counts: Intl.NumberFormat | undefined;

/** Formats a number as "1,234". */
export function formatCount(count: number): string {
  return (counts ??= new Intl.NumberFormat("en")).format(count);
}

/** Formats a count with its noun: "1 file", "1,234 files". `plural` is for nouns that take more than an "s". */
export function counted(
  count: number,
  noun: string,
  plural = `${noun}s`,
): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}
