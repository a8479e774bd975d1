/**
 * Selects the variant of a file that suits a request: by Accept-Encoding, by
 * what the client has already, and for a range.
 *
 * @module
 */

import { chooseCoding, CODINGS } from "../http/coding.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import type { FileResource, Site, Variant } from "./site.ts";

/** Fields that carry the tag of a copy the client has. */
const HELD_TAGS = 1 << Field.IfNoneMatch | 1 << Field.IfRange;

/** Fields that can name a variant by its tag. */
const NAMED_TAGS = HELD_TAGS | 1 << Field.IfMatch;

/**
 * Selects the best variant that is ready, and starts to make a better one for later requests (RFC 9110 §12.5.3).
 * Returns undefined if the content must be decoded first.
 */
export function selectVariant(
  site: Site,
  resource: FileResource,
  head: RequestHead,
): Variant | undefined {
  const { codings, encoded, identity } = resource;
  if (codings.length === 0) return identity;
  const accepted = head.field(Field.AcceptEncoding);
  if (accepted === undefined || clientHas(head, identity)) return identity;
  const wanted = chooseCoding(accepted, codings);
  if (wanted === undefined) return identity;
  for (const variant of encoded) {
    if (variant.coding === wanted) return variant;
  }
  site.encode(resource, wanted);
  return secondBest(resource, accepted);
}

/** Returns the variant to send while a better one is made. */
function secondBest(
  { encoded, identity }: FileResource,
  accepted: string,
): Variant | undefined {
  const ready = encoded.map((variant) => variant.coding!);
  const coding = chooseCoding(accepted, ready);
  return encoded.find((variant) => variant.coding === coding) ?? identity;
}

/**
 * Whether the client always gets the same encoding of a file. If not, several encodings share its date, which makes
 * the date a weak validator (RFC 9110 §8.8.1): resuming by date would join parts of two encodings.
 */
export function hasOneEncoding(
  { compressible }: FileResource,
  head: RequestHead,
): boolean {
  if (!compressible) return true;
  const accepted = head.field(Field.AcceptEncoding);
  return chooseCoding(accepted, CODINGS) === undefined;
}

/**
 * Whether the client has this variant, or part of it. Then a 304 or the rest is less to send than any other variant.
 * Without this check, a client that fetched the file before a variant was made would fetch it twice.
 */
function clientHas(head: RequestHead, variant: Variant | undefined): boolean {
  const etag = variant?.etag;
  return head.hasAny(HELD_TAGS) && etag !== undefined &&
    (head.field(Field.IfNoneMatch) === etag ||
      head.field(Field.IfRange) === etag);
}

/**
 * Selects the variant that a range refers to: the file as it is, unless a precondition names an encoded variant by
 * its tag. Part of an encoding is useless to a client that has no other part of it.
 */
export function variantForRange(
  { encoded, identity }: FileResource,
  head: RequestHead,
): Variant | undefined {
  if (encoded.length === 0 || !head.hasAny(NAMED_TAGS)) return identity;
  const tags = [
    head.field(Field.IfRange),
    head.field(Field.IfMatch),
    head.field(Field.IfNoneMatch),
  ];
  return encoded.find(({ etag }) => tags.includes(etag)) ?? identity;
}
