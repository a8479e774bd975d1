/**
 * Finds the patterns of a path. Patterns that match a single path are looked up
 * by it, so thousands of them cost a request nothing; only the others are
 * compared.
 *
 * @module
 */

import { type Pattern, withoutEndSlash } from "./pattern.ts";

const NO_INDICES: readonly number[] = [];

/** Patterns by their index in a list. */
export class PatternIndex {
  readonly #patterns: readonly Pattern[];
  /** Indices of the patterns that match only this path, in order. */
  readonly #byPath: ReadonlyMap<string | undefined, readonly number[]>;
  /** Indices of the patterns that match more than one path, in order. */
  readonly #others: readonly number[];

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
    this.#byPath = Map.groupBy(
      patterns.keys(),
      (index) => patterns[index]!.literal,
    );
    this.#others = this.#byPath.get(undefined) ?? NO_INDICES;
  }

  /** Calls `visit` with the index of each pattern that matches a decoded path, in order, until it returns true. */
  visit(path: string, visit: (index: number) => boolean): void {
    const exact = this.#byPath.get(withoutEndSlash(path)) ?? NO_INDICES;
    let next = 0;
    for (const index of this.#others) {
      while (next < exact.length && exact[next]! < index) {
        if (visit(exact[next++]!)) return;
      }
      if (this.#patterns[index]!.matches(path) && visit(index)) return;
    }
    while (next < exact.length && !visit(exact[next]!)) next++;
  }
}
