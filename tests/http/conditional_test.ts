import { assert, assertStrictEquals } from "@std/assert";
import {
  evaluatePreconditions,
  matchesIfRange,
  type PreconditionResult,
  type Validators,
} from "../../lib/http/conditional.ts";
import { type Conditions, headWith } from "./conditions.ts";

const TAG = '"a,b-1"';
const WEAK = 'W/"a,b-1"';

const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
const EXACT = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";
const EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT";
const BEFORE_EPOCH = "Wed, 31 Dec 1969 23:59:59 GMT";
const FUTURE = "Fri, 31 Dec 2999 23:59:59 GMT";

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
/** Within the second of EXACT. */
const MODIFIED = Date.UTC(1994, 10, 6, 8, 49, 37, 654);

/** What the preconditions of a request come to. */
function evaluate(
  conditions: Conditions,
  validators: Validators,
): PreconditionResult {
  return evaluatePreconditions(headWith(conditions), validators, NOW);
}

/** Which of the two comparisons (§8.8.3.2) finds the tag. */
type Match = "both" | "weak only" | "neither";

/** Each row is asked of If-Match (§13.1.1) and of If-None-Match (§13.1.2). */
const TAG_LISTS: readonly [
  name: string,
  value: string,
  etag: string,
  match: Match,
][] = [
  ["the tag", TAG, TAG, "both"],
  ["another tag", '"x"', TAG, "neither"],
  ["a star", "*", TAG, "both"],
  ["a star, weak here", "*", WEAK, "both"],
  ["the tag as weak", WEAK, TAG, "weak only"],
  ["the tag, weak here", TAG, WEAK, "weak only"],
  ["the tag, weak on both sides", WEAK, WEAK, "weak only"],
  ["another weak tag", 'W/"x"', WEAK, "neither"],
  ["the first of a list", `${TAG}, "x"`, TAG, "both"],
  ["the last of a list", `"x", W/"y", ${TAG}`, TAG, "both"],
  ["weak in a list", `"x", ${WEAK}, "y"`, TAG, "weak only"],
  ["in a list, weak here", `"x", ${TAG}`, WEAK, "weak only"],
  ["weak and then strong", `${WEAK}, ${TAG}`, TAG, "both"],
  ["strong and then weak", `${TAG}, ${WEAK}`, TAG, "both"],
  ["no spaces", `"x",W/"y",${TAG}`, TAG, "both"],
  ["spaces and tabs", `"x" \t,\t ${TAG}\t, "y"`, TAG, "both"],
  ["empty elements", `, ,,${TAG}, ,`, TAG, "both"],
  ["white space around the list", ` ${TAG} `, TAG, "both"],
  ["only commas", ", ,", TAG, "neither"],
  ["nothing", "", TAG, "neither"],
  ["the tag inside a longer one", '"a,b-1x"', TAG, "neither"],
  ["the beginning of the tag", '"a,b-"', TAG, "neither"],
  ["the parts of the tag as two", '"a", "b-1"', TAG, "neither"],
  ["the tag in upper case", '"A,B-1"', TAG, "neither"],
  ["the empty tag", '"x", ""', '""', "both"],
  ["the empty tag is not any tag", '""', TAG, "neither"],
  ["a backslash, which escapes nothing", '"x\\", "y"', '"y"', "both"],
  ["every kind of etagc", '"!#~\x80\xff", "x"', '"!#~\x80\xff"', "both"],
  ["two stars", "*, *", TAG, "neither"],
  ["a star after the tag", `${TAG}, *`, TAG, "neither"],
  ["a star before the tag", `*, ${TAG}`, TAG, "neither"],
  ["a star and a comma", "*,", TAG, "neither"],
  ["a quoted star", '"*"', TAG, "neither"],
  ["a mistake before the tag", `x, ${TAG}`, TAG, "neither"],
  ["a mistake after the tag", `${TAG}, x`, TAG, "neither"],
  ["no quotes", "a,b-1", TAG, "neither"],
  ["single quotes", "'a,b-1'", TAG, "neither"],
  ["no closing quote", '"a,b-1', TAG, "neither"],
  ["an unclosed tag after the tag", `${TAG}, "x`, TAG, "neither"],
  ["no comma between tags", `"x" ${TAG}`, TAG, "neither"],
  ["tags side by side", `"x"${TAG}`, TAG, "neither"],
  ["a semicolon between tags", `${TAG}; "x"`, TAG, "neither"],
  ["w/ in lower case", 'w/"a,b-1"', TAG, "neither"],
  ["W/ twice", 'W/W/"a,b-1"', TAG, "neither"],
  ["a space after W/", 'W/ "a,b-1"', TAG, "neither"],
  ["W/ alone after the tag", `${TAG}, W/`, TAG, "neither"],
  ["a space in a tag", `"x y", ${TAG}`, TAG, "neither"],
  ["a control in a tag", `"x\x01", ${TAG}`, TAG, "neither"],
  ["DEL in a tag", `"x\x7f", ${TAG}`, TAG, "neither"],
  ["a character that is no byte", `"\u0100", ${TAG}`, TAG, "neither"],
  ["NBSP for a space", `"x",\xa0${TAG}`, TAG, "neither"],
];

