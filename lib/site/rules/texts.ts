/**
 * Rules as the operator wrote them, wherever they come from: their shape, their
 * problems and their limits. `rules.ts` compiles them.
 *
 * @module
 */

/** Header fields for the paths of a pattern. */
export interface HeaderText {
  readonly for: string;
  readonly values: readonly (readonly [name: string, value: string])[];
  /** The place in its file, for messages: "skiff.json:12". */
  readonly where: string;
}

/** A redirect, rewrite or status for the paths of a pattern. */
export interface RedirectText {
  readonly from: string;
  /** The destination, with placeholders; undefined for a status without a page. */
  readonly to: string | undefined;
  /** The status, which is the kind of the rule. */
  readonly status: number;
  /** Whether the rule also applies to files that exist. */
  readonly force: boolean;
  readonly where: string;
}

export interface ErrorPageText {
  readonly status: number;
  readonly path: string;
  readonly where: string;
}

/** All rules, each kind in order. Plain data, which can be sent to another isolate. */
export interface RuleDefinitions {
  readonly headers: readonly HeaderText[];
  readonly redirects: readonly RedirectText[];
  readonly errorPages: readonly ErrorPageText[];
}

/** A rule, or a part of one, that is ignored. */
export interface Problem {
  /** The place in its file: "_redirects:3". */
  readonly where: string;
  /** What is wrong and what would be right, on one line. */
  readonly text: string;
}

/** Says why a text cannot be compiled. */
export interface CompileProblem {
  readonly problem: string;
}

/** Most rules of one kind. Rules for a single path cost only memory. */
export const RULES_MAX = 10_000;

/** Most rules of one kind with "*" or placeholders: a request may be compared with all of them. */
export const PATTERN_RULES_MAX = 2000;

/** Longest line, and longest text in a rule, in characters. */
export const LINE_CHARACTERS_MAX = 2000;

/** Most problems reported for a file: a file of another kind would have thousands. */
export const FILE_PROBLEMS_MAX = 100;

/**
 * Whether a text contains control characters other than tab, C1 included: they end a field line or act on a terminal.
 */
export function hasUnsafeControl(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\0-\x08\x0a-\x1f\x7f-\x9f]/.test(text);
}

/** Says what no pattern and no destination may contain, if a text does. */
export function textProblem(text: string): string | undefined {
  if (text.length > LINE_CHARACTERS_MAX) {
    return `it has more than ${LINE_CHARACTERS_MAX} characters`;
  }
  if (hasUnsafeControl(text)) return "it contains control characters";
  if (text.includes("\\")) return `no path has "\\" in it`;
  return undefined;
}

export interface Line {
  /** The text without surrounding white space; never empty. */
  readonly text: string;
  /** File and line number, from 1. */
  readonly where: string;
}

/** Yields the lines of a rules file, except empty lines and comments. Reports lines that are too long. */
export function* linesOf(
  text: string,
  file: string,
  problems: FileProblems,
): Generator<Line> {
  let number = 0;
  // trim() also removes a byte order mark.
  for (let at = 0; at <= text.length;) {
    const feed = text.indexOf("\n", at);
    const end = feed === -1 ? text.length : feed;
    const where = `${file}:${++number}`;
    const isLong = end - at > LINE_CHARACTERS_MAX + 1;
    const line = isLong ? "" : text.slice(at, end).trim();
    if (isLong || line.length > LINE_CHARACTERS_MAX) {
      problems.add(
        where,
        `Cannot use this line: it has more than ${LINE_CHARACTERS_MAX} characters`,
      );
    } else if (line !== "" && !line.startsWith("#")) {
      yield { text: line, where };
    }
    at = end + 1;
  }
}

/** The problems of one file, up to the limit. */
export class FileProblems {
  readonly #file: string;
  readonly #problems: Problem[] = [];
  #more = 0;

  constructor(file: string) {
    this.#file = file;
  }

  add(where: string, text: string): void {
    if (this.#problems.length < FILE_PROBLEMS_MAX) {
      this.#problems.push({ where, text });
    } else {
      this.#more++;
    }
  }

  /** Returns the problems; the last one counts those beyond the limit. */
  list(): Problem[] {
    if (this.#more === 0) return [...this.#problems];
    const text = `Cannot use ${this.#more} more lines`;
    return [...this.#problems, { where: this.#file, text }];
  }
}
