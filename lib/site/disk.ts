/**
 * The door to the file system: the only code that opens a file for a client.
 *
 * Whoever wants bytes from disk, be it for an index page, a precompressed
 * sibling or an error page, asks here and is judged here. What is opened is
 * judged after it is open, because a name can come to mean another file
 * between a look at it and its opening.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { SEPARATOR } from "@std/path";
import {
  SourceChanged,
  type SourceReader,
  type SourceSegment,
} from "../http/reply.ts";

/** What tells one version of a file from another without reading it. */
export interface Version {
  /** The device that it is on. */
  readonly device: number;
  /** Inode, or what the system has in its place; 0 where it has none. */
  readonly inode: number;
  /** Bytes. */
  readonly size: number;
  /** Last modification, in ms since the epoch. */
  readonly modified: number;
}

/** Whether both are the same version of the same file. */
export function isSameVersion(a: Version, b: Version): boolean {
  return a.inode === b.inode && a.size === b.size &&
    a.modified === b.modified && a.device === b.device;
}

/** What stands behind a path. */
export type Found =
  | { readonly kind: "file"; readonly file: OpenFile }
  | { readonly kind: "directory" }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly status: 403 | 503 };

/** Everything that a client may not know more about. */
const ABSENT: Found = { kind: "absent" };

/** Longest single read. Large enough that its cost per byte vanishes, small enough not to hold up other clients. */
const READ_BYTES_MAX = 256 * 1024;

// Opening a FIFO to read would wait for a writer for ever; this flag makes it return, to be judged and closed.
// Windows knows neither FIFOs in directories nor the flag.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A directory on disk that clients may see, and nothing outside it. */
export class Root {
  /** The directory as it was named; links in it are followed anew each time, so that a swapped link takes effect. */
  readonly #path: string;

  /** The directory at an absolute path. */
  constructor(path: string) {
    this.#path = path.endsWith(SEPARATOR) ? path.slice(0, -1) : path;
  }

  /** Where a decoded path of a request would lie on disk. It says nothing about whether it may be opened. */
  locate(path: string): string {
    return this.#path + (SEPARATOR === "/" ? path : path.replaceAll("/", "\\"));
  }

  /**
   * Opens what a decoded path names. The file must be closed by whoever gets it.
   * Never opens for a path with a hidden segment, never yields what lies outside the root.
   * Throws only what is a failure of the machine, such as an I/O error.
   */
  open(path: string): Found {
    if (hasHiddenSegment(path) || hasNativeMeaning(path)) return ABSENT;
    const location = this.locate(path);
    try {
      const info = Deno.statSync(location);
      if (info.isDirectory) {
        return this.#contains(location) ? { kind: "directory" } : ABSENT;
      }
      if (!info.isFile) return ABSENT;
      return this.#openFile(location);
    } catch (error) {
      return foundInstead(error);
    }
  }

