/**
 * A Site over a directory: what is remembered of files, for how long, and how
 * it is found out again. Everything from disk comes through the door in
 * `disk.ts`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Segment } from "../http/reply.ts";
import { Cache, type CacheLimits } from "./cache.ts";
import {
  FileSegment,
  type Found,
  isSameVersion,
  type OpenFile,
  Root,
  type Version,
} from "./disk.ts";
import { isCompressible, mediaType } from "./media_type.ts";
import {
  ABSENT,
  type FileResource,
  type Prepared,
  type Resource,
  type Site,
  type Variant,
} from "./site.ts";

/** How a directory is remembered. */
export interface DirectoryOptions {
  /** For how many ms a resource is trusted before its version is looked at again. */
  readonly revalidate: number;
  /** Bounds of what is kept in memory. */
  readonly cache: CacheLimits;
  /** Files up to this many bytes are kept in memory whole. */
  readonly fileBytesMax: number;
}

/** Defaults that suit a site on one machine. */
export const DIRECTORY_DEFAULTS: DirectoryOptions = {
  // Long enough to spare a busy file a thousand looks, short enough that nobody sees the delay.
  revalidate: 100,
  cache: { entries: 20_000, bytes: 128 * 1024 * 1024 },
  fileBytesMax: 1024 * 1024,
};

/** What an entry weighs beside its content: objects, names, prepared fields. */
const ENTRY_BYTES = 2048;

/** Most files kept open between requests. */
const OPEN_FILES_MAX = 64;

/** A file written to less than this many ms ago may be written to again without its modification time showing it. */
const SETTLING_MS = 50;

/** How often a file that changes while it is read is read again before it is sent as it came. */
const READ_ATTEMPTS = 3;

/** A resource, and what it takes to know whether it is still right. */
interface Entry {
  readonly resource: Resource;
  /** The version of a file; undefined for everything else, which is looked up again instead. */
  readonly version: Version | undefined;
  /** Whether the version may not be believed, because the file was written to a moment before. */
  readonly isSettling: boolean;
  /** The open file of a resource that is not in memory. */
  readonly file: OpenFile | undefined;
  /** When it was last known to be right, in ms since the epoch. */
  checked: number;
}

/** A Site over a directory on disk. */
export class DirectorySite implements Site {
  readonly #root: Root;
  readonly #options: DirectoryOptions;
  /** Everything but the next. */
  readonly #entries: Cache<Entry>;
  /** Files that are not in memory, but kept open: so many at most as the process can spare. */
  readonly #openFiles: Cache<Entry>;

  /** A site over the directory at an absolute path. */
  constructor(path: string, options: DirectoryOptions = DIRECTORY_DEFAULTS) {
    this.#root = new Root(path);
    this.#options = options;
    this.#entries = new Cache(options.cache);
    this.#openFiles = new Cache(
      { entries: OPEN_FILES_MAX, bytes: Infinity },
      (entry) => entry.file?.release(),
    );
  }

  /** See {@linkcode Site.lookup}. */
  lookup(path: string, now: number): Resource {
    const known = this.#entries.get(path) ?? this.#openFiles.get(path);
    if (known !== undefined) {
      const age = now - known.checked;
      // A clock that was set back makes ages negative: not to be trusted.
      if (age >= 0 && age < this.#options.revalidate) return known.resource;
      if (this.#isCurrent(path, known)) {
        known.checked = now;
        return known.resource;
      }
    }
    return this.#remember(path, this.#load(path, now));
  }

  /** Forgets everything and closes what is open. */
  close(): void {
    this.#entries.clear();
    this.#openFiles.clear();
  }

  #remember(path: string, entry: Entry): Resource {
    this.#entries.delete(path);
    this.#openFiles.delete(path);
    if (entry.file !== undefined) this.#openFiles.set(path, entry, 0);
    else this.#entries.set(path, entry, weightOf(entry));
    return entry.resource;
  }

  #isCurrent(path: string, entry: Entry): boolean {
    if (entry.version === undefined || entry.isSettling) return false;
    const version = this.#root.version(path);
    return version !== undefined && isSameVersion(version, entry.version);
  }

  #load(path: string, now: number): Entry {
    const found = this.#open(path);
    if (found.kind !== "file") {
      return {
        resource: resourceOf(found, path),
        version: undefined,
        isSettling: false,
        file: undefined,
        checked: now,
      };
    }
    return this.#loadFile(path, found.file, now);
  }

  /** Opens through the door; when descriptors have run out, gives up those that are only kept for speed. */
  #open(path: string): Found {
    const found = this.#root.open(path);
    if (found.kind !== "refused" || found.status !== 503) return found;
    this.#openFiles.clear();
    return this.#root.open(path);
  }

  #loadFile(path: string, file: OpenFile, now: number): Entry {
    let opened = file;
    let bytes: Uint8Array | undefined;
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
      if (opened.version.size > this.#options.fileBytesMax) break;
      bytes = opened.readAll();
      if (bytes !== undefined || attempt === READ_ATTEMPTS) break;
      opened.release();
      const found = this.#root.open(path);
      if (found.kind !== "file") return this.#load(path, now);
      opened = found.file;
    }
    const { version } = opened;
    const identity = bytes === undefined
      ? new DiskVariant(opened)
      : new MemoryVariant(bytes);
    if (bytes !== undefined) opened.release();
    return {
      resource: fileResource(path, version, identity, now),
      version,
      isSettling: now - version.modified < SETTLING_MS,
      file: bytes === undefined ? opened : undefined,
      checked: now,
    };
  }
}

function resourceOf(
  found: Exclude<Found, { kind: "file" }>,
  path: string,
): Resource {
  switch (found.kind) {
    case "directory":
      return {
        kind: "directory",
        path: path.endsWith("/") ? path : `${path}/`,
      };
    case "refused":
      return found;
    case "absent":
      return ABSENT;
  }
}

function fileResource(
  path: string,
  version: Version,
  identity: Variant,
  now: number,
): FileResource {
  const contentType = mediaType(path);
  return {
    kind: "file",
    path,
    contentType,
    // A time in the future would be a lie that clients remember (RFC 9110 §8.8.2.1).
    modified: Math.min(version.modified, now),
    compressible: isCompressible(contentType),
    identity,
    encoded: [],
  };
}

function weightOf({ resource }: Entry): number {
  return ENTRY_BYTES +
    (resource.kind === "file" ? resource.identity.length : 0);
}

/** Content in memory; its tag is a digest, so that equal content has an equal tag on every machine. */
class MemoryVariant implements Variant {
  readonly coding = undefined;
  readonly length: number;
  readonly etag: string;
  prepared: Prepared | undefined = undefined;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.length = bytes.length;
    this.etag = contentTag(bytes);
  }

  slice(start: number, end: number): Segment {
    return this.#bytes.subarray(start, end);
  }
}

/** Content too large for memory; its tag is made of what tells its version. */
class DiskVariant implements Variant {
  readonly coding = undefined;
  readonly length: number;
  readonly etag: string;
  prepared: Prepared | undefined = undefined;
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    this.#file = file;
    const { size, modified } = file.version;
    this.length = size;
    this.etag = `"${size.toString(36)}-${modified.toString(36)}"`;
  }

  slice(start: number, end: number): Segment {
    return new FileSegment(this.#file, start, end);
  }
}

/** Bits of the digest that a tag keeps: 132, in 22 characters. */
const TAG_CHARACTERS = 22;

function contentTag(bytes: Uint8Array): string {
  const digest = createHash("sha256").update(bytes).digest("base64url");
  return `"${digest.slice(0, TAG_CHARACTERS)}"`;
}
