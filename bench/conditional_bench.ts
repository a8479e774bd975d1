/**
 * Preconditions → what they come to.
 *
 * @module
 */

import {
  type Conditions,
  evaluatePreconditions,
  matchesIfRange,
} from "../lib/http/conditional.ts";
import { keep } from "./keep.ts";

const NONE: Conditions = {
  ifMatch: undefined,
  ifNoneMatch: undefined,
  ifModifiedSince: undefined,
  ifUnmodifiedSince: undefined,
};

const VALIDATORS = {
  etag: '"18c3f1a2b3d-400"',
  modified: Date.UTC(1994, 10, 6, 8, 49, 37),
};
const NOW = Date.UTC(2026, 0, 1);
const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const OTHERS = Array.from({ length: 20 }, (_, i) => `"other-${i}"`).join(", ");

const CASES: readonly (readonly [name: string, conditions: Conditions])[] = [
  ["none", NONE],
  ["If-None-Match, the same", { ...NONE, ifNoneMatch: VALIDATORS.etag }],
  ["If-None-Match, another", { ...NONE, ifNoneMatch: '"18c3f1a2b3c-400"' }],
  ["If-None-Match, 21 tags", {
    ...NONE,
    ifNoneMatch: `${OTHERS}, ${VALIDATORS.etag}`,
  }],
  ["If-Modified-Since", { ...NONE, ifModifiedSince: DATE }],
  ["If-None-Match and If-Modified-Since", {
    ...NONE,
    ifNoneMatch: VALIDATORS.etag,
    ifModifiedSince: DATE,
  }],
];

for (const [name, conditions] of CASES) {
  const options = { group: "preconditions" };
  Deno.bench(`evaluatePreconditions() ${name}`, options, () => {
    keep(evaluatePreconditions(conditions, VALIDATORS, NOW));
  });
}

for (const [name, value] of [["tag", VALIDATORS.etag], ["date", DATE]]) {
  Deno.bench(`matchesIfRange() ${name}`, { group: "If-Range" }, () => {
    keep(matchesIfRange(value!, VALIDATORS, NOW));
  });
}
