/**
 * What a path finds in a site: index files, the redirect to a directory's own
 * name, clean URLs, the shell of an application that routes by itself, and the
 * pages of errors. Every look goes through {@linkcode Site.lookup}, whatever the kind of site.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { namesHtml, takesAnything } from "../http/media_range.ts";
import { encodePath, type Target } from "../http/target.ts";
import { isRuleFile } from "./hidden.ts";
import type { Policy } from "./policy.ts";
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

/** The client is to look elsewhere: a rule says so, or it has left out a directory's "/", which relative links in it need. */
export interface RedirectResource {
  /** Tells it from resources of the site. */
  readonly kind: "redirect";
  /** A status that redirects. */
  readonly status: number;
  /** Value for Location. */
  readonly location: string;
  /** The directory whose name lacks its "/"; undefined when a rule redirects. */
  readonly directory?: DirectoryResource;
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
  policy: Policy,
  head: RequestHead,
  target: Target,
  now: number,
): Finding {
  const { path, query } = target;
  const { rules } = policy.options;
  const forced = rules.decide(path, query, true);
  if (forced !== undefined) return follow(site, policy, forced, now);
  const own = findOwn(site, policy, target, now);
  if (own.kind !== "absent") return own;
  const outcome = rules.decide(path, query, false);
  if (outcome !== undefined) return follow(site, policy, outcome, now);
  return findShell(site, policy, head, path, now) ?? ABSENT;
}

/**
 * What the site has at a path. In this order: the file itself; for a directory with "/" its index, or the directory
 * itself when directories are listed; for one without "/" the page with ".html" behind the name if the directory has
 * no index, else the redirect to the directory's own name; without either, a file with ".html" behind the name.
 */
function findOwn(
  site: Site,
  policy: Policy,
  target: Target,
  now: number,
): Resource | RedirectResource {
  const { path } = target;
  if (isRuleFile(path)) return ABSENT;
  const resource = policy.assets.get(path) ?? site.lookup(path, now);
  switch (resource.kind) {
    case "directory":
      if (!path.endsWith("/")) {
        return findPageBeside(site, policy, path, now) ??
          redirectTo(resource, target);
      }
      return fileAt(site, path + policy.options.index, now) ??
        (policy.options.listing ? resource : ABSENT);
    case "absent":
      return findCleanUrl(site, path, now) ?? ABSENT;
    default:
      return resource;
  }
}

/** What a rule leads to. A rewrite is looked up once, as if its path had been asked for; no rule is asked again. */
function follow(
  site: Site,
  policy: Policy,
  outcome: Outcome,
  now: number,
): Finding {
  switch (outcome.kind) {
    case "redirect":
      return outcome;
    case "status":
      return { kind: "status", status: outcome.status, page: outcome.path };
    case "rewrite":
      return placed(outcome.path, findInside(site, policy, outcome, now));
  }
}

/** What was found in the place of another path: what is missing there says where it was looked for. */
function placed(path: string, found: Resource): Resource {
  return found.kind === "absent" || found.kind === "refused"
    ? { ...found, path }
    : found;
}

/**
 * What the site has at a path that a rule names, as if a client had asked for it, but for the redirect to a directory's
 * "/": that would reveal where the answer comes from.
 */
export function findInside(
  site: Site,
  policy: Policy,
  target: Target,
  now: number,
): Resource {
  const found = findOwn(site, policy, target, now);
  if (found.kind !== "redirect") return found;
  const inside = { path: `${target.path}/`, query: target.query };
  const again = findOwn(site, policy, inside, now);
  return again.kind === "redirect" ? ABSENT : again;
}

/**
 * The page that a rule names for an error, found as the destination of a rewrite is: by the file's own name, its clean
 * name or its directory's. undefined when that leads to no file; a listing is no page.
 */
export function findNamedPage(
  site: Site,
  policy: Policy,
  path: string,
  now: number,
): FileResource | undefined {
  const found = findInside(site, policy, { path, query: undefined }, now);
  return found.kind === "file" ? found : undefined;
}

/** A target's path begins with a single "/", so that no Location can name another host (RFC 9110 §10.2.2). */
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

