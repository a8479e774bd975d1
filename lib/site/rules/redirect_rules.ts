/**
 * Redirect rules: redirects, rewrites and statuses by path, of which the first
 * that matches decides. No rule looks at the site.
 *
 * @module
 */

import { encodePath } from "../../http/target.ts";
import {
  compileLocation,
  compileSitePath,
  type LocationTemplate,
  SitePathTemplate,
} from "./destination.ts";
import { isFirstNext, PatternIndex } from "./pattern_index.ts";
import { type Captures, compilePattern, type Pattern } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import type { Problem, RedirectText } from "./texts.ts";

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

/** A path in the site that a rule leads to, whatever the request is. */
export interface FixedDestination {
  /** Decoded. */
  readonly path: string;
  /** Whether it is the page of an error, else what a rewrite answers with. */
  readonly isPage: boolean;
  /** Where the rule stands. */
  readonly where: string;
}

/** A redirect rule with what its `to` was compiled to. */
export interface CompiledRedirect extends RedirectRule {
  /** undefined for a status without a page. */
  readonly template: LocationTemplate | SitePathTemplate | undefined;
}

/** The status codes that redirect (RFC 9110 §15.4), 304 and the deprecated ones left out. */
export const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];

/** The status of a rewrite. */
const REWRITE_STATUS = 200;

/** The status codes that a rule may answer with. */
export const ANSWER_STATUSES: readonly number[] = [403, 404, 410, 451];

/** Redirect rules, in order. Those with a single path are found by it, so that a thousand of them cost nothing. */
export class RedirectTable {
  /** Whether any rule applies to what the site has, too. */
  readonly hasForced: boolean;
  readonly #rules: readonly CompiledRedirect[];
  readonly #index: PatternIndex;

  /** A table of rules, in order. */
  constructor(rules: readonly CompiledRedirect[]) {
    this.#rules = rules;
    this.hasForced = rules.some(({ force }) => force);
    this.#index = new PatternIndex(rules.map(({ from }) => from));
  }

  /** Whether there are no rules. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** As {@linkcode Rules.fixedDestinations}. */
  *fixedDestinations(): Generator<FixedDestination> {
    for (const { template, status, where } of this.#rules) {
      if (!(template instanceof SitePathTemplate)) continue;
      const path = template.fixedPath;
      const isPage = status !== REWRITE_STATUS;
      if (path !== undefined) yield { path, isPage, where };
    }
  }

  /** As {@linkcode Rules.decide}. */
  decide(
    path: string,
    query: string | undefined,
    forcedOnly: boolean,
  ): Outcome | undefined {
    const exact = this.#index.exact(path);
    const { others } = this.#index;
    let i = 0;
    let j = 0;
    while (i < exact.length || j < others.length) {
      const isExact = isFirstNext(exact, i, others, j);
      const rule = this.#rules[isExact ? exact[i++]! : others[j++]!]!;
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
  { template, status, where }: CompiledRedirect,
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

/** A rule of what was written; undefined when it cannot be applied. Adds to the problems why. */
export function compileRedirect(
  { from: text, to, status, force, where }: RedirectText,
  problems: Problem[],
): CompiledRedirect | undefined {
  const fail = (text: string) => {
    problems.push({ where, text });
    return undefined;
  };
  const from = compilePattern(text);
  if ("problem" in from) return fail(from.problem);
  if (from.hasManyStars) {
    return fail(
      `Cannot use pattern ${quote(text)}: a redirect has one "*" at most`,
    );
  }
  const rule = { from, to, status, force, where };
  const isRedirect = REDIRECT_STATUSES.includes(status);
  const isAnswer = ANSWER_STATUSES.includes(status);
  if (!isRedirect && !isAnswer && status !== REWRITE_STATUS) {
    const known = [...REDIRECT_STATUSES, REWRITE_STATUS, ...ANSWER_STATUSES];
    return fail(
      `Cannot use status ${status}: expected one of ${known.join(", ")}`,
    );
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
