/**
 * Which variant of a file suits a request: by Accept-Encoding, by what the
 * client has already, and for a range.
 *
 * @module
 */

import { chooseCoding, CODINGS } from "../http/coding.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import type { FileResource, Site, Variant } from "./site.ts";

/** Fields with the tag of what a client has. */
const HELD_TAGS = 1 << Field.IfNoneMatch | 1 << Field.IfRange;

/** Fields that can name one variant by its tag. */
const NAMED_TAGS = HELD_TAGS | 1 << Field.IfMatch;

/**
 * The best variant that is ready; a better one that could be made will be for the next (RFC 9110 §12.5.3). undefined
 * for the content as it is when that has to be decoded.
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
  const ready = encoded.map((variant) => variant.coding!);
  const second = chooseCoding(accepted, ready);
  return encoded.find((variant) => variant.coding === second) ?? identity;
}

/**
 * Whether the client gets a file in one encoding, whatever has been made of it meanwhile. Else its date is that of
 * several, which makes it a weak validator (RFC 9110 §8.8.1), and parts of two would be joined.
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
 * Whether the client has the variant already, or a part of it: then another one, however small, is more to
 * send than a 304 or the rest. Whoever came before a variant was made would otherwise fetch everything twice.
 */
function clientHas(head: RequestHead, variant: Variant | undefined): boolean {
  const etag = variant?.etag;
  return head.hasAny(HELD_TAGS) && etag !== undefined &&
    (head.field(Field.IfNoneMatch) === etag ||
      head.field(Field.IfRange) === etag);
}

/**
 * The variant that a range is of: the file as it is, unless a precondition names an encoded variant by its tag.
 * A client that asks for bytes of a file means bytes of the file: without the rest, part of an encoding is of no use.
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
