/**
 * Files that belong to skiff, not to a site.
 *
 * @module
 */

import { type OwnFields, SiteFile } from "./file.ts";
import { MemoryVariant } from "./variant.ts";

/**
 * The beginning of all paths that skiff reserves. No site can have files there: the first segment begins with a dot.
 */
export const OWN_PATHS_START = "/.skiff/";

const ENCODER = new TextEncoder();

/** Makes a file that belongs to skiff. It has a tag but no Last-Modified. */
export function ownFile(
  path: string,
  text: string,
  own: OwnFields = {},
): SiteFile {
  const content = new MemoryVariant(ENCODER.encode(text));
  return new SiteFile(path, content, undefined, false, own);
}
