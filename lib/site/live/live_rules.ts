/**
 * Rules of a site as they are while its pages are live: nothing is stored, and
 * policies allow the script.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { amendRules, withoutStorage } from "../rules/amended_rules.ts";
import type { RuleSource } from "../rules/rules.ts";
import { amendLines } from "./content_security.ts";

/** Wraps rules. */
export function liveRules(rules: RuleSource, nonce: string): RuleSource {
  return amendRules(rules, (lines) => liveLines(lines, nonce));
}

/** Header lines of a site whose pages are live. */
export function liveLines(
  lines: readonly FieldLine[],
  nonce: string,
): readonly FieldLine[] {
  return amendLines(withoutStorage(lines), nonce);
}
