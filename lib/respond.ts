/**
 * The story of one request: RequestHead → Reply. Everything that it needs to
 * know of HTTP or of files is asked of `http/` and `site/`; here is the order.
 *
 * @module
 */

import { evaluatePreconditions, matchesIfRange } from "./http/conditional.ts";
import { chooseCoding } from "./http/coding.ts";
import { formatHttpDate } from "./http/date.ts";
import { Field } from "./http/fields.ts";
import {
  contentRange,
  decideRange,
  multipartByteranges,
  type Slice,
  unsatisfiedContentRange,
} from "./http/range.ts";
import {
  errorReply,
  fieldBlock,
  type FieldLine,
  OPTIONS_REPLY,
  redirectReply,
  type Reply,
  reply,
  type Segment,
  withFields,
} from "./http/reply.ts";
import type { RequestHead } from "./http/request.ts";
import { parseTarget } from "./http/target.ts";
import { find, type FindOptions } from "./site/find.ts";
import type { FileResource, Prepared, Site, Variant } from "./site/site.ts";

/** What the answers depend on beside the request and the site. */
export type RespondOptions = FindOptions;

/** Methods that are known, but do not make sense for files that are only read (RFC 9110 §9, RFC 5789). */
const REFUSED_METHODS: ReadonlySet<string> = new Set([
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "TRACE",
  "CONNECT",
]);

/** Fields that make a request conditional, as a mask for RequestHead.hasAny. */
const CONDITIONS = 1 << Field.IfMatch | 1 << Field.IfNoneMatch |
  1 << Field.IfModifiedSince | 1 << Field.IfUnmodifiedSince;

/**
 * Answers one request, whose body has been taken care of.
 *
 * 1. Method and expectation: what is not GET or HEAD is answered without looking at files.
 * 2. Target: decoded once, refused when it could mean two things.
 * 3. Resource: what the target names in the site.
 * 4. Variant: the coding that suits the client best.
 * 5. Decision: preconditions, then ranges (RFC 9110 §13.2.2).
 * 6. Reply: mostly prepared when the variant was first asked for.
 *
 * `now` is the time in ms since the epoch. Never throws because of what a client sent.
 */
export function respond(
  site: Site,
  options: RespondOptions,
  head: RequestHead,
  now: number,
): Reply {
  const isRead = head.method === "GET" || head.method === "HEAD";
  if (!isRead && head.method !== "OPTIONS") return refuseMethod(head.method);
  if (!expectationIsMet(head)) return errorReply(417);

  const target = parseTarget(head.method, head.target);
  if (target === undefined) return errorReply(400);
  if (!isRead) return OPTIONS_REPLY;

  const resource = find(site, target, now, options);
  switch (resource.kind) {
    case "file":
      return respondWithFile(resource, head, now);
    case "redirect":
      return redirectReply(resource.location);
    case "refused":
      return errorReply(resource.status);
    case "directory":
    case "absent":
      return errorReply(404);
  }
}

function refuseMethod(method: string): Reply {
  return errorReply(REFUSED_METHODS.has(method) ? 405 : 501);
}

/** 100-continue is met by the final answer itself; nothing else can be met (RFC 9110 §10.1.1). */
function expectationIsMet(head: RequestHead): boolean {
  const expectation = head.field(Field.Expect);
  return expectation === undefined ||
    expectation.toLowerCase() === "100-continue";
}

/** Steps 4 to 6 of {@linkcode respond}. */
function respondWithFile(
  resource: FileResource,
  head: RequestHead,
  now: number,
): Reply {
  const variant = selectVariant(resource, head);
  const prepared = variant.prepared ??= prepare(resource, variant);
  if (head.hasAny(CONDITIONS)) {
    const validators = { etag: variant.etag, modified: resource.modified };
    switch (evaluatePreconditions(conditionsOf(head), validators, now)) {
      case "failed":
        return errorReply(412);
      case "not modified":
        return prepared.notModified;
    }
  }
  // Range is defined for GET alone (§14.2).
  if (head.has(Field.Range) && head.method === "GET") {
    const partial = respondWithRange(resource, variant, prepared, head, now);
    if (partial !== undefined) return partial;
  }
  return prepared.whole;
}

