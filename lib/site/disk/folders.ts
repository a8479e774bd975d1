/**
 * The folders of a root, judged once and believed for a while.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { SEPARATOR } from "@std/path/constants";
import { Cache } from "../cache.ts";
import { Folder, Kind, withSeparator } from "./folder.ts";

/** Most folders in memory, and the bytes of their names. */
const FOLDERS_MAX = 4096;
const FOLDERS_BYTES_MAX: number = 16 * 1024 * 1024;

/** Attempts to read a folder that keeps being replaced. */
const LOOK_ATTEMPTS = 2;

/** A place inside the root, with all links followed. */
export interface Place {
  /** The real path, for the file system. */
  readonly location: string;
  /** Its part below the real root, decoded like the path of a request: "/docs/a.txt"; "/" for the root. */
  readonly realPath: string;
}

/** A name in a folder that was judged. */
export interface Spot {
  /** Undefined if the directory does not exist or is outside. */
  readonly folder: Folder | undefined;
  readonly name: string;
  /** Bits of {@linkcode Kind}. */
  readonly kind: number;
}

/** Whether a spot, of a decoded path, is a file with no link on the way to it. */
export function isPlainFile(spot: Spot | undefined, path: string): boolean {
  const { folder, name, kind } = spot ?? NOWHERE;
  if (folder === undefined || folder.realPath + name !== path) return false;
  if (!(kind & Kind.Link)) return (kind & Kind.File) !== 0;
  // Only the file system knows the names of some folders.
  try {
    return Deno.lstatSync(folder.location + name).isFile;
  } catch {
    return false;
  }
}

/** Where there is no directory. */
export const NOWHERE: Spot = {
  folder: undefined,
  name: "",
  kind: Kind.Nothing,
};

