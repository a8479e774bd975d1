/**
 * The story of one request: RequestHead → Reply. Everything that it needs to
 * know of HTTP or of files is asked of `http/` and `site/`; here is the order.
 *
 * @module
 */

import { after } from "./http/after.ts";
import { trimSpace } from "./http/ascii.ts";
import { evaluatePreconditions, matchesIfRange } from "./http/conditional.ts";
import { Field } from "./http/fields.ts";
import { prefersJson } from "./http/media_range.ts";
import { decideRange, unsatisfiedContentRange } from "./http/range.ts";
import type { FieldLine } from "./http/field_section.ts";
import {
  errorReply,
  OPTIONS_REPLY,
  redirectReply,
  type Reply,
  withFields,
} from "./http/reply.ts";
import type { RequestHead } from "./http/head.ts";
import { parseTarget, type Target } from "./http/target.ts";
import {
  find,
  findErrorPage,
  type Finding,
  findNamedPage,
  type Located,
  locationOf,
  pathsBehind,
} from "./site/find.ts";
import { Lister } from "./site/listing/lister.ts";
import { parseListingOrder } from "./site/listing/listing.ts";
import {
  DEFAULT_PATH_POLICY,
  override,
  type PathPolicy,
  type Policy,
} from "./site/policy.ts";
import { errorPageReply, partialReply, prepare } from "./site/prepare.ts";
import {
  hasOneEncoding,
  selectVariant,
  variantForRange,
} from "./site/select_variant.ts";
import type {
  DirectoryResource,
  FileResource,
  PreparedReplies,
  Resource,
  Site,
  Variant,
} from "./site/site.ts";

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

/** What the steps after the target need of a request. */
interface RequestContext {
  readonly head: RequestHead;
  /** The target's decoded path. */
  readonly path: string;
  /** In ms since the epoch. */
  readonly now: number;
  /** What its rules say. */
  readonly pathPolicy: PathPolicy;
}

/** Answers requests for one site under one policy. */
export class Responder {
  readonly #site: Site;
  readonly #policy: Policy;
  readonly #lister: Lister;
  /** The built-in error pages with the policy's fields, by what rules add to them and by status. */
  readonly #errors = new WeakMap<readonly FieldLine[], Map<number, Reply>>();
  /** The answers to OPTIONS, by what rules add to them. */
  readonly #options = new WeakMap<readonly FieldLine[], Reply>();

