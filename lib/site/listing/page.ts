/**
 * Renders a folder's listing as a page. Pure.
 *
 * @module
 */

import { escape } from "@std/html";
import type { DirectoryEntry } from "../site.ts";
import {
  LISTING_ICON_PATH,
  LISTING_SCRIPT_PATH,
  LISTING_STYLESHEET_PATH,
} from "./assets.ts";
import {
  gridOf,
  hiddenOrder,
  hiddenView,
  keptQuery,
  parentLink,
  tableOf,
} from "./entries.ts";
import { counted, formatCount } from "../../http/counts.ts";
import { humanSize } from "./format.ts";
import type { Listing, ListingSearch, Readme } from "./listing.ts";
import { hrefOf, isPicture, textOf } from "./names.ts";
import { SEARCH_LENGTH_MAX } from "./search.ts";

/** Summarizes entries: "12 folders, 340 files, 1.2 GiB"; empty for an empty folder. */
function summaryOf(entries: readonly DirectoryEntry[]): string {
  const files = entries.filter((entry) => entry.kind === "file");
  const folders = entries.length - files.length;
  const parts: string[] = [];
  if (folders > 0) parts.push(counted(folders, "folder"));
  if (files.length > 0) {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    parts.push(counted(files.length, "file"), humanSize(bytes));
  }
  return parts.join(", ");
}

/** Renders the path from the root to the folder above, each step a relative link. */
function breadcrumbsOf(segments: readonly string[], query: string): string {
  const steps = ["Home", ...segments.slice(0, -1).map((name) => textOf(name))];
  const items = steps.map((step, index) => {
    const above = segments.length - index;
    return `<li><a href="${
      "../".repeat(above)
    }${query}"><bdi>${step}</bdi></a></li>`;
  });
  return `<nav aria-label="Breadcrumbs"><ol>${items.join("")}</ol></nav>`;
}

/** Crawlers do not submit forms: the archive of a folder is no link. */
const DOWNLOAD =
  `<form class="download"><button name="download" value="zip">Download as ZIP</button></form>`;

/** Renders the button for the other view, where there is something to see in it. */
function viewForm(listing: Listing): string {
  const { entries, isGrid = false, search } = listing;
  if (search !== undefined || !isGrid && !entries.some(isPicture)) return "";
  const [view, label] = isGrid ? ["list", "Show a list"] : [
    "grid",
    "Show pictures",
  ];
  return `<form class="view" rel="nofollow">${
    hiddenOrder(listing)
  }<button name="view" value="${view}">${label}</button></form>`;
}

/**
 * Renders the search. The script filters what is shown while the client types; the form asks for what is below the
 * folder.
 */
function toolsOf(listing: Listing): string {
  const { search, canDownload } = listing;
  const text = search === undefined ? "" : ` value="${escape(search.text)}"`;
  const kept = hiddenOrder(listing) + hiddenView(listing);
  return `<div class="tools">
<form id="filter" role="search">
<label for="query">Search names</label>
<input id="query" name="q" type="search"${text} placeholder="Search names" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="${SEARCH_LENGTH_MAX}">${kept}
</form>
${viewForm(listing)}
${canDownload && search === undefined ? DOWNLOAD : ""}
</div>`;
}

/** Renders what is in the folder. */
function contentsOf(listing: Listing, hasParent: boolean): string[] {
  const { entries, truncatedAt } = listing;
  if (entries.length === 0) {
    return [
      ...hasParent ? [`<p class="entries">${parentLink(listing)}</p>`] : [],
      `<p class="empty">There is nothing here yet.</p>`,
    ];
  }
  const shown = formatCount(truncatedAt ?? 0);
  const note =
    `<p class="note">This folder has more entries than the ${shown} that are shown. Counts, sorting and filter cover only these.</p>`;
  return [
    ...truncatedAt === undefined ? [] : [note],
    listing.isGrid ? gridOf(listing, hasParent) : tableOf(listing, hasParent),
  ];
}

/** Renders what was found below the folder. */
function resultsOf(listing: Listing, { text, isCut }: ListingSearch): string[] {
  const { entries } = listing;
  const found = `Names below this folder with “<bdi>${textOf(text)}</bdi>”`;
  const end = isCut ? ". There may be more than are shown." : ".";
  return [
    `<p class="note">${found}: ${
      formatCount(entries.length)
    }${end} <a href="./${keptQuery(listing)}">Show the folder</a></p>`,
    ...entries.length === 0 ? [] : [tableOf(listing, false)],
  ];
}

/** Renders the text of a folder about itself. */
function readmeOf({ name, html }: Readme): string {
  const entry = { name, kind: "file", size: 0, modified: NaN } as const;
  return `<section class="readme" aria-labelledby="readme">
<h2 id="readme"><a href="${hrefOf(entry)}"><bdi>${textOf(name)}</bdi></a></h2>
<div class="prose" dir="auto">
${html}
</div>
</section>`;
}

/** The script shows it: without a script there are no keys. */
const KEYS =
  `<p class="keys" id="keys" hidden><kbd>/</kbd> search, <kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>Enter</kbd> open, <kbd>Space</kbd> preview, <kbd>Backspace</kbd> up</p>`;

/** Renders the mark, the folder's name and what is in it, and the tools. */
function headerOf(listing: Listing, root: string): string {
  const { entries, path, search } = listing;
  const segments = path.split("/").slice(1, -1);
  const nothing = search === undefined ? "Empty folder" : "Nothing found";
  const summary = entries.length > 0 ? summaryOf(entries) : nothing;
  const hasTools = entries.length > 0 || search !== undefined;
  return `<header>
<div class="head">
<img class="mark" src="${root}${
    LISTING_ICON_PATH.slice(1)
  }" alt="" width="44" height="44">
<div class="title">
${segments.length === 0 ? "" : breadcrumbsOf(segments, keptQuery(listing))}
<h1><bdi>${textOf(segments.at(-1) ?? "Index of /")}</bdi></h1>
<p class="summary">${summary}</p>
<p id="count" role="status"></p>
</div>
${hasTools ? toolsOf(listing) : ""}
</div>
</header>`;
}

/**
 * Renders the listing as a page, with a table or a grid.
 *
 * All references are relative, so it also works behind a proxy that serves the site below another path. It has no
 * inline script or style, and needs only what the policy of its file allows. Without the script it has no
 * filter, keys and previews, and shows times in UTC. Send it as UTF-8.
 */
export function listingHtml(listing: Listing): string {
  const { path, search, readme } = listing;
  const depth = path.split("/").length - 2;
  const root = "../".repeat(depth) || "./";
  const body = search === undefined
    ? contentsOf(listing, depth > 0)
    : resultsOf(listing, search);
  const at = (asset: string) => root + asset.slice(1);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Index of ${textOf(path)}</title>
<link rel="icon" href="${at(LISTING_ICON_PATH)}" type="image/svg+xml">
<link rel="stylesheet" href="${at(LISTING_STYLESHEET_PATH)}">
<script src="${at(LISTING_SCRIPT_PATH)}" defer></script>
</head>
<body>
${headerOf(listing, root)}
<main>
${body.join("\n")}
${readme === undefined ? "" : readmeOf(readme)}
${listing.entries.length === 0 ? "" : KEYS}
</main>
</body>
</html>
`;
}
