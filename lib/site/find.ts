/**
 * What a path finds in a site: index files, the redirect to a directory's own
 * name, clean URLs, the shell of an application that routes by itself, and the
 * pages of errors. Every look goes through {@linkcode Site.lookup}, whatever the kind of site.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import { namesHtml } from "../http/media_range.ts";
import type { RequestHead } from "../http/head.ts";
import { encodePath, type Target } from "../http/target.ts";
import { isRuleFile } from "./hidden.ts";
import { listingAsset } from "./lister.ts";
import type { PolicyOptions } from "./policy.ts";
import type { Outcome } from "./rules.ts";
import {
  ABSENT,
  type FileResource,
  type RefusedResource,
  type Resource,
  type Site,
} from "./site.ts";

/** The client is to look elsewhere: a rule says so, or it has left out a directory's "/", which relative links in it need. */
export interface RedirectResource {
  /** Tells it from resources of the site. */
  readonly kind: "redirect";
  /** A status that redirects. */
  readonly status: number;
  /** Value for Location. */
  readonly location: string;
}

/** A rule says that the answer is an error. */
export interface StatusResource {
  /** Tells it from resources of the site. */
  readonly kind: "status";
  /** The status of the error. */
  readonly status: number;
  /** Decoded path in the site of its page; undefined for the usual one. */
  readonly page: string | undefined;
}

/** Directories below which no error page is looked for: a hostile path may have thousands. */
const ERROR_PAGE_DEPTH_MAX = 16;

/** A file, or why it cannot be read. */
type Readable = FileResource | RefusedResource;

/** What a target can come to. */
export type Finding = Resource | RedirectResource | StatusResource;

/**
 * Finds what a target names. In this order: a redirect or rewrite with force; what the site has; any other
 * redirect, rewrite or status; the shell, for who wants a document and would get nothing.
 */
export function find(
  site: Site,
  policy: PolicyOptions,
  head: RequestHead,
  target: Target,
  now: number,
): Finding {
  const { path, query } = target;
  const { rules } = policy;
  const forced = rules.decide(path, query, true);
  if (forced !== undefined) return follow(site, policy, forced, now);
  const own = findOwn(site, policy, target, now);
  if (own.kind !== "absent") return own;
  const outcome = rules.decide(path, query, false);
  if (outcome !== undefined) return follow(site, policy, outcome, now);
  return findShell(site, policy, head, path, now) ?? ABSENT;
}

/**
 * What the site has at a path. In this order: the file itself; for a directory without "/" the redirect to
 * its own name, with "/" its index, or itself when it is to be listed; a file with ".html" behind the name.
 */
function findOwn(
  site: Site,
  policy: PolicyOptions,
  target: Target,
  now: number,
): Resource | RedirectResource {
  const { path } = target;
  if (isRuleFile(path)) return ABSENT;
  const resource = listingAsset(path, policy) ?? site.lookup(path, now);
  switch (resource.kind) {
    case "directory":
      if (!path.endsWith("/")) return redirectTo(resource.path, target);
      return fileAt(site, path + policy.index, now) ??
        (policy.listing ? resource : ABSENT);
    case "absent":
      return findCleanUrl(site, path, now) ?? ABSENT;
    default:
      return resource;
  }
}

/** What a rule leads to. A rewrite is looked up once, as if its path had been asked for; no rule is asked again. */
function follow(
  site: Site,
  policy: PolicyOptions,
  outcome: Outcome,
  now: number,
): Finding {
  switch (outcome.kind) {
    case "redirect":
      return outcome;
    case "status":
      return { kind: "status", status: outcome.status, page: outcome.path };
    case "rewrite": {
      const found = findOwn(site, policy, outcome, now);
      if (found.kind !== "redirect") return found;
      // Who is not to see where the answer comes from is not to be sent there for want of a "/".
      const path = `${outcome.path}/`;
      return findOwn(site, policy, { path, query: outcome.query }, now);
    }
  }
}

/** A target's path begins with a single "/", so that no Location can name another host (RFC 9110 §10.2.2). */
function redirectTo(path: string, { query }: Target): RedirectResource {
  const suffix = query === undefined ? "" : `?${query}`;
  return {
    kind: "redirect",
    status: 308,
    location: encodePath(path) + suffix,
  };
}

/** The file at a path, or why it cannot be read; undefined when there is none. */
function fileAt(site: Site, path: string, now: number): Readable | undefined {
  const resource = site.lookup(path, now);
  const isThere = resource.kind === "file" || resource.kind === "refused";
  return isThere ? resource : undefined;
}

/** /about names about.html when nothing has that very name. */
function findCleanUrl(
  site: Site,
  path: string,
  now: number,
): Readable | undefined {
  return path.endsWith("/") ? undefined : fileAt(site, `${path}.html`, now);
}

function findShell(
  site: Site,
  { spa }: PolicyOptions,
  head: RequestHead,
  path: string,
  now: number,
): Readable | undefined {
  if (spa === undefined || !wantsDocument(head, path)) return undefined;
  return fileAt(site, spa, now);
}

/** The request fields that {@linkcode find} looks at before it answers with the shell. */
export const SHELL_VARIES: readonly string[] = ["Sec-Fetch-Dest", "Accept"];

/**
 * Whether a missing path is asked for as a page, not as a script, style or image: browsers say so in
 * Sec-Fetch-Dest (Fetch Metadata §2.1); of others, who accepts HTML for a name without an extension.
 */
function wantsDocument(head: RequestHead, path: string): boolean {
  const destination = head.field(Field.SecFetchDest);
  if (destination !== undefined) {
    return destination === "document" || destination === "iframe";
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  return !name.includes(".") && namesHtml(head.field(Field.Accept));
}

/** The site's own page for an error at a path: `404.html`, say, in the nearest directory upwards. */
export function findErrorPage(
  site: Site,
  path: string,
  status: number,
  now: number,
): FileResource | undefined {
  let end = lastDirectoryEnd(path);
  for (;;) {
    const directory = path.slice(0, end + 1);
    const resource = site.lookup(`${directory}${status}.html`, now);
    if (resource.kind === "file") return resource;
    if (end <= 0) return undefined;
    end = path.lastIndexOf("/", end - 1);
  }
}

/** Where the "/" of the directory stands in which looking begins: that of the path, if it is not too deep. */
function lastDirectoryEnd(path: string): number {
  let end = 0;
  for (let depth = 0; depth < ERROR_PAGE_DEPTH_MAX; depth++) {
    const next = path.indexOf("/", end + 1);
    if (next === -1) break;
    end = next;
  }
  return end;
}
