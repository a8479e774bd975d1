/**
 * An open file: its version, its bytes, and its changes. `site/disk/root.ts`
 * decides whether clients may have it.
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

/** Longest read in bytes: large enough to be efficient, small enough not to delay other clients. */
const READ_BYTES_MAX = 256 * 1024;

// Without O_NONBLOCK, opening a FIFO would wait for a writer; O_NOFOLLOW, because only real paths are opened. Windows
// has neither FIFOs in directories nor the flags.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOFOLLOW ?? 0);

/**
 * One version of a regular file that clients may have. It is open while it is held, and can be opened again while
 * that version exists.
 */
export class OpenFile {
  readonly version: Version;
  readonly isRegular: boolean;
  /** Whether it had several names (hard links) when it was opened: a writer may use one that is not watched. */
  readonly hasOtherNames: boolean;
  /** Called when the version turns out to be gone. */
  onChange: () => void = () => {};
  #descriptor: number;
  readonly #location: string;
  #holders = 1;
  /** The look at the version that follows what is read in this turn of the event loop. */
  #confirming: Promise<void> | undefined;

  /** Opens whatever is at a location. The caller is the first holder. Throws what opening throws. */
  constructor(location: string) {
    this.#location = location;
    const { descriptor, info } = openAt(location);
    this.#descriptor = descriptor;
    this.isRegular = info.isFile();
    this.hasOtherNames = info.nlink > 1;
    this.version = versionOfDescriptor(info);
  }

  /**
   * Holds the file open until {@linkcode release}. If it was not held, throws {@linkcode SourceChanged} if the
   * version is gone, and {@linkcode SourceRefused} if it cannot be opened.
   */
  hold(): void {
    if (this.#holders === 0) this.#openAgain();
    this.#holders++;
  }

  /** Releases a hold; the last one closes the file. */
  release(): void {
    if (--this.#holders === 0) closeSync(this.#descriptor);
  }

  /** Opens the same version again. It was checked before and needs no other check. */
  #openAgain(): void {
    let opened: OpenDescriptor;
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

  /** Reads from a position; returns the number of bytes, 0 at the end. */
  read(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, READ_BYTES_MAX);
    return readSync(this.#descriptor, into, 0, length, position);
  }

  /** Fills `into` from a position, because one read may return less than there is; false if the file ends before. */
  readFully(into: Uint8Array, position: number): boolean {
    for (let at = 0; at < into.length;) {
      const rest = at === 0 ? into : into.subarray(at);
      const count = this.read(rest, position + at);
      if (count === 0) return false;
      at += count;
    }
    return true;
  }

  /** Returns the first bytes: `count`, or all there are. */
  readBeginning(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.min(count, this.version.size));
    return bytes.subarray(0, this.read(bytes, 0));
  }

  /** Whether the file is unchanged since it was opened. Replacing it does not change it; writing to it does. */
  isUnchanged(): boolean {
    return this.changeSince(this.version) === undefined;
  }

  /** Returns the current version of the open file; undefined if it is still the given one. */
  changeSince(version: Version): Version | undefined {
    try {
      // Cheaper than asking the descriptor, and usually sufficient.
      const named = versionOf(Deno.statSync(this.#location));
      if (isSameVersion(named, version)) return undefined;
    } catch {
      // The name is gone, but the file may be unchanged.
    }
    const current = versionOfDescriptor(fstatSync(this.#descriptor));
    return isSameVersion(current, version) ? undefined : current;
  }

  /**
   * Resolves when everything that is read in this turn of the event loop is known to be of {@linkcode OpenFile.version}:
   * one look at the file serves all of it. Rejects with {@linkcode SourceChanged} if it may be of another version.
   * Throws what {@linkcode OpenFile.hold} throws.
   */
  confirm(): Promise<void> {
    if (this.#confirming === undefined) {
      this.hold();
      this.#confirming = this.#confirmHeld();
      // Reading may fail before anything waits for this.
      this.#confirming.catch(() => {});
    }
    return this.#confirming;
  }

  async #confirmHeld(): Promise<void> {
    try {
      // Continues behind all requests that have arrived together with the first.
      await undefined;
      this.#confirming = undefined;
      if (this.isUnchanged()) return;
      this.onChange();
      throw this.changed();
    } finally {
      this.release();
    }
  }

  /** Makes the error for a download that cannot continue. It names the file, for the log. */
  changed(): SourceChanged {
    return new SourceChanged(
      `Download ended early: "${this.#location}" changed while it was sent`,
    );
  }

  /** Reads the whole file; undefined if it changes during the read. */
  readAll(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.readBytes();
    return bytes !== undefined && this.isUnchanged() ? bytes : undefined;
  }

  /** Reads as many bytes as the version has, into memory of that size; undefined if the file has become shorter. */
  readBytes(
    bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.version.size),
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.readFully(bytes, 0) ? bytes : undefined;
  }
}

/** A descriptor and its status. */
interface OpenDescriptor {
  readonly descriptor: number;
  readonly info: Stats;
}

function openAt(location: string): OpenDescriptor {
  const descriptor = openSync(location, OPEN_FLAGS);
  try {
    return { descriptor, info: fstatSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The status that clients get for an error of the file system, by its code. Other errors are failures of the machine. */
const STATUSES: ReadonlyMap<string | undefined, 403 | 404 | 503> = new Map([
  ["ENOENT", 404],
  ["ENOTDIR", 404],
  ["ELOOP", 404],
  ["ENAMETOOLONG", 404],
  ["EINVAL", 404],
  ["ENXIO", 404],
  ["EACCES", 403],
  ["EPERM", 403],
  ["EMFILE", 503],
  ["ENFILE", 503],
]);

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Whether Deno's sandbox refused a name that leads outside of --allow-read. */
function isOutside(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable;
}

/** Returns the status that an error of the file system comes to; undefined for a failure of the machine. */
export function statusOf(error: unknown): 403 | 404 | 503 | undefined {
  return isOutside(error) ? 404 : STATUSES.get(codeOf(error));
}

/** Converts an error at opening a file again into what a source throws. */
export function failureOf(error: unknown): unknown {
  if (isOutside(error)) return new SourceChanged("File has been replaced");
  switch (codeOf(error) === "ESTALE" ? 404 : statusOf(error)) {
    case 404:
      return new SourceChanged("File is gone");
    case 403:
      return new SourceRefused("File may not be read any more", 403);
    case 503:
      return new SourceRefused("No descriptor is free", 503);
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

/** Returns the version from the status of a path. */
export function versionOf(info: Deno.FileInfo): Version {
  return {
    device: info.dev,
    inode: info.ino ?? 0,
    size: info.size,
    modified: info.mtime?.getTime() ?? 0,
    changed: info.ctime?.getTime() ?? 0,
  };
}
