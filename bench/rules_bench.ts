/**
 * Rules: what a request pays for them, by their number and its path's length.
 *
 * @module
 */

import { compileRules, type Rules } from "../lib/site/rules/rules.ts";
import { keep } from "./keep.ts";

/** As many header rules and redirects, of every kind of pattern, none of which is for the paths below. */
function rulesOf(count: number): Rules {
  const kinds = [
    (i: number) => `/old/page-${i}`,
    (i: number) => `/old-${i}/*`,
    (i: number) => `/*.type${i}`,
    (i: number) => `/:section/:page/x${i}`,
    (i: number) => `/assets/*/v${i}/:name`,
  ];
  const patterns = Array.from(
    { length: count },
    (_, i) => kinds[i % kinds.length]!(i),
  );
  const where = "bench";
  const { rules } = compileRules({
    headers: patterns.map((text) => ({
      for: text,
      values: [["X-Rule", "1"]],
      where,
    })),
    redirects: patterns.map((from) => ({
      from,
      to: "/new",
      status: 301,
      force: false,
      where,
    })),
    errorPages: [],
  });
  return rules;
}

const PATHS: readonly (readonly [name: string, path: string])[] = [
  ["40 characters", "/assets/css/2026/02/some-site-3f9a2c.css"],
  ["8,000 characters", "/" + "segment/".repeat(1000)],
];

for (const count of [0, 10, 100]) {
  const rules = rulesOf(count);
  for (const [name, path] of PATHS) {
    const group = `${name}`;
    Deno.bench(`Rules.linesFor() ${count} rules, ${name}`, { group }, () => {
      keep(rules.linesFor(path));
    });
    Deno.bench(`Rules.decide() ${count} rules, ${name}`, { group }, () => {
      keep(rules.decide(path, undefined, false));
    });
  }
}

const MATCHING = compileRules({
  headers: [],
  redirects: [{
    from: "/*",
    to: "/new/:splat",
    status: 301,
    force: false,
    where: "bench",
  }],
  errorPages: [],
}).rules;

for (const [name, path] of PATHS) {
  Deno.bench(`Rules.decide() a splat's Location, ${name}`, () => {
    keep(MATCHING.decide(path, undefined, false));
  });
}
