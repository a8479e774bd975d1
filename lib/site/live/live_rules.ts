/**
 * Rules of a site as they are while its pages are live: nothing is stored, and
 * policies allow the script.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import type { RuleSource } from "../rules/rules.ts";
import { amendLines } from "./content_security.ts";

/** Wraps rules. Equal lines stay equal, because replies are cached by them. */
export function liveRules(rules: RuleSource, nonce: string): RuleSource {
  const known = new WeakMap<readonly FieldLine[], readonly FieldLine[]>();
  return {
    decide: (path, query, forcedOnly) => rules.decide(path, query, forcedOnly),
    errorPage: (status) => rules.errorPage(status),
    linesFor(path) {
      const lines = rules.linesFor(path);
      let live = known.get(lines);
      if (live === undefined) {
        live = liveLines(lines, nonce);
        known.set(lines, live);
      }
      return live;
    },
  };
}

/** Header lines of a site whose pages are live. */
export function liveLines(
  lines: readonly FieldLine[],
  nonce: string,
): readonly FieldLine[] {
  const kept = lines.filter(([name]) =>
    !/^(?:cache-control|expires|clear-site-data)$/i.test(name)
  );
  return amendLines(kept.length === lines.length ? lines : kept, nonce);
}
