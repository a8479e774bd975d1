/**
 * A file on disk, open: its version, reading from it, and noticing when it
 * changes. Whether a client may have it is judged in `site/disk/root.ts`.
 *
 * @module
 */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  type Stats,
} from "node:fs";
import { SourceChanged, SourceRefused } from "../../http/reply.ts";
import { isSameVersion, type Version } from "../content/version.ts";

/** Longest single read. Large enough that its cost per byte vanishes, small enough not to hold up other clients. */
const READ_BYTES_MAX = 256 * 1024;

// Opening a FIFO to read would wait for a writer for ever; this flag makes it return, to be judged and closed.
// Windows knows neither FIFOs in directories nor the flag.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * One version of a regular file that was judged. It is open while somebody holds it, and can be
 * opened again as long as the version is still there.
 */
export class OpenFile {
  /** The version that was opened. */
  readonly version: Version;
  /** Whether it is a regular file. */
  readonly isRegular: boolean;
  /** Is called when it turns out that the version is gone. */
  onChange: () => void = () => {};
  #descriptor: number;
  readonly #location: string;
  #holders = 1;

  /** Opens what is at a location, whatever it is. The maker is the first holder. Throws what opening throws. */
  constructor(location: string) {
    this.#location = location;
    const { descriptor, info } = openAt(location);
    this.#descriptor = descriptor;
    this.isRegular = info.isFile();
    this.version = versionOfDescriptor(info);
  }

  /**
   * Holds the file open until {@linkcode release} is called once more. When nobody held it, throws
   * {@linkcode SourceChanged} if the version is gone, and {@linkcode SourceRefused} if it cannot be opened.
   */
  hold(): void {
    if (this.#holders === 0) this.#openAgain();
    this.#holders++;
  }

  /** Lets go of the file. */
  release(): void {
    if (--this.#holders === 0) closeSync(this.#descriptor);
  }

  /** What was judged was this version of this file; the same version needs no second judgement. */
  #openAgain(): void {
    let opened: Opened;
    try {
      opened = openAt(this.#location);
    } catch (error) {
      const failure = failureOf(error);
      if (failure instanceof SourceChanged) this.onChange();
      throw failure;
    }
    const { descriptor, info } = opened;
    if (!isSameVersion(versionOfDescriptor(info), this.version)) {
      closeSync(descriptor);
      this.onChange();
      throw new SourceChanged("File has been replaced");
    }
    this.#descriptor = descriptor;
  }

  /** Reads from a position on; returns how many bytes there were, 0 at the end. */
  read(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, READ_BYTES_MAX);
    return readSync(this.#descriptor, into, 0, length, position);
  }

  /** The first bytes of the file: as many as asked for, or all there are. */
  readBeginning(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.min(count, this.version.size));
    return bytes.subarray(0, this.read(bytes, 0));
  }

  /** Whether the file is still what it was when it was opened. A file that was replaced is; one written to is not. */
  isUnchanged(): boolean {
    return this.changeSince(this.version) === undefined;
  }

  /** The version that the open file has now; undefined while it is still the given one. */
  changeSince(version: Version): Version | undefined {
    try {
      // Cheaper than asking the descriptor, and nearly always enough.
      const named = versionOf(Deno.statSync(this.#location));
      if (isSameVersion(named, version)) return undefined;
    } catch {
      // The name is gone; the file may be as it was.
    }
    const current = versionOfDescriptor(fstatSync(this.#descriptor));
    return isSameVersion(current, version) ? undefined : current;
  }

  /** An error for a download that cannot go on, because the file is not what was announced. For the log: it names the file. */
  changed(): SourceChanged {
    return new SourceChanged(
      `Download ended early: "${this.#location}" changed while it was sent`,
    );
  }

  /** Everything in it, if it stays the same meanwhile; undefined when it does not. */
  readAll(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.readBytes();
    return bytes !== undefined && this.isUnchanged() ? bytes : undefined;
  }

  /** As many bytes as the version has, whatever happens to the file meanwhile; undefined when it is shorter by now. */
  readBytes(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = new Uint8Array(this.version.size);
    for (let at = 0; at < bytes.length;) {
      const count = this.read(bytes.subarray(at), at);
      if (count === 0) return undefined;
      at += count;
    }
    return bytes;
  }
}

/** A descriptor and what the system says of it. */
interface Opened {
  readonly descriptor: number;
  readonly info: Stats;
}

function openAt(location: string): Opened {
  const descriptor = openSync(location, OPEN_FLAGS);
  try {
    return { descriptor, info: fstatSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Codes that say: what was there is not there any more. */
const GONE_CODES: ReadonlySet<string | undefined> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENXIO",
  "ESTALE",
]);

/** What a source throws when a file that was open before cannot be opened again because of an error. */
export function failureOf(error: unknown): unknown {
  // Deno's own sandbox: the name leads outside of what --allow-read grants, as it did not before.
  if (error instanceof Deno.errors.NotCapable) {
    return new SourceChanged("File has been replaced");
  }
  const code = (error as { code?: string }).code;
  if (GONE_CODES.has(code)) return new SourceChanged("File is gone");
  if (code === "EMFILE" || code === "ENFILE") {
    return new SourceRefused("No descriptor is free", 503);
  }
  if (code === "EACCES" || code === "EPERM") {
    return new SourceRefused("File may not be read any more", 403);
  }
  return error;
}

function versionOfDescriptor(info: Stats): Version {
  return {
    device: info.dev,
    inode: info.ino,
    size: info.size,
    modified: Math.floor(info.mtimeMs),
    changed: Math.floor(info.ctimeMs ?? 0),
  };
}

/** The version that a look at a path has shown. */
export function versionOf(info: Deno.FileInfo): Version {
  return {
    device: info.dev,
    inode: info.ino ?? 0,
    size: info.size,
    modified: info.mtime?.getTime() ?? 0,
    changed: info.ctime?.getTime() ?? 0,
  };
}
