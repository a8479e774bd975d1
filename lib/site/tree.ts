/**
 * Trees: everything below a folder that a client may see, for what is asked of
 * a folder as a whole. Read through {@linkcode Site.list} within bounds, and
 * kept for a while.
 *
 * @module
 */

import { Cache } from "./cache.ts";
import { PAUSE_FACTOR, Steps } from "./pause.ts";
import type {
  DirectoryEntries,
  DirectoryEntry,
  Site,
  UnavailableResource,
} from "./site.ts";
import { sortInSteps } from "./sort_in_steps.ts";
import { type QueuePlace, Turns } from "./turns.ts";

/** Most entries of a tree. */
export const TREE_ENTRIES_MAX = 50_000;

/** Deepest folder of a tree below its top. */
export const TREE_DEPTH_MAX = 64;

/** How long a tree is read, in milliseconds. */
export const TREE_MS_MAX = 5_000;

/** How long a tree is kept at least, in milliseconds. */
const TREE_KEPT_MS_MIN = 1_000;

/** Number of cached trees. */
const TREES_MAX = 16;

/** Bytes of cached trees: enough for the largest, unless its names are very long. */
const TREE_BYTES_MAX = 24 * 1024 * 1024;

/** Trees that wait to be read. One is read at a time. */
export const TREES_WAITING_MAX = 16;

/** Memory of an entry besides its path, in bytes. */
const ENTRY_BYTES = 128;

/** A file or a folder below the top of a tree. */
export interface TreeEntry {
  /** Decoded path from the top, without "/" at its beginning; that of a folder ends with "/". */
  readonly path: string;
  readonly kind: DirectoryEntry["kind"];
  readonly size: number;
  readonly modified: number;
  /** Whether it is a folder in which nothing is visible. */
  readonly isEmpty: boolean;
}

/** What is visible below a folder. */
export interface Tree {
  readonly kind: "tree";
  /** See {@linkcode DirectoryEntries.realPath}. */
  readonly realPath: string;
  /** See {@linkcode DirectoryEntries.release}. */
  readonly release?: string | undefined;
  /** In the order of a walk that visits names by their code units. */
  readonly entries: readonly TreeEntry[];
  /** Why there may be more; undefined if there is not. */
  readonly cut: "entries" | "depth" | "time" | undefined;
}

/** Decides whether to show an entry of the directory at a path and a real path. */
export type EntryFilter = (
  path: string,
  entry: DirectoryEntry,
  realPath: string,
) => boolean;

/** A folder on the way from the top. */
interface Visit {
  readonly path: string;
  /** Real paths of this folder and of those above it. */
  readonly realPaths: readonly string[];
}

/** Reads a tree. Lets other work run in between. */
export class TreeReader {
  readonly #site: Site;
  readonly #top: string;
  readonly #isShown: EntryFilter;
  readonly #entries: TreeEntry[] = [];
  readonly #steps = new Steps();
  readonly #end = performance.now() + TREE_MS_MAX;
  #cut: Tree["cut"] = undefined;

  /** `top` is a decoded path that ends with "/". */
  constructor(site: Site, top: string, isShown: EntryFilter) {
    this.#site = site;
    this.#top = top;
    this.#isShown = isShown;
  }

  /** Reads the tree once. */
  async read(): Promise<Tree | UnavailableResource> {
    const top = await this.#site.list(this.#top, TREE_ENTRIES_MAX);
    if (top.kind !== "entries") return top;
    const { realPath, release } = top;
    await this.#visit({ path: this.#top, realPaths: [realPath] }, top);
    return {
      kind: "tree",
      realPath,
      release,
      entries: this.#entries,
      cut: this.#cut,
    };
  }

