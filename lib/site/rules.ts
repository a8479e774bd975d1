/**
 * Rules: what the person who runs skiff has decided for some paths. Redirects,
 * rewrites and statuses, of which the first that matches is the one; fields, of
 * which all that match apply; pages of errors. No rule looks at the site.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import { SITE_ERRORS } from "../http/status.ts";
import { encodePath } from "../http/target.ts";
import {
  compileLocation,
  compileSitePath,
  type LocationTemplate,
  type SitePathTemplate,
} from "./destination.ts";
import {
  compileHeaderRule,
  type HeaderRule,
  mergeLines,
} from "./header_rules.ts";
import { type Captures, compilePattern, type Pattern } from "./pattern.ts";
import {
  type ErrorPageText,
  FILE_PROBLEMS_MAX,
  type Problem,
  quote,
  type RedirectText,
  RULES_MAX,
  type RuleTexts,
} from "./rule_texts.ts";

/** What a rule says is to happen with a request. */
export type Outcome =
  | {
    /** The client is to look elsewhere. */
    readonly kind: "redirect";
    /** 301, 302, 303, 307 or 308. */
    readonly status: number;
    /** Value for Location. */
    readonly location: string;
    /** Where the rule stands. */
    readonly where: string;
  }
  | {
    /** Another path of the site answers. It is looked up once, and no rule is asked again. */
    readonly kind: "rewrite";
    /** Its decoded path, as a Target has it. */
    readonly path: string;
    /** The query that goes with it, undecoded. */
    readonly query: string | undefined;
    /** Where the rule stands. */
    readonly where: string;
  }
  | {
    /** The answer is an error. */
    readonly kind: "status";
    /** 403, 404, 410 or 451. */
    readonly status: number;
    /** Decoded path in the site of the page to send with it; undefined for the usual one. */
    readonly path: string | undefined;
    /** Where the rule stands. */
    readonly where: string;
  };

/** A redirect, rewrite or status for the paths of a pattern. */
export interface RedirectRule {
  /** Which paths. */
  readonly from: Pattern;
  /** Where to, as it was written. */
  readonly to: string | undefined;
  /** The status that tells what kind of rule this is. */
  readonly status: number;
  /** Whether it applies to what the site has, too. */
  readonly force: boolean;
  /** Where the rule stands. */
  readonly where: string;
}

/** The page of an error status. */
export interface ErrorPageRule {
  /** From 400 to 599. */
  readonly status: number;
  /** Decoded path in the site. */
  readonly path: string;
  /** Where the rule stands. */
  readonly where: string;
}

/** A redirect rule with what its `to` was compiled to. */
interface Compiled extends RedirectRule {
  readonly template: LocationTemplate | SitePathTemplate | undefined;
}

/** The status codes that redirect (RFC 9110 §15.4), 304 and the deprecated ones left out. */
export const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];

/** The status of a rewrite. */
const REWRITE_STATUS = 200;

/** The status codes that a rule may answer with. */
export const ANSWER_STATUSES: readonly number[] = [403, 404, 410, 451];

/** The lines where no rule applies. */
const NO_LINES: readonly FieldLine[] = [];

/** Sets of header rules that are remembered: a site has few, and hostile paths could try to find all. */
export const LINE_SETS_MAX = 1000;

/** A site's rules. */
export class Rules {
  readonly #headers: readonly HeaderRule[];
  readonly #redirects: RedirectTable;
  readonly #errorPages: ReadonlyMap<number, ErrorPageRule>;
  /** Lines by the indices of the rules that they come from. */
  readonly #lineSets = new Map<string, readonly FieldLine[]>();

