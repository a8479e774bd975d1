/**
 * A directory known as a whole: where it is, and which names are in it.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { SEPARATOR } from "@std/path/constants";
import { CODINGS } from "../../http/coding.ts";
import { isSameVersion, isTimeFinal } from "../content/version.ts";
import type { Version } from "../content/version.ts";
import { versionOf } from "./open_file.ts";

/** What a name in a folder is, without following links, as bits of a number. */
export const Kind = {
  Nothing: 0,
  File: 1,
  Directory: 2,
  /** A link, or a name about which only the file system knows: following it tells where it leads. */
  Link: 4,
  /** A pipe, socket or device. */
  Special: 8,
} as const;

/** The bit of the first coding: set if the folder has the name with the coding's suffix appended. */
const SIBLING_SHIFT = 4;

const SIBLING_BITS: number = ((1 << CODINGS.length) - 1) << SIBLING_SHIFT;

/** The bit that says that a name has a precompressed sibling with the coding at `index` of {@linkcode CODINGS}. */
export function siblingBit(index: number): number {
  return 1 << (SIBLING_SHIFT + index);
}

/** A folder with more names is not read: its names are looked up one by one. */
const NAMES_MAX = 8192;

/** The same before reading, where the size of a directory tells its number of names: in bytes. */
const DIRECTORY_BYTES_MAX: number = 128 * 1024;

/** Memory of a folder without names, and of a name besides its characters, in bytes. */
const FOLDER_BYTES = 512;
const NAME_BYTES = 64;

/** A folder rests this many times as long as reading it took, so that a busy writer does not keep skiff reading. */
const REST_FACTOR = 20;

/** How long to ask the file system about every name, in milliseconds, after the folder's time did not tell of one. */
const UNTOLD_MS = 2000;

/** A directory inside the root, with no link on the way to it. */
export class Folder {
  /** The real path with a separator at its end: the beginning of the location of each name. */
  readonly location: string;
  /** The decoded path below the root, with a "/" at its end. */
  readonly realPath: string;
  /** Time of the last look at the directory, in milliseconds since the epoch. */
  checked = -Infinity;
  /** The same without the separator, with which the file system would follow a link in its place. */
  readonly #path: string;
  #version: Version | undefined;
  /** By name; undefined while the names are not known. */
  #names: Map<string, number> | undefined;
  /** Whether a name that is not known does not exist: not where the system ignores case or the form of characters. */
  #isComplete = false;
  /** Whether the names may not be read; they may still be found one by one: mode 711. */
  #isClosed = false;
  /** Whether the modification time changes with the next change of the names. */
  #isFinal = false;
  /** Whether a missing name was looked up since the last look, to find out whether the folder's time can be believed. */
  #isProven = false;
  #restsUntil = -Infinity;
  /** Memory in bytes. */
  bytes = FOLDER_BYTES;

  /** Makes a folder with a real path, before the first look at it. */
  constructor(path: string, realPath: string) {
    this.#path = path;
    this.location = withSeparator(path);
    this.realPath = realPath;
  }

