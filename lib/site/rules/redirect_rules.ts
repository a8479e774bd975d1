/**
 * Redirects, rewrites and statuses by path; the first match decides. No rule
 * looks at the site.
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
import { PatternIndex } from "./pattern_index.ts";
import { type Captures, compilePattern, type Pattern } from "./pattern.ts";
import { quote } from "../../http/printable.ts";
import type { Problem, RedirectText } from "./texts.ts";

/** What a rule does with a request. */
export type Outcome =
  | {
    /** Sends the client elsewhere. */
    readonly kind: "redirect";
    /** 301, 302, 303, 307 or 308. */
    readonly status: number;
    readonly location: string;
    readonly where: string;
  }
  | {
    /** Serves another path of the site. It is looked up once, and no other rule applies. */
    readonly kind: "rewrite";
    /** Decoded, as in a Target. */
    readonly path: string;
    /** The query of that path, undecoded. */
    readonly query: string | undefined;
    readonly where: string;
  }
  | {
    /** Responds with an error. */
    readonly kind: "status";
    /** 403, 404, 410 or 451. */
    readonly status: number;
    /** Decoded path of its page in the site; undefined for the usual page. */
    readonly path: string | undefined;
    readonly where: string;
  };

/** A redirect, rewrite or status for the paths of a pattern. */
export interface RedirectRule {
  readonly from: Pattern;
  /** The destination; undefined for a status without a page. */
  readonly template: LocationTemplate | SitePathTemplate | undefined;
  /** The status, which is the kind of the rule. */
  readonly status: number;
  /** Whether the rule also applies to files that exist. */
  readonly force: boolean;
  readonly where: string;
}

/** A path in the site that a rule leads to, whatever the request. */
export interface FixedDestination {
  /** Decoded. */
  readonly path: string;
  /** Whether it is an error page, not the destination of a rewrite. */
  readonly isPage: boolean;
  readonly where: string;
}

/** Statuses that redirect (RFC 9110 §15.4), except 304 and the deprecated ones. */
export const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];

const REWRITE_STATUS = 200;

/** Statuses that a rule may respond with. */
export const ANSWER_STATUSES: readonly number[] = [403, 404, 410, 451];

/** Redirect rules in order. Rules for a single path are looked up by it, so a thousand of them cost nothing. */
export class RedirectTable {
  /** All rules, in order. */
  readonly rules: readonly RedirectRule[];
  /** Whether any rule also applies to files that exist. */
  readonly #hasForced: boolean;
  readonly #index: PatternIndex;

  constructor(rules: readonly RedirectRule[]) {
    this.rules = rules;
    this.#hasForced = rules.some(({ force }) => force);
    this.#index = new PatternIndex(rules.map(({ from }) => from));
  }

  *fixedDestinations(): Generator<FixedDestination> {
    for (const { template, status, where } of this.rules) {
      if (!(template instanceof SitePathTemplate)) continue;
      const path = template.fixedPath;
      const isPage = status !== REWRITE_STATUS;
      if (path !== undefined) yield { path, isPage, where };
    }
  }

  /** See {@linkcode Rules.decide}. */
  decide(
    path: string,
    query: string | undefined,
    forcedOnly: boolean,
  ): Outcome | undefined {
    if (forcedOnly && !this.#hasForced) return undefined;
    let decided: Outcome | undefined;
    this.#index.visit(path, (index) => {
      const rule = this.rules[index]!;
      // Most rules do not match, so capture only for the one that does.
      const outcome = outcomeOf(rule, path, query, rule.from.match(path)!);
      if (!forcedOnly || rule.force) decided = outcome;
      return outcome !== undefined;
    });
    return decided;
  }
}

/** Returns what a matching rule does; undefined if it leads nowhere. */
function outcomeOf(
  { template, status, where }: RedirectRule,
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

/** Whether a Location names the requested URL: following it would never end. */
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

/** Compiles a rule; undefined if it cannot be used. Adds the reason to the problems. */
export function compileRedirect(
  { from: text, to, status, force, where }: RedirectText,
  problems: Problem[],
): RedirectRule | undefined {
  const fail = (text: string) => {
    problems.push({ where, text });
    return undefined;
  };
  const from = compilePattern(text);
  if ("problem" in from) return fail(from.problem);
  if (from.hasManyStars) {
    return fail(
      `Cannot use pattern ${quote(text)}: a redirect can have only one "*"`,
    );
  }
  const rule = { from, status, force, where };
  const isRedirect = REDIRECT_STATUSES.includes(status);
  const isAnswer = ANSWER_STATUSES.includes(status);
  if (!isRedirect && !isAnswer && status !== REWRITE_STATUS) {
    const allowed = [...REDIRECT_STATUSES, REWRITE_STATUS, ...ANSWER_STATUSES];
    return fail(
      `Cannot use status ${status}: expected one of ${allowed.join(", ")}`,
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