for (const [name, value, etag, match] of TAG_LISTS) {
  const validators = { etag, modified: MODIFIED };
  Deno.test(`evaluatePreconditions() If-Match, ${name}: ${match}`, () => {
    assertStrictEquals(
      evaluate({ IfMatch: value }, validators),
      match === "both" ? "proceed" : "failed",
    );
  });
  Deno.test(`evaluatePreconditions() If-None-Match, ${name}: ${match}`, () => {
    assertStrictEquals(
      evaluate({ IfNoneMatch: value }, validators),
      match === "neither" ? "proceed" : "not modified",
    );
  });
}

/** Whether the change was after the date; undefined when the field is void. */
const DATES: readonly [
  name: string,
  value: string,
  modified: number | undefined,
  changed: boolean | undefined,
][] = [
  ["the second of the change", EXACT, MODIFIED, false],
  ["a second earlier", BEFORE, MODIFIED, true],
  ["a second later", AFTER, MODIFIED, false],
  ["the future", FUTURE, MODIFIED, false],
  ["rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", MODIFIED, false],
  ["asctime-date", "Sun Nov  6 08:49:36 1994", MODIFIED, true],
  ["a change at the epoch", EXACT, 0, false],
  ["a change just before 1970", BEFORE_EPOCH, -1, false],
  ["a change just after the epoch's second", EPOCH, 1000, true],
  ["a change in the future", EXACT, Date.UTC(2999, 0, 1), true],
  ["not a date", "2999-12-31", MODIFIED, undefined],
  ["two dates", `${AFTER}, ${AFTER}`, MODIFIED, undefined],
  ["two dates long ago", `${EPOCH}, ${EPOCH}`, MODIFIED, undefined],
  ["nothing", "", MODIFIED, undefined],
  ["the future, no time known", FUTURE, undefined, undefined],
  ["the past, no time known", EPOCH, undefined, undefined],
];

for (const [name, value, modified, changed] of DATES) {
  const validators = { etag: TAG, modified };
  Deno.test(`evaluatePreconditions() If-Modified-Since, ${name}: ${changed}`, () => {
    assertStrictEquals(
      evaluate({ IfModifiedSince: value }, validators),
      changed === false ? "not modified" : "proceed",
    );
  });
  Deno.test(`evaluatePreconditions() If-Unmodified-Since, ${name}: ${changed}`, () => {
    assertStrictEquals(
      evaluate({ IfUnmodifiedSince: value }, validators),
      changed === true ? "failed" : "proceed",
    );
  });
}

/** The order of §13.2.2, and which field makes which other one void. */
const ORDER: readonly [
  fields: Conditions,
  want: PreconditionResult,
][] = [
  [{}, "proceed"],
  [{ IfNoneMatch: TAG, IfModifiedSince: BEFORE }, "not modified"],
  [{ IfNoneMatch: '"x"', IfModifiedSince: FUTURE }, "proceed"],
  [{ IfNoneMatch: "x", IfModifiedSince: FUTURE }, "proceed"],
  [{ IfNoneMatch: "", IfModifiedSince: FUTURE }, "proceed"],
  [{ IfMatch: TAG, IfUnmodifiedSince: BEFORE }, "proceed"],
  [{ IfMatch: '"x"', IfUnmodifiedSince: AFTER }, "failed"],
  [{ IfMatch: "", IfUnmodifiedSince: AFTER }, "failed"],
  [{ IfMatch: '"x"', IfNoneMatch: TAG }, "failed"],
  [{ IfMatch: TAG, IfNoneMatch: TAG }, "not modified"],
  [{ IfMatch: TAG, IfNoneMatch: '"x"' }, "proceed"],
  [{ IfMatch: "*", IfModifiedSince: EXACT }, "not modified"],
  [{ IfMatch: '"x"', IfModifiedSince: EXACT }, "failed"],
  [{ IfUnmodifiedSince: BEFORE, IfNoneMatch: TAG }, "failed"],
  [{ IfUnmodifiedSince: BEFORE, IfModifiedSince: FUTURE }, "failed"],
  [{ IfUnmodifiedSince: AFTER, IfNoneMatch: TAG }, "not modified"],
  [{ IfUnmodifiedSince: AFTER, IfModifiedSince: AFTER }, "not modified"],
  [{ IfUnmodifiedSince: "x", IfModifiedSince: AFTER }, "not modified"],
  [
    {
      IfMatch: TAG,
      IfNoneMatch: '"x"',
      IfModifiedSince: FUTURE,
      IfUnmodifiedSince: BEFORE,
    },
    "proceed",
  ],
];

