/**
 * The `_headers` file that Netlify and Cloudflare Pages read: a line with a
 * pattern, and below it a line for each field.
 *
 * @module
 */

import { fieldProblem } from "./header_rules.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import {
  FileProblems,
  type HeaderText,
  linesOf,
  type Problem,
} from "./texts.ts";

/** A rule while its fields are being read. */
interface Block {
  /** What its line says. */
  readonly text: string;
  /** undefined when it cannot be used: then neither can its fields, which is said once. */
  readonly pattern: Pattern | undefined;
  readonly values: [name: string, value: string][];
  readonly where: string;
  /** Whether a field stands below it, useful or not. */
  hasFields: boolean;
}

/** Reads a `_headers` file, which messages call `file`. What cannot be used is left out, and named with its line. Never throws. */
export function parseHeadersFile(
  text: string,
  file: string,
): {
  readonly headers: readonly HeaderText[];
  readonly problems: readonly Problem[];
} {
  const problems = new FileProblems(file);
  const blocks: Block[] = [];
  for (const line of linesOf(text, file, problems)) {
    const last = blocks.at(-1);
    const isBlock = line.text.startsWith("/") ||
      /^https?:\/\//i.test(line.text);
    if (isBlock) {
      if (last !== undefined) checkFields(last, problems);
      blocks.push(blockOf(line.text, line.where, problems));
    } else if (last === undefined) {
      problems.add(
        line.where,
        `Cannot use ${quote(line.text)}: no line with a path stands above it`,
      );
    } else {
      last.hasFields = true;
      if (last.pattern === undefined) continue;
      const problem = addField(last, last.pattern, line.text);
      if (problem !== undefined) problems.add(line.where, problem);
    }
  }
  const last = blocks.at(-1);
  if (last !== undefined) checkFields(last, problems);
  return {
    headers: blocks
      .filter(({ values }) => values.length > 0)
      .map(({ text, values, where }) => ({ for: text, values, where })),
    problems: problems.list(),
  };
}

function checkFields(block: Block, problems: FileProblems): void {
  if (block.hasFields || block.pattern === undefined) return;
  const { text, where } = block;
  problems.add(where, `Cannot use ${quote(text)}: no field stands with it`);
}

function blockOf(text: string, where: string, problems: FileProblems): Block {
  const pattern = text.startsWith("/") ? compilePattern(text) : {
    problem: `Cannot use ${
      quote(text)
    }: rules for one host alone are not supported; begin with "/"`,
  };
  const isWrong = "problem" in pattern;
  if (isWrong) {
    problems.add(where, `${pattern.problem} (its fields are left out)`);
  }
  return {
    text,
    pattern: isWrong ? undefined : pattern,
    values: [],
    where,
    hasFields: false,
  };
}

/** Adds the field of a line to a block; returns what is wrong with it, if anything. */
function addField(
  block: Block,
  pattern: Pattern,
  text: string,
): string | undefined {
  if (text.startsWith("!")) {
    return `Cannot use ${quote(text)}: taking a field away is not supported`;
  }
  const colon = text.indexOf(":");
  if (colon === -1) return `Cannot use ${quote(text)}: expected "Name: value"`;
  const name = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  const problem = fieldProblem(name, value) ??
    placeholderProblem(name, value, pattern);
  if (problem === undefined) block.values.push([name, value]);
  return problem;
}

/** Cloudflare puts what a pattern has captured into values; that a client could then decide. */
function placeholderProblem(
  name: string,
  value: string,
  { names }: Pattern,
): string | undefined {
  for (const [placeholder, captured] of value.matchAll(/:([A-Za-z_]\w*)/g)) {
    if (names.includes(captured!)) {
      return `Cannot use ${placeholder} in the value of ${name}: placeholders in values are not supported`;
    }
  }
  return undefined;
}
