/**
 * The order of a listing, and the query that chooses it. Pure.
 *
 * @module
 */

import type { DirectoryEntry } from "../site.ts";

/** The order of a listing. Folders always come before files. */
export interface ListingOrder {
  readonly by: "name" | "size" | "modified";
  /** Whether the largest, latest or last comes first. */
  readonly descending: boolean;
}

/** The order without a query. */
export const DEFAULT_ORDER: ListingOrder = { by: "name", descending: false };

/**
 * Parses the order from a query such as `sort=size&order=desc`.
 *
 * A missing parameter has its default (name, ascending). An invalid value invalidates the whole query. The first of
 * several values counts. Never throws.
 *
 * @param query The query of the request target, without its `?`.
 */
export function parseListingOrder(query: string): ListingOrder {
  const parameters = new URLSearchParams(query);
  const by = parameters.get("sort") ?? "name";
  const order = parameters.get("order") ?? "asc";
  if (by !== "name" && by !== "size" && by !== "modified") return DEFAULT_ORDER;
  if (order !== "asc" && order !== "desc") return DEFAULT_ORDER;
  return { by, descending: order === "desc" };
}

/** Lists the parameters that ask for an order; none for the default. */
export function orderParameters(
  { by, descending }: ListingOrder,
): readonly (readonly [name: string, value: string])[] {
  if (by === DEFAULT_ORDER.by && !descending) return [];
  return [["sort", by], ["order", descending ? "desc" : "asc"]];
}

/*
 * The locale is fixed, so that a folder lists the same way on every machine. There is one collator, since making one
 * costs more than a thousand comparisons; and only from the first listing on, since its tables take some MiB.
 */
let collator: Intl.Collator | undefined;

function natural(): Intl.Collator {
  return collator ??= new Intl.Collator("en", {
    numeric: true,
    sensitivity: "base",
  });
}

/** Compares names naturally ("file2" before "File10"), then by code units. */
function compareNames(a: DirectoryEntry, b: DirectoryEntry): number {
  return natural().compare(a.name, b.name) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Compares times; unknown times are oldest. */
function compareTimes(a: DirectoryEntry, b: DirectoryEntry): number {
  const timeOfA = Number.isNaN(a.modified) ? -Infinity : a.modified;
  const timeOfB = Number.isNaN(b.modified) ? -Infinity : b.modified;
  return timeOfA < timeOfB ? -1 : timeOfA > timeOfB ? 1 : 0;
}

/**
 * Returns the entries sorted: folders first, then by column, then by name. Names sort naturally ("file2" before
 * "file10"), without regard to case and accents, then by code units, so that the result never depends on the original
 * order.
 *
 * The direction affects only the column: entries of equal size or time are always in ascending order of their names.
 */
export function sortEntries(
  entries: readonly DirectoryEntry[],
  order: ListingOrder,
): DirectoryEntry[] {
  const sign = order.descending ? -1 : 1;
  const byColumn = {
    name: compareNames,
    size: (a: DirectoryEntry, b: DirectoryEntry): number => a.size - b.size,
    modified: compareTimes,
  }[order.by];
  return entries.toSorted((a, b) => {
    if (a.kind !== b.kind) return a.kind === "directory" ? -1 : 1;
    return sign * byColumn(a, b) || compareNames(a, b);
  });
}