function selectVariant(resource: FileResource, head: RequestHead): Variant {
  if (resource.encoded.length === 0) return resource.identity;
  const coding = chooseCoding(
    head.field(Field.AcceptEncoding),
    resource.encoded.map((variant) => variant.coding!),
  );
  return resource.encoded.find((variant) => variant.coding === coding) ??
    resource.identity;
}

function conditionsOf(head: RequestHead) {
  return {
    ifMatch: head.field(Field.IfMatch),
    ifNoneMatch: head.field(Field.IfNoneMatch),
    ifModifiedSince: head.field(Field.IfModifiedSince),
    ifUnmodifiedSince: head.field(Field.IfUnmodifiedSince),
  };
}

/** The 206 or 416 for a Range field; undefined when the field is to be ignored (RFC 9110 §14.2, §15.3.7, §15.5.17). */
function respondWithRange(
  resource: FileResource,
  variant: Variant,
  prepared: Prepared,
  head: RequestHead,
  now: number,
): Reply | undefined {
  const ifRange = head.field(Field.IfRange);
  const validators = { etag: variant.etag, modified: resource.modified };
  if (ifRange !== undefined && !matchesIfRange(ifRange, validators, now)) {
    return undefined;
  }
  const decision = decideRange(head.field(Field.Range)!, variant.length);
  switch (decision.kind) {
    case "whole":
      return undefined;
    case "unsatisfiable": {
      const page = errorReply(416);
      const range = unsatisfiedContentRange(variant.length);
      return {
        ...page,
        fields: withFields(page.fields, [["Content-Range", range]]),
      };
    }
    case "slices":
      return decision.slices.length === 1
        ? singleRange(resource, variant, prepared, decision.slices[0]!)
        : severalRanges(resource, variant, prepared, decision.slices);
  }
}

function singleRange(
  resource: FileResource,
  variant: Variant,
  prepared: Prepared,
  slice: Slice,
): Reply {
  const fields = withFields(prepared.fields, [
    ["Content-Type", resource.contentType],
    ["Content-Range", contentRange(slice, variant.length)],
    ["Content-Length", String(slice.end - slice.start)],
  ]);
  return reply(206, fields, [variant.slice(slice.start, slice.end)]);
}

/** multipart/byteranges (RFC 9110 §14.6). */
function severalRanges(
  resource: FileResource,
  variant: Variant,
  prepared: Prepared,
  slices: readonly Slice[],
): Reply {
  // Random, so that no file can contain it on purpose.
  const boundary = crypto.randomUUID();
  const { parts, closing, contentLength } = multipartByteranges(
    slices,
    variant.length,
    resource.contentType,
    boundary,
  );
  const body: Segment[] = parts.flatMap(({ head, slice }) => [
    head,
    variant.slice(slice.start, slice.end),
  ]);
  const fields = withFields(prepared.fields, [
    ["Content-Type", `multipart/byteranges; boundary=${boundary}`],
    ["Content-Length", String(contentLength)],
  ]);
  return reply(206, fields, [...body, closing]);
}

/** Makes once what every reply with this variant needs. */
function prepare(resource: FileResource, variant: Variant): Prepared {
  const validators: FieldLine[] = [
    ["ETag", variant.etag],
    ["Cache-Control", "no-cache"],
  ];
  if (resource.compressible) validators.push(["Vary", "Accept-Encoding"]);
  const shared: FieldLine[] = [
    ...validators,
    ["Last-Modified", formatHttpDate(resource.modified)],
    ["Accept-Ranges", "bytes"],
  ];
  if (variant.coding !== undefined) {
    shared.push(["Content-Encoding", variant.coding.token]);
  }
  const fields = fieldBlock(shared);
  const wholeFields = withFields(fields, [
    ["Content-Type", resource.contentType],
    ["Content-Length", String(variant.length)],
  ]);
  return {
    fields,
    whole: reply(200, wholeFields, [variant.slice(0, variant.length)]),
    notModified: reply(304, fieldBlock(validators)),
  };
}
