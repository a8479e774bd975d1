/**
 * Parts of patterns: a text to search for, and a segment with placeholders.
 * Both match in time linear in the path, however repetitive it is.
 *
 * @module
 */

/** A text to search for; not empty. */
export class Needle {
  readonly text: string;
  /**
   * For each number of matching characters at the end: how many still match when one more does not (Knuth, Morris,
   * Pratt).
   */
  readonly #fallback: Uint16Array;

  /** Makes a needle of a non-empty text, no longer than a line of rules. */
  constructor(text: string) {
    this.text = text;
    const fallback = this.#fallback = new Uint16Array(text.length);
    let matched = 0;
    for (let i = 1; i < text.length; i++) {
      matched = this.#next(matched, text.charCodeAt(text.length - 1 - i));
      fallback[i] = matched;
    }
  }

  /** Returns where the last occurrence in path[from, to) begins, or -1. */
  lastIn(path: string, from: number, to: number): number {
    const { length } = this.text;
    let matched = 0;
    for (let i = to - 1; i >= from; i--) {
      matched = this.#next(matched, path.charCodeAt(i));
      if (matched === length) return i;
    }
    return -1;
  }

  /** Returns how many characters match from the end on, with one more to their left. */
  #next(matched: number, code: number): number {
    const { text } = this;
    const last = text.length - 1;
    while (matched > 0 && text.charCodeAt(last - matched) !== code) {
      matched = this.#fallback[matched - 1]!;
    }
    return text.charCodeAt(last - matched) === code ? matched + 1 : matched;
  }
}

/** A segment with placeholders: ":a", ":a-:b.html". Each matches at least one character. */
export class PlaceholderSegment {
  readonly names: readonly string[];
  readonly #first: string;
  readonly #middles: readonly Needle[];
  readonly #last: string;

  /** Makes a segment of its names and the decoded literals around them; those between two names are not empty. */
  constructor(literals: readonly string[], names: readonly string[]) {
    this.names = names;
    this.#first = literals[0]!;
    this.#middles = literals.slice(1, -1).map((text) => new Needle(text));
    this.#last = literals.at(-1)!;
  }

  /** Whether path[start, stop) matches. Each placeholder takes as much as the later ones leave. */
  match(
    path: string,
    start: number,
    stop: number,
    captures: Map<string, string> | undefined,
  ): boolean {
    const from = start + this.#first.length;
    let to = stop - this.#last.length;
    if (to <= from || !path.startsWith(this.#first, start)) return false;
    if (!path.startsWith(this.#last, to)) return false;
    for (let i = this.#middles.length - 1; i >= 0; i--) {
      const needle = this.#middles[i]!;
      const at = needle.lastIn(path, from + 1, to - 1);
      if (at === -1) return false;
      captures?.set(
        this.names[i + 1]!,
        path.slice(at + needle.text.length, to),
      );
      to = at;
    }
    captures?.set(this.names[0]!, path.slice(from, to));
    return true;
  }
}