/** Finds the folders of a root. */
export class Folders {
  readonly #rootPath: string;
  readonly #revalidate: number;
  /** By real path. */
  readonly #folders = new Cache<Folder>({
    entries: FOLDERS_MAX,
    bytes: FOLDERS_BYTES_MAX,
  });
  /** The root's real path. Its own path may have links, which may be swapped. */
  #realRoot = "";
  #rootChecked = -Infinity;
  /** Folders that were looked at until then are looked at again. */
  #doubted = -Infinity;

  /** Makes the folders below a path, each of them current for `revalidate` milliseconds. */
  constructor(rootPath: string, revalidate: number) {
    this.#rootPath = rootPath;
    this.#revalidate = revalidate;
  }

  /**
   * Looks at every folder again before it is used next, because something changed: a new page must not be shown
   * before the new files it refers to.
   */
  doubt(now: number): void {
    this.#doubted = now;
  }

  /** Reads a folder, and follows the root, again before they are used next. */
  forget(folder: Folder): void {
    folder.checked = -Infinity;
    this.#folders.delete(folder.realPath);
    this.#rootChecked = -Infinity;
  }

  /**
   * Finds a decoded path without "/" at its end. Throws what the file system throws if its directory cannot be judged.
   */
  find(path: string, now: number): Spot {
    const start = path.lastIndexOf("/") + 1;
    const folder = this.at(path.slice(0, start), now);
    if (folder === undefined) return NOWHERE;
    const name = path.slice(start);
    return { folder, name, kind: folder.kindOf(name, now) };
  }

  /** Returns the folder at a decoded path that ends with "/", as {@linkcode find}. */
  at(path: string, now: number): Folder | undefined {
    this.#judgeRoot(now);
    const known = this.#folders.get(path);
    if (known !== undefined && this.isCurrent(known, now)) return known;
    for (let attempt = 1; attempt <= LOOK_ATTEMPTS; attempt++) {
      const { folder, stale } = this.#walk(path, now);
      if (stale === undefined) return folder;
      this.forget(stale);
      this.#judgeRoot(now);
    }
    return undefined;
  }

  /** Walks from the root to a folder. `stale` is a folder on the way that says what is not so any more. */
  #walk(path: string, now: number): { folder?: Folder; stale?: Folder } {
    let folder = this.#plain("/", now);
    for (let start = 1; folder !== undefined && start < path.length;) {
      const end = path.indexOf("/", start);
      const name = path.slice(start, end);
      const parent: Folder = folder;
      const kind = parent.kindOf(name, now);
      if (kind & Kind.Link) {
        // The system follows the rest: it may lead outside and inside again, and has a bound for links.
        const place = this.follow(parent.location + path.slice(start, -1));
        folder = place && this.#plain(asDirectory(place.realPath), now);
        break;
      }
      if (!(kind & Kind.Directory)) return {};
      folder = this.#plain(`${parent.realPath}${name}/`, now);
      if (folder === undefined) return { stale: parent };
      start = end + 1;
    }
    return folder === undefined ? {} : { folder };
  }

  /** Returns the folder of a real place's last name. */
  of({ realPath }: Place, now: number): Folder | undefined {
    return this.#plain(realPath.slice(0, realPath.lastIndexOf("/") + 1), now);
  }

  /** Returns a folder that has no link on the way to it; undefined if there is none. */
  #plain(realPath: string, now: number): Folder | undefined {
    const known = this.#folders.get(realPath);
    if (known !== undefined && this.isCurrent(known, now)) return known;
    const folder = known ?? new Folder(this.#locate(realPath), realPath);
    const former = folder.bytes;
    if (!isThere(folder, now)) {
      this.#folders.delete(realPath);
      return undefined;
    }
    if (known !== folder || known.bytes !== former) {
      this.#folders.set(realPath, folder, folder.bytes);
    }
    return folder;
  }

  /** Whether a folder is used without another look at it. */
  isCurrent({ checked }: Folder, now: number): boolean {
    const age = now - checked;
    // If the clock was set back, the age is negative and means nothing.
    return age >= 0 && age < this.#revalidate && checked > this.#doubted;
  }

  /** Follows the links of the root's own path now and then, and forgets everything if it leads elsewhere. */
  #judgeRoot(now: number): void {
    const age = now - this.#rootChecked;
    if (age >= 0 && age < this.#revalidate) return;
    const real = Deno.realPathSync(withSeparator(this.#rootPath));
    if (real !== this.#realRoot) this.#folders.clear();
    this.#realRoot = real;
    this.#rootChecked = now;
  }

  #locate(realPath: string): string {
    if (realPath === "/") return this.#realRoot;
    const below = realPath.slice(1, -1);
    return withSeparator(this.#realRoot) +
      (SEPARATOR === "/" ? below : below.replaceAll("/", SEPARATOR));
  }

  /**
   * Follows a location; undefined if its real path is not below the root's, or cannot be found out: clients must not
   * learn about what is unreadable outside.
   */
  follow(location: string): Place | undefined {
    // No exception for the usual dead end.
    if (!existsSync(location)) return undefined;
    try {
      return placeBelow(this.#realRoot, Deno.realPathSync(location));
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied) return undefined;
      throw error;
    }
  }
}

/** Looks at a folder; false if there is none, or if it keeps being replaced. */
function isThere(folder: Folder, now: number): boolean {
  try {
    for (let look = 1; look <= LOOK_ATTEMPTS; look++) {
      if (folder.look(now)) return true;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

/** Returns the place of a real path; undefined if it is not below the real root. */
export function placeBelow(root: string, real: string): Place | undefined {
  if (real === root) return { location: real, realPath: "/" };
  const prefix = withSeparator(root);
  // The separator matters: /srv/site-old begins with /srv/site.
  if (!real.startsWith(prefix)) return undefined;
  const below = real.slice(prefix.length - 1);
  const realPath = SEPARATOR === "/" ? below : below.replaceAll("\\", "/");
  return { location: real, realPath };
}

/** Returns a path with a "/" at its end. */
export function asDirectory(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