  /** For {@linkcode compileRules} and {@linkcode NO_RULES}. */
  constructor(
    headers: readonly HeaderRule[],
    redirects: readonly Compiled[],
    errorPages: readonly ErrorPageRule[],
  ) {
    this.#headers = headers;
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
    let key = "";
    const headers = this.#headers;
    for (let i = 0; i < headers.length; i++) {
      if (headers[i]!.pattern.matches(path)) key += `${i},`;
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

  /** The decoded path in the site of an error's page; undefined when no rule names one. */
  errorPage(status: number): string | undefined {
    return this.#errorPages.get(status)?.path;
  }
}

/** What is asked of rules. */
export type RuleSource = Pick<Rules, "decide" | "linesFor" | "errorPage">;

/** Redirect rules, in order. Those with a single path are found by it, so that a thousand of them cost nothing. */
class RedirectTable {
  readonly hasForced: boolean;
  readonly #rules: readonly Compiled[];
  /** Indices by the only path of a rule, each list in order. */
  readonly #byPath = new Map<string, number[]>();
  /** Indices of all others, in order. */
  readonly #others: number[] = [];

  constructor(rules: readonly Compiled[]) {
    this.#rules = rules;
    this.hasForced = rules.some(({ force }) => force);
    for (const [index, { from: { literal } }] of rules.entries()) {
      if (literal === undefined) this.#others.push(index);
      else if (!this.#byPath.has(literal)) this.#byPath.set(literal, [index]);
      else this.#byPath.get(literal)!.push(index);
    }
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** As {@linkcode Rules.decide}. */
  decide(
    path: string,
    query: string | undefined,
    forcedOnly: boolean,
  ): Outcome | undefined {
    const isSlashed = path.length > 1 && path.endsWith("/");
    const known = this.#byPath.get(isSlashed ? path.slice(0, -1) : path) ?? [];
    const others = this.#others;
    // The two lists as one, in the order of the rules.
    let i = 0;
    let j = 0;
    while (i < known.length || j < others.length) {
      const isKnown = j === others.length || known[i]! < others[j]!;
      const rule = this.#rules[isKnown ? known[i++]! : others[j++]!]!;
      // Most rules do not match: captures are made for the one that does.
      if (!rule.from.matches(path)) continue;
      const outcome = outcomeOf(rule, path, query, rule.from.match(path)!);
      if (outcome === undefined) continue;
      return forcedOnly && !rule.force ? undefined : outcome;
    }
    return undefined;
  }
}

/** What a rule that matches says; undefined when that leads nowhere. */
function outcomeOf(
  { template, status, where }: Compiled,
  path: string,
  query: string | undefined,
  captures: Captures,
): Outcome | undefined {
  if (template === undefined) {
    return { kind: "status", status, path: undefined, where };
  }
  if ("render" in template) {
    const location = template.render(captures, query);
    return location === undefined || isSame(location, path, query)
      ? undefined
      : { kind: "redirect", status, location, where };
  }
  const found = template.path(captures);
  if (status !== REWRITE_STATUS) {
    return { kind: "status", status, path: found, where };
  }
  if (found === undefined || found === path) return undefined;
  const foundQuery = template.query(captures, query);
  return { kind: "rewrite", path: found, query: foundQuery, where };
}

/** Whether a Location names what was asked for: following it would never end. */
function isSame(
  location: string,
  path: string,
  query: string | undefined,
): boolean {
  const hash = location.indexOf("#");
  const end = hash === -1 ? location.length : hash;
  const own = encodePath(path) + (query === undefined ? "" : `?${query}`);
  return end === own.length && location.startsWith(own);
}

/** No rules at all. */
export const NO_RULES: Rules = new Rules([], [], []);

/**
 * Compiles rules. What is wrong is not applied, and named: the rule, or of a header rule the field; at most
 * {@linkcode FILE_PROBLEMS_MAX} are. Rules beyond {@linkcode RULES_MAX} of a kind are not applied either. Never throws.
 */
export function compileRules(
  texts: RuleTexts,
): { readonly rules: Rules; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const headers = limited(texts.headers, "header rules", problems)
    .map((text) => compileHeaderRule(text, problems))
    .filter((rule) => rule !== undefined);
  const redirects = limited(texts.redirects, "redirects", problems)
    .map((text) => compileRedirect(text, problems))
    .filter((rule) => rule !== undefined);
  const errorPages = new Map<number, ErrorPageRule>();
  for (const text of limited(texts.errorPages, "error pages", problems)) {
    const problem = addErrorPage(text, errorPages);
    if (problem !== undefined) {
      problems.push({ where: text.where, text: problem });
    }
  }
  const rules = new Rules(headers, redirects, [...errorPages.values()]);
  return { rules, problems: readable(problems) };
}

/** As many problems as anybody wants to read; those beyond as one that tells their number. */
function readable(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - FILE_PROBLEMS_MAX;
  if (more <= 0) return problems;
  const { where } = problems[FILE_PROBLEMS_MAX]!;
  const text = `Cannot use this and what follows: ${more} more problems`;
  return [...problems.slice(0, FILE_PROBLEMS_MAX), { where, text }];
}

/** As many rules as are put up with. */
function limited<T extends { readonly where: string }>(
  texts: readonly T[],
  kind: string,
  problems: Problem[],
): readonly T[] {
  const first = texts[RULES_MAX];
  if (first === undefined) return texts;
  problems.push({
    where: first.where,
    text: `Cannot use more than ${RULES_MAX} ${kind}: the ${
      texts.length - RULES_MAX
    } from here on are left out`,
  });
  return texts.slice(0, RULES_MAX);
}

function compileRedirect(
  { from: text, to, status, force, where }: RedirectText,
  problems: Problem[],
): Compiled | undefined {
  const fail = (text: string) => {
    problems.push({ where, text });
    return undefined;
  };
  const from = compilePattern(text);
  if ("problem" in from) return fail(from.problem);
  const rule = { from, to, status, force, where };
  const isRedirect = REDIRECT_STATUSES.includes(status);
  const isAnswer = ANSWER_STATUSES.includes(status);
  if (!isRedirect && !isAnswer && status !== REWRITE_STATUS) {
    const known = [...REDIRECT_STATUSES, REWRITE_STATUS, ...ANSWER_STATUSES];
    return fail(`Cannot use status ${status}: give one of ${known.join(", ")}`);
  }
  if (to === undefined) {
    return isAnswer
      ? { ...rule, template: undefined }
      : fail(`Cannot use status ${status} without a destination`);
  }
  const template = isRedirect
    ? compileLocation(to, from.names)
    : compileSitePath(to, from.names);
  if ("problem" in template) return fail(template.problem);
  if (isAnswer && to.includes("?")) {
    return fail(`Cannot use ${quote(to)} as a page: it has a query`);
  }
  return { ...rule, template };
}

/** Adds an error page; returns what is wrong with it, if anything. */
function addErrorPage(
  { status, path: text, where }: ErrorPageText,
  pages: Map<number, ErrorPageRule>,
): string | undefined {
  if (!SITE_ERRORS.includes(status)) {
    return `Cannot have a page for status ${status}: give one of ${
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
  if (path === undefined || text.includes("?") || path.endsWith("/")) {
    return `Cannot use ${quote(text)} as a page: give the path of a file`;
  }
  pages.set(status, { status, path, where });
  return undefined;
}
