/**
 * Conditional requests (RFC 9110 §13): whether a GET or HEAD request proceeds,
 * is answered 304 (Not Modified), or 412 (Precondition Failed).
 *
 * Field values are strings of one character per byte, without white space
 * around them, several lines of one field joined by commas (§5.2, §5.5).
 *
 * @module
 */

import { DQUOTE } from "./ascii.ts";
import { parseHttpDate } from "./date.ts";
import { Field } from "./fields.ts";
import type { RequestHead } from "./head.ts";

/** The validators of the selected representation (§8.8). */
export interface Validators {
  /** The entity tag as the ETag field has it: `"abc"`, or `W/"abc"` if weak; undefined when there is none. */
  etag: string | undefined;
  /**
   * The last modification in milliseconds since 1970, compared at whole seconds
   * because Last-Modified has no more; undefined when it is not known.
   */
  modified: number | undefined;
}

/**
 * The result of a request's preconditions: proceed, answer 304, or answer 412.
 */
export type PreconditionResult = "proceed" | "not modified" | "failed";

/**
 * How long, in milliseconds, a file must have been left alone before its
 * Last-Modified counts as a strong validator.
 */
const STRONG_AFTER = 1000;

/**
 * Evaluates the preconditions of a GET or HEAD request in the order of RFC 9110
 * §13.2.2. Call it only when the request would be answered 200 without
 * them (§13.2.1).
 *
 * 1. If-Match, by strong comparison; false is "failed".
 * 2. Only without If-Match: If-Unmodified-Since; false is "failed".
 * 3. If-None-Match, by weak comparison; false is "not modified".
 * 4. Only without If-None-Match: If-Modified-Since; false is "not modified".
 *
 * A value of If-Match or If-None-Match that is not `*` or a list of entity tags
 * matches nothing, not even by the tags before its first mistake: the result
 * is the safe one, 412 or the whole representation.
 *
 * A date that cannot be read is ignored, as is any date when the modification
 * time is not known (§13.1.3, §13.1.4). A date in the future is compared like
 * any other: RFC 2616 §14.25 had it ignored, RFC 9110 §13.1.3 no longer does.
 *
 * @param head The head of the request.
 * @param validators The validators of the selected representation.
 * @param now The current time in milliseconds since 1970; used only to read
 * two-digit years.
 */
export function evaluatePreconditions(
  head: Pick<RequestHead, "field">,
  validators: Validators,
  now: number,
): PreconditionResult {
  const ifMatch = head.field(Field.IfMatch);
  if (ifMatch !== undefined) {
    if (!matchesStrongly(ifMatch, validators.etag)) return "failed";
  } else {
    const since = head.field(Field.IfUnmodifiedSince);
    if (isModifiedSince(since, validators, now) === true) return "failed";
  }

  const ifNoneMatch = head.field(Field.IfNoneMatch);
  if (ifNoneMatch !== undefined) {
    if (matchesWeakly(ifNoneMatch, validators.etag)) return "not modified";
  } else {
    const since = head.field(Field.IfModifiedSince);
    if (isModifiedSince(since, validators, now) === false) {
      return "not modified";
    }
  }

  return "proceed";
}

/**
 * Evaluates If-Range (RFC 9110 §13.1.5): whether to honour the Range field of
 * the same request.
 *
 * An entity tag must be the current one by strong comparison, so a weak tag on
 * either side never matches. A date must be exactly that of Last-Modified and a
 * strong validator: §8.8.2.2 asks that the representation cannot change again
 * within the second that the date names, and lets a client use the date only
 * when it got its copy in a later second. So the last modification must lie at
 * least one second (not the 60 of RFC 7232) before `now`. A value that is
 * neither an entity tag nor a date does not match.
 *
 * @param value The If-Range field value.
 * @param validators The validators of the selected representation.
 * @param now The current time in milliseconds since 1970.
 */
export function matchesIfRange(
  value: string,
  validators: Validators,
  now: number,
): boolean {
  const { etag, modified } = validators;
  // A value that equals a strong tag needs no parsing to be one.
  if (etag !== undefined && value === etag) return !isWeak(etag);
  // Any other tag is outdated; a date does not begin with a quote.
  if (value.charCodeAt(0) === DQUOTE) return false;
  if (modified === undefined || now - modified < STRONG_AFTER) return false;
  return parseHttpDate(value, now) === wholeSeconds(modified);
}

/**
 * Whether the representation was modified after the date; undefined when there
 * is none, it cannot be read, or the modification time is not known.
 */
function isModifiedSince(
  date: string | undefined,
  { modified }: Validators,
  now: number,
): boolean | undefined {
  if (date === undefined || modified === undefined) return undefined;
  const since = parseHttpDate(date, now);
  return since === undefined ? undefined : wholeSeconds(modified) > since;
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

function isWeak(etag: string): boolean {
  return etag.startsWith("W/");
}

/** If-Match: is the value `*` or a list with this tag, both of them strong? */
function matchesStrongly(value: string, etag: string | undefined): boolean {
  if (value === "*") return true;
  if (etag === undefined || isWeak(etag)) return false;
  return value === etag || listHasTag(value, etag, false);
}

/** If-None-Match: is the value `*` or a list with this tag, weak or not? */
function matchesWeakly(value: string, etag: string | undefined): boolean {
  if (etag === undefined) return value === "*";
  if (value === "*" || value === etag) return true;
  return listHasTag(value, isWeak(etag) ? etag.slice(2) : etag, true);
}

/**
 * An element of a list of entity tags, which may be empty, and what ends it:
 *
 *     #entity-tag                                              §5.6.1
 *     entity-tag = [ %s"W/" ] opaque-tag                       §8.8.3
 *     opaque-tag = DQUOTE *etagc DQUOTE
 *     etagc      = %x21 / %x23-7E / obs-text
 */
const TAG_ELEMENT =
  /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/**
 * Whether a list of entity tags is well-formed and has a tag with this
 * opaque-tag. Reads to the end even after a match, because a mistake further on
 * makes the whole list match nothing.
 *
 * @param opaqueTag The tag with its quotes, without `W/`.
 * @param weakAllowed Whether a weak tag in the list may match.
 */
function listHasTag(
  list: string,
  opaqueTag: string,
  weakAllowed: boolean,
): boolean {
  let found = false;
  for (let at = 0; at < list.length; at = TAG_ELEMENT.lastIndex) {
    TAG_ELEMENT.lastIndex = at;
    const element = TAG_ELEMENT.exec(list);
    if (element === null) return false;
    const [, weak, tag] = element;
    if (tag === opaqueTag && (weakAllowed || weak === undefined)) found = true;
  }
  return found;
}
