/**
 * Answers of a site for the tests of checks.
 *
 * @module
 */

import type { Answer } from "../../lib/check/answer.ts";

/** An empty page, with parts that a test is about. */
export function answerOf(parts: Partial<Answer> = {}): Answer {
  return {
    status: 200,
    location: undefined,
    type: "text/html",
    length: 0,
    file: undefined,
    rule: undefined,
    lines: [],
    ...parts,
  };
}
