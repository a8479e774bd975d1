/**
 * Finds what a path names: index files, redirects to a directory's own name,
 * clean URLs, the shell of a single-page application, error pages. Every
 * lookup goes through {@linkcode Site.lookup}, whatever the kind of site.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { namesHtml, takesAnything } from "../http/media_range.ts";
import { encodePath, type Target } from "../http/target.ts";
import { isRuleFile } from "./hidden.ts";
import type { Policy, ServiceHandler } from "./policy.ts";
import type { Outcome } from "./rules/redirect_rules.ts";
import {
  ABSENT,
  type DirectoryResource,
  type FileResource,
  type Location,
  type RefusedResource,
  type Resource,
  type Site,
} from "./site.ts";

/**
 * A redirect: a rule demands it, or the path of a directory lacks its final "/", without which the relative links of
 * the page would break.
 */
export interface RedirectResource {
  readonly kind: "redirect";
  readonly status: number;
  readonly location: string;
  /** The directory whose "/" is missing; undefined when a rule redirects. */
  readonly directory?: DirectoryResource;
}

/** An error that a rule demands. */
export interface StatusResource {
  readonly kind: "status";
  readonly status: number;
  /** Decoded path of its page in the site; undefined for the usual page. */
  readonly page: string | undefined;
}

/** A path that skiff itself serves, without a file. */
export interface ServiceResource {
  readonly kind: "service";
  readonly respond: ServiceHandler;
}

/** The deepest directory in which to look for an error page: a hostile path may have thousands. */
const ERROR_PAGE_DEPTH_MAX = 16;

type ReadableResource = FileResource | RefusedResource;

/** Everything that a target can name. */
export type Finding =
  | Resource
  | RedirectResource
  | StatusResource
  | ServiceResource;

/** What a request names, if the gate looked it up already to decide whether the request needs a password. */
export interface LocatedResource {
  /** The target, decoded. */
  readonly target: Target;
  /** What the target names; undefined if it has not been looked up yet. */
  readonly finding?: Finding | undefined;
}

/** Finds what targets name in one site under one policy. */
export class Finder {
  readonly #site: Site;
  readonly #policy: Policy;

  constructor(site: Site, policy: Policy) {
    this.#site = site;
    this.#policy = policy;
  }

  /**
   * Finds what a target names. Tries, in this order: skiff's own services; redirects and rewrites with force; the site;
   * other redirects, rewrites and statuses; the shell, for clients that want a document.
   */
  find(head: RequestHead, target: Target, now: number): Finding {
    const { path, query } = target;
    const { rules } = this.#policy.options;
    const respond = this.#policy.service(path);
    if (respond !== undefined) return { kind: "service", respond };
    const forced = rules.decide(path, query, true);
    if (forced !== undefined) return this.#follow(forced, now);
    const own = this.#findOwn(target, now);
    if (own.kind !== "absent") return own;
    const outcome = rules.decide(path, query, false);
    if (outcome !== undefined) return this.#follow(outcome, now);
    return this.#findShell(head, path, now) ?? ABSENT;
  }

