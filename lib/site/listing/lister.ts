/**
 * Listings as resources: made from a directory's entries, kept for a moment,
 * and then sent, validated and cut into ranges like any file.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { Cache } from "../cache.ts";
import { isRuleFile } from "../hidden.ts";
import { listingHtml, listingJson, type ListingOrder } from "./listing.ts";
import { ownFile } from "./assets.ts";
import {
  type DirectoryEntries,
  type DirectoryEntry,
  type FileResource,
  LISTING_ENTRIES_MAX,
  type Site,
  type UnavailableResource,
} from "../site.ts";
import { pause, PAUSE_FACTOR } from "../pause.ts";

/**
 * Shortest time in which a directory is not read again, in ms. It is not read for {@linkcode PAUSE_FACTOR} times as
 * long as it took to read it and to make listings of what was read. Each listing of it, one for every order and
 * format, is made once in that time and kept, and makes the time longer: that fills a 21st of it. One that had to
 * make room for others is made again at the same rebuild, and a client that comes too early for it gets 503. So
 * requests for a directory, in whatever order and format, keep the process busy for less than a tenth of the time.
 * Every directory has that share of its own.
 */
const PAUSE_MS_MIN = 100;

/** Most bytes of listings that are kept: all of a directory with as many entries as are shown fit, if the names are not very long. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** Most listings that are kept. */
const KEPT_MAX = 64;

/** Bounds of what was read of directories and is kept. */
const READ_MAX = { entries: KEPT_MAX, bytes: KEPT_BYTES_MAX / 4 };

/** Most directories whose pauses are cached: so many that others do not push out a large one at once. */
const WINDOWS_MAX = 1024;

/** Entries from which on making a listing takes so long, a few ms, that others have their turn before. */
const TURN_ENTRIES_MIN = 500;

/** What an entry of a directory weighs in memory beside its name. */
const ENTRY_BYTES = 128;

/** What skiff's own pages may load: their own style and script, and the icons in the style. */
const PAGE_POLICY: FieldLine = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
];

/** The formats of a listing. */
export type ListingFormat = "html" | "json";

/** How soon a listing that was made already may be made again. */
interface RebuildLimit {
  /** In ms since the epoch; Infinity while one is being made. */
  allowedAt: number;
}

/** The time for which a directory is not read anew, and what was made in it. */
interface CacheWindow {
  /** From when on it counts, in ms since the epoch: later than now when the clock was set back. */
  since: number;
  /** Until when it counts, in ms since the epoch; Infinity while the directory is being read. */
  expires: number;
  /** How many ms it has taken to read the directory, and to make each listing for the first time. */
  spent: number;
  /** The listings that were made, or are being made. */
  readonly kinds: Set<string>;
  /** Goes on from one window to the next. */
  readonly rebuild: RebuildLimit;
}

/** Something that was made in a window. */
interface CachedListing<T> {
  readonly window: CacheWindow;
  readonly made: Promise<T>;
}

/** What is to be made, and at whose expense. */
interface ListingRequest {
  readonly path: string;
  readonly order: ListingOrder;
  readonly format: ListingFormat;
  readonly window: CacheWindow;
  readonly now: number;
  /** Whether an entry of the directory at a path, and at a real path, is named. */
  readonly isShown: (
    path: string,
    entry: DirectoryEntry,
    realPath: string,
  ) => boolean;
}

/** What there is instead of a listing that cannot be made yet. */
const NOT_YET: UnavailableResource = { kind: "refused", status: 503 };

