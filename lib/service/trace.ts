/**
 * Trace: the steps on the way to an answer, told by a site and rules that are
 * asked in place of the real ones and pass every question on.
 *
 * @module
 */

import type { Refusal } from "../access/gate.ts";
import type { Outcome } from "../site/rules/redirect_rules.ts";
import type { Rules, RuleSource } from "../site/rules/rules.ts";
import type { Resource, Site } from "../site/site.ts";

/** A step on the way to an answer. */
export type Step =
  /** The gate has refused the request. */
  | { readonly kind: "refusal"; readonly cause: Refusal["cause"] }
  /** The site was asked for a path. */
  | {
    readonly kind: "lookup";
    readonly path: string;
    readonly resource: Resource;
  }
  /** The redirect rules were asked, only those with force or all. */
  | {
    readonly kind: "rules";
    readonly forcedOnly: boolean;
    readonly outcome: Outcome | undefined;
  }
  /** Header rules apply, which stand at these places. */
  | { readonly kind: "fields"; readonly where: readonly string[] }
  /** A variant is to be made, which this request does not wait for. */
  | { readonly kind: "encode"; readonly token: string };

/** A site that tells what it is asked. */
export function traceSite(site: Site, onStep: (step: Step) => void): Site {
  return {
    lookup(path, now) {
      const resource = site.lookup(path, now);
      onStep({ kind: "lookup", path, resource });
      return resource;
    },
    encode(file, coding) {
      onStep({ kind: "encode", token: coding.token });
      site.encode(file, coding);
    },
    decode: (file) => site.decode(file),
    list: (path) => site.list(path),
  };
}

/** Rules that tell what they are asked. */
export function traceRules(
  rules: Rules,
  onStep: (step: Step) => void,
): RuleSource {
  return {
    decide(path, query, forcedOnly) {
      const outcome = rules.decide(path, query, forcedOnly);
      onStep({ kind: "rules", forcedOnly, outcome });
      return outcome;
    },
    linesFor(path) {
      const where = rules.headerRulesFor(path).map((rule) => rule.where);
      if (where.length > 0) onStep({ kind: "fields", where });
      return rules.linesFor(path);
    },
    errorPage: (status) => rules.errorPage(status),
  };
}
