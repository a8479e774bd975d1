/**
 * Renders entries as a grid: pictures are shown, and loaded by the browser when
 * they come into view. Nothing is made smaller for it. Pure.
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
import { humanSize } from "./format.ts";
import type { Listing } from "./listing.ts";
import { hrefOf, iconOf, isPicture, textOf } from "./names.ts";
import { sortEntries } from "./order.ts";

/** Renders the entries; `hasParent` adds the way up. */
export function gridOf(listing: Listing, hasParent: boolean): string {
  const { entries, order, path } = listing;
  const query = keptQuery(listing);
  const tiles = sortEntries(entries, order)
    .map((entry) => tileOf(entry, query));
  if (hasParent) {
    tiles.unshift(
      `<li><a class="parent" href="../${query}"><span>Parent directory</span></a></li>`,
    );
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
  const isDirectory = entry.kind === "directory";
  const href = hrefOf(entry);
  const size = isDirectory ? "" : `<small>${humanSize(entry.size)}</small>`;
  // The name beside it says what there is to say.
  const picture = isPicture(entry)
    ? `<img src="${href}" alt="" loading="lazy" decoding="async">`
    : "";
  return `<li><a class="${iconOf(entry)}" href="${href}${
    isDirectory ? query : ""
  }">${picture}<span>${renderName(entry)}</span>${size}</a></li>`;
}
