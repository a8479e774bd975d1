/**
 * Trace: records the steps on the way to a reply. Wraps a site and rules, and
 * passes every call on.
 *
 * @module
 */

import type { Refusal } from "../access/gate.ts";
import type { Preview } from "../cli/preview.ts";
import type { ServiceHandler } from "../site/policy.ts";
import type { Outcome } from "../site/rules/redirect_rules.ts";
import type { Rules, RuleSource } from "../site/rules/rules.ts";
import type { FileResource, Resource, Site } from "../site/site.ts";

/** A step on the way to a reply. */
export type Step =
  /** The gate refused the request. */
  | { readonly kind: "refusal"; readonly cause: Refusal["cause"] }
  /** The request asks to see another release; one of no release, if that is undefined. */
  | {
    readonly kind: "preview";
    readonly release: string | undefined;
    readonly by: Preview["by"];
  }
  /** What is no file replied. */
  | { readonly kind: "service" }
  /** The site looked up a path. */
  | {
    readonly kind: "lookup";
    readonly path: string;
    readonly resource: Resource;
    /** Of which release or older build the file is, if there can be several. */
    readonly origin: string | undefined;
  }
  /** The redirect rules were tried: those with force, or the others. */
  | {
    readonly kind: "rules";
    readonly forcedOnly: boolean;
    readonly outcome: Outcome | undefined;
  }
  /** Header rules applied, from these places. */
  | { readonly kind: "fields"; readonly where: readonly string[] }
  /** The site began to make a variant; the request does not wait for it. */
  | { readonly kind: "encode"; readonly token: string };

/** Wraps a site so that it reports each step. */
export function traceSite(
  site: Site,
  onStep: (step: Step) => void,
  originOf: (file: FileResource) => string | undefined = () => undefined,
): Site {
  return {
    lookup(path, now) {
      const resource = site.lookup(path, now);
      const origin = resource.kind === "file" ? originOf(resource) : undefined;
      onStep({ kind: "lookup", path, resource, origin });
      return resource;
    },
    encode(file, coding) {
      onStep({ kind: "encode", token: coding.token });
      site.encode(file, coding);
    },
    decode: (file) => site.decode(file),
    list: (path, entriesMax) => site.list(path, entriesMax),
    isReadable: (path, now) => site.isReadable(path, now),
  };
}

/** Wraps rules so that they report each step. */
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

/** Wraps what replies at paths of skiff's own so that it reports that it did. */
export function traceServices(
  services: ReadonlyMap<string, ServiceHandler>,
  onStep: (step: Step) => void,
): ReadonlyMap<string, ServiceHandler> {
  return new Map([...services].map(([path, respond]) => [path, (head) => {
    onStep({ kind: "service" });
    return respond(head);
  }]));
}
