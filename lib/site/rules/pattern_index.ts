/**
 * An index of patterns: those that match one path alone are looked up by it, so
 * that thousands of them cost a request nothing; the others are compared.
 *
 * @module
 */

import type { Pattern } from "./pattern.ts";

const NO_INDICES: readonly number[] = [];

/** Patterns by their places in a list. */
export class PatternIndex {
  /** Places of the patterns that match more than one path, in order. */
  readonly others: readonly number[];
  readonly #byPath = new Map<string, number[]>();

  /** An index of patterns, in order. */
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

  /** Places of the patterns that match this decoded path alone, with or without a "/" at its end, in order. */
  exact(path: string): readonly number[] {
    const isSlashed = path.length > 1 && path.endsWith("/");
    return this.#byPath.get(isSlashed ? path.slice(0, -1) : path) ?? NO_INDICES;
  }
}

/** Whether the next of two ordered lists, of which i and j places are done with, is in the first; not when both are. */
export function isFirstNext(
  first: readonly number[],
  i: number,
  second: readonly number[],
  j: number,
): boolean {
  return j === second.length || i < first.length && first[i]! < second[j]!;
}
