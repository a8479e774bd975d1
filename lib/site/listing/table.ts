/**
 * Renders entries as a table. Pure.
 *
 * @module
 */

import type { DirectoryEntry } from "../site.ts";
import {
  COLUMNS,
  directionOf,
  keptQuery,
  renderName,
  sortForm,
} from "./entry_parts.ts";
import { counted } from "../../http/counts.ts";
import { humanSize } from "./format.ts";
import { isoDate, type Listing } from "./listing.ts";
import { hrefOf, iconOf, textOf } from "./names.ts";
import { type ListingOrder, sortEntries } from "./order.ts";

/** Renders the entries; `hasParent` adds the way up. */
export function tableOf(listing: Listing, hasParent: boolean): string {
  const { entries, order, path, search } = listing;
  const query = keptQuery(listing);
  const rows = sortEntries(entries, order)
    .map((entry) => rowOf(entry, query));
  if (hasParent) rows.unshift(parentRow(query));
  const what = search === undefined ? "Contents of" : "Search results in";
  const heads = COLUMNS.map(([by, label]) =>
    columnOf(
      by,
      by === "modified" ? `${label} <span id="zone">(UTC)</span>` : label,
      listing,
    )
  );
  return `<table class="entries">
<caption>${what} <bdi>${textOf(path)}</bdi>, folders first</caption>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function parentRow(query: string): string {
  return `<tr><th scope="row"><a class="parent" href="../${query}">Parent directory</a></th><td></td><td></td></tr>`;
}

function columnOf(
  by: ListingOrder["by"],
  label: string,
  listing: Listing,
): string {
  const direction = directionOf(by, listing);
  const sorted = direction === undefined ? "" : ` aria-sort="${direction}"`;
  return `<th scope="col"${sorted}>${sortForm(by, label, listing)}</th>`;
}

function rowOf(entry: DirectoryEntry, query: string): string {
  const isDirectory = entry.kind === "directory";
  const size = isDirectory
    ? "<td></td>"
    : `<td title="${counted(entry.size, "byte")}">${
      humanSize(entry.size)
    }</td>`;
  const iso = isoDate(entry.modified);
  // "2026-11-20T07:12:33.000Z" becomes "2026-11-20 07:12".
  const time = iso === undefined
    ? ""
    : `<time datetime="${iso}">${iso.slice(0, -8).replace("T", " ")}</time>`;
  return `<tr><th scope="row"><a class="${iconOf(entry)}" href="${
    hrefOf(entry)
  }${isDirectory ? query : ""}">${
    renderName(entry)
  }</a></th>${size}<td>${time}</td></tr>`;
}