  /** Adds what is in a folder and below; returns whether that is anything. */
  async #visit(
    visit: Visit,
    found: Awaited<ReturnType<Site["list"]>>,
  ): Promise<boolean> {
    // What is gone or may not be read is as empty to a client.
    if (found.kind !== "entries") return false;
    if (found.isCut) this.#cut ??= "entries";
    const entries = await this.#shown(visit, found);
    const before = this.#entries.length;
    for (const entry of entries) {
      if (performance.now() > this.#end) this.#cut ??= "time";
      if (this.#entries.length >= TREE_ENTRIES_MAX) this.#cut ??= "entries";
      if (this.#cut === "time" || this.#cut === "entries") break;
      if (entry.kind === "file") {
        this.#add(visit.path + entry.name, entry, false);
      } else await this.#enter(visit, entry);
      await this.#steps.next();
    }
    return this.#entries.length > before;
  }

  /** Returns what is shown of a folder, sorted. */
  async #shown(
    { path }: Visit,
    { entries, realPath }: DirectoryEntries,
  ): Promise<readonly DirectoryEntry[]> {
    const shown: DirectoryEntry[] = [];
    for (const entry of entries) {
      if (this.#isShown(path, entry, realPath)) shown.push(entry);
      await this.#steps.next();
    }
    const isBefore = (a: DirectoryEntry, b: DirectoryEntry) => a.name < b.name;
    return sortInSteps(shown, isBefore, this.#steps);
  }

  /** Adds a folder, and what is below unless a link leads back to a folder on the way. */
  async #enter(
    { path, realPaths }: Visit,
    entry: DirectoryEntry,
  ): Promise<void> {
    const realPath = entry.realPath ?? `${realPaths.at(-1)}${entry.name}/`;
    if (realPaths.some((above) => above.startsWith(realPath))) return;
    if (realPaths.length > TREE_DEPTH_MAX) {
      this.#cut ??= "depth";
      return;
    }
    const own = `${path}${entry.name}/`;
    const at = this.#entries.length;
    this.#add(own, entry, true);
    await this.#steps.pause();
    const found = await this.#site.list(own, TREE_ENTRIES_MAX);
    // A link may lead elsewhere since it was judged.
    if (found.kind === "entries" && found.realPath !== realPath) {
      this.#entries.pop();
      return;
    }
    const hasMore = await this.#visit(
      { path: own, realPaths: [...realPaths, realPath] },
      found,
    );
    if (hasMore) this.#entries[at] = { ...this.#entries[at]!, isEmpty: false };
  }

  #add(path: string, entry: DirectoryEntry, isEmpty: boolean): void {
    const { kind, size, modified } = entry;
    const below = path.slice(this.#top.length);
    this.#entries.push({ path: below, kind, size, modified, isEmpty });
  }
}

/** A tree, and until when it counts as current. */
interface CachedTree {
  readonly made: Promise<Tree | UnavailableResource>;
  /** In milliseconds since the epoch; Infinity while it is read. */
  expires: number;
  /** The time of the request that it was read for. */
  readonly since: number;
  /** Where it waits to be read. */
  readonly place: QueuePlace;
  /** Of the clients that wait for it with that place; empty once it is read. */
  readonly isWantedBy: (() => boolean)[];
}

/** A request for what is below a folder. */
export interface TreeRequest {
  /** Decoded path of the folder; ends with "/". */
  readonly path: string;
  /** Whether the client has authenticated, and may see what is protected. */
  readonly isPrivate: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The client, as limits count it. */
  readonly address: string;
  /** Whether the client still waits. */
  readonly isWanted: () => boolean;
}

/** The result for a tree for which too many others wait. */
const TOO_MANY: UnavailableResource = { kind: "refused", status: 503 };

/** The trees of a site. Requests for one folder share the work, and reading takes at most half of the time. */
export class Trees {
  readonly #site: Site;
  readonly #getFilter: (isPrivate: boolean) => EntryFilter;
  readonly #cache = new Cache<CachedTree>({
    entries: TREES_MAX,
    bytes: TREE_BYTES_MAX,
  });
  readonly #turns = new Turns(TREES_WAITING_MAX);
  /** When the next tree may be read, on the monotonic clock in milliseconds. */
  #restsUntil = 0;

  /** `getFilter` returns what decides for clients that have authenticated, or have not. */
  constructor(site: Site, getFilter: (isPrivate: boolean) => EntryFilter) {
    this.#site = site;
    this.#getFilter = getFilter;
  }

  /** Returns the tree below a folder. Refuses with 503 if too many trees of other clients go first. */
  get(request: TreeRequest): Promise<Tree | UnavailableResource> {
    const { now, address, isWanted } = request;
    const key = keyOf(request);
    const cached = this.#cache.get(key);
    if (cached !== undefined && now >= cached.since && now < cached.expires) {
      this.#turns.advance(cached.place, address);
      if (cached.expires === Infinity) cached.isWantedBy.push(isWanted);
      return cached.made;
    }
    const isWantedBy = [isWanted];
    const place = this.#turns.enter(
      address,
      () => isWantedBy.some((isWanted) => isWanted()),
    );
    if (place === undefined) return Promise.resolve(TOO_MANY);
    const tree: CachedTree = {
      made: this.#read(place, request, (took) => {
        tree.expires = now + took +
          Math.max(TREE_KEPT_MS_MIN, PAUSE_FACTOR * took);
        isWantedBy.length = 0;
      }),
      expires: Infinity,
      since: now,
      place,
      isWantedBy,
    };
    this.#cache.set(key, tree, 0);
    this.#charge(key, tree);
    return tree.made;
  }

  /** Forgets the trees of a folder: something in it has changed. */
  forget(request: TreeRequest): void {
    this.#cache.delete(keyOf(request));
  }

  /** Reads a tree in its turn, after a rest as long as the one before took. */
  async #read(
    { begun }: QueuePlace,
    { path, isPrivate }: TreeRequest,
    onRead: (took: number) => void,
  ): Promise<Tree | UnavailableResource> {
    if (!await begun) return TOO_MANY;
    const rest = this.#restsUntil - performance.now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    const began = performance.now();
    try {
      const isShown = this.#getFilter(isPrivate);
      return await new TreeReader(this.#site, path, isShown).read();
    } finally {
      const ended = performance.now();
      const took = ended - began;
      this.#restsUntil = ended + took;
      onRead(took);
      this.#turns.leave();
    }
  }

  /** Counts the bytes of a tree once it is read; forgets one that cannot be read, which may work the next moment. */
  #charge(key: string, tree: CachedTree): void {
    const end = (made?: Tree | UnavailableResource) => {
      if (this.#cache.get(key) !== tree) return;
      if (made?.kind === "tree") this.#cache.resize(key, bytesOf(made));
      else this.#cache.delete(key);
    };
    tree.made.then(end, () => end());
  }
}

function keyOf({ path, isPrivate }: TreeRequest): string {
  return `${isPrivate} ${path}`;
}

function bytesOf({ entries }: Tree): number {
  return entries.reduce(
    (bytes, { path }) => bytes + ENTRY_BYTES + path.length,
    0,
  );
}
