/**
 * What the tests need to know of source code. It reads code as `deno fmt`
 * leaves it, so layout can be relied on.
 *
 * @module
 */

/** The names in the import and export declarations of a module, and in its dynamic imports. */
export function importsOf(text: string): string[] {
  const declarations = text.matchAll(
    /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|^import "([^"]+)"/gm,
  );
  const calls = text.matchAll(/\bimport\(\s*"([^"]+)"/g);
  return [...declarations, ...calls].map((match) => (match[1] ?? match[2])!);
}

/** The names of the modules that load before a module runs: no dynamic imports, and nothing of which only types are imported. */
export function staticImportsOf(text: string): string[] {
  const declarations = text.matchAll(
    /^(?:import|(?:import|export)\b([^;"]*?)\bfrom) "([^"]+)"/gm,
  );
  return [...declarations]
    .filter(([, names]) => !isForTypes(names ?? ""))
    .map(([, , name]) => name!);
}

function isForTypes(names: string): boolean {
  const list = /^\s*\{([^]*)\}\s*$/.exec(names)?.[1];
  return /^\s*type\b/.test(names) ||
    list?.split(",").every((name) => /^\s*(?:type\b|$)/.test(name)) === true;
}

/** A comment, a string, a template without code in it, or a regular expression behind what cannot end a value. */
const NOT_CODE =
  /\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|\$(?!\{)|[^`\\$])*`|(?<=(?:^|[(,=:[!&|?{;]|return|=>)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/gm;

/** The names that a module declares and exports; a constant and the type of its values, which share a name, once. */
export function exportedNames(text: string): string[] {
  const declarations = bareCode(text).matchAll(
    /^export (?:default |abstract |async |const (?=enum))*(?:class|const|enum|function\*?|interface|let|type) (\w+)/gm,
  );
  return [...new Set(Array.from(declarations, (match) => match[1]!))];
}

/** The text without comments, strings and regular expressions. Code in templates stays. */
export function bareCode(text: string): string {
  return text.replaceAll(
    NOT_CODE,
    (match) => match.startsWith("/*") || match.startsWith("//") ? " " : '""',
  );
}

/** A function that has a body of its own lines. */
export interface FunctionLines {
  /** The line where its body begins, counted from 1. */
  readonly line: number;
  /** From there to its end, both included. */
  readonly lines: number;
}

/** Lines that end with "{" and begin no function. */
const OTHER_BLOCK =
  /^\s*(?:\} )?(?:if|else|for|while|do|switch|try|catch|finally|class|interface|enum|export (?:default )?(?:class|interface|const enum|enum)|case|default|declare|import|export|return|const|let|type)\b/;

/** The end of a line that begins a function: an arrow, or a list of parameters and perhaps a type. */
const FUNCTION_START = /=> \{$|\)(?:: [^=]+)? \{$/;

/** All functions in code, with how long they are. */
export function functionsIn(text: string): FunctionLines[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const isArrow = line.endsWith("=> {");
    if (!FUNCTION_START.test(line)) return [];
    if (!isArrow && !/\bfunction\b/.test(line) && OTHER_BLOCK.test(line)) {
      return [];
    }
    const indent = /^ */.exec(line)![0];
    const end = lines.findIndex((other, at) =>
      at > index && other.startsWith(`${indent}}`)
    );
    return end === -1 ? [] : [{ line: index + 1, lines: end - index + 1 }];
  });
}

/** How many lines of code a function or method of this name has, without blank lines and comments; undefined if there is none. */
export function functionNamed(text: string, name: string): number | undefined {
  const lines = text.split("\n");
  const first = new RegExp(
    `^ *(?:export )?(?:async )?(?:function )?${name}(?:<[^>]*>)?\\(`,
  );
  const start = lines.findIndex((line) =>
    first.test(line) && !line.endsWith(";")
  );
  if (start === -1) return undefined;
  const indent = /^ */.exec(lines[start]!)![0];
  const end = lines.findIndex((line, at) =>
    at > start && line === `${indent}}`
  );
  const body = lines.slice(start, end + 1);
  return body.filter((line) => !/^ *(?:\/\/|\/?\*|$)/.test(line)).length;
}
