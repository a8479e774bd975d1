/**
 * A site over a directory: which files to cache, for how long, and how to find
 * out that they changed. Only `site/disk/root.ts` opens files.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { Cache } from "../cache.ts";
import { type ChangeKind, NoChanges } from "./changes.ts";
import {
  type OpenedFile,
  type OpenResult,
  type ReadContent,
  Root,
} from "./root.ts";
import { Decoder } from "./decoder.ts";
import {
  DIRECTORY_DEFAULTS,
  type DirectoryOptions,
} from "./directory_options.ts";
import {
  type Entry,
  entryWithoutVersion,
  fileEntry,
  resourceOf,
  TOLD,
  UNTRUSTED,
  weightOf,
} from "./entry.ts";
import { SiteFile } from "../content/file.ts";
import { ContentMemory } from "./content_memory.ts";
import { isSameVersion, validTime } from "../content/version.ts";
import { Kind } from "./folder.ts";
import { isPlainFile, type Spot } from "./folders.ts";
import type { OpenFile } from "./open_file.ts";
import { createPools } from "./pools.ts";
import { readEarly, readWhole } from "./reading.ts";
import {
  isFresh,
  isRecent,
  isTorn,
  waitForWriter,
  type WriterWait,
} from "./settling.ts";
import { Siblings } from "./siblings.ts";
import { Trust } from "./trust.ts";
import { VariantMaker } from "./variant_maker.ts";
import { WriterCloses } from "./writer_closes.ts";
import {
  ABSENT,
  type FileResource,
  LISTING_ENTRIES_MAX,
  type Resource,
  type Site,
  type SiteStatistics,
} from "../site.ts";
import { MemoryVariant } from "../content/variant.ts";
import { DiskVariant, timeTag } from "./disk_variant.ts";

/** How many evictions a compressed file survives without being read, because its variants were expensive to make. */
const DEAR_CHANCES = 8;

/** What every path without anything at it names. */
const MISSING: Entry = entryWithoutVersion(ABSENT, 0);

export class DirectorySite implements Site {
  readonly #root: Root;
  readonly #options: DirectoryOptions;
  readonly #entries: Cache<Entry>;
  /** Missing names. Clients can request any number of them, which must not evict anything else. */
  readonly #absent: Cache<Entry>;
  /** Files that are too large for memory; the cache holds them open. */
  readonly #openFiles: Cache<OpenFile>;
  readonly #decoder: Decoder;
  readonly #siblings: Siblings;
  readonly #trust: Trust;
  readonly #closes = new WriterCloses((path) => this.#root.version(path));
  readonly #maker = new VariantMaker((file) => this.#onMade(file));
  readonly #memory = new ContentMemory();
  /** Whether to look at folders again before they are used next, because a change was told. */
  #isInDoubt = false;
  #isClosed = false;
  #lookups = 0;
  #misses = 0;

