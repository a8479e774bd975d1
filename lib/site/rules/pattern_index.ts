/**
 * Finds the patterns of a path. Patterns that match a single path are looked up
 * by it, so thousands of them cost a request nothing; only the others are
 * compared.
 *
 * @module
 */

import type { Pattern } from "./pattern.ts";

const NO_INDICES: readonly number[] = [];

/** Patterns by their index in a list. */
export class PatternIndex {
  /** Indices of the patterns that match more than one path, in order. */
  readonly others: readonly number[];
  readonly #byPath = new Map<string, number[]>();

  constructor(patterns: readonly Pattern[]) {
    const others: number[] = [];
    for (const [index, { literal }] of patterns.entries()) {
      if (literal === undefined) {
        others.push(index);
        continue;
      }
      const same = this.#byPath.get(literal);
      if (same === undefined) this.#byPath.set(literal, [index]);
      else same.push(index);
    }
    this.others = others;
  }

  /**
   * Returns the indices, in order, of patterns that match only this decoded path, with or without a "/" at its end.
   */
  exact(path: string): readonly number[] {
    const isSlashed = path.length > 1 && path.endsWith("/");
    return this.#byPath.get(isSlashed ? path.slice(0, -1) : path) ?? NO_INDICES;
  }
}

/** Whether the next of two ordered lists, read up to i and j, comes from the first. False if both are done. */
export function isFirstNext(
  first: readonly number[],
  i: number,
  second: readonly number[],
  j: number,
): boolean {
  return j === second.length || i < first.length && first[i]! < second[j]!;
}
