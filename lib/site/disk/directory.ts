/**
 * A Site over a directory: what is remembered of files, for how long, and how
 * it is found out again. Everything from disk comes through the door in
 * `site/disk/root.ts`.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { Cache, type CacheLimits } from "../cache.ts";
import { type OpenedFile, type OpenResult, Root } from "./root.ts";
import { Decoder } from "./decoder.ts";
import {
  type Entry,
  entryWithoutVersion,
  resourceOf,
  weightOf,
} from "./entry.ts";
import { canHaveSiblings, SiteFile } from "../content/file.ts";
import { isSameVersion, isTimeFinal, validTime } from "../content/version.ts";
import type { OpenFile } from "./open_file.ts";
import { readWhole } from "./reading.ts";
import { isFresh, isTorn, waitForWriter, type WriterWait } from "./settling.ts";
import { Siblings, SIBLINGS_MS } from "./siblings.ts";
import { VariantMaker } from "./variant_maker.ts";
import {
  type DirectoryEntries,
  type FileResource,
  LISTING_ENTRIES_MAX,
  type Resource,
  type Site,
  type SiteStatistics,
  type UnavailableResource,
} from "../site.ts";
import { MemoryVariant } from "../content/variant.ts";
import { DiskVariant, timeTag } from "./disk_variant.ts";

/** How a directory is remembered. */
export interface DirectoryOptions {
  /** For how many ms a resource is trusted before its version is looked at again. */
  readonly revalidate: number;
  /** Bounds of what is kept in memory. */
  readonly cache: CacheLimits;
  /** Files up to this many bytes are kept in memory whole. */
  readonly fileBytesMax: number;
  /** Whether files are compressed that have no precompressed sibling. */
  readonly compress: boolean;
  /** Bytes that are kept of decoded contents. */
  readonly decodedBytesMax?: number;
  /** Whether a decoded path is protected: no file is then sent in the encoding of a precompressed one that is more so. */
  readonly isProtected?: ((path: string) => boolean) | undefined;
}

/** Defaults that suit a site on one machine. */
export const DIRECTORY_DEFAULTS: DirectoryOptions = {
  // Long enough to spare a busy file a thousand looks, short enough that nobody sees the delay.
  revalidate: 100,
  cache: { entries: 20_000, bytes: 128 * 1024 * 1024 },
  fileBytesMax: 1024 * 1024,
  compress: true,
};

/** Most files kept open between requests. */
const OPEN_FILES_MAX = 64;

/** Most names that lead nowhere, or to what cannot be read, that are remembered: they have a memory of their own. */
const ABSENT_MAX = 4096;

/** Bytes of that memory. */
const ABSENT_BYTES_MAX: number = 8 * 1024 * 1024;

/** How often a file with work in it is passed over, unasked for, before it makes room: what was dear to make leaves last. */
const DEAR_CHANCES = 8;

/** A Site over a directory on disk. */
export class DirectorySite implements Site {
  readonly #root: Root;
  readonly #options: DirectoryOptions;
  readonly #entries: Cache<Entry>;
  /** What leads nowhere: a client can ask for any number of such names, and must not push out anything else. */
  readonly #absent: Cache<Entry>;
  /** Files that are not in memory, kept open by being held. */
  readonly #openFiles: Cache<OpenFile>;
  readonly #decoder: Decoder;
  readonly #siblings: Siblings;
  readonly #maker = new VariantMaker((file) => this.#onMade(file));
  #isClosed = false;
  #lookups = 0;
  #misses = 0;

