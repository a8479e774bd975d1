/**
 * Rules: what the person who runs skiff has decided for some paths. Redirects,
 * rewrites and statuses, of which the first that matches is the one; fields, of
 * which all that match apply; pages of errors. No rule looks at the site.
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
import { isFirstNext, PatternIndex } from "./pattern_index.ts";
import {
  type CompiledRedirect,
  compileRedirect,
  type FixedDestination,
  type Outcome,
  RedirectTable,
} from "./redirect_rules.ts";
import { quote } from "../../http/printable.ts";
import {
  type ErrorPageText,
  FILE_PROBLEMS_MAX,
  type HeaderText,
  PATTERN_RULES_MAX,
  type Problem,
  type RedirectText,
  type RuleDefinitions,
  RULES_MAX,
} from "./texts.ts";

/** The page of an error status. */
export interface ErrorPageRule {
  /** From 400 to 599. */
  readonly status: number;
  /** Decoded path in the site. */
  readonly path: string;
  /** Where the rule stands. */
  readonly where: string;
}

/** The lines where no rule applies. */
const NO_LINES: readonly FieldLine[] = [];

/** Sets of header rules that are remembered: a site has few, and hostile paths could try to find all. */
export const LINE_SETS_MAX = 1000;

/** A site's rules. */
export class Rules {
  readonly #headers: readonly HeaderRule[];
  readonly #headerIndex: PatternIndex;
  readonly #redirects: RedirectTable;
  readonly #errorPages: ReadonlyMap<number, ErrorPageRule>;
  /** Lines by the indices of the rules that they come from. */
  readonly #lineSets = new Map<string, readonly FieldLine[]>();

  /** For {@linkcode compileRules} and {@linkcode NO_RULES}. */
  constructor(
    headers: readonly HeaderRule[],
    redirects: readonly CompiledRedirect[],
    errorPages: readonly ErrorPageRule[],
  ) {
    this.#headers = headers;
    this.#headerIndex = new PatternIndex(
      headers.map(({ pattern }) => pattern),
    );
    this.#redirects = new RedirectTable(redirects);
    this.#errorPages = new Map(errorPages.map((rule) => [rule.status, rule]));
  }

  /**
   * What the first redirect, rewrite or status rule that matches says of a decoded path and an undecoded query;
   * undefined when none does. To be asked twice: with `forcedOnly` before the site is looked at, when only a rule
   * with force has a say, and without it when the site has nothing at the path. A rule that would lead to where the
   * request is already, or that the path cannot be put into safely, does not match.
   */
  decide(
    path: string,
    query: string | undefined,
    forcedOnly: boolean,
  ): Outcome | undefined {
    const redirects = this.#redirects;
    if (forcedOnly ? !redirects.hasForced : redirects.isEmpty) return undefined;
    return redirects.decide(path, query, forcedOnly);
  }

  /**
   * The fields of all header rules that match a decoded path, later ones in place of earlier ones. The same array for
   * the same rules, so that what is made of it can be kept; the rules may forget it, and then make another.
   */
  linesFor(path: string): readonly FieldLine[] {
    const headers = this.#headers;
    if (headers.length === 0) return NO_LINES;
    let key = "";
    const exact = this.#headerIndex.exact(path);
    const { others } = this.#headerIndex;
    let i = 0;
    let j = 0;
    while (i < exact.length || j < others.length) {
      const isExact = isFirstNext(exact, i, others, j);
      const index = isExact ? exact[i++]! : others[j++]!;
      if (isExact || headers[index]!.pattern.matches(path)) key += `${index},`;
    }
    if (key === "") return NO_LINES;
    let lines = this.#lineSets.get(key);
    if (lines === undefined) {
      if (this.#lineSets.size >= LINE_SETS_MAX) this.#lineSets.clear();
      lines = mergeLines(this.headerRulesFor(path));
      this.#lineSets.set(key, lines);
    }
    return lines;
  }

  /** The header rules that match a decoded path, in order. */
  headerRulesFor(path: string): readonly HeaderRule[] {
    return this.#headers.filter(({ pattern }) => pattern.matches(path));
  }

  /** Every path in the site that a rule leads to without placeholders, in the order of the rules. */
  *fixedDestinations(): Generator<FixedDestination> {
    yield* this.#redirects.fixedDestinations();
    for (const { path, where } of this.#errorPages.values()) {
      yield { path, isPage: true, where };
    }
  }

  /** The decoded path in the site of an error's page; undefined when no rule names one. */
  errorPage(status: number): string | undefined {
    return this.#errorPages.get(status)?.path;
  }
}

/** What is asked of rules. */
export type RuleSource = Pick<Rules, "decide" | "linesFor" | "errorPage">;

/** No rules at all. */
export const NO_RULES: Rules = new Rules([], [], []);

/**
 * Compiles rules. What is wrong is not applied, and named: the rule, or of a header rule the field; at most
 * {@linkcode FILE_PROBLEMS_MAX} are. Rules beyond {@linkcode RULES_MAX} of a kind, or
 * beyond {@linkcode PATTERN_RULES_MAX} with "*" or placeholders, are not applied either. Never throws.
 */
export function compileRules(
  texts: RuleDefinitions,
): { readonly rules: Rules; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const left: Problem[] = [];
  const headers = limited(texts.headers, "header rules", patternOfHeader, left)
    .map((text) => compileHeaderRule(text, problems))
    .filter((rule) => rule !== undefined);
  const redirects = limited(
    texts.redirects,
    "redirects",
    patternOfRedirect,
    left,
  )
    .map((text) => compileRedirect(text, problems))
    .filter((rule) => rule !== undefined);
  const errorPages = new Map<number, ErrorPageRule>();
  for (const text of texts.errorPages) {
    const problem = addErrorPage(text, errorPages);
    if (problem !== undefined) {
      problems.push({ where: text.where, text: problem });
    }
  }
  const rules = new Rules(headers, redirects, [...errorPages.values()]);
  return { rules, problems: readable([...left, ...problems]) };
}

/** As many problems as anybody wants to read; those beyond as one that tells their number. */
function readable(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - FILE_PROBLEMS_MAX;
  if (more <= 0) return problems;
  const { where } = problems[FILE_PROBLEMS_MAX]!;
  const text = `Cannot use this and what follows: ${more} more problems`;
  return [...problems.slice(0, FILE_PROBLEMS_MAX), { where, text }];
}

const patternOfHeader = (text: HeaderText) => text.for;
const patternOfRedirect = (text: RedirectText) => text.from;

/** What a pattern has that is compared with every path, and not looked up. */
const COMPARED = /\*|:[A-Za-z_]/;

/** A pattern that matches every path. */
const CATCH_ALL = /^\/\*+$/;

/** As many rules as are allowed. Names where the others begin, and the last of them that was to catch all that is left. */
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
      `${left.length} from here on are left out`;
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
      `${kind} that are left out; put it before them`;
    problems.push({ where: last.where, text });
  }
  return kept;
}

/** Adds an error page; returns what is wrong with it, if anything. */
function addErrorPage(
  { status, path: text, where }: ErrorPageText,
  pages: Map<number, ErrorPageRule>,
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
  const path = template.path(new Map());
  if (path === undefined || text.includes("?")) {
    return `Cannot use ${
      quote(text)
    } as a page: expected a path without a query`;
  }
  pages.set(status, { status, path, where });
  return undefined;
}
