/**
 * Header rules: the fields that the operator adds for some paths.
 *
 * @module
 */

import { isToken } from "../../http/ascii.ts";
import { isOwnField } from "../../http/fields.ts";
import { CODINGS } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import {
  hasUnsafeControl,
  type HeaderText,
  LINE_CHARACTERS_MAX,
  type Problem,
} from "./texts.ts";

/** Fields for the paths of a pattern. */
export interface HeaderRule {
  readonly pattern: Pattern;
  /** A name occurs more than once only if its values cannot be joined. */
  readonly lines: readonly FieldLine[];
  readonly where: string;
}

/** Fields whose values cannot be joined with commas (RFC 6265 §3), or that many readers take line by line. */
const REPEATED: ReadonlySet<string> = new Set(["set-cookie", "link"]);

/** Whether every reply has exactly this field already. */
export function isAlwaysSent(name: string, value: string): boolean {
  return name.toLowerCase() === "x-content-type-options" &&
    value.trim().toLowerCase() === "nosniff";
}

/** Says what is wrong with a field of a rule, if anything. */
export function fieldProblem(name: string, value: string): string | undefined {
  if (!isToken(name) || name.length > LINE_CHARACTERS_MAX) {
    return `Cannot use ${quote(name)} as the name of a header`;
  }
  const isEncoding = name.toLowerCase() === "content-encoding";
  if (isEncoding && !CODINGS.some(({ token }) => token === value.trim())) {
    return `Cannot set Content-Encoding to ${
      quote(value)
    }: expected br, gzip or zstd`;
  }
  if (isOwnField(name) && !isEncoding && !isAlwaysSent(name, value)) {
    return `Cannot set ${name} by a rule: skiff computes it for each response`;
  }
  if (name.toLowerCase() === "basic-auth") {
    return "Cannot set Basic-Auth by a rule: use authFile for passwords";
  }
  if (hasUnsafeControl(value)) {
    return `Cannot use the value of ${name}: it contains control characters`;
  }
  if (value.trim() === "") {
    return `Cannot set ${name} to nothing: expected a value`;
  }
  if (value.length > LINE_CHARACTERS_MAX) {
    return `Cannot use the value of ${name}: it has more than ${LINE_CHARACTERS_MAX} characters`;
  }
  return undefined;
}

/** Compiles a rule; undefined if nothing of it can be used. Adds what cannot be used to the problems. */
export function compileHeaderRule(
  { for: text, values, where }: HeaderText,
  problems: Problem[],
): HeaderRule | undefined {
  const pattern = compilePattern(text);
  if ("problem" in pattern) {
    problems.push({ where, text: pattern.problem });
    return undefined;
  }
  if (values.length === 0) {
    problems.push({
      where,
      text: `Cannot use ${quote(text)}: it has no headers`,
    });
    return undefined;
  }
  const lines: FieldLine[] = [];
  for (const [name, value] of values) {
    const problem = fieldProblem(name, value);
    if (problem !== undefined) problems.push({ where, text: problem });
    else if (!isAlwaysSent(name, value)) add(lines, name, value.trim());
  }
  return lines.length === 0 ? undefined : { pattern, lines, where };
}

/** Adds a value to a name: to its line if the field is a list (RFC 9110 §5.3), else as another line. */
function add(lines: FieldLine[], name: string, value: string): void {
  const lower = name.toLowerCase();
  const at = REPEATED.has(lower)
    ? -1
    : lines.findIndex(([other]) => other.toLowerCase() === lower);
  if (at === -1) lines.push([name, value]);
  else lines[at] = [lines[at]![0], `${lines[at]![1]}, ${value}`];
}

/** Merges the lines of rules that apply together: a name in a later rule replaces all earlier ones. */
export function mergeLines(rules: readonly HeaderRule[]): readonly FieldLine[] {
  const byName = new Map<string, readonly FieldLine[]>();
  for (const { lines } of rules) {
    const own = Map.groupBy(lines, ([name]) => name.toLowerCase());
    for (const [name, group] of own) {
      byName.delete(name);
      byName.set(name, group);
    }
  }
  return [...byName.values()].flat();
}
