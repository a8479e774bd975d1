/**
 * The policy of a site, as its plan says.
 *
 * @module
 */

import { subjectOf } from "../access/networks.ts";
import type { FieldLine } from "../http/field_section.ts";
import { NO_STORE } from "../site/content/freshness.ts";
import { override, Policy, type PolicyOptions } from "../site/policy.ts";
import { amendRules, withoutStorage } from "../site/rules/amended_rules.ts";
import type { RuleSource } from "../site/rules/rules.ts";
import type { ProtectionTest } from "./access.ts";
import type { Live } from "./live.ts";
import type { Plan } from "./plan.ts";

/** Makes the policy of a plan whose site has these rules. */
export function policyOf(
  plan: Plan,
  rules: RuleSource,
  isProtected: ProtectionTest = () => false,
  live?: Live,
  services: PolicyOptions["services"] = new Map(),
): Policy {
  const { kind, options } = plan;
  const { index, spa, listing, zip } = options;
  const { cors, coi, earlyHints } = options;
  const fields = fieldsOf(plan);
  // A browser must not mix what it gets with a cookie and without it.
  const amend = live?.amend ??
    (plan.preview === "cookie" ? withoutStorage : undefined);
  const isByCookie = plan.preview !== "host" &&
    options.preview.some(({ by }) => by === "cookie");
  return new Policy({
    index,
    spa,
    listing,
    // Whoever has a ZIP file has no need of another.
    zip: zip && kind !== "zip",
    cacheControl: amend === undefined ? options.cacheControl : NO_STORE,
    cors,
    coi,
    earlyHints,
    fields: amend === undefined ? fields : amend(fields),
    rules: amend === undefined ? rules : amendRules(rules, amend),
    varies: isByCookie ? ["Cookie"] : [],
    isProtected,
    services,
    subjectOf,
    ...live && {
      pages: live.site,
      suggestions: true,
      assets: live.assets,
    },
  });
}

/** The header lines that a plan adds to every reply. */
function fieldsOf({ options: { header, hsts }, preview }: Plan): FieldLine[] {
  const fields: FieldLine[] = [];
  if (hsts !== undefined) {
    fields.push(["Strict-Transport-Security", `max-age=${hsts}`]);
  }
  // A search engine must not take a preview for the site.
  if (preview !== undefined) fields.push(["X-Robots-Tag", "noindex"]);
  return preview === undefined
    ? [...fields, ...header]
    : override(fields, header);
}
