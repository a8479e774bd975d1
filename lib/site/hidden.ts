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

/**
 * Whether an entry of the directory at a path and a real path is public, by its own path and by the place that it leads
 * to.
 */
export function isPublicEntry(
  isProtected: (path: string) => boolean,
  path: string,
  entry: DirectoryEntry,
  place: string,
): boolean {
  const { name, kind, realPath = place + name } = entry;
  return ![path + name, realPath].some((own) =>
    isProtected(own) ||
    kind === "directory" && !own.endsWith("/") && isProtected(`${own}/`)
  );
}

const SLASH = 0x2f;
const UNDERSCORE = 0x5f;