  constructor(path: string, options: DirectoryOptions = DIRECTORY_DEFAULTS) {
    this.#root = new Root(path, options.revalidate);
    this.#options = options;
    const pools = options.pools ?? createPools(options.cache);
    this.#decoder = new Decoder(pools.decoded);
    this.#siblings = new Siblings({
      kindOf: (path, now, spot) => this.#root.kindOf(path, now, spot),
      look: (path, now) => this.#entry(path, now),
      load: (path, now, awaited) => this.#load(path, now, awaited),
    }, options.isProtected);
    this.#trust = new Trust(
      options.changes ?? new NoChanges(),
      (path) => this.#entries.get(path) ?? this.#absent.get(path),
      (path, kind) => this.#onChange(path, kind),
      (path, now) => isPlainFile(this.#root.find(path, now), path),
    );
    this.#entries = new Cache(
      pools.entries,
      (entry) => this.#onEvict(entry),
    );
    this.#absent = new Cache(pools.absent);
    this.#openFiles = new Cache(pools.openFiles, (file) => file.release());
  }

  lookup(path: string, now: number): Resource {
    return this.#entry(path, now).resource;
  }

  #entry(path: string, now: number): Entry {
    this.#lookups++;
    if (this.#isInDoubt) {
      this.#isInDoubt = false;
      this.#root.doubt(now);
    }
    const cached = this.#entries.get(path) ?? this.#absent.get(path);
    if (cached !== undefined) {
      if (this.#isUsable(cached, now)) return cached;
      if (this.#isCurrent(path, cached, now)) {
        cached.checked = now;
        this.#confirm(path, cached, now);
        return cached;
      }
      this.#trust.contradict(path, cached);
    }
    return this.#visit(path, now);
  }

  /** Returns an entry for a path without one that is current. */
  #visit(path: string, now: number): Entry {
    const spot = path.endsWith("/") ? undefined : this.#root.find(path, now);
    // With neither the path nor a sibling, there is nothing to load and to remember.
    return spot?.kind === Kind.Nothing
      ? MISSING
      : this.#load(path, now, undefined, spot);
  }

  /** Whether an entry is current without a look at the disk. */
  #isUsable(entry: Entry, now: number): boolean {
    const age = now - entry.checked;
    // If the clock was set back, the age is negative and means nothing.
    const isRecent = age >= 0 && age < this.#options.revalidate;
    return isRecent && !this.#trust.isOutdated(entry) ||
      this.#trust.covers(entry, age, now);
  }

  list(path: string, entriesMax?: number): ReturnType<Site["list"]> {
    this.#lookups++;
    this.#misses++;
    return this.#root.list(path, entriesMax ?? LISTING_ENTRIES_MAX);
  }

  isReadable(path: string, now: number): boolean {
    const found = this.#open(path, now);
    if (found.kind === "file") found.file.release();
    return found.kind === "file";
  }

  hasName(path: string): boolean {
    return this.#root.hasName(path);
  }

  encode(file: FileResource, coding: Coding): void {
    if (!(file instanceof SiteFile)) return;
    const entry = this.#entries.get(file.path);
    // A variant for an evicted file would be lost.
    if (entry?.resource !== file) return;
    this.#maker.make(file, entry.version!, coding);
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#decoder.decode(file);
  }

  /** Receives what the watch tells: names may have come or gone, or a writer has closed a file. */
  #onChange(path: string | undefined, kind: ChangeKind): void {
    this.#closes.tell(path, kind);
    if (kind === "changed") this.#isInDoubt = true;
  }

  /** Updates the size of a file that gained a variant. */
  #onMade(file: SiteFile): void {
    const { path } = file;
    if (this.#entries.get(path)?.resource !== file) return;
    this.#entries.resize(path, weightOf(path, file), DEAR_CHANCES);
  }

  /** Remembers the variants that are lost with a file, whatever the reason. */
  #onEvict({ resource, version }: Entry): void {
    if (!(resource instanceof SiteFile)) return;
    this.#memory.forget(resource);
    if (resource.isWorkedOn) this.#maker.lose(resource.path, version!);
  }

  /** Resolves once no variant is in progress. */
  idle(): Promise<void> {
    return this.#maker.idle();
  }

  /** How often the disk was read. */
  get misses(): number {
    return this.#misses;
  }

  statistics(): SiteStatistics {
    return {
      hits: this.#lookups - this.#misses,
      misses: this.#misses,
      evictions: this.#entries.evictions + this.#absent.evictions,
      bytes: this.#entries.bytes + this.#absent.bytes,
      entries: this.#entries.size + this.#absent.size,
      openFiles: this.#openFiles.size,
      ...this.#trust.statistics(),
    };
  }

  /** Closes files that are kept open only for speed. */
  closeSpareFiles(): void {
    this.#openFiles.clear();
  }

  /**
   * Closes files, clears the caches and abandons its work. Later lookups still work, but leave no file open, because
   * nothing would close it.
   */
  close(): void {
    this.#isClosed = true;
    this.#trust.close();
    this.#maker.close();
    this.#decoder.close();
    this.#entries.close();
    this.#absent.close();
    this.#openFiles.close();
  }

  #isCurrent(path: string, entry: Entry, now: number): boolean {
    if (entry.version === undefined || entry.mayChangeUnseen) return false;
    if (entry.epoch === TOLD) return false;
    const { versionPath } = entry;
    // The file itself may exist now.
    if (versionPath !== undefined && this.#root.exists(path, now)) return false;
    const version = this.#root.version(versionPath ?? path);
    // Unpacking another version may keep size and modification time, but not this time.
    return version !== undefined && isSameVersion(version, entry.version) &&
      version.changed === entry.version.changed;
  }

  /** Waits for the writer of a file, then loads it. */
  async #awaitWriter(
    path: string,
    now: number,
    former: Uint8Array | undefined,
  ): Promise<Resource> {
    const awaited = await waitForWriter(
      () => this.#root.version(path),
      now,
      (version) => this.#closes.msUntilWhole(path, version),
    );
    return this.#load(path, awaited.now, { ...awaited, former }).resource;
  }

  /**
   * Loads what a path names, and caches it. `awaited` is set after a wait for its writer, `spot` if the place of the
   * path was looked up just now.
   */
  #load(
    path: string,
    now: number,
    awaited?: WriterWait,
    spot?: Spot,
  ): Entry {
    this.#misses++;
    const { fileBytesMax } = this.#options;
    const opened = this.#open(
      path,
      now,
      (file) =>
        readEarly(
          file,
          now,
          fileBytesMax,
          (length) =>
            this.#memory.take(path, length, this.#entries.hasRoom(length)),
        ),
      spot,
    );
    const entry = opened.kind === "file"
      ? this.#loadFile(path, opened, now, awaited)
      : this.#loadOther(path, opened, now);
    const { kind } = entry.resource;
    const isThere = kind === "file" || kind === "directory";
    const [cache, other] = isThere
      ? [this.#entries, this.#absent]
      : [this.#absent, this.#entries];
    other.delete(path);
    cache.set(path, entry, weightOf(path, entry.resource));
    if (isThere && cache.has(path)) this.#memory.keep(entry.resource);
    this.#confirm(path, entry, now, spot);
    return entry;
  }

  /** Updates the siblings of an entry that is as on disk. Trusts it if it can trust them, which it is sent with. */
  #confirm(path: string, entry: Entry, now: number, spot?: Spot): void {
    entry.epoch = UNTRUSTED;
    const areTrusted = this.#siblings.refresh(entry, now, spot);
    if (areTrusted) this.#trust.confirm(path, entry, now);
  }

  /** Loads a path without a file: a directory, a file that exists only encoded, or nothing. */
  #loadOther(
    path: string,
    opened: Exclude<OpenResult, OpenedFile>,
    now: number,
  ): Entry {
    const entry = entryWithoutVersion(resourceOf(opened, path), now);
    if (opened.kind !== "absent" || path.endsWith("/")) return entry;
    return this.#siblings.standIn(path, now) ?? entry;
  }

  /** Opens a path. If there is no free descriptor, closes spare files and tries again. */
  #open(
    path: string,
    now: number,
    read?: ReadContent,
    spot?: Spot,
  ): OpenResult {
    const found = this.#root.open(path, now, read, spot);
    if (found.kind !== "refused" || found.status !== 503) return found;
    this.closeSpareFiles();
    return this.#root.open(path, now, read);
  }

  #loadFile(
    path: string,
    opened: OpenedFile,
    now: number,
    awaited: WriterWait | undefined,
  ): Entry {
    const { file, bytes, realPath, areOfVersion } = readWhole(
      opened,
      now,
      this.#options.fileBytesMax,
      () => this.#root.open(path, now),
    );
    // Systems empty a file before they update its time.
    const isEmptied = file.version.size === 0 && awaited === undefined &&
      (this.#entries.get(path)?.version?.size ?? 0) > 0;
    const isInDoubt = isEmptied || isFresh(file.version, now) && (
          !areOfVersion ||
          this.#closes.msUntilWhole(path, file.version) > 0
        );
    const isKept = file.version.size <= this.#options.fileBytesMax;
    if (
      awaited && isInDoubt && isKept &&
      isTorn(areOfVersion ? file.version : undefined, bytes, awaited)
    ) {
      file.release();
      // The writer does not pause, so this may be neither the old version nor the new one.
      return entryWithoutVersion({ kind: "refused", status: 503 }, now);
    }
    const identity = bytes === undefined
      ? new DiskVariant(file, timeTag(file.version, now, this.#options.release))
      : new MemoryVariant(bytes, undefined, isInDoubt);
    const isKeptOpen = bytes === undefined && !this.#isClosed;
    if (isKeptOpen) this.#openFiles.set(path, file, 0);
    else file.release();
    const { version } = file;
    if (this.#entries.get(path) !== undefined || isRecent(version, now)) {
      this.#root.doubt(now);
    }
    const modified = validTime(version, now);
    const { compress } = this.#options;
    const resource = new SiteFile(path, identity, modified, compress, {
      // They are nearly always equal: keep only one string.
      realPath: realPath === path ? path : realPath,
    });
    const former = this.#entries.get(path)?.resource;
    // Caches may still have replies that differed by coding.
    if (former instanceof SiteFile && former.compressible) {
      resource.compressible = true;
    }
    if (isInDoubt && awaited === undefined) {
      let waiting: Promise<Resource> | undefined;
      resource.awaitWriter = (now) =>
        waiting ??= this.#awaitWriter(path, now, bytes);
    }
    const entry = fileEntry(resource, file, now);
    // Makes the next lookup check the file, however recent the last check is.
    file.onChange = () => entry.checked = -Infinity;
    return entry;
  }
}
