/**
 * Rules whose header lines are not as the site has them.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import type { RuleSource } from "./rules.ts";

/** Changes header lines. */
export type LinesAmender = (
  lines: readonly FieldLine[],
) => readonly FieldLine[];

/** Wraps rules. Equal lines stay equal, because replies are cached by them. */
export function amendRules(rules: RuleSource, amend: LinesAmender): RuleSource {
  const known = new WeakMap<readonly FieldLine[], readonly FieldLine[]>();
  return {
    decide: (path, query, forcedOnly) => rules.decide(path, query, forcedOnly),
    errorPage: (status) => rules.errorPage(status),
    linesFor(path) {
      const lines = rules.linesFor(path);
      let amended = known.get(lines);
      if (amended === undefined) known.set(lines, amended = amend(lines));
      return amended;
    },
  };
}

/** Leaves out lines about what clients store, for replies that they must not store. */
export function withoutStorage(
  lines: readonly FieldLine[],
): readonly FieldLine[] {
  return lines.filter(([name]) =>
    !/^(?:cache-control|expires|clear-site-data)$/i.test(name)
  );
}
