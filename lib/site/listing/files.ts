/**
 * Listings as files, which are validated and cut into ranges like any other.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { ownFile } from "../content/own_file.ts";
import type { FileResource } from "../site.ts";
import {
  type Listing,
  type ListingFormat,
  listingJson,
  listingText,
} from "./listing.ts";
import type { ListingOrder } from "./order.ts";
import { listingHtml } from "./page.ts";
import { SEARCH_LENGTH_MAX, type SearchResults } from "./search.ts";

/**
 * Allows listings skiff's own style and script, the site's pictures, and previews of its files to the script: nothing
 * inline, and nothing from elsewhere.
 */
const PAGE_POLICY: FieldLine = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
];

/** What was found below a folder. */
export interface FoundEntries {
  /** Decoded path of the folder; ends with "/". */
  readonly path: string;
  readonly realPath: string;
  readonly order: ListingOrder;
  /** That of the folder. A page always has a table; that of a grid leads back to it. */
  readonly format: ListingFormat;
  /** What was searched for. */
  readonly text: string;
  readonly results: SearchResults;
}

/** Renders the results of a search as a listing of paths. */
export function searchFile(found: FoundEntries): FileResource {
  const { path, order, format, text, results } = found;
  const { entries, isCut } = results;
  const listing: Listing = {
    path,
    order,
    entries: entries.map((entry) => ({
      ...entry,
      name: entry.path.replace(/\/$/, ""),
    })),
    truncatedAt: undefined,
    canDownload: false,
    search: { text: text.slice(0, SEARCH_LENGTH_MAX), isCut },
  };
  return listingFile(listing, format, found.realPath);
}

/** Whether a format is for people. */
export function isPage(format: ListingFormat): boolean {
  return format === "html" || format === "grid";
}

/** How each format is rendered, and its media type. */
const RENDERERS: Readonly<
  Record<ListingFormat, readonly [type: string, (listing: Listing) => string]>
> = {
  html: ["text/html", listingHtml],
  grid: ["text/html", (listing) => listingHtml({ ...listing, isGrid: true })],
  json: ["application/json", listingJson],
  text: ["text/plain", listingText],
};

/** Renders a listing as a file of skiff's own. */
export function listingFile(
  listing: Listing,
  format: ListingFormat,
  realPath: string,
): FileResource {
  const [type, render] = RENDERERS[format];
  return ownFile(listing.path, render(listing), {
    contentType: `${type}; charset=UTF-8`,
    realPath,
    varies: ["Accept"],
    fields: isPage(format) ? [PAGE_POLICY] : [],
  });
}
