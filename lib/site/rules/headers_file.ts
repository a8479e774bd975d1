/**
 * Parses `_headers` in the format of Netlify and Cloudflare Pages: a line with
 * a pattern, and below it a line for each field.
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

/** A rule whose fields are being parsed. */
interface Block {
  /** The text of its first line. */
  readonly text: string;
  /** Undefined if it is invalid: then its fields are ignored, and reported once. */
  readonly pattern: Pattern | undefined;
  readonly values: [name: string, value: string][];
  readonly where: string;
  /** Whether it has any field, valid or not. */
  hasFields: boolean;
}

/**
 * Parses a `_headers` file; messages call it `file`. Skips what is invalid, and reports it with its line. Never
 * throws.
 */
export function parseHeadersFile(
  text: string,
  file: string,
): {
  readonly headers: readonly HeaderText[];
  readonly problems: readonly Problem[];
} {
  const problems = new FileProblems(file);
  const headers: HeaderText[] = [];
  let block: Block | undefined;
  const endBlock = () => {
    if (block?.pattern === undefined) return;
    const { text, values, where } = block;
    if (!block.hasFields) {
      problems.add(where, `Cannot use ${quote(text)}: it has no headers`);
    }
    if (values.length > 0) headers.push({ for: text, values, where });
  };
  for (const line of linesOf(text, file, problems)) {
    const isBlock = line.text.startsWith("/") ||
      /^https?:\/\//i.test(line.text);
    if (isBlock) {
      endBlock();
      block = blockOf(line.text, line.where, problems);
    } else if (block === undefined) {
      problems.add(
        line.where,
        `Cannot use ${quote(line.text)}: it needs a line with a path above it`,
      );
    } else {
      block.hasFields = true;
      if (block.pattern === undefined) continue;
      const problem = addField(block, block.pattern, line.text);
      if (problem !== undefined) problems.add(line.where, problem);
    }
  }
  endBlock();
  return { headers, problems: problems.list() };
}

function blockOf(text: string, where: string, problems: FileProblems): Block {
  const pattern = text.startsWith("/") ? compilePattern(text) : {
    problem: `Cannot use ${
      quote(text)
    }: rules for a single host are not supported; begin with "/"`,
  };
  const isWrong = "problem" in pattern;
  if (isWrong) {
    problems.add(where, `${pattern.problem} (its headers are ignored)`);
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
    return `Cannot use ${quote(text)}: removing a header is not supported`;
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

/** Cloudflare puts captures into values. skiff does not: a client would choose the value. */
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
