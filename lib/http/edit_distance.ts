/**
 * How much two names differ, for "did you mean".
 *
 * @module
 */

/**
 * Returns how many characters must be inserted, deleted or replaced to make one text of the other (Levenshtein).
 * Takes time by the product of the lengths: callers bound them.
 */
export function editDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]];
  /** The distances of what was seen of `from` to each beginning of `to`. */
  const row = Array.from({ length: to.length + 1 }, (_, length) => length);
  from.forEach((character, index) => {
    let diagonal = index;
    row[0] = index + 1;
    for (let i = 1; i <= to.length; i++) {
      const replaced = diagonal + (character === to[i - 1] ? 0 : 1);
      diagonal = row[i]!;
      row[i] = Math.min(replaced, diagonal + 1, row[i - 1]! + 1);
    }
  });
  return row[to.length]!;
}