for (const [fields, want] of ORDER) {
  const names = JSON.stringify(fields);
  Deno.test(`evaluatePreconditions() ${want} for ${names}`, () => {
    const validators = { etag: TAG, modified: MODIFIED };
    assertStrictEquals(
      evaluate(fields, validators),
      want,
    );
  });
}

const IF_RANGE: readonly [
  name: string,
  value: string,
  validators: Partial<Validators>,
  want: boolean,
][] = [
  ["the strong tag", TAG, {}, true],
  ["another tag", '"x"', {}, false],
  ["the tag as weak", WEAK, {}, false],
  ["the tag, weak here", TAG, { etag: WEAK }, false],
  ["the tag, weak on both sides", WEAK, { etag: WEAK }, false],
  ["a list with the tag", `${TAG}, "x"`, {}, false],
  ["the tag twice", `${TAG}, ${TAG}`, {}, false],
  ["a star", "*", {}, false],
  ["the tag without quotes", "a,b-1", {}, false],
  ["nothing", "", {}, false],
  ["the exact date", EXACT, {}, true],
  ["the exact date, weak tag here", EXACT, { etag: WEAK }, true],
  ["the exact date as rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", {}, true],
  ["the exact date as asctime-date", "Sun Nov  6 08:49:37 1994", {}, true],
  ["a second earlier", BEFORE, {}, false],
  ["a second later", AFTER, {}, false],
  ["the future", FUTURE, {}, false],
  ["the exact date, no time known", EXACT, { modified: undefined }, false],
  ["not a date, no time known", "x", { modified: undefined }, false],
  ["not a date", "Sun, 06 Nov 1994", {}, false],
];

for (const [name, value, validators, want] of IF_RANGE) {
  Deno.test(`matchesIfRange() ${name}: ${want}`, () => {
    const current = { etag: TAG, modified: MODIFIED, ...validators };
    assertStrictEquals(matchesIfRange(value, current, NOW), want);
  });
}

const AGES: readonly [name: string, age: number, want: boolean][] = [
  ["made at this moment", 0, false],
  ["made less than a second ago", 999, false],
  ["made a second ago", 1000, true],
  ["made in the future", -5000, false],
];

for (const [name, age, want] of AGES) {
  Deno.test(`matchesIfRange() date of a change ${name}: ${want}`, () => {
    const current = { etag: TAG, modified: MODIFIED };
    assertStrictEquals(matchesIfRange(EXACT, current, MODIFIED + age), want);
  });
}

const HOSTILE: readonly [name: string, value: string][] = [
  ["commas", ",".repeat(16_384)],
  ["spaces", `"x"${" ".repeat(16_384)}`],
  ["empty tags", '"",'.repeat(5461)],
  ["tags as long as the right one", '"a,b-2",'.repeat(2048)],
  ["weak signs", "W/".repeat(8192)],
  ["quotes", '"'.repeat(16_384)],
  ["one unclosed tag", '"' + "x".repeat(16_384)],
  ["controls", "\x00".repeat(16_384)],
];

for (const [name, value] of HOSTILE) {
  Deno.test(`evaluatePreconditions() is quick about 16 KiB of ${name}`, () => {
    const current = { etag: TAG, modified: MODIFIED };
    let best = Infinity;
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      const ifMatch = { IfMatch: value };
      const others = {
        IfNoneMatch: value,
        IfUnmodifiedSince: value,
      };
      const dates = { IfModifiedSince: value };
      assertStrictEquals(
        evaluate(ifMatch, current),
        "failed",
      );
      assertStrictEquals(
        evaluate(others, current),
        "proceed",
      );
      assertStrictEquals(evaluate(dates, current), "proceed");
      assertStrictEquals(matchesIfRange(value, current, NOW), false);
      best = Math.min(best, performance.now() - start);
    }
    assert(best < 50, `${best} ms`);
  });
}
