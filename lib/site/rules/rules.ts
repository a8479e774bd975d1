/**
 * The operator's rules for some paths. The first matching redirect, rewrite or
 * status decides; all matching header rules apply; error pages are by status.
 * No rule looks at the site.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { SITE_ERRORS } from "../../http/status.ts";
import { compileSitePath } from "./destination.ts";
import {
  compileHeaderRule,
  type HeaderRule,
  mergeLines,
} from "./header_rules.ts";
import { PatternIndex } from "./pattern_index.ts";
import {
  compileRedirect,
  type FixedDestination,
  type Outcome,
  type RedirectRule,
  RedirectTable,
} from "./redirect_rules.ts";
import { quote } from "../../http/printable.ts";
import {
  type ErrorPageText,
  FILE_PROBLEMS_MAX,
  PATTERN_RULES_MAX,
  type Problem,
  type RuleDefinitions,
  RULES_MAX,
} from "./texts.ts";

const NO_LINES: readonly FieldLine[] = [];

/** Most cached sets of header rules. A site has few, but hostile paths could try to combine all. */
export const LINE_SETS_MAX = 1000;

export class Rules {
  /** All header rules, in order. */
  readonly headerRules: readonly HeaderRule[];
  readonly #headerIndex: PatternIndex;
  readonly #redirects: RedirectTable;
  /** By status. */
  readonly #errorPages: ReadonlyMap<number, FixedDestination>;
  /** Lines by the indices of their rules. */
  readonly #lineSets = new Map<string, readonly FieldLine[]>();

  /** Use {@linkcode compileRules} or {@linkcode NO_RULES}. */
  constructor(
    headers: readonly HeaderRule[],
    redirects: readonly RedirectRule[],
    errorPages: ReadonlyMap<number, FixedDestination>,
  ) {
    this.headerRules = headers;
    this.#headerIndex = new PatternIndex(
      headers.map(({ pattern }) => pattern),
    );
    this.#redirects = new RedirectTable(redirects);
    this.#errorPages = errorPages;
  }

  /**
   * Returns what the first matching redirect, rewrite or status does with a decoded path and an undecoded query;
   * undefined if none matches. Call it twice: with `forcedOnly` before looking at the site, for rules with force;
   * without it if the site has nothing at the path. A rule that leads back to the request, or that cannot safely take
   * its path, does not match.
   */
  decide(
    path: string,
    query: string | undefined,
    forcedOnly: boolean,
  ): Outcome | undefined {
    return this.#redirects.decide(path, query, forcedOnly);
  }

  /**
   * Returns the fields of all header rules that match a decoded path; later rules replace earlier ones. Equal sets of
   * rules give the same array, so that results can be cached by it, until the rules drop it from their cache.
   */
  linesFor(path: string): readonly FieldLine[] {
    if (this.headerRules.length === 0) return NO_LINES;
    let key = "";
    this.#headerIndex.visit(path, (index) => {
      key += `${index},`;
      return false;
    });
    if (key === "") return NO_LINES;
    let lines = this.#lineSets.get(key);
    if (lines === undefined) {
      if (this.#lineSets.size >= LINE_SETS_MAX) this.#lineSets.clear();
      lines = mergeLines(this.headerRulesFor(path));
      this.#lineSets.set(key, lines);
    }
    return lines;
  }

  /** All redirects, rewrites and statuses, in order. */
  get redirectRules(): readonly RedirectRule[] {
    return this.#redirects.rules;
  }

  /** Returns the header rules that match a decoded path, in order. */
  headerRulesFor(path: string): readonly HeaderRule[] {
    return this.headerRules.filter(({ pattern }) => pattern.matches(path));
  }

  /** Yields every path in the site that a rule without placeholders leads to, in the order of the rules. */
  *fixedDestinations(): Generator<FixedDestination> {
    yield* this.#redirects.fixedDestinations();
    yield* this.#errorPages.values();
  }

  /** Returns the decoded path of an error's page in the site; undefined if no rule names one. */
  errorPage(status: number): string | undefined {
    return this.#errorPages.get(status)?.path;
  }
}

/** The part of the rules that a policy uses. */
export type RuleSource = Pick<Rules, "decide" | "linesFor" | "errorPage">;

