/**
 * Whether Cache-Control suits the name of a file: what may be kept for ever
 * must change its name with its content.
 *
 * @module
 */

import { isHashedName } from "../site/content/hashed_name.ts";
import { isPageType } from "./answer.ts";
import type { RuleId } from "./finding_rules.ts";

/** Seconds from which a file counts as kept without asking: a day, which the operator cannot call back. */
const LONG_SECONDS = 86_400;

/**
 * Paths that may have a version, although skiff would not trust it: `jquery-3.7.1.min.js`, `/v2/`, `lib@1.0.0/`. For
 * these, an operator who made them immutable may know better.
 */
const VERSIONED_PATHS = [
  /[-._~]v?\d+\.\d+/i,
  /[/@-]v?\d+(?:\.\d+)+(?:[/-]|$)/i,
  /\/v\d+\//i,
];

/** The same for names, which may have a hash: `app-x7q2m9.js`. */
const HASHED_NAMES = [
  /(?:^|[-._/])(?=[\w-]*\d)[A-Za-z0-9_-]{6,}(?=\.|$)/,
  /(?:^|[-._/])(?=[\w-]*[a-z][A-Z])[A-Za-z0-9_-]{8,}(?=\.|$)/,
  /(?:^|[-._/])[0-9a-f]{6,}(?=\.|$)/,
  /(?:^|[-.])[a-z]{8}(?=\.)/,
];

/** Returns what is wrong with the Cache-Control of a file; undefined if nothing is. */
export function cachingProblem(
  path: string,
  cacheControl: string,
  type: string,
): { readonly rule: RuleId; readonly message: string } | undefined {
  const directives = cacheControl.toLowerCase().split(",")
    .map((part) => part.trim());
  const age = Number(
    directives.find((part) => part.startsWith("max-age="))?.slice(8) ?? 0,
  );
  const asks = directives.includes("no-cache") ||
    directives.includes("no-store");
  const isImmutable = directives.includes("immutable") && !asks;
  const isLong = age >= LONG_SECONDS && !asks;
  const problem = (rule: RuleId, what: string) => ({
    rule,
    message: `${what} has Cache-Control "${cacheControl}"`,
  });
  if (isPageType(type)) {
    return isImmutable ? problem("immutable-page", "a page") : undefined;
  }
  if (isHashedName(path)) {
    return isLong
      ? undefined
      : problem("hashed-revalidated", "a file with a hash in its name");
  }
  const name = path.slice(path.lastIndexOf("/"));
  const mayBe = VERSIONED_PATHS.some((form) => form.test(path)) ||
    HASHED_NAMES.some((form) => form.test(name));
  return isImmutable && !mayBe
    ? problem("immutable-unhashed", "a file without a hash in its name")
    : undefined;
}
