/**
 * Renders the entries of a listing: as a table, or as a grid in which pictures
 * are shown, and loaded by the browser when they come into view. Nothing is made
 * smaller for it. Pure.
 *
 * @module
 */

import { escape } from "@std/html";
import { counted } from "../../http/counts.ts";
import type { DirectoryEntry } from "../site.ts";
import { humanSize } from "./format.ts";
import { isoDate, type Listing } from "./listing.ts";
import { hrefOf, iconOf, isPicture, textOf } from "./names.ts";
import { type ListingOrder, orderParameters, sortEntries } from "./order.ts";

/** The columns by which entries are sorted, with their labels. */
const COLUMNS: readonly (readonly [ListingOrder["by"], string])[] = [
  ["name", "Name"],
  ["size", "Size"],
  ["modified", "Modified"],
];

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
function hidden(name: string, value: string): string {
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
function directionOf(
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
function sortForm(
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

const PARENT = "Parent directory";

/** Renders a link to the folder above. */
export function parentLink(listing: Listing, label = PARENT): string {
  return `<a class="parent" href="../${keptQuery(listing)}">${label}</a>`;
}

/** Renders a link to an entry; `query` is for folders. */
function linkTo(entry: DirectoryEntry, query: string, content: string): string {
  const href = `${hrefOf(entry)}${entry.kind === "directory" ? query : ""}`;
  return `<a class="${iconOf(entry)}" href="${href}">${content}</a>`;
}

/** Renders a name; the slash marks a folder where no icon does. */
function renderName({ name, kind }: DirectoryEntry): string {
  return `<bdi>${textOf(name)}</bdi>${kind === "directory" ? "/" : ""}`;
}

/** Renders the entries as a table; `hasParent` adds the way up. */
export function tableOf(listing: Listing, hasParent: boolean): string {
  const { entries, order, path, search } = listing;
  const query = keptQuery(listing);
  const rows = sortEntries(entries, order)
    .map((entry) => rowOf(entry, query));
  if (hasParent) {
    rows.unshift(
      `<tr><th scope="row">${parentLink(listing)}</th><td></td><td></td></tr>`,
    );
  }
  const what = search === undefined ? "Contents of" : "Search results in";
  const heads = COLUMNS.map(([by, label]) => {
    const zone = by === "modified" ? ` <span id="zone">(UTC)</span>` : "";
    const direction = directionOf(by, listing);
    const sorted = direction === undefined ? "" : ` aria-sort="${direction}"`;
    const form = sortForm(by, label + zone, listing);
    return `<th scope="col"${sorted}>${form}</th>`;
  });
  return `<table class="entries">
<caption>${what} <bdi>${textOf(path)}</bdi>, folders first</caption>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function rowOf(entry: DirectoryEntry, query: string): string {
  const { kind, size } = entry;
  const sizeCell = kind === "directory"
    ? "<td></td>"
    : `<td title="${counted(size, "byte")}">${humanSize(size)}</td>`;
  const iso = isoDate(entry.modified);
  // "2026-11-20T07:12:33.000Z" becomes "2026-11-20 07:12".
  const time = iso === undefined
    ? ""
    : `<time datetime="${iso}">${iso.slice(0, -8).replace("T", " ")}</time>`;
  const link = linkTo(entry, query, renderName(entry));
  return `<tr><th scope="row">${link}</th>${sizeCell}<td>${time}</td></tr>`;
}

/** Renders the entries as a grid; `hasParent` adds the way up. */
export function gridOf(listing: Listing, hasParent: boolean): string {
  const { entries, order, path } = listing;
  const query = keptQuery(listing);
  const tiles = sortEntries(entries, order)
    .map((entry) => tileOf(entry, query));
  if (hasParent) {
    tiles.unshift(`<li>${parentLink(listing, `<span>${PARENT}</span>`)}</li>`);
  }
  const sorts = COLUMNS.map(([by, label]) => {
    const direction = directionOf(by, listing);
    const text = direction === undefined
      ? label
      : `${label} <span class="unseen">${direction}</span>`;
    const sorted = direction === undefined ? "" : ` class="${direction}"`;
    return `<li${sorted}>${sortForm(by, text, listing)}</li>`;
  });
  return `<ul class="sorts" aria-label="Sort by">${sorts.join("")}</ul>
<ul class="entries grid" aria-label="Contents of ${
    textOf(path)
  }, folders first">
${tiles.join("\n")}
</ul>`;
}

function tileOf(entry: DirectoryEntry, query: string): string {
  const size = entry.kind === "directory"
    ? ""
    : `<small>${humanSize(entry.size)}</small>`;
  // The name beside it says what there is to say.
  const picture = isPicture(entry)
    ? `<img src="${hrefOf(entry)}" alt="" loading="lazy" decoding="async">`
    : "";
  const content = `${picture}<span>${renderName(entry)}</span>${size}`;
  return `<li>${linkTo(entry, query, content)}</li>`;
}
