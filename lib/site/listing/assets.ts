/**
 * The stylesheet and the script of listings. They are files of their own
 * because the page's policy allows nothing inline, and so that browsers cache
 * them across folders.
 *
 * @module
 */

import { OWN_PATHS_START, ownFile } from "../content/own_file.ts";
import type { FileResource } from "../site.ts";
import script from "./client.js" with { type: "text" };
import stylesheet from "./client.css" with { type: "text" };

/** The reserved path of the stylesheet. */
export const LISTING_STYLESHEET_PATH: string = `${OWN_PATHS_START}listing.css`;

/** The reserved path of the script. */
export const LISTING_SCRIPT_PATH: string = `${OWN_PATHS_START}listing.js`;

/** Makes the assets by path. */
export function createListingAssets(): ReadonlyMap<string, FileResource> {
  return new Map([
    [LISTING_STYLESHEET_PATH, ownFile(LISTING_STYLESHEET_PATH, stylesheet)],
    [LISTING_SCRIPT_PATH, ownFile(LISTING_SCRIPT_PATH, script)],
  ]);
}
