/**
 * What a listing shows, and how programs get it: as JSON or plain text. Pure:
 * the caller decides which entries to show.
 *
 * @module
 */

import type { DirectoryEntry } from "../site.ts";
import { visibleName } from "./names.ts";
import { type ListingOrder, sortEntries } from "./order.ts";

/** What a listing is sent as: a page with a table, a page with pictures, or a document for programs. */
export type ListingFormat = "html" | "grid" | "json" | "text";

export interface Listing {
  /** The decoded URL path of the folder; begins and ends with `/`. */
  readonly path: string;
  /** The entries in any order, without those that must stay hidden. */
  readonly entries: readonly DirectoryEntry[];
  /** How many entries are shown if the folder has more, else undefined. */
  readonly truncatedAt: number | undefined;
  readonly order: ListingOrder;
  /** Whether the page shows pictures instead of a table. */
  readonly isGrid?: boolean;
  /** Whether the folder can be downloaded as an archive. */
  readonly canDownload: boolean;
  /** The text below the entries. */
  readonly readme?: Readme | undefined;
  /** What was searched for, if this is what was found below the folder: then names are paths from there. */
  readonly search?: ListingSearch | undefined;
}

/** A search that a listing shows the results of. */
export interface ListingSearch {
  /** As the client wrote it. */
  readonly text: string;
  /** Whether there are more results than are shown, or may be. */
  readonly isCut: boolean;
}

/** A folder's text about itself. */
export interface Readme {
  readonly name: string;
  /** What belongs into the page's body: safe, whatever the file has in it. */
  readonly html: string;
}

/** Formats a time as RFC 3339 in UTC; undefined when it is unknown or out of range. */
export function isoDate(modified: number): string | undefined {
  const date = new Date(modified);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/**
 * Renders the listing as JSON: an object with `path`, `truncated` and `entries`, each with `name`, `type`, `size` in
 * bytes and `modified` as an RFC 3339 time in UTC (`null` when unknown), in the listing's order. Results of a search also
 * have `query`, and their names are paths from the folder. Ends with a newline.
 */
export function listingJson(listing: Listing): string {
  const entries = sortEntries(listing.entries, listing.order);
  const document = {
    path: listing.path,
    query: listing.search?.text,
    truncated: listing.truncatedAt !== undefined ||
      listing.search?.isCut === true,
    entries: entries.map(({ name, kind, size, modified }) => ({
      name,
      type: kind,
      size,
      modified: isoDate(modified) ?? null,
    })),
  };
  return `${JSON.stringify(document)}\n`;
}

/**
 * Renders the listing as text: one name a line, folders with a "/", in the listing's order. Characters that could end
 * a line, or command a terminal, are replaced as on the page.
 */
export function listingText({ entries, order }: Listing): string {
  return sortEntries(entries, order)
    .map(({ name, kind }) =>
      `${visibleName(name)}${kind === "directory" ? "/" : ""}\n`
    )
    .join("");
}