  /**
   * Finds what the site itself has at a path. Tries, in this order:
   *
   * 1. the file of that name;
   * 2. with a "/" at the end: the directory's index, or its listing if listings are on;
   * 3. without it: the page `.html` if the directory has no index, else a redirect to the directory's own name;
   * 4. if there is neither: the file with `.html` appended.
   */
  #findOwn(target: Target, now: number): Resource | RedirectResource {
    const { path } = target;
    if (isRuleFile(path)) return ABSENT;
    const resource = this.#policy.asset(path) ?? this.#site.lookup(path, now);
    if (resource.kind === "directory") {
      return this.#findInDirectory(resource, target, now);
    }
    if (resource.kind !== "absent") return resource;
    return this.#findCleanUrl(path, now) ?? ABSENT;
  }

  /** Takes steps 2 and 3 of {@linkcode Finder.#findOwn}. */
  #findInDirectory(
    directory: DirectoryResource,
    target: Target,
    now: number,
  ): Resource | RedirectResource {
    const { path } = target;
    const { index, listing } = this.#policy.options;
    if (!path.endsWith("/")) {
      return this.#findPageBeside(path, now) ?? redirectTo(directory, target);
    }
    return this.#fileAt(path + index, now) ?? (listing ? directory : ABSENT);
  }

  /** Follows a rule. Looks up a rewrite once, as if the client had requested its path; no other rule applies to it. */
  #follow(outcome: Outcome, now: number): Finding {
    switch (outcome.kind) {
      case "redirect":
        return outcome;
      case "status":
        return { kind: "status", status: outcome.status, page: outcome.path };
      case "rewrite":
        return placed(outcome.path, this.findInside(outcome, now));
    }
  }

  /**
   * Finds what the site has at a path that a rule names, as if a client had requested it. Adds a directory's missing
   * "/" itself: a redirect would reveal the rewrite's destination.
   */
  findInside(target: Target, now: number): Resource {
    const found = this.#findOwn(target, now);
    if (found.kind !== "redirect") return found;
    const inside = { path: `${target.path}/`, query: target.query };
    const again = this.#findOwn(inside, now);
    return again.kind === "redirect" ? ABSENT : again;
  }

  /** Finds what a direct request for a path gets from the site itself; undefined if a rule replaces it. */
  findUnruled(
    path: string,
    now: number,
  ): Resource | RedirectResource | undefined {
    if (this.#policy.isOverruled(path)) return undefined;
    return this.#findOwn({ path, query: undefined }, now);
  }

  /**
   * Finds the file at exactly this path that a direct request for it gets; undefined if there is none, or if a rule
   * replaces it.
   */
  findDirect(path: string, now: number): FileResource | undefined {
    const found = this.findUnruled(path, now);
    return found?.kind === "file" && found.path === path ? found : undefined;
  }

  /**
   * Finds the page that a rule names for an error, in the same way as a rewrite: by file name, clean name or directory.
   * Returns undefined if there is no file; a listing is not a page.
   */
  findNamedPage(path: string, now: number): FileResource | undefined {
    const found = this.findInside({ path, query: undefined }, now);
    return found.kind === "file" ? found : undefined;
  }

  /** Finds the site's own page for an error, such as `404.html`, in the nearest directory upwards. */
  findErrorPage(
    path: string,
    status: number,
    now: number,
  ): FileResource | undefined {
    let end = lastDirectoryEnd(path);
    for (;;) {
      const directory = path.slice(0, end + 1);
      const page = this.#site.lookup(`${directory}${status}.html`, now);
      if (page.kind === "file") return page;
      if (end <= 0) return undefined;
      end = path.lastIndexOf("/", end - 1);
    }
  }

  /** Returns the file at a path, or why it cannot be read; undefined when there is none. */
  #fileAt(path: string, now: number): ReadableResource | undefined {
    const resource = this.#site.lookup(path, now);
    const isThere = resource.kind === "file" || resource.kind === "refused";
    return isThere ? resource : undefined;
  }

  /**
   * Finds blog.html for /blog when the directory "blog" beside it has no index. Static exports put a page next to the
   * folder of the pages below it.
   */
  #findPageBeside(path: string, now: number): ReadableResource | undefined {
    const page = this.#findCleanUrl(path, now);
    if (page === undefined) return undefined;
    const index = `${path}/${this.#policy.options.index}`;
    return this.#fileAt(index, now) === undefined ? page : undefined;
  }

  /** Finds about.html for /about. */
  #findCleanUrl(path: string, now: number): ReadableResource | undefined {
    return path.endsWith("/") ? undefined : this.#fileAt(`${path}.html`, now);
  }

  #findShell(
    head: RequestHead,
    path: string,
    now: number,
  ): ReadableResource | undefined {
    const { spa } = this.#policy.options;
    if (spa === undefined || !wantsDocument(head, path)) return undefined;
    return this.#fileAt(spa, now);
  }

  /**
   * Returns the paths, besides the target's own, that decide whether the response needs a password: those of what was
   * found, or of the place where a missing resource would be. Without that place, 401 and 404 would reveal which files
   * exist behind a link to a protected directory.
   */
  pathsBehind({ path }: Target, found: Finding, now: number): string[] {
    const location = locationOf(found);
    const paths: string[] = [];
    // If the file, its index or its clean URL was found, its real path is known already.
    if (!location?.path.startsWith(path)) paths.push(this.#wouldLie(path, now));
    if (location === undefined) return paths;
    const { path: own, realPath = this.#wouldLie(own, now) } = location;
    return [...paths, own, realPath];
  }

  /** Returns where a missing path would be, after following the links to directories on the way. */
  #wouldLie(path: string, now: number): string {
    let place = path;
    for (let end = path.indexOf("/", 1); end !== -1;) {
      const directory = this.#site.lookup(path.slice(0, end + 1), now);
      if (directory.kind !== "directory") break;
      place = directory.realPath + path.slice(end + 1);
      end = path.indexOf("/", end + 1);
    }
    return place;
  }
}

