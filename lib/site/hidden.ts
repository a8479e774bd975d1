/**
 * Which names no client may see, whatever kind of site they are in.
 *
 * @module
 */

/**
 * The only name with a leading dot that is for the public: RFC 8615. Everything else that begins
 * with a dot is somebody's private matter (.git, .env, .htpasswd), wherever it stands in the path.
 */
const WELL_KNOWN = ".well-known";

/** Whether a segment of a path, behind a "/", is hidden. Segments of dots alone are as well. */
export function hasHiddenSegment(path: string): boolean {
  if (!path.includes("/.")) return false;
  return path.split("/").some((segment) =>
    segment.startsWith(".") && segment !== WELL_KNOWN
  );
}

/** Files in the root of a site that say how it is to be served: read at the start, and not for clients. */
export const RULE_FILES: readonly string[] = ["_headers", "_redirects"];

/** Whether a path names one of {@linkcode RULE_FILES}. */
export function isRuleFile(path: string): boolean {
  return path.charCodeAt(1) === UNDERSCORE && path.charCodeAt(0) === SLASH &&
    RULE_FILES.includes(path.slice(1));
}

const SLASH = 0x2f;
const UNDERSCORE = 0x5f;
