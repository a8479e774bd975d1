/**
 * The parts that a table and a grid of entries share. Pure.
 *
 * @module
 */

import { escape } from "@std/html";
import type { DirectoryEntry } from "../site.ts";
import type { Listing } from "./listing.ts";
import { textOf } from "./names.ts";
import { type ListingOrder, orderParameters } from "./order.ts";

/** The columns by which entries are sorted, with their labels. */
export const COLUMNS: readonly (readonly [ListingOrder["by"], string])[] = [
  ["name", "Name"],
  ["size", "Size"],
  ["modified", "Modified"],
];

/** Renders a name; the slash marks a folder where no icon does. */
export function renderName({ name, kind }: DirectoryEntry): string {
  return `<bdi>${textOf(name)}</bdi>${kind === "directory" ? "/" : ""}`;
}

/** Returns the query that keeps order and view in another folder, for an attribute; empty for the default. */
export function keptQuery({ order, isGrid }: Listing): string {
  const parameters = [
    ...orderParameters(order),
    ...isGrid ? [["view", "grid"]] : [],
  ];
  return parameters.length === 0
    ? ""
    : `?${parameters.map((pair) => pair.join("=")).join("&amp;")}`;
}

/** Renders a parameter that a form sends besides its own. */
export function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escape(value)}">`;
}

/** Renders the parameters of the order. */
export function hiddenOrder({ order }: Listing): string {
  return orderParameters(order)
    .map(([name, value]) => hidden(name, value)).join("");
}

/** Renders the parameter of the view. */
export function hiddenView({ isGrid }: Listing): string {
  return isGrid ? hidden("view", "grid") : "";
}

/** Returns the direction in which entries are sorted by a column; undefined if they are not. */
export function directionOf(
  by: ListingOrder["by"],
  { order }: Listing,
): "ascending" | "descending" | undefined {
  if (order.by !== by) return undefined;
  return order.descending ? "descending" : "ascending";
}

/**
 * Renders a button that sorts by a column or reverses the order. Crawlers would follow a link and store the same
 * listing in every order; they do not submit forms.
 */
export function sortForm(
  by: ListingOrder["by"],
  label: string,
  listing: Listing,
): string {
  const { search } = listing;
  const direction = directionOf(by, listing);
  // Begin with the largest size and the latest time.
  const descending = direction === undefined
    ? by !== "name"
    : direction === "ascending";
  const kept = [
    search === undefined ? "" : hidden("q", search.text),
    hiddenView(listing),
    hidden("order", descending ? "desc" : "asc"),
  ];
  return `<form rel="nofollow">${
    kept.join("")
  }<button name="sort" value="${by}">${label}</button></form>`;
}
