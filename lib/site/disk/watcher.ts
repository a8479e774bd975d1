/**
 * Watches a directory through the system, and stops trusting it as soon as it
 * misses a change.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { Branches } from "./branches.ts";
import type { ChangeKind, Changes } from "./changes.ts";
import { identityOf } from "./identity.ts";
import {
  type EventSource,
  RuntimeWatch,
  StuckError,
  type WatchEvent,
} from "./runtime_watch.ts";
import {
  hasNewBranch,
  placeForAll,
  placeForNames,
  type WatchPlace,
} from "./watch_place.ts";

/** How often to check that the root is still the directory that is watched, in ms: it may be reached through a link. */
const ROOT_MS = 100;

/** How long to wait after a failure before the next attempt to watch, in ms. */
const RETRY_MS = 1000;

/** A site that cannot be watched is walked through again after this many times as long as that took. */
const WALK_REST_FACTOR = 500;

/** Most looks a second at what is used on trust. They take about 2 µs each. */
const LOOKS_PER_SECOND_MAX = 100;

/** How long the system may take to tell of a change that a look has found, in ms. */
const TOLD_MS_MAX = 1000;

/** Most changes that are waited for; of more, none is missed that matters: one is enough to end trust. */
const AWAITED_MAX = 64;

/** Events that old runtimes queue. They drop further ones without a word. */
const QUEUE_MAX = 16;

/** A gap this long between two events shows that none was waiting, in ms. */
const GAP_MS = 10;

/** Options of a {@linkcode Watcher}. */
export interface WatcherOptions {
  /** Called once if trust ends for good, with a text for the operator. */
  readonly onLoss: (text: string) => void;
  /** Whether to watch only which names the directory has, and nothing below it. */
  readonly namesOnly?: boolean;
  /** Called with the path below the root to which something was renamed. */
  readonly onArrival?: (path: string) => void;
  /** Begins to watch a real path and everything below it. Throws if it cannot. */
  readonly open?: (path: string) => EventSource;
}

/** Tells about changes below a directory, from the events of the system. */
export class Watcher implements Changes {
  /** Resolves when the last attempt to watch has succeeded or failed, and new directories are searched. */
  started: Promise<void>;
  onChange: Changes["onChange"] = () => {};
  readonly #listeners = new Set<() => void>();
  readonly #path: string;
  readonly #options: WatcherOptions;
  #source: EventSource | undefined;
  /** Directories in which a new directory is not watched; undefined if there are none. */
  #branches: Branches | undefined;
  /** Whether the runtime has followed a link: in this thread it would mix up the names of directories. */
  #hasFollowed = false;
  /** New directories that skiff still searches for links to directories. */
  #unexamined = 0;
  #realPath = "";
  #identity: string | undefined;
  #isClosed = false;
  #isStarting = false;
  #retryAt = 0;
  #rootCheckedAt = 0;
  #lookSecond = 0;
  #looks = 0;
  readonly #awaited = new Map<string, ReturnType<typeof setTimeout>>();
  /** Events without a gap between them, and when the last one came. */
  #run = 0;
  #lastEventAt = 0;
  #calm: ReturnType<typeof setTimeout> | undefined;

  /** Begins to watch a directory, beside other work. */
  constructor(path: string, options: WatcherOptions) {
    this.#path = path;
    this.#options = options;
    this.started = this.#start();
  }

  get isWatching(): boolean {
    return this.#source !== undefined && this.#calm === undefined;
  }