/** The file at a path, or why it cannot be read; undefined when there is none. */
function fileAt(site: Site, path: string, now: number): Readable | undefined {
  const resource = site.lookup(path, now);
  const isThere = resource.kind === "file" || resource.kind === "refused";
  return isThere ? resource : undefined;
}

/**
 * /blog names blog.html when the directory "blog" beside it has no index: static exports put a page and the pages below
 * it side by side like this.
 */
function findPageBeside(
  site: Site,
  { options: { index } }: Policy,
  path: string,
  now: number,
): Readable | undefined {
  const page = findCleanUrl(site, path, now);
  if (page === undefined) return undefined;
  return fileAt(site, `${path}/${index}`, now) === undefined ? page : undefined;
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
  { options: { spa } }: Policy,
  head: RequestHead,
  path: string,
  now: number,
): Readable | undefined {
  if (spa === undefined || !wantsDocument(head, path)) return undefined;
  return fileAt(site, spa, now);
}

/** The request fields that {@linkcode find} looks at before it answers with the shell. */
export const SHELL_VARIES: readonly string[] = ["Sec-Fetch-Dest", "Accept"];

/** What browsers say in Sec-Fetch-Dest (Fetch Metadata §2.1) of what they want to show as a page. */
const PAGE_DESTINATIONS: ReadonlySet<string> = new Set(["document", "iframe"]);

/** Extensions of scripts, styles, pictures, fonts, media, data and downloads: a missing one is no page of an application. */
const ASSET_EXTENSIONS: ReadonlySet<string> = new Set([
  ..."js mjs cjs css map json jsonld webmanifest wasm xml txt csv".split(" "),
  ..."png apng jpg jpeg gif svg svgz webp avif ico bmp jxl heic".split(" "),
  ..."tif tiff cur woff woff2 ttf otf eot mp3 m4a aac ogg oga".split(" "),
  ..."opus wav flac weba mp4 m4v webm ogv mov m3u8 mpd vtt srt".split(" "),
  ..."pdf zip gz br zst tgz tar bz2 xz 7z rar exe dmg apk iso".split(" "),
  ..."glb gltf unityweb".split(" "),
]);

/**
 * Whether a missing path is asked for as a page, not as a script, style or image. In this order:
 *
 * 1. Sec-Fetch-Dest decides where it names what the answer is for. "empty", a script's own fetch, leaves it to Accept.
 * 2. Who names HTML in Accept gets the page, unless the name ends in the extension of an asset.
 * 3. Who takes anything (monitors, link previews, curl) gets it for a name without an extension.
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

/** Whether a file name ends in the extension of an asset. */
function isAsset(name: string): boolean {
  const dot = name.lastIndexOf(".");
  return dot !== -1 && ASSET_EXTENSIONS.has(name.slice(dot + 1).toLowerCase());
}

/** What a finding shows something of: by its paths it is protected. undefined: nothing but what was asked for. */
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
      return undefined;
  }
}

/**
 * All paths by which the answer to a target is protected, beside its own: those of what was found, and where what was
 * not found would lie. Otherwise clients could tell by 401 and 404 what there is behind a link to something protected.
 */
export function pathsBehind(
  site: Site,
  { path }: Target,
  found: Finding,
  now: number,
): string[] {
  const location = locationOf(found);
  const paths: string[] = [];
  // The file itself, its index or its clean address: where the path leads is known then.
  if (!location?.path.startsWith(path)) paths.push(wouldLie(site, path, now));
  if (location === undefined) return paths;
  const { path: own, realPath = wouldLie(site, own, now) } = location;
  return [...paths, own, realPath];
}

/** Where a path that names nothing would lie, with the links to directories on its way followed. */
function wouldLie(site: Site, path: string, now: number): string {
  let place = path;
  for (let end = path.indexOf("/", 1); end !== -1;) {
    const directory = site.lookup(path.slice(0, end + 1), now);
    if (directory.kind !== "directory") break;
    place = directory.realPath + path.slice(end + 1);
    end = path.indexOf("/", end + 1);
  }
  return place;
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
