/**
 * Preconditions → what they come to.
 *
 * @module
 */

import {
  evaluatePreconditions,
  matchesIfRange,
} from "../lib/http/conditional.ts";
import { type Conditions, headWith } from "../tests/http/conditions.ts";
import { keep } from "./keep.ts";

const VALIDATORS = {
  etag: '"18c3f1a2b3d-400"',
  modified: Date.UTC(1994, 10, 6, 8, 49, 37),
};
const NOW = Date.UTC(2026, 0, 1);
const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const OTHERS = Array.from({ length: 20 }, (_, i) => `"other-${i}"`).join(", ");

const CASES: readonly (readonly [name: string, conditions: Conditions])[] = [
  ["none", {}],
  ["If-None-Match, the same", { IfNoneMatch: VALIDATORS.etag }],
  ["If-None-Match, another", { IfNoneMatch: '"18c3f1a2b3c-400"' }],
  ["If-None-Match, 21 tags", {
    IfNoneMatch: `${OTHERS}, ${VALIDATORS.etag}`,
  }],
  ["If-Modified-Since", { IfModifiedSince: DATE }],
  ["If-None-Match and If-Modified-Since", {
    IfNoneMatch: VALIDATORS.etag,
    IfModifiedSince: DATE,
  }],
];

for (const [name, conditions] of CASES) {
  const options = { group: "preconditions" };
  const head = headWith(conditions);
  Deno.bench(`evaluatePreconditions() ${name}`, options, () => {
    keep(evaluatePreconditions(head, VALIDATORS, NOW));
  });
}

for (const [name, value] of [["tag", VALIDATORS.etag], ["date", DATE]]) {
  Deno.bench(`matchesIfRange() ${name}`, { group: "If-Range" }, () => {
    keep(matchesIfRange(value!, VALIDATORS, NOW));
  });
}