  /** A site over the directory at an absolute path. */
  constructor(path: string, options: DirectoryOptions = DIRECTORY_DEFAULTS) {
    this.#root = new Root(path);
    this.#options = options;
    this.#decoder = new Decoder(options.decodedBytesMax);
    this.#siblings = new Siblings({
      exists: (path) => this.#root.exists(path),
      look: (path, now) => this.#entry(path, now),
      load: (path, now, awaited) => this.#load(path, now, awaited),
    }, options.isProtected);
    this.#entries = new Cache(options.cache, (entry) => this.#onEvict(entry));
    this.#absent = new Cache({
      entries: Math.min(ABSENT_MAX, options.cache.entries),
      bytes: Math.min(ABSENT_BYTES_MAX, options.cache.bytes),
    });
    this.#openFiles = new Cache(
      { entries: OPEN_FILES_MAX, bytes: Infinity },
      (file) => file.release(),
    );
  }

  /** See {@linkcode Site.lookup}. */
  lookup(path: string, now: number): Resource {
    return this.#entry(path, now).resource;
  }

  #entry(path: string, now: number): Entry {
    this.#lookups++;
    const known = this.#entries.get(path) ?? this.#absent.get(path);
    if (known !== undefined) {
      const age = now - known.checked;
      // A clock that was set back makes ages negative: not to be trusted.
      if (age >= 0 && age < this.#options.revalidate) return known;
      if (this.#isCurrent(path, known)) {
        known.checked = now;
        this.#siblings.refresh(known, now);
        return known;
      }
    }
    return this.#load(path, now);
  }

  /** See {@linkcode Site.list}. */
  list(path: string): Promise<DirectoryEntries | UnavailableResource> {
    this.#lookups++;
    this.#misses++;
    return this.#root.list(path, LISTING_ENTRIES_MAX);
  }

  /** See {@linkcode RuleFileSource.hasName}. */
  hasName(path: string): boolean {
    return this.#root.hasName(path);
  }

  /** See {@linkcode Site.encode}. */
  encode(file: FileResource, coding: Coding): void {
    if (!(file instanceof SiteFile)) return;
    const entry = this.#entries.get(file.path);
    // What is made for a file that is forgotten already would be lost.
    if (entry?.resource !== file) return;
    this.#maker.make(file, entry.version!, coding);
  }

  /** See {@linkcode Site.decode}. */
  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#decoder.decode(file);
  }

  /** Counts what a file that got a variant weighs now. */
  #onMade(file: SiteFile): void {
    const { path } = file;
    if (this.#entries.get(path)?.resource !== file) return;
    this.#entries.resize(path, weightOf(path, file), DEAR_CHANCES);
  }

  /** Remembers work that is lost with a file, be it to make room or for another version. */
  #onEvict({ resource, version }: Entry): void {
    if (resource instanceof SiteFile && resource.isWorkedOn) {
      this.#maker.lose(resource.path, version!);
    }
  }

  /** Resolves when no variant is being made. */
  idle(): Promise<void> {
    return this.#maker.idle();
  }

  /** How often the disk had to be read so far. */
  get misses(): number {
    return this.#misses;
  }

  /** How the memory does. */
  figures(): SiteStatistics {
    return {
      hits: this.#lookups - this.#misses,
      misses: this.#misses,
      evictions: this.#entries.evictions + this.#absent.evictions,
      bytes: this.#entries.bytes + this.#absent.bytes,
      entries: this.#entries.size + this.#absent.size,
      openFiles: this.#openFiles.size,
    };
  }

  /** Closes files that are kept open only for speed. */
  closeSpareFiles(): void {
    this.#openFiles.clear();
  }

  /**
   * Forgets everything, closes what is open, and gives up what is being made. Whoever still has a question
   * for the site is answered, but no file stays open for that: nobody would close it.
   */
  close(): void {
    this.#isClosed = true;
    this.#maker.close();
    this.#decoder.close();
    this.#entries.clear();
    this.#absent.clear();
    this.#openFiles.clear();
  }

  #isCurrent(path: string, entry: Entry): boolean {
    if (entry.version === undefined || entry.mayChangeUnseen) return false;
    const { versionPath } = entry;
    // Where an encoded file stands for another, that one may have come.
    if (versionPath !== undefined && this.#root.exists(path)) return false;
    const version = this.#root.version(versionPath ?? path);
    // Whoever unpacks one version over another may leave size and times as they were, but not this one.
    return version !== undefined && isSameVersion(version, entry.version) &&
      version.changed === entry.version.changed;
  }

  /** Waits for the writer of a file, and finds out what is there then. */
  async #awaitWriter(
    path: string,
    now: number,
    former: Uint8Array | undefined,
  ): Promise<Resource> {
    const awaited = await waitForWriter(() => this.#root.version(path), now);
    return this.#load(path, awaited.now, { ...awaited, former }).resource;
  }

  /** Finds out anew what a path names, and remembers it; `awaited` if its writer was waited for. */
  #load(path: string, now: number, awaited?: WriterWait): Entry {
    this.#misses++;
    const opened = this.#open(path);
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
    this.#siblings.refresh(entry, now);
    return entry;
  }

  /** For a path without a file: a directory, a file that is there only encoded, or nothing. */
  #loadOther(
    path: string,
    opened: Exclude<OpenResult, OpenedFile>,
    now: number,
  ): Entry {
    const entry = entryWithoutVersion(resourceOf(opened, path), now);
    if (opened.kind !== "absent" || path.endsWith("/")) return entry;
    const looked = this.#absent.get(path)?.siblingsChecked ?? -Infinity;
    if (now >= looked && now - looked < SIBLINGS_MS) {
      entry.siblingsChecked = looked;
      return entry;
    }
    return this.#siblings.standIn(path, now) ?? entry;
  }

  /** Opens through the door; when descriptors have run out, gives up those that are only kept for speed. */
  #open(path: string): OpenResult {
    const found = this.#root.open(path);
    if (found.kind !== "refused" || found.status !== 503) return found;
    this.closeSpareFiles();
    return this.#root.open(path);
  }

  #loadFile(
    path: string,
    opened: OpenedFile,
    now: number,
    awaited: WriterWait | undefined,
  ): Entry {
    const { file, bytes, realPath } = readWhole(
      opened,
      now,
      this.#options.fileBytesMax,
      () => this.#root.open(path),
    );
    // Systems empty a file before they give it another time.
    const isEmptied = file.version.size === 0 && awaited === undefined &&
      (this.#entries.get(path)?.version?.size ?? 0) > 0;
    const isInDoubt = isEmptied || isFresh(file.version, now);
    const isKept = file.version.size <= this.#options.fileBytesMax;
    if (
      awaited && isInDoubt && isKept && isTorn(file.version, bytes, awaited)
    ) {
      file.release();
      // It is rewritten without pause, and what could be read now is neither the old version nor the new one.
      return entryWithoutVersion({ kind: "refused", status: 503 }, now);
    }
    const identity = bytes === undefined
      ? new DiskVariant(file, timeTag(file.version, now))
      : new MemoryVariant(bytes, undefined, isInDoubt);
    if (bytes === undefined && !this.#isClosed) {
      this.#openFiles.set(path, file, 0);
    } else {
      file.release();
    }
    const { version } = file;
    const modified = validTime(version, now);
    const { compress } = this.#options;
    const resource = new SiteFile(path, identity, modified, compress, {
      // Nearly always the same: then one text is kept.
      realPath: realPath === path ? path : realPath,
    });
    if (isInDoubt && awaited === undefined) {
      let waiting: Promise<Resource> | undefined;
      resource.awaitWriter = (now) =>
        waiting ??= this.#awaitWriter(path, now, bytes);
    }
    const entry: Entry = {
      resource,
      version,
      mayChangeUnseen: !isTimeFinal(version, now),
      checked: now,
      siblingsChecked: canHaveSiblings(path) ? -Infinity : Infinity,
    };
    // Then nothing is trusted any more, however short the time.
    file.onChange = () => entry.checked = -Infinity;
    return entry;
  }
}
