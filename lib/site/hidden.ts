/**
 * Names that no client may request, whatever the kind of site.
 *
 * @module
 */

import type { DirectoryEntry } from "./site.ts";

/** The only public name with a leading dot (RFC 8615). All others are private, such as .git, .env and .htpasswd. */
const WELL_KNOWN = ".well-known";

/** Whether a segment of a path is hidden. Segments of dots alone are hidden as well. */
export function hasHiddenSegment(path: string): boolean {
  if (!path.includes("/.")) return false;
  return path.split("/").some((segment) =>
    segment.startsWith(".") && segment !== WELL_KNOWN
  );
}

/** Files in a site's root that configure how it is served. skiff reads them at the start; clients cannot. */
export const RULE_FILES: readonly string[] = ["_headers", "_redirects"];

/** Whether a path names one of {@linkcode RULE_FILES}. */
export function isRuleFile(path: string): boolean {
  return path.charCodeAt(1) === UNDERSCORE && path.charCodeAt(0) === SLASH &&
    RULE_FILES.includes(path.slice(1));
}

/** Who is to learn a name, and what the operator has decided about decoded paths. */
export interface NameViewer {
  /** Whether a path needs a password. */
  readonly isProtected: (path: string) => boolean;
  /** Whether a rule decides about a path before the site does. */
  readonly isOverruled: (path: string) => boolean;
  /** Whether the client has authenticated, and may see what is protected. */
  readonly isPrivate: boolean;
}

/**
 * Whether a client may learn the name of an entry of the directory at a path and a real path: in a listing, a search, an
 * archive or a suggestion. A rule file is never named, nor what a rule redirects, replaces or refuses; what is
 * protected, by its own path or by the place that it leads to, only to a client that has authenticated.
 */
export function mayBeNamed(
  { isProtected, isOverruled, isPrivate }: NameViewer,
  path: string,
  entry: DirectoryEntry,
  place: string,
): boolean {
  const { name, kind, realPath = place + name } = entry;
  if (isRuleFile(path + name)) return false;
  if (isOverruled(kind === "directory" ? `${path}${name}/` : path + name)) {
    return false;
  }
  return isPrivate || ![path + name, realPath].some((own) =>
    isProtected(own) ||
    kind === "directory" && !own.endsWith("/") && isProtected(`${own}/`)
  );
}

const SLASH = 0x2f;
const UNDERSCORE = 0x5f;