/** Records in a missing resource which path a rewrite looked up. */
function placed(path: string, found: Resource): Resource {
  return found.kind === "absent" || found.kind === "refused"
    ? { ...found, path }
    : found;
}

/**
 * Makes the redirect. A target's path begins with a single "/", so no Location can name another host (RFC 9110
 * §10.2.2).
 */
function redirectTo(
  directory: DirectoryResource,
  { query }: Target,
): RedirectResource {
  const suffix = query === undefined ? "" : `?${query}`;
  return {
    kind: "redirect",
    status: 308,
    location: encodePath(directory.path) + suffix,
    directory,
  };
}

/** The request fields that decide whether {@linkcode Finder.find} returns the shell. */
export const SHELL_VARIES: readonly string[] = ["Sec-Fetch-Dest", "Accept"];

/** Values of Sec-Fetch-Dest for documents (Fetch Metadata §2.1). */
const PAGE_DESTINATIONS: ReadonlySet<string> = new Set(["document", "iframe"]);

/**
 * Extensions of scripts, styles, images, fonts, media, data and downloads: a missing one is not a page of an
 * application.
 */
const ASSET_EXTENSIONS: ReadonlySet<string> = new Set([
  ..."js mjs cjs css map json jsonld webmanifest wasm xml txt csv".split(" "),
  ..."png apng jpg jpeg gif svg svgz webp avif ico bmp jxl heic".split(" "),
  ..."tif tiff cur woff woff2 ttf otf eot mp3 m4a aac ogg oga".split(" "),
  ..."opus wav flac weba mp4 m4v webm ogv mov m3u8 mpd vtt srt".split(" "),
  ..."pdf zip gz br zst tgz tar bz2 xz 7z rar exe dmg apk iso".split(" "),
  ..."glb gltf unityweb".split(" "),
]);

/**
 * Whether the client wants a page at a missing path, not a script, style or image. In this order:
 *
 * 1. Sec-Fetch-Dest decides if it names a destination. "empty", a script's own fetch, leaves the decision to Accept.
 * 2. A client that names HTML in Accept gets the page, unless the name has the extension of an asset.
 * 3. A client that accepts anything (monitors, link previews, curl) gets it for a name without an extension.
 */
function wantsDocument(head: RequestHead, path: string): boolean {
  const destination = head.field(Field.SecFetchDest);
  if (destination !== undefined && destination !== "empty") {
    return PAGE_DESTINATIONS.has(destination);
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  const accept = head.field(Field.Accept);
  if (namesHtml(accept)) return !isAsset(name);
  return destination === undefined && !name.includes(".") &&
    takesAnything(accept);
}

function isAsset(name: string): boolean {
  const dot = name.lastIndexOf(".");
  return dot !== -1 && ASSET_EXTENSIONS.has(name.slice(dot + 1).toLowerCase());
}

/** Returns the location that a finding reveals; undefined if it reveals only the requested path. */
export function locationOf(found: Finding): Location | undefined {
  switch (found.kind) {
    case "file":
    case "directory":
      return found;
    case "redirect":
      return found.directory;
    case "absent":
    case "refused":
      return found.path === undefined ? undefined : { path: found.path };
    case "status":
    case "service":
      return undefined;
  }
}

/** Returns the position of the "/" of the directory in which the search begins. */
function lastDirectoryEnd(path: string): number {
  let end = 0;
  for (let depth = 0; depth < ERROR_PAGE_DEPTH_MAX; depth++) {
    const next = path.indexOf("/", end + 1);
    if (next === -1) break;
    end = next;
  }
  return end;
}
