/**
 * Checks the operator's rules against the site: rules that hide files, that
 * never apply, that run in a circle or lead to nothing.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { encodePath } from "../http/target.ts";
import type { HeaderRule } from "../site/rules/header_rules.ts";
import {
  REDIRECT_STATUSES,
  type RedirectRule,
} from "../site/rules/redirect_rules.ts";
import type { Rules } from "../site/rules/rules.ts";
import { decodedText } from "./address.ts";
import { type Fetcher, follow } from "./answer.ts";
import type { FindingCollector, FindingPlace } from "./findings.ts";

/** Most comparisons of header rules with paths. Rules that are left then are not judged. */
export const COMPARISONS_MAX = 50_000_000;

/** Texts that stand for "*" and placeholders, so that a pattern becomes a path that no file has. */
const SAMPLES = ["x7q", "z9k"];

/** A site with rules. */
export interface RuledSite {
  readonly rules: Rules;
  /** Decoded paths of its files, as clients could ask for them. */
  readonly files: readonly string[];
  /** Decoded paths of its directories, with "/". */
  readonly directories: readonly string[];
}

/** What the checks need. */
export interface RuleDeps extends RuledSite {
  readonly ask: Fetcher;
  readonly findings: FindingCollector;
}

/** Checks all rules. */
export async function checkRules(deps: RuleDeps): Promise<void> {
  const { redirectRules } = deps.rules;
  checkShadows(deps);
  for (const [index, rule] of redirectRules.entries()) {
    const earlier = coveringRule(redirectRules, index);
    if (earlier !== undefined) {
      addUnreachable(deps, rule, `${earlier.where} matches first`);
    } else if (rule.from.literal !== undefined) {
      await checkLiteral(deps, rule, rule.from.literal);
    }
    if (REDIRECT_STATUSES.includes(rule.status)) {
      await checkRedirect(deps, rule);
    }
  }
  checkHeaderRules(deps);
}

/** Splits "_redirects:3" into the file and the line. */
export function placeOf(where: string): FindingPlace {
  const match = /^(.*):(\d+)$/s.exec(where);
  return match === null
    ? { path: where }
    : { path: match[1]!, line: Number(match[2]) };
}

/** Rules with force that answer in place of files; a status hides them on purpose. */
function checkShadows({ rules, files, findings }: RuleDeps): void {
  if (!rules.redirectRules.some(({ force }) => force)) return;
  const hidden = new Map<string, { count: number; example: string }>();
  for (const path of files) {
    const outcome = rules.decide(path, undefined, true);
    if (outcome === undefined || outcome.kind === "status") continue;
    const known = hidden.get(outcome.where);
    if (known === undefined) {
      hidden.set(outcome.where, { count: 1, example: path });
    } else known.count++;
  }
  for (const [where, { count, example }] of hidden) {
    const message = count === 1
      ? `the rule hides ${quote(example)}`
      : `the rule hides ${count} files, such as ${quote(example)}`;
    findings.add("rule-shadows-file", message, placeOf(where));
  }
}

/** Returns an earlier rule that matches everything that a rule matches, as far as their texts show. */
function coveringRule(
  rules: readonly RedirectRule[],
  index: number,
): RedirectRule | undefined {
  const { from } = rules[index]!;
  const beginning = from.literal ?? /^[^*:]*/.exec(from.text)![0];
  return rules.slice(0, index).find((earlier) => {
    const prefix = /^([^*:%]*)\*$/.exec(earlier.from.text)?.[1];
    if (prefix === undefined) return false;
    // A template that cannot take the path lets later rules match.
    return beginning.startsWith(prefix) && earlier.from.matches(beginning);
  });
}

/** Checks a rule for a single path: whether it decides there, as it is written. */
async function checkLiteral(
  deps: RuleDeps,
  rule: RedirectRule,
  literal: string,
): Promise<void> {
  const path = rule.from.text.endsWith("/") && literal !== "/"
    ? `${literal}/`
    : literal;
  const { rule: where, file, status } = await deps.ask(
    encodePath(path),
    "document",
  );
  if (where === rule.where) return;
  const instead = where !== undefined
    ? `${where} matches first`
    : file !== undefined && status === 200
    ? `${quote(file)} answers`
    : status === 308
    ? "the directory of that name answers"
    : "it leads to its own address";
  addUnreachable(deps, rule, instead);
}

function addUnreachable(
  { findings }: RuleDeps,
  { from, where }: RedirectRule,
  reason: string,
): void {
  const message = `the rule for ${
    quote(from.text)
  } does not apply there: ${reason}`;
  findings.add("rule-unreachable", message, placeOf(where));
}

/** Follows a redirect from a path that its pattern matches. */
async function checkRedirect(
  { ask, findings }: RuleDeps,
  rule: RedirectRule,
): Promise<void> {
  const [first, second] = SAMPLES.map((text) => samplePath(rule, text));
  const { location, rule: where } = await ask(first!, "document");
  if (where !== rule.where || location === undefined) return;
  const end = await follow(ask, first!, "document");
  const place = placeOf(rule.where);
  const name = quote(rule.from.text);
  if (end.isLoop) {
    const message = `the redirect from ${name} runs in a circle`;
    return findings.add("redirect-loop", message, place);
  }
  if (end.isExternal || end.status < 400) return;
  // Where it leads depends on the request, and no file has the sample's name.
  const isFixed = first === second ||
    (await ask(second!, "document")).location === location;
  if (!isFixed) return;
  const message = `the redirect from ${name} leads to ${
    quote(end.target)
  }, which gets ${end.status}`;
  findings.add("rule-dead-end", message, place);
}

function samplePath({ from }: RedirectRule, text: string): string {
  const path = from.literal ??
    decodedText(
      from.text.replace(/\*+/g, text).replace(/:[A-Za-z_]\w*/g, text),
    );
  return encodePath(path);
}

/** Header rules that match nothing in the site. */
function checkHeaderRules(
  { rules, files, directories, findings }: RuleDeps,
): void {
  const paths = new Set([...files, ...directories]);
  let comparisons = 0;
  const isMatched = ({ pattern }: HeaderRule) => {
    const { literal } = pattern;
    if (literal !== undefined) {
      return [literal, `${literal}/`, `${literal}.html`].some((path) =>
        paths.has(path)
      );
    }
    for (const path of paths) {
      if (++comparisons > COMPARISONS_MAX || pattern.matches(path)) return true;
      // Clean addresses have headers of their own.
      if (path.endsWith(".html") && pattern.matches(path.slice(0, -5))) {
        return true;
      }
    }
    return false;
  };
  for (const rule of rules.headerRules) {
    if (isMatched(rule)) continue;
    const message = `no path of the site matches ${quote(rule.pattern.text)}`;
    findings.add("rule-unreachable", message, placeOf(rule.where), "note");
  }
}
