/**
 * Allows the script of live pages in a policy that a site sends: nothing else
 * becomes possible, so that what a policy forbids fails while developing too
 * (Content Security Policy Level 3).
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { LIVE_EVENTS_PATH, LIVE_SCRIPT_PATH } from "./assets.ts";

/** What a policy must allow: where from, and the directives that decide it, the first that is there. */
const NEEDS:
  readonly (readonly [path: string, directives: readonly string[]])[] = [
    [LIVE_SCRIPT_PATH, ["script-src-elem", "script-src", "default-src"]],
    [LIVE_SCRIPT_PATH, [
      "worker-src",
      "child-src",
      "script-src",
      "default-src",
    ]],
    [LIVE_EVENTS_PATH, ["connect-src", "default-src"]],
  ];

/** Returns the lines with all policies in them amended. `nonce` is that of the script element. */
export function amendLines(
  lines: readonly FieldLine[],
  nonce: string,
): readonly FieldLine[] {
  const isPolicy = ([name]: FieldLine) =>
    /^content-security-policy(?:-report-only)?$/i.test(name);
  return lines.map((line): FieldLine =>
    isPolicy(line) ? [line[0], amendPolicy(line[1], nonce)] : line
  );
}

/** Returns a policy, or several with commas between them, that allows the script, its worker and its events. */
export function amendPolicy(value: string, nonce: string): string {
  return value.split(",").map((policy) => amendOne(policy, nonce)).join(",");
}

function amendOne(policy: string, nonce: string): string {
  const directives = policy.split(";").map((text) => text.trim())
    .filter((text) => text !== "");
  const sourcesOf = (name: string) =>
    directives.find((text) => nameOf(text) === name)?.split(/\s+/).slice(1);
  const added: string[] = [];
  for (const [path, names] of NEEDS) {
    const name = names.find((each) => sourcesOf(each) !== undefined);
    if (name === undefined) continue;
    const sources = sourcesOf(name)!;
    // With a nonce, browsers ignore "unsafe-inline", which the page's own scripts may need.
    const source = names[0] === "script-src-elem" && !isInlineAllowed(sources)
      ? `'nonce-${nonce}'`
      // Any host, because skiff does not know its own names. A worker's must be the page's anyway.
      : `*:*${path}`;
    const kept = sources.filter((each) => each.toLowerCase() !== "'none'");
    added.push([names[0]!, ...kept, source].join(" "));
  }
  if (added.length === 0) return policy;
  const replaced = added.map(nameOf);
  return [
    ...directives.filter((text) => !replaced.includes(nameOf(text))),
    ...added,
  ].join("; ");
}

/** Whether sources allow inline scripts: "unsafe-inline" counts unless there are nonces, hashes or "strict-dynamic". */
function isInlineAllowed(sources: readonly string[]): boolean {
  return sources.some((each) => /^'unsafe-inline'$/i.test(each)) &&
    !sources.some((each) =>
      /^'(?:nonce-|sha(?:256|384|512)-|strict-dynamic')/i.test(each)
    );
}

function nameOf(directive: string): string {
  return directive.split(/\s/, 1)[0]!.toLowerCase();
}