/** Makes listings of a site's directories. */
export class Lister {
  readonly #site: Site;
  readonly #isProtected: (path: string) => boolean;
  readonly #windows = new Cache<CacheWindow>({
    entries: WINDOWS_MAX,
    bytes: Infinity,
  });
  readonly #read = new Cache<
    CachedListing<DirectoryEntries | UnavailableResource>
  >(READ_MAX);
  readonly #kept = new Cache<CachedListing<FileResource | UnavailableResource>>(
    {
      entries: KEPT_MAX,
      bytes: KEPT_BYTES_MAX,
    },
  );
  /** Is fulfilled when all large listings had their turn. */
  #turns: Promise<void> = Promise.resolve();

  /** A lister of the directories of a site; `isProtected` tells which decoded paths not everybody may read. */
  constructor(
    site: Site,
    isProtected: (path: string) => boolean = () => false,
  ) {
    this.#site = site;
    this.#isProtected = isProtected;
  }

  /**
   * The listing of the directory at a decoded path that ends with "/". Whoever asks while it is being made shares
   * it. Names what is protected only when `isPrivate` says that the client may read that. Refused with 503 when it was made a moment ago and could not be kept.
   */
  list(
    path: string,
    order: ListingOrder,
    format: ListingFormat,
    now: number,
    isPrivate = false,
  ): Promise<FileResource | UnavailableResource> {
    const window = this.#window(path, now);
    const kind = `${format} ${order.by} ${order.descending} ${isPrivate}`;
    const key = `${kind} ${path}`;
    const cached = this.#kept.get(key);
    if (cached?.window === window) return cached.made;
    const { kinds, rebuild } = window;
    const isFirst = kinds.size === 0 ||
      !kinds.has(kind) && this.#read.get(path)?.window === window;
    if (!isFirst && now < rebuild.allowedAt) return Promise.resolve(NOT_YET);
    kinds.add(kind);
    const isShown = isPrivate ? () => true : this.#isOpen;
    const request = { path, order, format, window, now, isShown };
    const made = isFirst ? this.#make(request) : this.#makeAgain(request);
    keep(
      this.#kept,
      key,
      { window, made },
      (resource) =>
        resource.kind === "file" ? resource.identity?.length : undefined,
    );
    return made;
  }

  /** Whether a directory's entry may be named to everybody: by its own path, and by where that leads. */
  readonly #isOpen = (path: string, entry: DirectoryEntry, place: string) => {
    const { name, kind, realPath = place + name } = entry;
    return ![path + name, realPath].some((own) =>
      this.#isProtected(own) ||
      kind === "directory" && !own.endsWith("/") && this.#isProtected(`${own}/`)
    );
  };

  /** The directory's window at that time, which may begin with it. */
  #window(path: string, now: number): CacheWindow {
    const cached = this.#windows.get(path);
    const isCached = cached !== undefined && now >= cached.since;
    if (isCached && now < cached.expires) return cached;
    const window = {
      since: -Infinity,
      expires: Infinity,
      spent: 0,
      kinds: new Set<string>(),
      rebuild: isCached ? cached.rebuild : { allowedAt: -Infinity },
    };
    this.#windows.set(path, window, 0);
    return window;
  }

  /** Makes a listing at the expense of its window. */
  async #make(
    request: ListingRequest,
  ): Promise<FileResource | UnavailableResource> {
    const found = await this.#entries(request);
    if (found.kind !== "entries") return found;
    await this.#turn(found);
    const began = performance.now();
    const file = listingFile(request, found);
    spend(request.window, performance.now() - began);
    return file;
  }

  /** Makes what could not be kept. The next that is made again has to wait for that. */
  async #makeAgain(
    request: ListingRequest,
  ): Promise<FileResource | UnavailableResource> {
    const { window: { rebuild }, now } = request;
    const began = performance.now();
    rebuild.allowedAt = Infinity;
    try {
      const found = await this.#entries(request);
      if (found.kind !== "entries") return found;
      await this.#turn(found);
      return listingFile(request, found);
    } finally {
      const took = performance.now() - began;
      rebuild.allowedAt = now + took + PAUSE_FACTOR * took;
    }
  }

  /** What is in the directory: read once in a window, if it can be kept for so long. */
  #entries(
    request: ListingRequest,
  ): Promise<DirectoryEntries | UnavailableResource> {
    const { path, window } = request;
    const cached = this.#read.get(path);
    if (cached?.window === window) return cached.made;
    const made = this.#readEntries(request);
    keep(
      this.#read,
      path,
      { window, made },
      (found) => found.kind === "entries" ? bytesOf(found) : undefined,
      () => {
        // What cannot be read now may be there the next moment.
        if (this.#windows.get(path) === window) this.#windows.delete(path);
      },
    );
    return made;
  }

  async #readEntries(
    { path, window, now }: ListingRequest,
  ): Promise<DirectoryEntries | UnavailableResource> {
    const began = performance.now();
    try {
      return await this.#site.list(path);
    } finally {
      if (window.expires === Infinity) {
        window.since = now;
        spend(window, performance.now() - began);
      }
    }
  }

  /** Lets others have their turn before a large listing, as all that wait for the same directory can go on at once. */
  async #turn({ entries }: DirectoryEntries): Promise<void> {
    if (entries.length < TURN_ENTRIES_MIN) return;
    await (this.#turns = this.#turns.then(pause));
  }
}

/**
 * Keeps what is being made, and counts its bytes when it is there. What has none, or fails, is not kept, of which
 * `failed` is told. What has come in its place meanwhile is left alone.
 */
function keep<T>(
  cache: Cache<CachedListing<T>>,
  key: string,
  kept: CachedListing<T>,
  lengthOf: (made: T) => number | undefined,
  failed: () => void = () => {},
): void {
  cache.set(key, kept, 0);
  const end = (bytes: number | undefined) => {
    if (cache.get(key) !== kept) return;
    if (bytes !== undefined) return cache.resize(key, bytes + 2 * key.length);
    cache.delete(key);
    failed();
  };
  kept.made.then((made) => end(lengthOf(made)), () => end(undefined));
}

/** Counts what was spent on a window, which makes it longer. */
function spend(window: CacheWindow, ms: number): void {
  window.spent += ms;
  const { since, spent } = window;
  window.expires = since + spent + Math.max(PAUSE_MS_MIN, PAUSE_FACTOR * spent);
}

function bytesOf({ entries }: DirectoryEntries): number {
  return entries.reduce(
    (bytes, { name }) => bytes + ENTRY_BYTES + 2 * name.length,
    0,
  );
}

function listingFile(
  { path, order, format, isShown }: ListingRequest,
  found: DirectoryEntries,
): FileResource {
  const entries = found.entries.filter((entry) =>
    !isRuleFile(path + entry.name) && isShown(path, entry, found.realPath)
  );
  const truncatedAt = found.isCut ? LISTING_ENTRIES_MAX : undefined;
  const listing = { path, entries, truncatedAt, order };
  const isHtml = format === "html";
  const text = isHtml ? listingHtml(listing) : listingJson(listing);
  const type = isHtml ? "text/html" : "application/json";
  return ownFile(path, text, {
    contentType: `${type}; charset=UTF-8`,
    realPath: found.realPath,
    varies: ["Accept"],
    fields: isHtml ? [PAGE_POLICY] : [],
  });
}
