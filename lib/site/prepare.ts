/**
 * Prepares replies: those that are the same for every client are made once for
 * each variant; those for ranges share their fields. Fields that are the same
 * for many files exist once for all of them.
 *
 * @module
 */

import { formatHttpDate } from "../http/date.ts";
import {
  contentRange,
  multipartByteranges,
  type Slice,
} from "../http/range.ts";
import {
  type FieldLine,
  FieldSection,
  type FieldSource,
} from "../http/field_section.ts";
import {
  ERROR_FIELDS,
  type Reply,
  reply,
  type Segment,
} from "../http/reply.ts";
import { SHELL_VARIES } from "./find.ts";
import {
  cacheControl,
  checkedFirst,
  NO_STORE,
  privateCacheControl,
} from "./content/freshness.ts";
import { isHashedName } from "./content/hashed_name.ts";
import { encodedMediaType } from "./content/media_type.ts";
import {
  DEFAULT_PATH_POLICY,
  override,
  type PathPolicy,
  type Policy,
} from "./policy.ts";
import type { SharedFields } from "./shared_fields.ts";
import type { FileResource, PreparedReplies, Variant } from "./site.ts";

/**
 * Makes what every reply with this variant needs, under the policy of the requested path, and keeps it with the variant.
 */
export function prepare(
  resource: FileResource,
  variant: Variant,
  policy: Policy,
  pathPolicy: PathPolicy = DEFAULT_PATH_POLICY,
): PreparedReplies {
  const shared = sharedFields(resource, variant, policy, pathPolicy);
  return variant.prepared = new VariantReplies(
    resource,
    variant,
    pathPolicy,
    shared,
  );
}

/**
 * The replies of one variant: the 200 at once, the others when they are first needed. Makes the lines of the 200 each
 * time that they are written, because most files are sent seldom: kept, they would take half of its memory.
 */
class VariantReplies implements PreparedReplies, FieldSource {
  readonly pathPolicy: PathPolicy;
  readonly whole: Reply;
  readonly #shared: SharedFields;
  /** Last-Modified; the same string for files of the same second. */
  readonly #modified: string | undefined;
  readonly #etag: string | undefined;
  readonly #length: number;
  #fields: FieldSection | undefined = undefined;
  #rangeFields: FieldSection | undefined = undefined;
  #notModified: Reply | undefined = undefined;
  #errors: Map<number, Reply> | undefined = undefined;

  constructor(
    { modified }: FileResource,
    variant: Variant,
    pathPolicy: PathPolicy,
    shared: SharedFields,
  ) {
    this.pathPolicy = pathPolicy;
    this.#shared = shared;
    this.#modified = modified === undefined
      ? undefined
      : formatHttpDate(modified);
    this.#etag = variant.etag;
    this.#length = variant.length;
    const fields = new FieldSection(this, shared.whole);
    const body = [variant.slice(0, variant.length)];
    const whole = reply(200, fields, body, variant.coding?.token);
    const { earlyHints } = shared;
    this.whole = earlyHints === undefined ? whole : { ...whole, earlyHints };
  }

  get lines(): readonly FieldLine[] {
    return [
      ...this.#validatorLines(),
      ["Content-Length", String(this.#length)],
    ];
  }

  #validatorLines(): FieldLine[] {
    const tag = tagLines(this.#etag);
    const modified = this.#modified;
    return modified === undefined ? tag : [["Last-Modified", modified], ...tag];
  }

  get contentType(): string {
    return this.#shared.contentType;
  }

  get fields(): FieldSection {
    return this.#fields ??= this.#shared.content.with(this.#validatorLines());
  }

  get rangeFields(): FieldSection {
    return this.#rangeFields ??= this.fields.with([
      ["Content-Type", this.contentType],
    ]);
  }

  get notModified(): Reply {
    return this.#notModified ??= reply(
      304,
      this.#shared.stored.with(tagLines(this.#etag)),
    );
  }

  get errors(): Map<number, Reply> {
    return this.#errors ??= new Map();
  }
}

/** Returns the fields of a variant that do not depend on its bytes or time, from those that the policy keeps. */
function sharedFields(
  resource: FileResource,
  variant: Variant,
  policy: Policy,
  pathPolicy: PathPolicy,
): SharedFields {
  const contentType = contentTypeOf(resource, pathPolicy);
  const control = policy.options.cacheControl ?? cacheControl(resource.path);
  const varies = variesOf(resource, policy);
  const coding = codingOf(variant, ruledEncoding(resource, pathPolicy));
  const kind = `${contentType}\n${control}\n${varies}\n${coding}\n` +
    resource.fields.join("\n");
  return policy.sharedFields.get(pathPolicy, kind, () => {
    const vary = varyLines(varies);
    const content = [...codingLines(coding), ...resource.fields];
    const lines = pathPolicy.lines.filter(([name]) => !isOfContent(name));
    // A 304 has only those fields of the 200 that say how to store it, none that describe the content
    // (RFC 9110 §15.4.5).
    const stored = withCaching(
      override(
        [["Cache-Control", control], ...vary],
        override(policy.common, lines),
      ),
      (value) => {
        const seen = variesBeyond(resource, policy)
          ? checkedFirst(value)
          : value;
        return pathPolicy.isPrivate ? privateCacheControl(seen) : seen;
      },
    );
    const fields = override([["Accept-Ranges", "bytes"], ...content], stored);
    return {
      contentType,
      stored: new FieldSection(stored),
      content: new FieldSection(fields),
      whole: new FieldSection([...fields, ["Content-Type", contentType]]),
      earlyHints: policy.options.earlyHints ? earlyHints(fields) : undefined,
    };
  });
}