  #openFile(location: string): Found {
    const file = new OpenFile(openSync(location, OPEN_FLAGS), location);
    let isGood = false;
    try {
      isGood = file.isRegular && this.#contains(location, file.version);
    } finally {
      if (!isGood) file.release();
    }
    return isGood ? { kind: "file", file } : ABSENT;
  }

  /**
   * Whether the real path of a location lies under the real path of the root, with no hidden
   * segment on the way, and, for an opened file, whether that is the file that was opened.
   */
  #contains(location: string, opened?: Version): boolean {
    const root = Deno.realPathSync(this.#path + SEPARATOR);
    const real = Deno.realPathSync(location);
    const prefix = root.endsWith(SEPARATOR) ? root : root + SEPARATOR;
    // The separator matters: /srv/site-old begins with /srv/site.
    if (real !== root && !real.startsWith(prefix)) return false;
    const inside = real.slice(root.length).replaceAll("\\", "/");
    if (hasHiddenSegment(inside)) return false;
    if (opened === undefined) return true;
    const named = Deno.lstatSync(real);
    return named.isFile && (named.ino ?? 0) === opened.inode &&
      named.dev === opened.device;
  }

  /** The version that a path has now, links followed; undefined when there is no such file any more. */
  version(path: string): Version | undefined {
    try {
      const info = Deno.statSync(this.locate(path));
      return info.isFile ? versionOf(info) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A regular file that was judged, open for reading by several at once. */
export class OpenFile {
  /** The version that was opened. */
  readonly version: Version;
  /** Whether it is a regular file. */
  readonly isRegular: boolean;
  readonly #descriptor: number;
  readonly #location: string;
  #holders = 1;

  /** Takes over the descriptor: closes it when the last holder releases it. */
  constructor(descriptor: number, location: string) {
    this.#descriptor = descriptor;
    this.#location = location;
    const info = fstatSync(descriptor);
    this.isRegular = info.isFile();
    this.version = {
      device: info.dev,
      inode: info.ino,
      size: info.size,
      modified: Math.floor(info.mtimeMs),
    };
  }

  /** Holds the file open until {@linkcode release} is called once more. */
  hold(): void {
    this.#holders++;
  }

  /** Lets go of the file. */
  release(): void {
    if (--this.#holders === 0) closeSync(this.#descriptor);
  }

  /** Reads from a position on; returns how many bytes there were, 0 at the end. */
  read(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, READ_BYTES_MAX);
    return readSync(this.#descriptor, into, 0, length, position);
  }

  /** Whether the file is still what it was when it was opened. A file that was replaced is; one written to is not. */
  isUnchanged(): boolean {
    try {
      // Cheaper than asking the descriptor, and nearly always enough.
      const named = versionOf(Deno.statSync(this.#location));
      if (isSameVersion(named, this.version)) return true;
    } catch {
      // The name is gone; the file may be as it was.
    }
    const info = fstatSync(this.#descriptor);
    return info.size === this.version.size &&
      Math.floor(info.mtimeMs) === this.version.modified;
  }

  /** Everything in it, if it stays the same meanwhile; undefined when it does not. */
  readAll(): Uint8Array | undefined {
    const bytes = new Uint8Array(this.version.size);
    for (let at = 0; at < bytes.length;) {
      const count = this.read(bytes.subarray(at), at);
      if (count === 0) return undefined;
      at += count;
    }
    return this.isUnchanged() ? bytes : undefined;
  }
}

/** A slice of an open file. */
export class FileSegment implements SourceSegment {
  readonly length: number;
  readonly #file: OpenFile;
  readonly #start: number;

  /** The bytes of the file from start to end (exclusive). The file must be held open by somebody until `open` is called. */
  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.length = end - start;
  }

  /** See {@linkcode SourceSegment.open}. */
  open(): SourceReader {
    this.#file.hold();
    return new FileReader(this.#file, this.#start, this.#start + this.length);
  }
}

class FileReader implements SourceReader {
  readonly #file: OpenFile;
  readonly #end: number;
  #at: number;

  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file;
    this.#at = start;
    this.#end = end;
  }

  read(into: Uint8Array): number {
    const left = this.#end - this.#at;
    const target = into.length > left ? into.subarray(0, left) : into;
    const count = this.#file.read(target, this.#at);
    // Asked after reading: had it changed before, the bytes would be the new version's.
    if (count === 0 || !this.#file.isUnchanged()) {
      throw new SourceChanged("File changed while it was being sent");
    }
    this.#at += count;
    return count;
  }

  close(): void {
    this.#file.release();
  }
}

function versionOf(info: Deno.FileInfo): Version {
  return {
    device: info.dev,
    inode: info.ino ?? 0,
    size: info.size,
    modified: info.mtime?.getTime() ?? 0,
  };
}

/**
 * The only name with a leading dot that is for the public: RFC 8615. Everything else that begins
 * with a dot is somebody's private matter (.git, .env, .htpasswd), wherever it stands in the path.
 */
const WELL_KNOWN = ".well-known";

function hasHiddenSegment(path: string): boolean {
  if (!path.includes("/.")) return false;
  return path.split("/").some((segment) =>
    segment.startsWith(".") && segment !== WELL_KNOWN
  );
}

/**
 * On Windows a colon names a drive or a stream of a file, and trailing dots and spaces are dropped:
 * such a segment would mean another file than it says.
 */
function hasNativeMeaning(path: string): boolean {
  if (path.includes("\0")) return true;
  return SEPARATOR === "\\" && /[:\\<>|*?"]|[. ](?:\/|$)/.test(path);
}

/** Failures that say: there is nothing here for you. */
const ABSENT_CODES: ReadonlySet<string | undefined> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EINVAL",
  "ENXIO",
]);

/**
 * The one place that turns a failure of the file system into what a client is told. It must never
 * pass on the message: that names paths.
 */
function foundInstead(error: unknown): Found {
  if (error instanceof Deno.errors.PermissionDenied) {
    return { kind: "refused", status: 403 };
  }
  // Deno's own sandbox: a link led outside of what --allow-read grants.
  if (error instanceof Deno.errors.NotCapable) return ABSENT;
  if (error instanceof Deno.errors.NotFound) return ABSENT;
  const code = (error as { code?: string }).code;
  if (ABSENT_CODES.has(code)) return ABSENT;
  if (code === "EACCES" || code === "EPERM") {
    return { kind: "refused", status: 403 };
  }
  if (code === "EMFILE" || code === "ENFILE") {
    return { kind: "refused", status: 503 };
  }
  throw error;
}