export const NO_RULES: Rules = new Rules([], [], new Map());

/**
 * Compiles rules. Ignores and reports what is invalid: the rule, or a single field of a header rule. Reports at most
 * {@linkcode FILE_PROBLEMS_MAX} problems. Ignores rules beyond {@linkcode RULES_MAX} of a kind, and beyond
 * {@linkcode PATTERN_RULES_MAX} with "*" or placeholders. Never throws.
 */
export function compileRules(
  texts: RuleDefinitions,
): { readonly rules: Rules; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const left: Problem[] = [];
  const headers = limited(
    texts.headers,
    "header rules",
    (text) => text.for,
    left,
  )
    .map((text) => compileHeaderRule(text, problems))
    .filter((rule) => rule !== undefined);
  const redirects = limited(
    texts.redirects,
    "redirects",
    (text) => text.from,
    left,
  )
    .map((text) => compileRedirect(text, problems))
    .filter((rule) => rule !== undefined);
  const errorPages = new Map<number, FixedDestination>();
  for (const text of texts.errorPages) {
    const problem = addErrorPage(text, errorPages);
    if (problem !== undefined) {
      problems.push({ where: text.where, text: problem });
    }
  }
  const rules = new Rules(headers, redirects, errorPages);
  return { rules, problems: readable([...left, ...problems]) };
}

/** Limits the number of problems; the last one counts the rest. */
function readable(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - FILE_PROBLEMS_MAX;
  if (more <= 0) return problems;
  const { where } = problems[FILE_PROBLEMS_MAX]!;
  const text = `Cannot use this and what follows: ${more} more problems`;
  return [...problems.slice(0, FILE_PROBLEMS_MAX), { where, text }];
}

/** Matches a pattern that must be compared with every path. */
const COMPARED = /\*|:[A-Za-z_]/;

const CATCH_ALL = /^\/\*+$/;

/** Returns the rules within the limits. Reports where the others begin, and the last catch-all among them. */
function limited<T extends { readonly where: string }>(
  texts: readonly T[],
  kind: string,
  patternOf: (text: T) => string,
  problems: Problem[],
): readonly T[] {
  const kept: T[] = [];
  const beyond: T[] = [];
  const comparedBeyond: T[] = [];
  let compared = 0;
  for (const text of texts) {
    const isCompared = COMPARED.test(patternOf(text));
    if (kept.length === RULES_MAX) beyond.push(text);
    else if (!isCompared) kept.push(text);
    else if (compared === PATTERN_RULES_MAX) comparedBeyond.push(text);
    else {
      compared++;
      kept.push(text);
    }
  }
  const named = (what: string, left: readonly T[]) => {
    if (left.length === 0) return;
    const text = `Cannot use more than ${what}: the ` +
      `${left.length} from here on are ignored`;
    problems.push({ where: left[0]!.where, text });
  };
  named(`${RULES_MAX} ${kind}`, beyond);
  named(
    `${PATTERN_RULES_MAX} ${kind} with "*" or placeholders`,
    comparedBeyond,
  );
  const last = [...comparedBeyond, ...beyond]
    .findLast((text) => CATCH_ALL.test(patternOf(text)));
  if (last !== undefined) {
    const text = `Cannot use ${quote(patternOf(last))}: it is among the ` +
      `${kind} that are ignored; put it before them`;
    problems.push({ where: last.where, text });
  }
  return kept;
}

/** Adds an error page; returns what is wrong with it, if anything. */
function addErrorPage(
  { status, path: text, where }: ErrorPageText,
  pages: Map<number, FixedDestination>,
): string | undefined {
  if (!SITE_ERRORS.includes(status)) {
    return `Cannot have a page for status ${status}: expected one of ${
      SITE_ERRORS.join(", ")
    }`;
  }
  const before = pages.get(status);
  if (before !== undefined) {
    return `Cannot have two pages for status ${status}: ${before.where} names one`;
  }
  const template = compileSitePath(text, []);
  if ("problem" in template) return template.problem;
  const path = template.fixedPath;
  if (path === undefined || text.includes("?")) {
    return `Cannot use ${
      quote(text)
    } as a page: expected a path without a query`;
  }
  pages.set(status, { path, isPage: true, where });
  return undefined;
}