  /** Whether a name that is not found may be one that may not be found. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Looks at the directory, and reads its names if they may have changed. Returns false if it is gone, or if a link
   * is on the way to it now. Throws what the file system throws, except permission denied for the names.
   */
  look(now: number): boolean {
    const info = Deno.lstatSync(this.#path);
    if (!info.isDirectory) return false;
    const version = versionOf(info);
    const isKnown = this.#names !== undefined && this.#isFinal &&
      isUnchanged(version, this.#version);
    this.#version = version;
    if (!isKnown) this.#read(version, now);
    this.#isProven = false;
    this.checked = now;
    // After reading, so that nothing was read behind a link.
    return Deno.realPathSync(this.#path) === this.#path && this.isSame();
  }

  /** Whether the directory at the location is still the one that was looked at. */
  isSame(): boolean {
    const { dev, ino, isDirectory } = Deno.lstatSync(this.#path);
    return isDirectory && dev === this.#version?.device &&
      (ino ?? 0) === this.#version.inode;
  }

  #read(version: Version, now: number): void {
    this.#names = undefined;
    this.#isComplete = false;
    this.bytes = FOLDER_BYTES;
    if (version.size > DIRECTORY_BYTES_MAX || now < this.#restsUntil) return;
    const began = performance.now();
    this.#isClosed = false;
    try {
      this.#keep(namesIn(this.location));
    } catch (error) {
      // It may be searched, but not read: mode 711.
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
      this.#isClosed = true;
    }
    this.#isFinal = isTimeFinal(version, now);
    this.#restsUntil = now + REST_FACTOR * (performance.now() - began);
  }

  #keep(names: Map<string, number> | undefined): void {
    if (names === undefined) return;
    this.#names = names;
    this.#isComplete = isExact(this.location, names);
    for (const name of names.keys()) {
      this.bytes += NAME_BYTES + 2 * name.length;
    }
  }

  /**
   * Returns the {@linkcode Kind} of a name and the bits of its siblings, from memory if the names are known. Otherwise
   * asks the file system, without an exception if there is nothing.
   */
  kindOf(name: string, now: number): number {
    const kind = this.#names?.get(name);
    if (kind !== undefined && kind & ~SIBLING_BITS) return kind;
    const isKnown = this.#isComplete && isAscii(name);
    if (isKnown && this.#isProven) return kind ?? Kind.Nothing;
    const siblings = isKnown ? kind ?? 0 : this.#siblingsOf(name);
    if (!existsSync(this.location + name)) {
      this.#isProven = isKnown;
      return siblings;
    }
    if (isKnown) this.#distrust(now);
    return siblings | Kind.Link;
  }

  /** Asks the file system about every name for a while. */
  #distrust(now: number): void {
    this.#names = undefined;
    this.#isComplete = false;
    this.bytes = FOLDER_BYTES;
    this.#restsUntil = now + UNTOLD_MS;
  }

  /** Returns the bits of the siblings of a name whose folder does not know all names. */
  #siblingsOf(name: string): number {
    let bits = 0;
    CODINGS.forEach(({ suffix }, index) => {
      if (existsSync(this.location + name + suffix)) bits |= siblingBit(index);
    });
    return bits;
  }
}

/** Returns a path with a separator at its end. */
export function withSeparator(path: string): string {
  return path.endsWith(SEPARATOR) ? path : path + SEPARATOR;
}

function isUnchanged(version: Version, former: Version | undefined): boolean {
  return former !== undefined && isSameVersion(version, former) &&
    // The permissions may be others.
    version.changed === former.changed;
}

/** Reads the names in a directory; undefined if there are too many. */
function namesIn(location: string): Map<string, number> | undefined {
  const names = new Map<string, number>();
  let count = 0;
  for (
    const { name, isFile, isDirectory, isSymlink } of Deno.readDirSync(location)
  ) {
    if (++count > NAMES_MAX) return undefined;
    const kind = isSymlink
      ? Kind.Link
      : isFile
      ? Kind.File
      : isDirectory
      ? Kind.Directory
      : Kind.Special;
    names.set(name, (names.get(name) ?? 0) | kind);
    for (let index = 0; index < CODINGS.length; index++) {
      const { suffix } = CODINGS[index]!;
      if (!name.endsWith(suffix)) continue;
      const original = name.slice(0, -suffix.length);
      names.set(original, (names.get(original) ?? 0) | siblingBit(index));
    }
  }
  return names;
}

/**
 * Whether the file system finds a name only as it is written. One that ignores case or the form of characters
 * (macOS, Windows, some directories on Linux) finds names that are not in the list.
 */
function isExact(
  location: string,
  names: ReadonlyMap<string, number>,
): boolean {
  let probe: string | undefined;
  for (const name of names.keys()) {
    if (!isAscii(name)) return false;
    if (probe === undefined && /[A-Za-z]/.test(name)) probe = flipCase(name);
  }
  if (names.size === 0) return true;
  if (probe === undefined) return false;
  const isThereAsWell = ((names.get(probe) ?? 0) & ~SIBLING_BITS) !== 0;
  return isThereAsWell || !existsSync(location + probe);
}

function flipCase(name: string): string {
  const lower = name.toLowerCase();
  return name === lower ? name.toUpperCase() : lower;
}

function isAscii(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) > 0x7e) return false;
  }
  return true;
}