  /** A responder for a site. */
  constructor(site: Site, policy: Policy) {
    this.#site = site;
    this.#policy = policy;
    this.#lister = new Lister(site, policy.options.isProtected);
  }

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
   * `now` is the time in ms since the epoch; `located` what steps 2 and 3 came to, if they were taken before. A promise
   * only when a directory has to be listed, a file to be decoded, or one was written a moment ago. Never
   * throws because of what a client sent.
   */
  respond(
    head: RequestHead,
    now: number,
    located?: Located,
  ): Reply | Promise<Reply> {
    const isRead = head.method === "GET" || head.method === "HEAD";
    if (!isRead && head.method !== "OPTIONS") {
      return this.error(REFUSED_METHODS.has(head.method) ? 405 : 501);
    }
    if (!isExpectationMet(head)) return this.error(417);

    const target = located?.target ?? parseTarget(head.method, head.target);
    if (target === undefined) return this.error(400);
    if (!isRead) return this.#optionsFor(target.path);

    const found = located?.finding ?? this.find(head, target, now);
    const pathPolicy = this.#policy.pathPolicy(target.path, locationOf(found));
    const context = { head, path: target.path, now, pathPolicy };
    switch (found.kind) {
      case "file":
        return found.awaitWriter === undefined
          ? this.#file(found, context)
          : this.#afterWriter(found.awaitWriter, context);
      case "directory":
        return this.#listing(found, context, target);
      case "redirect":
        return withFields(
          redirectReply(found.location, found.status),
          override(this.#policy.common, pathPolicy.errorLines),
        );
      case "status":
        return this.#errorPage(found.status, context, found.page);
      case "refused":
        return this.#errorPage(found.status, context);
      case "absent":
        return this.#errorPage(404, context);
    }
  }

  /** Step 3 alone: what a target names, for those who decide whether it may be answered, or explain it. */
  find(head: RequestHead, target: Target, now: number): Finding {
    return find(this.#site, this.#policy, head, target, now);
  }

  /** The answer to OPTIONS for a path, and so to a preflight (Fetch standard, CORS-preflight fetch). */
  #optionsFor(path: string): Reply {
    const { corsLines } = this.#policy.pathPolicy(path);
    let reply = this.#options.get(corsLines);
    if (reply === undefined) {
      const { preflight, common } = this.#policy;
      const lines = override(override(preflight, common), corsLines);
      this.#options.set(corsLines, reply = withFields(OPTIONS_REPLY, lines));
    }
    return reply;
  }

  /** See {@linkcode pathsBehind}. */
  pathsBehind(target: Target, found: Finding, now: number): string[] {
    return pathsBehind(this.#site, target, found, now);
  }

  /** Steps 4 to 6. Range is defined for GET alone (RFC 9110 §14.2); a Range that is ignored changes nothing. */
  #file(
    resource: FileResource,
    context: RequestContext,
    isRange: boolean = context.head.has(Field.Range) &&
      context.head.method === "GET",
  ): Reply | Promise<Reply> {
    const { head } = context;
    const variant = isRange
      ? variantForRange(resource, head)
      : selectVariant(this.#site, resource, head);
    return variant === undefined
      ? this.#decoded(resource, context, isRange)
      : this.#fileAs(variant, resource, context, isRange);
  }

  /** Steps 5 and 6 of a file that is there only encoded, for a client that does not accept that. */
  #decoded(
    resource: FileResource,
    context: RequestContext,
    isRange: boolean,
  ): Reply | Promise<Reply> {
    return after(
      this.#site.decode(resource),
      (decoded) =>
        typeof decoded === "number"
          ? this.#errorPage(decoded, context)
          : this.#fileAs(decoded, resource, context, isRange),
    );
  }

  /** Steps 5 and 6, for a variant. */
  #fileAs(
    variant: Variant,
    resource: FileResource,
    context: RequestContext,
    isRange: boolean,
  ): Reply | Promise<Reply> {
    const { head, now } = context;
    const prepared = this.#prepare(resource, variant, context);
    if (head.hasAny(CONDITIONS)) {
      const validators = { etag: variant.etag, modified: resource.modified };
      switch (evaluatePreconditions(conditionsOf(head), validators, now)) {
        case "failed":
          return this.#errorPage(412, context);
        case "not modified":
          return prepared.notModified;
      }
    }
    if (!isRange) return prepared.whole;
    return this.#range(resource, variant, prepared, context) ??
      this.#file(resource, context, false);
  }