/** Links whose resource a client can load, or whose host it can connect to, before it has the page. */
const EARLY = /;\s*rel="?(?:preload|modulepreload|preconnect)\b/i;

/** Returns the links that a client can use before the response with them (RFC 8297 §2); undefined if there are none. */
function earlyHints(lines: readonly FieldLine[]): FieldSection | undefined {
  const links = lines.filter(([name, value]) =>
    name.toLowerCase() === "link" && EARLY.test(value)
  );
  return links.length === 0 ? undefined : new FieldSection(links);
}

/** Whether a field describes the content; a 304 and error pages leave such fields out. */
function isOfContent(name: string): boolean {
  return /^content-(?:type|encoding)$/i.test(name);
}

/** Returns the value that rules give to a field. */
function ruled({ lines }: PathPolicy, name: string): string | undefined {
  return lines.findLast((line) => line[0].toLowerCase() === name)?.[1];
}

/** Returns the encoding that a rule declares for a file, if the file's own name agrees. */
function ruledEncoding(
  { path }: FileResource,
  pathPolicy: PathPolicy,
): string | undefined {
  return encodedMediaType(path) === undefined
    ? undefined
    : ruled(pathPolicy, "content-encoding");
}

/** Returns Content-Type: the rule's, else that of the content inside an encoded file, else the file's own. */
export function contentTypeOf(
  resource: FileResource,
  pathPolicy: PathPolicy,
): string {
  const inside = ruledEncoding(resource, pathPolicy) === undefined
    ? undefined
    : encodedMediaType(resource.path);
  return ruled(pathPolicy, "content-type") ?? inside ?? resource.contentType;
}

/** Changes the values of Cache-Control. */
function withCaching(
  lines: readonly FieldLine[],
  change: (value: string) => string,
): readonly FieldLine[] {
  return lines.map(([name, value]): FieldLine =>
    name.toLowerCase() === "cache-control"
      ? [name, change(value)]
      : [name, value]
  );
}

/** Whether a file varies by request fields that the policy names. */
function variesBeyond(
  { path }: FileResource,
  { options: { varies } }: Policy,
): boolean {
  return varies.length > 0 && !isHashedName(path);
}

/**
 * Lists the request fields that influenced the content (RFC 9110 §12.5.5). The shell always names its own, because it
 * does not know how it was found.
 */
function variesOf(resource: FileResource, policy: Policy): string {
  const { path, varies, compressible } = resource;
  return [
    ...variesBeyond(resource, policy) ? policy.options.varies : [],
    ...varies,
    ...path === policy.options.spa ? SHELL_VARIES : [],
    ...compressible ? ["Accept-Encoding"] : [],
  ].join(", ");
}

function varyLines(varies: string): FieldLine[] {
  return varies === "" ? [] : [["Vary", varies]];
}

function tagLines(etag: string | undefined): FieldLine[] {
  return etag === undefined ? [] : [["ETag", etag]];
}

/** Lists the codings. The file's own comes first: codings are listed in the order of encoding (RFC 9110 §8.4). */
function codingOf({ coding }: Variant, ruledEncoding: string = ""): string {
  if (coding === undefined) return ruledEncoding;
  return ruledEncoding === ""
    ? coding.token
    : `${ruledEncoding}, ${coding.token}`;
}

function codingLines(coding: string): FieldLine[] {
  return coding === "" ? [] : [["Content-Encoding", coding]];
}

/** Makes an error page from a file: without validators, and not to be stored. */
export function errorPageReply(
  status: number,
  resource: FileResource,
  variant: Variant,
  policy: Policy,
  { errorLines }: PathPolicy = DEFAULT_PATH_POLICY,
): Reply {
  const lines = override(override(policy.common, errorLines), [
    ["Cache-Control", NO_STORE],
    ...varyLines(variesOf(resource, policy)),
    ...codingLines(codingOf(variant)),
    ...ERROR_FIELDS[status] ?? [],
    ["Content-Type", resource.contentType],
    ["Content-Length", String(variant.length)],
  ]);
  const body = [variant.slice(0, variant.length)];
  return reply(status, lines, body, variant.coding?.token);
}

/** Returns the 206 for slices of a variant (RFC 9110 §15.3.7). */
export function partialReply(
  variant: Variant,
  prepared: PreparedReplies,
  slices: readonly Slice[],
): Reply {
  return slices.length === 1
    ? singleRange(variant, prepared, slices[0]!)
    : severalRanges(variant, prepared, slices);
}

function singleRange(
  variant: Variant,
  prepared: PreparedReplies,
  slice: Slice,
): Reply {
  const fields = prepared.rangeFields.with([
    ["Content-Range", contentRange(slice, variant.length)],
    ["Content-Length", String(slice.end - slice.start)],
  ]);
  const body = [variant.slice(slice.start, slice.end)];
  return reply(206, fields, body, variant.coding?.token);
}

/** multipart/byteranges (RFC 9110 §14.6). */
function severalRanges(
  variant: Variant,
  prepared: PreparedReplies,
  slices: readonly Slice[],
): Reply {
  // Random, so that no file can contain it on purpose.
  const boundary = crypto.randomUUID();
  const { parts, closing, contentLength } = multipartByteranges(
    slices,
    variant.length,
    prepared.contentType,
    boundary,
  );
  const body: Segment[] = parts.flatMap(({ head, slice }) => [
    head,
    variant.slice(slice.start, slice.end),
  ]);
  const fields = prepared.fields.with([
    ["Content-Type", `multipart/byteranges; boundary=${boundary}`],
    ["Content-Length", String(contentLength)],
  ]);
  return reply(206, fields, [...body, closing], variant.coding?.token);
}
