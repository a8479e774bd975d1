/**
 * Header rules: which fields the person who runs skiff wants for which paths.
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
  /** Which paths. */
  readonly pattern: Pattern;
  /** Which fields; a name more than once only where values cannot be joined. */
  readonly lines: readonly FieldLine[];
  /** Where the rule stands. */
  readonly where: string;
}

/** Fields whose values cannot be joined with commas (RFC 6265 §3), or that many readers take line by line. */
const REPEATED: ReadonlySet<string> = new Set(["set-cookie", "link"]);

/** Whether skiff sends exactly this with every reply: whoever asks for it has it already. */
export function isAlwaysSent(name: string, value: string): boolean {
  return name.toLowerCase() === "x-content-type-options" &&
    value.trim().toLowerCase() === "nosniff";
}

/** Whether a value for Content-Encoding is one coding that skiff knows. */
function isCodingToken(value: string): boolean {
  return CODINGS.some(({ token }) => token === value);
}

/** What is wrong with a field of a rule, for the person who wrote it; undefined when nothing is. */
export function fieldProblem(name: string, value: string): string | undefined {
  if (!isToken(name) || name.length > LINE_CHARACTERS_MAX) {
    return `Cannot use ${quote(name)} as the name of a field`;
  }
  const isEncoding = name.toLowerCase() === "content-encoding";
  if (isEncoding && !isCodingToken(value.trim())) {
    return `Cannot set Content-Encoding to ${
      quote(value)
    }: expected br, gzip or zstd`;
  }
  if (isOwnField(name) && !isEncoding && !isAlwaysSent(name, value)) {
    return `Cannot set ${name} by a rule: skiff works it out for each reply`;
  }
  if (name.toLowerCase() === "basic-auth") {
    return "Cannot set Basic-Auth by a rule: passwords are for authFile to name";
  }
  if (hasUnsafeControl(value)) {
    return `Cannot use the value of ${name}: it has control characters in it`;
  }
  if (value.trim() === "") {
    return `Cannot set ${name} to nothing: expected a value`;
  }
  if (value.length > LINE_CHARACTERS_MAX) {
    return `Cannot use the value of ${name}: it has more than ${LINE_CHARACTERS_MAX} characters`;
  }
  return undefined;
}

/** A rule of what was written; undefined when nothing of it can be applied. Adds to the problems what cannot. */
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
      text: `Cannot use ${quote(text)}: no field stands with it`,
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

/** Adds a value to those that the name has already: on one line where the field is a list (RFC 9110 §5.3). */
function add(lines: FieldLine[], name: string, value: string): void {
  const lower = name.toLowerCase();
  const at = REPEATED.has(lower)
    ? -1
    : lines.findIndex(([other]) => other.toLowerCase() === lower);
  if (at === -1) lines.push([name, value]);
  else lines[at] = [lines[at]![0], `${lines[at]![1]}, ${value}`];
}

/** The lines of rules that apply together: a name in a later rule takes the place of all that earlier ones say of it. */
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
