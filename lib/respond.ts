/**
 * Turns a request head into a reply. This file holds the order of the steps;
 * the rules are in `http/` and `site/`.
 *
 * @module
 */

import { after } from "./http/after.ts";
import { evaluatePreconditions, matchesIfRange } from "./http/conditional.ts";
import { isExpectationMet } from "./http/expectation.ts";
import { Field } from "./http/fields.ts";
import { decideRange, unsatisfiedContentRange } from "./http/range.ts";
import { redirectReply, type Reply, withFields } from "./http/reply.ts";
import type { RequestHead } from "./http/head.ts";
import { parseTarget, type Target } from "./http/target.ts";
import {
  Finder,
  type Finding,
  type LocatedResource,
  locationOf,
} from "./site/find.ts";
import { ErrorPages } from "./site/error_pages.ts";
import type { FolderResources } from "./site/folder_resources.ts";
import { OwnReplies } from "./site/own_replies.ts";
import { override, type PathPolicy, type Policy } from "./site/policy.ts";
import {
  contentTypeOf,
  errorPageReply,
  partialReply,
  prepare,
} from "./site/prepare.ts";
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

/** Methods that skiff knows but never allows: files are read-only (RFC 9110 §9, RFC 5789). */
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

/** The parts of a request that the steps after the target need. */
interface RequestContext {
  readonly head: RequestHead;
  readonly target: Target;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly pathPolicy: PathPolicy;
  /** Address of the client. */
  readonly address: string;
  /** Whether to look at the Range field. Only GET has ranges (RFC 9110 §14.2). */
  readonly isRange: boolean;
}

/** Responds to requests for one site under one policy. */
export class Responder {
  /** Finds what targets name (step 3), also for callers that authorize the request. */
  readonly finder: Finder;
  readonly #site: Site;
  readonly #policy: Policy;
  readonly #plain: { readonly site: Site; readonly policy: Policy };
  #folders: Promise<FolderResources> | undefined;
  readonly #own: OwnReplies;
  readonly #errorPages: ErrorPages;

  /**
   * `plain` is the same without recording steps: listings and error pages look there for names to show, which is not
   * a step to the reply.
   */
  constructor(
    site: Site,
    policy: Policy,
    plain: { readonly site: Site; readonly policy: Policy } = { site, policy },
  ) {
    this.#site = site;
    this.#policy = policy;
    this.#plain = plain;
    this.finder = new Finder(site, policy);
    this.#own = new OwnReplies(policy);
    this.#errorPages = new ErrorPages(plain, this.#own);
  }

  /**
   * Responds to a request. Its body is read or discarded elsewhere.
   *
   * 1. Method and expectation: anything but GET and HEAD gets its reply before the site is consulted.
   * 2. Target: decode it once; reject it if it is ambiguous.
   * 3. Resource: find what the target names.
   * 4. Variant: choose the coding that suits the client best.
   * 5. Decision: evaluate preconditions, then ranges (RFC 9110 §13.2.2).
   * 6. Reply: prepared once for each variant.
   *
   * `now` is the time in milliseconds since the epoch. `address` is the client's. `located` is the result of steps 2
   * and 3, if the gate needed it already. Returns a promise only for a listing, a search, an archive, a file to
   * decode, a file that was written a moment ago, and a suggestion for a missing one. Never throws because of client
   * input.
   */
  respond(
    head: RequestHead,
    now: number,
    address: string = "",
    located?: LocatedResource,
  ): Reply | Promise<Reply> {
    const isRead = head.method === "GET" || head.method === "HEAD";
    if (!isRead && head.method !== "OPTIONS") {
      return this.error(REFUSED_METHODS.has(head.method) ? 405 : 501);
    }
    if (!isExpectationMet(head.field(Field.Expect))) return this.error(417);

    const target = located?.target ?? parseTarget(head.method, head.target);
    if (target === undefined) return this.error(400);
    if (!isRead) return this.#own.options(target.path);

    const found = located?.finding ?? this.finder.find(head, target, now);
    const pathPolicy = this.#policy.pathPolicy(target.path, locationOf(found));
    const isRange = head.has(Field.Range) && head.method === "GET";
    const context = { head, target, now, pathPolicy, address, isRange };
    return found.kind === "file" && found.awaitWriter === undefined
      ? this.#file(found, context)
      : this.#otherwise(found, context);
  }

