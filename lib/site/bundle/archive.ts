/**
 * What is known of archives without reading one: a start that has none loads
 * nothing else of this room.
 *
 * @module
 */

/** How the names of archives end. */
export const ARCHIVE_SUFFIX = ".skiff";

/** Name of the archive inside an executable, next to `main.ts`. */
export const ARCHIVE_NAME = `site${ARCHIVE_SUFFIX}`;

/** Says why an archive cannot be read. */
export class BundleError extends Error {
  override name = "BundleError";
}
