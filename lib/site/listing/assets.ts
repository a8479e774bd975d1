/**
 * The stylesheet and the script of listings. They are files of their own
 * because the page's policy allows nothing inline, and so that browsers cache
 * them across folders.
 *
 * @module
 */

import { OWN_PATHS_START, ownFile } from "../content/own_file.ts";
import type { FileResource } from "../site.ts";
import icon from "../../../static/favicon.svg" with { type: "text" };
import page from "./client/page.css" with { type: "text" };
import entries from "./client/entries.css" with { type: "text" };
import grid from "./client/grid.css" with { type: "text" };
import icons from "./client/icons.css" with { type: "text" };
import readme from "./client/readme.css" with { type: "text" };
import viewers from "./client/viewers.css" with { type: "text" };
import filter from "./client/filter.js" with { type: "text" };
import keys from "./client/keys.js" with { type: "text" };
import lightbox from "./client/lightbox.js" with { type: "text" };
import preview from "./client/preview.js" with { type: "text" };
import times from "./client/times.js" with { type: "text" };

/** The reserved path of the stylesheet. */
export const LISTING_STYLESHEET_PATH: string = `${OWN_PATHS_START}listing.css`;

/** The reserved path of the script. */
export const LISTING_SCRIPT_PATH: string = `${OWN_PATHS_START}listing.js`;

/** The reserved path of the mark. */
export const LISTING_ICON_PATH: string = `${OWN_PATHS_START}favicon.svg`;

/** Each is written to stand alone; a browser gets them as one, in this order. */
const STYLESHEET = [page, entries, icons, grid, readme, viewers].join("\n");
const SCRIPT = [times, filter, keys, lightbox, preview].join("\n");

/** Makes the assets by path. */
export function createListingAssets(): ReadonlyMap<string, FileResource> {
  const assets = [
    [LISTING_STYLESHEET_PATH, STYLESHEET],
    [LISTING_SCRIPT_PATH, SCRIPT],
    [LISTING_ICON_PATH, icon],
  ] as const;
  return new Map(
    assets.map(([path, text]) => [path, ownFile(path, text)]),
  );
}
