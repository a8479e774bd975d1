/**
 * Reads the documents in `tests/wire/`: Markdown → cases. How a case is written
 * is told in `tests/wire/README.md`.
 *
 * @module
 */

import type { Response } from "./helpers.ts";

/** What becomes of the connection after the last response. */
export type Afterwards = "open" | "closed" | "waiting";

/** One case of a document. Its blocks are as they were written, see {@linkcode requestOf} and {@linkcode expectationOf}. */
export interface WireCase {
  readonly heading: string;
  /** Line of the heading, counted from 1. */
  readonly line: number;
  readonly request: string;
  readonly responses: readonly string[];
  readonly afterwards: Afterwards;
}

/** What a response must be like. */
export interface Expectation {
  readonly status: number;
  readonly reason: string;
  /** Name and pattern of the value; undefined for a field that must not be there. */
  readonly fields: readonly (readonly [string, RegExp | undefined])[];
  readonly body: RegExp;
}

/** The sentence that ends a case, and what it means. */
const SENTENCES: Readonly<Record<string, Afterwards>> = {
  "The connection stays open.": "open",
  "The connection is closed.": "closed",
  "The server waits for the rest.": "waiting",
};

/** The cases of a document. Throws when one is not complete: it would look like a test and be none. */
export function parseDocument(text: string): WireCase[] {
  const sections = text.split(/^(?=## )/m);
  let line = 1;
  const cases: WireCase[] = [];
  for (const section of sections) {
    if (section.startsWith("## ")) cases.push(parseCase(section, line));
    line += section.split("\n").length - 1;
  }
  return cases;
}

function parseCase(section: string, line: number): WireCase {
  const heading = section.slice(3, section.indexOf("\n"));
  const blocks: string[] = [];
  const prose = section.replaceAll(
    /^```(?:http|text)\n([^]*?)^```$/gm,
    (_, block: string) => {
      blocks.push(block);
      return "";
    },
  );
  const [request, ...responses] = blocks;
  const sentences = Object.keys(SENTENCES).filter((sentence) =>
    prose.includes(sentence)
  );
  const afterwards = SENTENCES[sentences[0] ?? ""];
  if (
    request === undefined || afterwards === undefined ||
    sentences.length !== 1 || prose.includes("```") ||
    (responses.length === 0 && afterwards === "open")
  ) {
    throw new Error(`Case "${heading}" in line ${line} is not complete`);
  }
  return { heading, line, request, responses, afterwards };
}

/** Values for `${name}` in the blocks. */
export type Variables = Readonly<Record<string, string>>;

const ESCAPES: Readonly<Record<string, string>> = {
  r: "\r",
  n: "\n",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "\n": "",
};

/** The bytes of a request block, a character each. */
export function requestOf(block: string, variables: Variables): string {
  const lines = block.replaceAll(
    /\\\n|\n/g,
    (end) => end === "\n" ? "\r\n" : end,
  );
  return unescaped(substituted(lines, variables));
}

function substituted(text: string, variables: Variables): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, expression: string) => {
    const repeat = /^(\d+) times ([^]+)$/.exec(expression);
    if (repeat !== null) return repeat[2]!.repeat(Number(repeat[1]));
    const value = variables[expression];
    if (value === undefined) throw new Error(`Unknown: \${${expression}}`);
    return value;
  });
}

function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-f]{2})|([^]))/gi,
    (all, code: string | undefined, letter: string | undefined) => {
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      const character = ESCAPES[letter!];
      if (character === undefined) throw new Error(`Unknown escape: ${all}`);
      return character;
    },
  );
}

/** What a response block asks for. */
export function expectationOf(
  block: string,
  variables: Variables,
): Expectation {
  const [head, ...body] = block.replace(/\n$/, "").split(/\n\n/);
  const [statusLine, ...lines] = head!.split("\n");
  const status = /^HTTP\/1\.1 (\d{3}) (.+)$/.exec(statusLine!);
  if (status === null) throw new Error(`Not a status line: ${statusLine}`);
  return {
    status: Number(status[1]),
    reason: status[2]!,
    fields: lines.map((line) => {
      const field = /^([\w-]+): (.+)$/.exec(line);
      if (field === null) throw new Error(`Not a field: ${line}`);
      return [field[1]!.toLowerCase(), valuePattern(field[2]!, variables)];
    }),
    body: pattern(body.join("\n\n"), variables),
  };
}

function valuePattern(
  value: string,
  variables: Variables,
): RegExp | undefined {
  if (value === "(absent)") return undefined;
  return pattern(value === "*" ? "…" : value, variables);
}

/** The text itself, with anything in the place of each "…", and lines that end in one way or the other. */
function pattern(text: string, variables: Variables): RegExp {
  const source = unescaped(substituted(text, variables))
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .map((part) => part.replaceAll("\n", "\\r?\\n"))
    .join("[^]+");
  return new RegExp(`^${source}$`);
}

/** How a response differs from what is expected; undefined when it does not. */
export function differenceFrom(
  { status, reason, fields, body }: Expectation,
  response: Response,
  isBodyless: boolean,
): string | undefined {
  if (status !== response.status || reason !== response.reason) {
    return `${response.status} ${response.reason} instead of ${status} ${reason}`;
  }
  for (const [name, wanted] of fields) {
    const value = response.fields.get(name);
    const fits = value === undefined
      ? wanted === undefined
      : wanted?.test(value);
    if (!fits) return `${name} is ${value} instead of ${wanted ?? "absent"}`;
  }
  const wantedBody = isBodyless ? /^$/ : body;
  if (wantedBody.test(response.body)) return undefined;
  return `body is ${JSON.stringify(response.body)} instead of ${wantedBody}`;
}

/** The methods of the requests in some bytes, for telling which responses have no body. */
export function methodsOf(request: string, count: number): string[] {
  const methods = [...request.matchAll(/^([A-Z]+) \S+ HTTP\/1\.\d\r$/gm)].map(
    (match) => match[1]!,
  );
  return Array.from({ length: count }, (_, index) => methods[index] ?? "GET");
}