  /** Responds to a target that names no file, or one whose writer must be waited for. */
  #otherwise(
    found: Finding,
    context: RequestContext,
  ): Reply | Promise<Reply> {
    switch (found.kind) {
      case "file":
        return this.#afterWriter(found, context);
      case "directory":
        return this.#listing(found, context);
      case "redirect":
        return withFields(
          redirectReply(found.location, found.status),
          override(this.#policy.common, context.pathPolicy.errorLines),
        );
      case "service":
        return withFields(
          found.respond(context.head),
          override(this.#policy.common, context.pathPolicy.errorLines),
        );
      case "status":
        return this.#errorPage(found.status, context, found.page);
      case "refused":
        return this.#errorPage(found.status, context);
      case "absent":
        return this.#errorPage(404, context);
    }
  }

  /** Runs steps 4 to 6. */
  #file(found: FileResource, context: RequestContext): Reply | Promise<Reply> {
    const { head, isRange } = context;
    const resource = this.#edited(found, context);
    const variant = isRange
      ? variantForRange(resource, head)
      : selectVariant(this.#site, resource, head);
    return variant === undefined
      ? this.#decoded(resource, context)
      : this.#fileAs(variant, resource, context);
  }

  /** Returns what to send in place of a file. */
  #edited(
    file: FileResource,
    { head, pathPolicy }: RequestContext,
  ): FileResource {
    const { pages } = this.#policy.options;
    return pages === undefined
      ? file
      : pages.editFile(file, contentTypeOf(file, pathPolicy), head);
  }

  /** Runs steps 5 and 6 for a file that exists only with codings the client does not accept. */
  #decoded(
    resource: FileResource,
    context: RequestContext,
  ): Reply | Promise<Reply> {
    return after(
      this.#site.decode(resource),
      (decoded) =>
        typeof decoded === "number"
          ? this.#errorPage(decoded, context)
          : this.#fileAs(decoded, resource, context),
    );
  }

  /** Runs steps 5 and 6 for a variant. Without conditions and a range, there is nothing to decide. */
  #fileAs(
    variant: Variant,
    resource: FileResource,
    context: RequestContext,
  ): Reply | Promise<Reply> {
    const replies = this.#prepare(resource, variant, context);
    return context.isRange || context.head.hasAny(CONDITIONS)
      ? this.#decide(variant, resource, replies, context)
      : replies.whole;
  }

  /** Evaluates preconditions, then the range; an ignored Range has no effect. */
  #decide(
    variant: Variant,
    resource: FileResource,
    replies: PreparedReplies,
    context: RequestContext,
  ): Reply | Promise<Reply> {
    const { head, now, isRange } = context;
    const { etag } = variant;
    const { modified } = resource;
    switch (evaluatePreconditions(head, { etag, modified }, now)) {
      case "failed":
        return this.#errorPage(412, context);
      case "not modified":
        return replies.notModified;
    }
    if (!isRange) return replies.whole;
    return this.#range(resource, variant, replies, context) ??
      this.#file(resource, { ...context, isRange: false });
  }

  /** Waits for the writer of a file that was written a moment ago, then runs steps 4 to 6. */
  async #afterWriter(
    file: FileResource,
    context: RequestContext,
  ): Promise<Reply> {
    const resource = await file.awaitWriter?.(context.now) ?? file;
    return this.#awaited(resource, context);
  }

  /** Runs steps 4 to 6 after a wait, unless a link was swapped since then and now leads to a protected file. */
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

  /** Returns the prepared replies of a variant. Prepares them if there are none for this path policy. */
  #prepare(
    resource: FileResource,
    variant: Variant,
    { pathPolicy }: RequestContext,
  ): PreparedReplies {
    const cached = variant.prepared;
    if (cached !== undefined && cached.pathPolicy === pathPolicy) return cached;
    return prepare(resource, variant, this.#policy, pathPolicy);
  }

  /**
   * Returns the 206 or 416 for a Range field, or undefined if the field must be ignored (RFC 9110 §14.2, §15.5.17).
   */
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
        return after(
          variant.prepareSlices?.(decision.slices),
          () => partialReply(variant, prepared, decision.slices),
        );
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

  /** Sends a listing, or the archive or search requested instead, as a file. */
  async #listing(
    { path }: DirectoryResource,
    context: RequestContext,
  ): Promise<Reply> {
    const accept = context.head.field(Field.Accept);
    const { now, target: { query }, pathPolicy: { isPrivate } } = context;
    const address = this.#policy.options.subjectOf(context.address);
    const isWanted = () => !context.head.isCancelled;
    const request = { path, query, accept, now, isPrivate, address, isWanted };
    const folders =
      await (this.#folders ??= import("./site/folder_resources.ts").then((
        { FolderResources },
      ) => new FolderResources(this.#plain.site, this.#plain.policy)));
    return this.#awaited(await folders.get(request), context);
  }

  /** Returns the error page that the path's rule names, that of `errorPages`, the site's own, or the built-in one. */
  #errorPage(
    status: number,
    context: RequestContext,
    named?: string,
  ): Reply | Promise<Reply> {
    const { head, target: { path }, now, pathPolicy } = context;
    const general = this.#policy.options.rules.errorPage(status);
    const found = this.#namedPage(named, context) ??
      this.#namedPage(general, context) ??
      this.#shown(this.finder.findErrorPage(path, status, now), pathPolicy);
    if (found === undefined) return this.#errorPages.get(status, context);
    const page = this.#edited(found, context);
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

  /** Sends a variant of a page as an error page. */
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

  /** Finds the page at a path that a rule names; undefined if it does not exist or is protected. */
  #namedPage(path: string | undefined, { now, pathPolicy }: RequestContext) {
    if (path === undefined) return undefined;
    const page = this.finder.findNamedPage(path, now);
    return this.#shown(page, pathPolicy);
  }

  /** Hides a protected page from requests for public paths, which need no password. */
  #shown(page: FileResource | undefined, { isPrivate }: PathPolicy) {
    if (page === undefined || isPrivate) return page;
    return this.#policy.isProtected(page) ? undefined : page;
  }

  /** Returns the built-in error page with the policy's fields. Also serves requests that cannot be parsed. */
  error(status: number, pathPolicy?: PathPolicy): Reply {
    return this.#own.error(status, pathPolicy);
  }

  errorWith(status: number, details: string): Reply {
    return this.#own.errorWith(status, details);
  }
}