  /** Whether the system reports every change in time. */
  get #isCertain(): boolean {
    return this.#calm === undefined && this.#unexamined === 0;
  }

  trusts(now: number): boolean {
    if (this.#source === undefined) {
      this.#retry(now);
      return false;
    }
    const age = now - this.#rootCheckedAt;
    if (age >= 0 && age < ROOT_MS) return this.#isCertain;
    const identity = identityOf(this.#path, Deno.statSync);
    if (identity === undefined || identity !== this.#identity) {
      this.#restart(now);
      return false;
    }
    this.#rootCheckedAt = now;
    return this.#isCertain;
  }

  mayLook(now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#lookSecond) {
      this.#lookSecond = second;
      this.#looks = 0;
    }
    return this.#looks++ < LOOKS_PER_SECOND_MAX;
  }

  found(path: string): void {
    if (this.#source === undefined || this.#awaited.has(path)) return;
    if (this.#awaited.size === AWAITED_MAX) return;
    this.#awaited.set(
      path,
      setTimeout(() => this.#miss(path), TOLD_MS_MAX),
    );
  }

  /** Calls back after each change that the site was told of, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  async #start(): Promise<void> {
    this.#isStarting = true;
    let rest = RETRY_MS;
    try {
      const real = Deno.realPathSync(this.#path);
      const since = Date.now();
      const began = performance.now();
      const place = this.#options.namesOnly
        ? placeForNames(real)
        : await placeForAll(real);
      const took = performance.now() - began;
      if (place === undefined) rest = Math.max(rest, WALK_REST_FACTOR * took);
      else if (!this.#isClosed) await this.#watch(real, place, since);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      this.#lose(`Cannot watch the site for changes: ${messageOf(error)}`);
    } finally {
      this.#isStarting = false;
      this.#retryAt = Date.now() + rest;
    }
  }

  async #watch(real: string, place: WatchPlace, since: number): Promise<void> {
    // A directory that replaces this one in the meantime has another identity than the path has later.
    const identity = identityOf(real);
    const hasBranches = place.branches.length > 0 && !this.#options.namesOnly;
    const branches = hasBranches ? new Branches(place) : undefined;
    const source = await this.#open(real, place);
    const mayHaveFollowed = await hasNewBranch(real, place, since);
    this.#hasFollowed ||= mayHaveFollowed;
    const isWhole = !mayHaveFollowed && branches?.areWatched() !== false;
    if (this.#isClosed || !isWhole) return source.close();
    this.#source = source;
    this.#branches = branches;
    this.#realPath = real;
    this.#identity = identity;
    this.#rootCheckedAt = 0;
    this.#emit(undefined, "changed");
    void this.#follow(source);
  }

  async #open(real: string, place: WatchPlace): Promise<EventSource> {
    const { namesOnly = false, open } = this.#options;
    if (open !== undefined) return open(real);
    try {
      const isHere = place.thread === "here" && !this.#hasFollowed;
      if (isHere) return new RuntimeWatch(place);
    } catch (error) {
      // Only whole sites are worth a thread.
      if (namesOnly || !(error instanceof StuckError)) throw error;
    }
    const { WorkerWatch } = await import("./worker_watch.ts");
    return await WorkerWatch.open(place);
  }

  async #follow(source: EventSource): Promise<void> {
    try {
      for await (const event of source) {
        if (this.#source !== source) return;
        this.#receive(event);
      }
    } catch (error) {
      if (this.#source !== source) return;
      this.#lose(
        `Cannot watch the site for changes any longer: ${messageOf(error)}`,
      );
    }
  }

  #receive({ kind, paths, flag }: WatchEvent): void {
    this.#countRun();
    const isVague = flag === "rescan" || kind === "any" || kind === "other";
    if (isVague || paths.length === 0) return this.#tellAll();
    for (const path of paths) {
      const below = this.#below(path);
      if (kind === "rename" && below !== undefined) {
        this.#options.onArrival?.(below);
      }
      // When events may be lost, so may be that another writer has begun.
      const isWhole = this.#calm === undefined;
      this.#tell(below, isWhole ? changeOf(kind, paths, path) : "changed");
      // The system stops watching a directory that is gone, even if another one comes in its place.
      if (below === undefined && kind !== "modify" && kind !== "access") {
        return this.#restart(Date.now());
      }
      const hasCome = kind === "create" || kind === "rename";
      if (hasCome && !this.#options.namesOnly && isDirectory(path)) {
        if (this.#branches?.has(path)) return this.#restart(Date.now());
        this.started = this.#examine(path, this.started);
      }
    }
  }

  /** Trusts nothing until a new directory was searched for links. Restarts the watch if it may have some. */
  async #examine(path: string, before: Promise<void>): Promise<void> {
    const source = this.#source;
    this.#unexamined++;
    const [place] = await Promise.all([placeForAll(path), before]);
    this.#unexamined--;
    // One that cannot be watched may have them as well.
    const mayHaveLinks = place?.branches.length !== 0;
    if (this.#source !== source || !mayHaveLinks) return;
    this.#hasFollowed = true;
    this.#restart(Date.now());
  }

  /** Reports that anything may have changed, and restarts the watch if a new directory may not be watched. */
  #tellAll(): void {
    this.#tell(undefined, "changed");
    if (this.#branches?.areWatched() === false) this.#restart(Date.now());
  }

  /** Returns the path below the root as a request names it; undefined for the root itself. */
  #below(path: string): string | undefined {
    if (path.length <= this.#realPath.length) return undefined;
    const at = this.#realPath.endsWith(SEPARATOR)
      ? this.#realPath.length - 1
      : this.#realPath.length;
    return path.slice(at).replaceAll(SEPARATOR, "/");
  }

  #emit(path: string | undefined, kind: ChangeKind): void {
    this.onChange(path, kind);
    for (const listener of this.#listeners) listener();
  }

  #tell(path: string | undefined, kind: ChangeKind): void {
    for (const [awaited, timer] of this.#awaited) {
      if (path !== undefined && !concerns(path, awaited)) continue;
      clearTimeout(timer);
      this.#awaited.delete(awaited);
    }
    this.#emit(path, kind);
  }

  /** Trusts nothing from the moment when a queue may have overflowed until the events pause. */
  #countRun(): void {
    const now = performance.now();
    this.#run = now - this.#lastEventAt < GAP_MS ? this.#run + 1 : 1;
    this.#lastEventAt = now;
    if (this.#run < QUEUE_MAX || this.#calm !== undefined) return;
    this.#tell(undefined, "changed");
    this.#awaitCalm();
  }

  #awaitCalm(): void {
    this.#calm = setTimeout(() => {
      if (performance.now() - this.#lastEventAt < GAP_MS) {
        return this.#awaitCalm();
      }
      this.#calm = undefined;
      this.#tellAll();
    }, 2 * GAP_MS);
  }

  #stop(): void {
    const source = this.#source;
    this.#source = undefined;
    clearTimeout(this.#calm);
    this.#calm = undefined;
    for (const timer of this.#awaited.values()) clearTimeout(timer);
    this.#awaited.clear();
    source?.close();
  }

  /**
   * Called when no one has told of a change. The runtime may wait for a FIFO that has come and gone, in a thread that
   * all watches here share: then one in a thread of its own will tell. If that misses one too, trust ends for good.
   */
  #miss(path: string): void {
    const source = this.#source;
    source?.abandon();
    this.#source = undefined;
    if (source instanceof RuntimeWatch && !this.#options.namesOnly) {
      return this.#restart(Date.now());
    }
    this.#lose(
      `Changes of files show after 100 ms instead of at once: the file system did not tell of one to "${path}"`,
    );
  }

  #restart(now: number): void {
    this.#emit(undefined, "changed");
    this.#stop();
    this.#retryAt = now;
    this.#retry(now);
  }

  #retry(now: number): void {
    if (this.#isClosed || this.#isStarting || now < this.#retryAt) return;
    this.started = this.#start();
  }

  #lose(text: string): void {
    if (this.#isClosed) return;
    this.#emit(undefined, "changed");
    this.close();
    this.#options.onLoss(text);
  }
}

/**
 * What an event means for one of its paths. A program that renames a file into its place has written it before; the
 * runtime tells nothing of the close, because the file has another name by then. Should it be written further, that is
 * told.
 */
function changeOf(
  kind: Deno.FsEvent["kind"],
  paths: readonly string[],
  path: string,
): ChangeKind {
  const isRenamedTo = kind === "rename" && paths.length === 2 &&
    path === paths[1];
  return kind === "access" || isRenamedTo ? "written" : "changed";
}

/** Whether a change told of a path can be the one that is awaited: of it, of a directory on the way, or of a name in it. */
function concerns(path: string, awaited: string): boolean {
  return path === awaited || awaited.startsWith(`${path}/`) ||
    path.slice(0, path.lastIndexOf("/")) === awaited;
}

function isDirectory(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
