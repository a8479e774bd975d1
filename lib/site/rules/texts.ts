/**
 * Rules as a person has written them, wherever they stand: their shape, what is
 * wrong with them, and how much of them is put up with. What they mean is for
 * `rules.ts` to say.
 *
 * @module
 */

/** Fields for the paths of a pattern. */
export interface HeaderText {
  /** The pattern. */
  readonly for: string;
  /** Names and values, in order. */
  readonly values: readonly (readonly [name: string, value: string])[];
  /** Where it stands, for messages: "skiff.json:12". */
  readonly where: string;
}

/** What happens to the paths of a pattern. */
export interface RedirectText {
  /** The pattern. */
  readonly from: string;
  /** Where to, with placeholders; undefined for a status without a page. */
  readonly to: string | undefined;
  /** The status that tells what kind of rule this is. */
  readonly status: number;
  /** Whether it applies to what the site has, too. */
  readonly force: boolean;
  /** Where it stands, for messages. */
  readonly where: string;
}

/** The page of an error status. */
export interface ErrorPageText {
  /** The status. */
  readonly status: number;
  /** The page's path in the site. */
  readonly path: string;
  /** Where it stands, for messages. */
  readonly where: string;
}

/** All rules, each kind in order. Plain data, which can be sent to another isolate. */
export interface RuleDefinitions {
  /** Fields by path. */
  readonly headers: readonly HeaderText[];
  /** Redirects, rewrites and statuses by path. */
  readonly redirects: readonly RedirectText[];
  /** Pages by status. */
  readonly errorPages: readonly ErrorPageText[];
}

/** A rule, or a part of one, that is not applied. */
export interface Problem {
  /** Where it stands: "_redirects:3". */
  readonly where: string;
  /** What is wrong and what would be right, on one line. */
  readonly text: string;
}

/** Most rules of one kind. Those for a single path are looked up by it: they cost memory alone. */
export const RULES_MAX = 10_000;

/** Most rules of one kind with "*" or placeholders: each request may be compared with all of them. */
export const PATTERN_RULES_MAX = 2000;

/** Most characters of a line, and of each text in a rule. */
export const LINE_CHARACTERS_MAX = 2000;

/** Most problems that are named of one file: one that holds something else altogether would have thousands. */
export const FILE_PROBLEMS_MAX = 100;

/** What would end a field line, or act on a terminal. Tab is none, C1 are. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f-\x9f]/;

/** Whether a text has control characters in it, other than tab. */
export function hasUnsafeControl(text: string): boolean {
  return CONTROL.test(text);
}

/** A line of a file. */
export interface Line {
  /** Its text, without the white space around it; never empty. */
  readonly text: string;
  /** Where it stands: file and number of the line, from 1. */
  readonly where: string;
}

/** The lines of a rules file that say something: no empty ones, no comments; those that are too long become problems. */
export function* linesOf(
  text: string,
  file: string,
  problems: FileProblems,
): Generator<Line> {
  let number = 0;
  // A byte order mark is white space to trim().
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

/** The problems of one file, as far as anybody wants to read them. */
export class FileProblems {
  readonly #file: string;
  readonly #problems: Problem[] = [];
  #more = 0;

  /** No problems yet. */
  constructor(file: string) {
    this.#file = file;
  }

  /** One more. */
  add(where: string, text: string): void {
    if (this.#problems.length < FILE_PROBLEMS_MAX) {
      this.#problems.push({ where, text });
    } else {
      this.#more++;
    }
  }

  /** All of them; those beyond the bound as one that tells their number. */
  list(): Problem[] {
    if (this.#more === 0) return [...this.#problems];
    const text = `Cannot use ${this.#more} more lines`;
    return [...this.#problems, { where: this.#file, text }];
  }
}
