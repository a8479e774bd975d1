/**
 * Measures how deep JSON is nested, before a parser that recurses reads it.
 *
 * @module
 */

import { createScanner } from "jsonc-parser";

/** Deepest value that is read: the parser takes a frame of the stack for each. No manifest or import map has more than five. */
export const DEPTH_MAX = 100;

/** Whether values are nested deeper than is read. */
export function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (;;) {
    scanner.scan();
    const length = scanner.getTokenLength();
    if (length === 0) return false;
    // No other token begins with a bracket.
    const first = text[scanner.getTokenOffset()];
    if (first === "{" || first === "[") depth++;
    else if (first === "}" || first === "]") depth--;
    if (depth > DEPTH_MAX) return true;
  }
}
