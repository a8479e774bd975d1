/**
 * The stylesheet and the script of listings. They are files of their own
 * because the page's policy allows nothing inline, and so that browsers cache
 * them across folders.
 *
 * @module
 */

import { type OwnFields, SiteFile } from "../content/file.ts";
import { MemoryVariant } from "../content/variant.ts";
import type { FileResource } from "../site.ts";
import script from "./client.js" with { type: "text" };
import stylesheet from "./client.css" with { type: "text" };

/** The beginning of all reserved paths. */
export const ASSETS_START = "/.skiff/";

/** The reserved path of the stylesheet. */
export const LISTING_STYLESHEET_PATH = `${ASSETS_START}listing.css`;

/** The reserved path of the script. */
export const LISTING_SCRIPT_PATH = `${ASSETS_START}listing.js`;

const ENCODER = new TextEncoder();

/** Makes a file that belongs to skiff, not to a site. It has a tag but no Last-Modified. */
export function ownFile(
  path: string,
  text: string,
  own: OwnFields = {},
): SiteFile {
  const content = new MemoryVariant(ENCODER.encode(text));
  return new SiteFile(path, content, undefined, false, own);
}

/** Makes the assets by path. No site can have files at these paths: their first segment begins with a dot. */
export function createListingAssets(): ReadonlyMap<string, FileResource> {
  return new Map([
    [LISTING_STYLESHEET_PATH, ownFile(LISTING_STYLESHEET_PATH, stylesheet)],
    [LISTING_SCRIPT_PATH, ownFile(LISTING_SCRIPT_PATH, script)],
  ]);
}
