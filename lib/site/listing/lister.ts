/**
 * Makes listings as resources: from a directory's entries, cached for a moment,
 * then validated and cut into ranges like any file.
 *
 * @module
 */

import { Cache } from "../cache.ts";
import { mayBeNamed, type NameViewer } from "../hidden.ts";
import { isPage, listingFile } from "./files.ts";
import type { ListingFormat, Readme } from "./listing.ts";
import type { ListingOrder } from "./order.ts";
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
 * Shortest cache window of a directory in milliseconds. skiff does not read the directory again for {@linkcode
 * PAUSE_FACTOR} times as long as it took to read it and to make its listings. Each listing, one for every order and
 * format, is made once in a window and extends it; this work takes a 21st of the time. A listing that was evicted is
 * rebuilt at the same rate, and requests that come too early get 503. So requests for one directory, in any order and
 * format, use less than a tenth of the time.
 */
const PAUSE_MS_MIN = 100;

/** Bytes of cached listings: enough for all listings of the largest directory, unless its names are very long. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** Number of cached listings. */
const KEPT_MAX = 64;

/** Bounds of the cached directory contents. */
const READ_MAX = { entries: KEPT_MAX, bytes: KEPT_BYTES_MAX / 4 };

/** Directories with a cache window: so many that a few small ones do not evict a large one. */
const WINDOWS_MAX = 1024;

/** A listing of this many entries takes a few milliseconds, so other work runs before it. */
const TURN_ENTRIES_MIN = 500;

/** Memory of an entry besides its name, in bytes. */
const ENTRY_BYTES = 128;

/** When an evicted listing may be rebuilt. */
interface RebuildLimit {
  /** Milliseconds since the epoch; Infinity while a listing is being rebuilt. */
  allowedAt: number;
}

/** The time during which a directory is not read again, and the listings made in it. */
interface CacheWindow {
  /** Start in milliseconds since the epoch. It is later than now if the clock was set back. */
  since: number;
  /** End in milliseconds since the epoch; Infinity while the directory is being read. */
  expires: number;
  /** Milliseconds spent to read the directory, and to make each listing for the first time. */
  spent: number;
  /** What {@linkcode ListerOptions.getVersion} returned when it began. */
  readonly version: number;
  /** Listings that were made, or are being made. */
  readonly kinds: Set<string>;
  /** Shared by successive windows of a directory. */
  readonly rebuild: RebuildLimit;
}

/** A directory's content or a listing, and the window that it was made in. */
interface CachedListing<T> {
  readonly window: CacheWindow;
  readonly made: Promise<T>;
}

/** The listing to make, and the window that pays for it. */
interface ListingRequest {
  readonly path: string;
  readonly order: ListingOrder;
  readonly format: ListingFormat;
  readonly window: CacheWindow;
  readonly now: number;
  /** Whether the client may see what is protected. */
  readonly isPrivate: boolean;
}

/** What a lister needs besides its site. */
export interface ListerOptions {
  /** Returns whom {@linkcode mayBeNamed} judges for: `isPrivate` says that the client has authenticated. */
  readonly getViewer: (isPrivate: boolean) => NameViewer;
  /** Whether folders can be downloaded as archives. */
  readonly canDownload: boolean;
  /** Returns how often the site has changed: with another answer, all windows end. */
  readonly getVersion: () => number;
  /**
   * Reads a folder's README: one of the given entries that the client may see. Checks again whether it may.
   */
  readonly readReadme: (request: ReadmeRequest) => Promise<Readme | undefined>;
}

/** A folder whose README to read. */
export interface ReadmeRequest {
  /** Decoded path of the folder; ends with "/". */
  readonly path: string;
  readonly entries: readonly DirectoryEntry[];
  /** Whether the client has authenticated. */
  readonly isPrivate: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The result for a listing that cannot be rebuilt yet. */
const NOT_YET: UnavailableResource = { kind: "refused", status: 503 };

export class Lister {
  readonly #site: Site;
  readonly #options: ListerOptions;
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
  /** Resolves when all earlier large listings have had their turn. */
  #turns: Promise<void> = Promise.resolve();

  /** Makes a lister for a site. */
  constructor(site: Site, options: ListerOptions) {
    this.#site = site;
    this.#options = options;
  }

  /**
   * Lists the directory at a decoded path that ends with "/". Concurrent requests share the work. Shows protected
   * entries only if `isPrivate` says that the client has authenticated. Refuses with 503 if an evicted listing was
   * made a moment ago.
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
    const request = { path, order, format, window, now, isPrivate };
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

  /** Returns the directory's current window, or begins one. */
  #window(path: string, now: number): CacheWindow {
    const cached = this.#windows.get(path);
    const version = this.#options.getVersion();
    const isCached = cached !== undefined && now >= cached.since &&
      cached.version === version;
    if (isCached && now < cached.expires) return cached;
    const window = {
      since: -Infinity,
      expires: Infinity,
      spent: 0,
      version,
      kinds: new Set<string>(),
      rebuild: isCached ? cached.rebuild : { allowedAt: -Infinity },
    };
    this.#windows.set(path, window, 0);
    return window;
  }

  /** Makes a listing and charges its window. */
  async #make(
    request: ListingRequest,
  ): Promise<FileResource | UnavailableResource> {
    const found = await this.#entries(request);
    if (found.kind !== "entries") return found;
    await this.#turn(found);
    const began = performance.now();
    const file = await this.#render(request, found);
    spend(request.window, performance.now() - began);
    return file;
  }

  /** Rebuilds an evicted listing, and delays the next rebuild. */
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
      return await this.#render(request, found);
    } finally {
      const took = performance.now() - began;
      rebuild.allowedAt = now + took + PAUSE_FACTOR * took;
    }
  }

  /** Returns the directory's content, which is read once in a window if the cache can hold it. */
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
        // What cannot be read now may be readable a moment later.
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

  /** Renders what the client may see of a directory. */
  async #render(
    { path, order, format, isPrivate, now }: ListingRequest,
    { entries: all, isCut, realPath }: DirectoryEntries,
  ): Promise<FileResource> {
    const { getViewer, canDownload, readReadme } = this.#options;
    const viewer = getViewer(isPrivate);
    const entries = all.filter((entry) =>
      mayBeNamed(viewer, path, entry, realPath)
    );
    const readme = isPage(format)
      ? await readReadme({ path, entries, isPrivate, now })
      : undefined;
    const truncatedAt = isCut ? LISTING_ENTRIES_MAX : undefined;
    const listing = { path, entries, truncatedAt, order, canDownload, readme };
    return listingFile(listing, format, realPath);
  }

  /** Lets other work run before a large listing: all requests that wait for the same directory continue at once. */
  async #turn({ entries }: DirectoryEntries): Promise<void> {
    if (entries.length < TURN_ENTRIES_MIN) return;
    await (this.#turns = this.#turns.then(pause));
  }
}

/**
 * Caches a promise, and counts its bytes once it resolves. Drops it if it has none or rejects, and then calls
 * `onFailure`; leaves any newer entry alone.
 */
function keep<T>(
  cache: Cache<CachedListing<T>>,
  key: string,
  kept: CachedListing<T>,
  lengthOf: (made: T) => number | undefined,
  onFailure: () => void = () => {},
): void {
  cache.set(key, kept, 0);
  const end = (bytes: number | undefined) => {
    if (cache.get(key) !== kept) return;
    if (bytes !== undefined) return cache.resize(key, bytes + 2 * key.length);
    cache.delete(key);
    onFailure();
  };
  kept.made.then((made) => end(lengthOf(made)), () => end(undefined));
}

/** Charges a window for work, which extends it. */
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
