/**
 * Renders a folder's listing as HTML or JSON. Pure: the caller decides which
 * entries to show.
 *
 * File names are hostile input here. Each passes through one of two functions:
 * {@linkcode hrefOf} when it becomes an address, {@linkcode textOf} when it
 * becomes text.
 *
 * @module
 */

import { escape } from "@std/html";
import { extname } from "@std/path/extname";
import { counted, formatCount, humanSize } from "./format.ts";
import { LISTING_SCRIPT_PATH, LISTING_STYLESHEET_PATH } from "./assets.ts";
import { mediaType } from "../content/media_type.ts";
import type { DirectoryEntry } from "../site.ts";
import { SEARCH_LENGTH_MAX } from "./search.ts";

/** The order of a listing. Folders always come before files. */
export interface ListingOrder {
  readonly by: "name" | "size" | "modified";
  /** Whether the largest, latest or last comes first. */
  readonly descending: boolean;
}

export interface Listing {
  /** The decoded URL path of the folder; begins and ends with `/`. */
  readonly path: string;
  /** The entries in any order, without those that must stay hidden. */
  readonly entries: readonly DirectoryEntry[];
  /** How many entries are shown if the folder has more, else undefined. */
  readonly truncatedAt: number | undefined;
  readonly order: ListingOrder;
  /** Whether the folder can be downloaded as an archive. */
  readonly canDownload: boolean;
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

const DEFAULT_ORDER: ListingOrder = { by: "name", descending: false };

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

/* Controls, unpaired surrogates, line and paragraph separators, and characters that change the direction of text. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function visible(character: string): string {
  const code = character.codePointAt(0)!;
  // U+2400 to U+241F are pictures of the controls U+0000 to U+001F.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** Escapes a name for HTML text or a quoted attribute, and makes invisible and reordering characters visible. */
function textOf(name: string): string {
  return escape(name.replace(UNSEEN, visible));
}

/**
 * Returns a relative reference to an entry (RFC 3986 §4.2). The `./` keeps a name like `javascript:x` from being a
 * scheme. The result needs no escaping: `encodeURIComponent` leaves only letters, digits and `-_.!~*'()%`. It throws
 * on an unpaired surrogate, hence `toWellFormed`.
 */
function hrefOf(entry: DirectoryEntry): string {
  const name = entry.name.toWellFormed().split("/").map(encodeURIComponent)
    .join("/");
  return entry.kind === "directory" ? `./${name}/` : `./${name}`;
}

/** Formats a time as RFC 3339 in UTC; undefined when it is unknown or out of range. */
function isoDate(modified: number): string | undefined {
  const date = new Date(modified);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/* Extensions whose icon does not follow from the media type. */
const ICON_EXTENSIONS = {
  archive:
    "7z apk br bz2 cab deb dmg gz iso jar lz4 rar rpm tar tgz xz zip zst",
  text: "cjs ipynb js json map mjs rtf xml",
  pdf: "pdf",
};

const ICONS: ReadonlyMap<string, string> = new Map(
  Object.entries(ICON_EXTENSIONS).flatMap(([icon, extensions]) =>
    extensions.split(" ").map((extension) => [extension, icon] as const)
  ),
);

const ICON_TYPES = new Set(["audio", "font", "image", "text", "video"]);

/** Returns the icon's name, which is a class in the stylesheet. */
function iconOf(entry: DirectoryEntry): string {
  if (entry.kind === "directory") return "folder";
  const extension = extname(entry.name).slice(1).toLowerCase();
  const icon = ICONS.get(extension);
  if (icon !== undefined) return icon;
  const type = mediaType(entry.name).split("/", 1)[0]!;
  return ICON_TYPES.has(type) ? type : "other";
}

function rowOf(entry: DirectoryEntry): string {
  const isDirectory = entry.kind === "directory";
  // The slash marks a folder where no icon does.
  const name = `<bdi>${textOf(entry.name)}</bdi>${isDirectory ? "/" : ""}`;
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
  }">${name}</a></th>${size}<td>${time}</td></tr>`;
}

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

/**
 * Renders a column head: a button that sorts by it or reverses the order. Crawlers would follow a link and store the
 * same listing in every order; they do not submit forms.
 */
function columnOf(
  by: ListingOrder["by"],
  label: string,
  { order, search }: Listing,
): string {
  const isSorted = order.by === by;
  // Begin with the largest size and the latest time.
  const descending = isSorted ? !order.descending : by !== "name";
  const direction = order.descending ? "descending" : "ascending";
  const sorted = isSorted ? ` aria-sort="${direction}"` : "";
  const next = descending ? "desc" : "asc";
  const kept = search === undefined
    ? ""
    : `<input type="hidden" name="q" value="${escape(search.text)}">`;
  return `<th scope="col"${sorted}><form rel="nofollow">${kept}<input type="hidden" name="order" value="${next}"><button name="sort" value="${by}">${label}</button></form></th>`;
}

/** Renders the path from the root to this folder, each step a relative link. */
function breadcrumbsOf(segments: readonly string[]): string {
  const steps = ["Home", ...segments.map((name) => textOf(name))];
  const items = steps.map((step, index) => {
    const above = steps.length - 1 - index;
    const link = above > 0
      ? `<a href="${"../".repeat(above)}">`
      : `<a href="./" aria-current="page">`;
    return `<li>${link}<bdi>${step}</bdi></a></li>`;
  });
  return `<nav aria-label="Breadcrumbs"><ol>${items.join("")}</ol></nav>`;
}

const PARENT_ROW =
  `<tr><th scope="row"><a class="parent" href="../">Parent directory</a></th><td></td><td></td></tr>`;

/** Crawlers do not submit forms: the archive of a folder is no link. */
const DOWNLOAD =
  `<form class="download"><button name="download" value="zip">Download as ZIP</button></form>`;

/**
 * Renders the search. The script filters what is shown while the client types; the form asks for what is below the
 * folder.
 */
function toolsOf({ search, canDownload }: Listing): string {
  const text = search === undefined ? "" : ` value="${escape(search.text)}"`;
  return `<div class="tools">
<form id="filter" role="search">
<label for="query">Search names</label>
<input id="query" name="q" type="search"${text} autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="${SEARCH_LENGTH_MAX}">
</form>
${canDownload ? DOWNLOAD : ""}
<p id="count" role="status"></p>
</div>`;
}

function tableOf(listing: Listing, hasParent: boolean): string {
  const { order, path, search } = listing;
  const rows = sortEntries(listing.entries, order).map(rowOf);
  if (hasParent) rows.unshift(PARENT_ROW);
  const what = search === undefined ? "Contents of" : "Search results in";
  return `<table>
<caption>${what} <bdi>${textOf(path)}</bdi>, folders first</caption>
<thead><tr>${columnOf("name", "Name", listing)}${
    columnOf("size", "Size", listing)
  }${
    columnOf("modified", `Modified <span id="zone">(UTC)</span>`, listing)
  }</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

/** Renders what is in the folder. */
function contentsOf(listing: Listing, hasParent: boolean): string[] {
  const { entries, truncatedAt } = listing;
  if (entries.length === 0) {
    const parent = `<p><a class="parent" href="../">Parent directory</a></p>`;
    return [
      `<p class="empty">There is nothing here yet.</p>`,
      ...hasParent ? [parent] : [],
    ];
  }
  const shown = formatCount(truncatedAt ?? 0);
  const note =
    `<p class="note">This folder has more entries than the ${shown} that are shown. Figures, sorting and filter cover only these.</p>`;
  return [
    ...truncatedAt === undefined ? [] : [note],
    toolsOf(listing),
    tableOf(listing, hasParent),
  ];
}

/** Renders what was found below the folder. */
function resultsOf(listing: Listing, { text, isCut }: ListingSearch): string[] {
  const { entries } = listing;
  const found = `Names below this folder with “<bdi>${textOf(text)}</bdi>”`;
  const end = isCut ? ". There may be more than are shown." : ".";
  return [
    toolsOf({ ...listing, canDownload: false }),
    `<p class="note">${found}: ${
      formatCount(entries.length)
    }${end} <a href="./">Show the folder</a></p>`,
    ...entries.length === 0 ? [] : [tableOf(listing, false)],
  ];
}

/**
 * Renders the listing as HTML.
 *
 * All references are relative, so it also works behind a proxy that serves the site below another path. It has no
 * inline script or style, and needs only `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'
 * data:; form-action 'self'`. Without the script it has no filter and shows times in UTC. Send it as UTF-8.
 */
export function listingHtml(listing: Listing): string {
  const { entries, path, search } = listing;
  const segments = path.split("/").slice(1, -1);
  const root = "../".repeat(segments.length) || "./";
  const heading = segments.at(-1) ?? "Index of /";
  const nothing = search === undefined ? "Empty folder" : "Nothing found";
  const summary = entries.length > 0 ? summaryOf(entries) : nothing;
  const body = search === undefined
    ? contentsOf(listing, segments.length > 0)
    : resultsOf(listing, search);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Index of ${textOf(path)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}${LISTING_STYLESHEET_PATH.slice(1)}">
<script src="${root}${LISTING_SCRIPT_PATH.slice(1)}" defer></script>
</head>
<body>
<header>
${breadcrumbsOf(segments)}
<h1><bdi>${textOf(heading)}</bdi></h1>
<p class="summary">${summary}</p>
</header>
<main>
${body.join("\n")}
</main>
</body>
</html>
`;
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