  /** Steps 4 to 6 of a file that was written a moment ago, once the writer is done. */
  async #afterWriter(
    awaitWriter: (now: number) => Promise<Resource>,
    context: RequestContext,
  ): Promise<Reply> {
    return this.#awaited(await awaitWriter(context.now), context);
  }

  /** Steps 4 to 6 of what was awaited, if it may be shown: a link may have been swapped since the request was judged. */
  #awaited(
    resource: Resource,
    context: RequestContext,
  ): Reply | Promise<Reply> {
    if (resource.kind === "refused") {
      return this.#errorPage(resource.status, context);
    }
    const file = resource.kind === "file"
      ? this.#shown(resource, context.pathPolicy)
      : undefined;
    return file === undefined
      ? this.#errorPage(404, context)
      : this.#file(file, context);
  }

  /** Returns what is prepared for the variant, if it fits the path policy, or prepares it. */
  #prepare(
    resource: FileResource,
    variant: Variant,
    { pathPolicy }: RequestContext,
  ): PreparedReplies {
    const known = variant.prepared;
    if (known !== undefined && known.pathPolicy === pathPolicy) return known;
    return variant.prepared = prepare(
      resource,
      variant,
      this.#policy,
      pathPolicy,
    );
  }

  /** The 206 or 416 for a Range field; undefined when the field is to be ignored (RFC 9110 §14.2, §15.5.17). */
  #range(
    resource: FileResource,
    variant: Variant,
    prepared: PreparedReplies,
    context: RequestContext,
  ): Reply | Promise<Reply> | undefined {
    const { head, now } = context;
    const ifRange = head.field(Field.IfRange);
    const modified = hasOneEncoding(resource, head)
      ? resource.modified
      : undefined;
    const validators = { etag: variant.etag, modified };
    if (ifRange !== undefined && !matchesIfRange(ifRange, validators, now)) {
      return undefined;
    }
    const decision = decideRange(head.field(Field.Range)!, variant.length);
    switch (decision.kind) {
      case "whole":
        return undefined;
      case "slices":
        return partialReply(variant, prepared, decision.slices);
      case "unsatisfiable":
        return after(
          this.#errorPage(416, context),
          (reply) =>
            withFields(reply, [
              ["Content-Range", unsatisfiedContentRange(variant.length)],
            ]),
        );
    }
  }

  /** A listing is a file like any other once it is made. */
  async #listing(
    directory: DirectoryResource,
    context: RequestContext,
    { query }: Target,
  ): Promise<Reply> {
    const order = parseListingOrder(query ?? "");
    const accept = context.head.field(Field.Accept);
    const format = prefersJson(accept) ? "json" : "html";
    const { path } = directory;
    const { now, pathPolicy: { isPrivate } } = context;
    const found = await this.#lister.list(path, order, format, now, isPrivate);
    return this.#awaited(found, context);
  }

  /** The page that the rule for the path names, that of `errorPages`, the site's own, or else the built-in one. */
  #errorPage(
    status: number,
    context: RequestContext,
    named?: string,
  ): Reply | Promise<Reply> {
    const { head, path, now, pathPolicy } = context;
    const general = this.#policy.options.rules.errorPage(status);
    const page = this.#namedPage(named, context) ??
      this.#namedPage(general, context) ??
      this.#shown(findErrorPage(this.#site, path, status, now), pathPolicy);
    if (page === undefined) return this.error(status, pathPolicy);
    const variant = selectVariant(this.#site, page, head) ??
      this.#site.decode(page);
    return after(
      variant,
      (variant) =>
        typeof variant === "number"
          ? this.error(status, pathPolicy)
          : this.#pageAs(variant, page, status, context),
    );
  }

  /** A variant of a page, as that of an error. */
  #pageAs(
    variant: Variant,
    page: FileResource,
    status: number,
    context: RequestContext,
  ): Reply {
    const { pathPolicy } = context;
    const prepared = this.#prepare(page, variant, context);
    let reply = prepared.errors.get(status);
    if (reply === undefined) {
      reply = errorPageReply(status, page, variant, this.#policy, pathPolicy);
      prepared.errors.set(status, reply);
    }
    return reply;
  }

  /** The page at a path that a rule names; undefined when no rule does, or when it leads to none that may be shown. */
  #namedPage(path: string | undefined, { now, pathPolicy }: RequestContext) {
    if (path === undefined) return undefined;
    const page = findNamedPage(this.#site, this.#policy, path, now);
    return this.#shown(page, pathPolicy);
  }

  /** An error's page; undefined when it is protected and the path that was asked for is not, as anybody may be asking then. */
  #shown(page: FileResource | undefined, { isPrivate }: PathPolicy) {
    if (page === undefined || isPrivate) return page;
    return this.#policy.isProtected(page) ? undefined : page;
  }

  /** The built-in page for an error, with the policy's fields: for requests that cannot even be read, too. */
  error(
    status: number,
    { errorLines }: PathPolicy = DEFAULT_PATH_POLICY,
  ): Reply {
    let errors = this.#errors.get(errorLines);
    if (errors === undefined) this.#errors.set(errorLines, errors = new Map());
    let reply = errors.get(status);
    if (reply === undefined) {
      const lines = override(this.#policy.common, errorLines);
      errors.set(status, reply = withFields(errorReply(status), lines));
    }
    return reply;
  }
}

/** Expect = #expectation: 100-continue is met by the final answer itself; nothing else can be met (RFC 9110 §10.1.1). */
function isExpectationMet(head: RequestHead): boolean {
  const expectations = head.field(Field.Expect);
  return expectations === undefined || expectations.split(",").every((each) => {
    const expectation = trimSpace(each).toLowerCase();
    return expectation === "" || expectation === "100-continue";
  });
}

function conditionsOf(head: RequestHead) {
  return {
    ifMatch: head.field(Field.IfMatch),
    ifNoneMatch: head.field(Field.IfNoneMatch),
    ifModifiedSince: head.field(Field.IfModifiedSince),
    ifUnmodifiedSince: head.field(Field.IfUnmodifiedSince),
  };
}
