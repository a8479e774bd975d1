/**
 * The only code that opens files for clients.
 *
 * Index pages, precompressed siblings, error pages: this module opens and
 * checks all of them. It opens a file first and then checks what it opened: in
 * the other order, the name could refer to another file after the check.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { hasHiddenSegment } from "../hidden.ts";
import { isSameVersion, type Version } from "../content/version.ts";
import { pause } from "../pause.ts";
import { type Folder, Kind, withSeparator } from "./folder.ts";
import {
  asDirectory,
  Folders,
  NOWHERE,
  type Place,
  placeBelow,
  type Spot,
} from "./folders.ts";
import { OpenFile, statusOf, versionOf } from "./open_file.ts";
import {
  ABSENT,
  type DirectoryEntries,
  type DirectoryEntry,
  type UnavailableResource,
} from "../site.ts";

/** What a path names on disk; `realPath` as in {@linkcode FileResource.realPath}. */
export type OpenResult =
  | {
    readonly kind: "file";
    readonly file: OpenFile;
    readonly realPath: string;
    /** What was read of it as it was opened, if the file was still the same version after that. */
    readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
  }
  | { readonly kind: "directory"; readonly realPath: string }
  | UnavailableResource;

export type OpenedFile = Extract<OpenResult, { kind: "file" }>;

/**
 * Reads a regular file that is open but not checked yet; undefined if it is not to be read. Reading first saves a look:
 * the one that shows where the file is shows as well that it did not change.
 */
export type ReadContent = (
  file: OpenFile,
) => Uint8Array<ArrayBuffer> | undefined;

/** Entries to examine before letting other work run: they take a few milliseconds. */
const LIST_STEP = 500;

/** Attempts to open a name in a folder that changes. */
const OPEN_ATTEMPTS = 2;

/** What may be a file or a directory. */
const OPENABLE = Kind.File | Kind.Directory | Kind.Link;

/** Attempts to list a directory that keeps being replaced. */
const LIST_ATTEMPTS_MAX = 3;

/** A directory on disk; nothing outside of it is visible. */
export class Root {
  /** As the operator named it. Links in it are followed each time, so swapping a link takes effect. */
  readonly #path: string;
  readonly #folders: Folders;

  /** Makes a root whose folders are current for `revalidate` milliseconds without another look. */
  constructor(path: string, revalidate: number = 0) {
    this.#path = path.endsWith(SEPARATOR) ? path.slice(0, -1) : path;
    this.#folders = new Folders(this.#path, revalidate);
  }

  /** Returns where a decoded path would be on disk, without any check. */
  locate(path: string): string {
    return this.#path + (SEPARATOR === "/" ? path : path.replaceAll("/", "\\"));
  }

  /**
   * Opens what a decoded path names. The caller must close a returned file. Never opens a path with a hidden segment or
   * anything outside the root. A link inside the root may lead to any name: "index.html" to "..data/index.html", as
   * in a Kubernetes ConfigMap. `read` may read a file before it is checked. `spot` is what {@linkcode find} has just
   * returned, if it was called. Throws only failures of the machine, such as I/O errors.
   */
  open(
    path: string,
    now: number,
    read?: ReadContent,
    spot?: Spot,
  ): OpenResult {
    if (hasHiddenSegment(path) || hasNativeMeaning(path)) return ABSENT;
    try {
      return path.endsWith("/")
        ? directoryAt(this.#folders.at(path, now)?.realPath)
        : this.#openNamed(path, now, read, spot);
    } catch (error) {
      return resourceInstead(error);
    }
  }

  /** Opens a name. Looks at its folder again if it is not what the folder said. */
  #openNamed(
    path: string,
    now: number,
    read: ReadContent | undefined,
    found: Spot | undefined,
  ): OpenResult {
    for (let attempt = 1;; attempt++) {
      const spot = attempt === 1 && found || this.#folders.find(path, now);
      const { folder, name, kind } = spot;
      if (folder === undefined) return ABSENT;
      // Where names may not be read, this throws if they may not be found either.
      if (folder.isClosed) Deno.lstatSync(folder.location + name);
      if (!(kind & OPENABLE)) return ABSENT;
      const opened = this.#openSpot(folder, spot, now, read);
      if (opened !== undefined) return opened;
      if (attempt === OPEN_ATTEMPTS) return ABSENT;
      this.#folders.forget(folder);
    }
  }

  /** Opens what is at a spot; undefined if it is not what its folder said. */
  #openSpot(
    folder: Folder,
    { name, kind }: Spot,
    now: number,
    read: ReadContent | undefined,
  ): OpenResult | undefined {
    const location = folder.location + name;
    if (kind & Kind.Directory) return directoryAt(folder.realPath + name);
    if (kind & Kind.File) {
      const realPath = folder.realPath + name;
      return openIn(folder, { location, realPath }, read);
    }
    const place = this.#folders.follow(location);
    if (place === undefined) return ABSENT;
    const { isFile, isDirectory } = Deno.lstatSync(place.location);
    if (isDirectory) return directoryAt(place.realPath);
    const real = isFile ? this.#folders.of(place, now) : undefined;
    return real === undefined ? ABSENT : openIn(real, place, read);
  }

  /** Follows a location; undefined if its real path is not below the real root. */
  #place(location: string): Place | undefined {
    const root = Deno.realPathSync(withSeparator(this.#path));
    return placeBelow(root, Deno.realPathSync(location));
  }

  /**
   * Lists the visible files and directories at a decoded path that ends with "/": at most `max`, in no particular
   * order. Follows links inside the root. Omits hidden entries, special files and links that leave the root. Lets
   * other work run in between.
   *
   * Follows the links on the way once, and reads everything below the resulting real path, so swapping a link during
   * the listing reveals nothing. Refuses with 503 if the directory keeps being replaced.
   */
  async list(
    path: string,
    max: number,
  ): Promise<DirectoryEntries | UnavailableResource> {
    if (hasHiddenSegment(path) || hasNativeMeaning(path)) return ABSENT;
    try {
      for (let attempt = 1; attempt <= LIST_ATTEMPTS_MAX; attempt++) {
        const place = this.#place(this.locate(path));
        if (place === undefined) return ABSENT;
        const before = Deno.lstatSync(place.location);
        if (!before.isDirectory) return ABSENT;
        const found = await this.#readDirectory(place, max);
        if (this.#isStill(place, before)) return found;
      }
      return { kind: "refused", status: 503 };
    } catch (error) {
      return resourceInstead(error);
    }
  }

  async #readDirectory(place: Place, max: number): Promise<DirectoryEntries> {
    const realPath = asDirectory(place.realPath);
    const entries: DirectoryEntry[] = [];
    let looked = 0;
    let unnamed: string | undefined;
    for await (const { name } of Deno.readDir(place.location)) {
      // Ten thousand entries at once would delay other requests.
      if (++looked % LIST_STEP === 0) await pause();
      if (hasHiddenSegment(`/${name}`) || hasNativeMeaning(name)) continue;
      // No request can name it: see target.ts.
      if (name.includes("\\")) {
        unnamed ??= name;
        continue;
      }
      const entry = this.#look(place.location, name);
      if (entry === undefined) {
        // What is not UTF-8 has another name by now.
        if (name.includes("\ufffd")) unnamed ??= name;
        continue;
      }
      if (entries.length === max) {
        return { kind: "entries", realPath, entries, isCut: true };
      }
      entries.push(entry);
    }
    return { kind: "entries", realPath, entries, isCut: false, unnamed };
  }

  /** Returns an entry of a real directory. Follows its link once, and no link that then replaces the target. */
  #look(directory: string, name: string): DirectoryEntry | undefined {
    try {
      const location = withSeparator(directory) + name;
      const named = Deno.lstatSync(location);
      if (!named.isSymlink) return entryOf(name, named);
      const place = this.#place(location);
      if (place === undefined) return undefined;
      const info = Deno.lstatSync(place.location);
      const entry = entryOf(name, info);
      if (entry === undefined || !this.#isStill(place, info)) return undefined;
      const { realPath } = place;
      return {
        ...entry,
        realPath: info.isDirectory ? asDirectory(realPath) : realPath,
      };
    } catch {
      // Deleted, unreadable, or a link to nothing: a request would not find it either.
      return undefined;
    }
  }

  /** Whether a real location is still inside the root, not a link, and the same file. */
  #isStill({ location, realPath }: Place, info: Deno.FileInfo): boolean {
    const now = Deno.lstatSync(location);
    return now.dev === info.dev && now.ino === info.ino &&
      this.#place(location)?.realPath === realPath;
  }

  /**
   * Finds the place of a decoded path without "/" at its end. Reads nothing while its folder is current. Returns
   * undefined if only {@linkcode open} can tell.
   */
  find(path: string, now: number): Spot | undefined {
    if (hasNativeMeaning(path)) return NOWHERE;
    try {
      const spot = this.#folders.find(path, now);
      const isUntold = spot.folder?.isClosed && spot.kind === Kind.Nothing;
      return isUntold ? undefined : spot;
    } catch {
      return undefined;
    }
  }

  /**
   * Returns what a decoded path without "/" at its end names and which siblings it has, as bits of {@linkcode Kind}:
   * as `spot` has it, what {@linkcode find} has returned before, while its folder is current.
   */
  kindOf(path: string, now: number, spot?: Spot): number | undefined {
    const isCurrent = spot?.folder !== undefined &&
      this.#folders.isCurrent(spot.folder, now);
    return isCurrent ? spot.kind : this.find(path, now)?.kind;
  }

  /** Whether anything seems to be at a decoded path without "/" at its end; a cheap check that opens nothing. */
  exists(path: string, now: number): boolean {
    return ((this.kindOf(path, now) ?? Kind.Nothing) & OPENABLE) !== 0;
  }

  /** See {@linkcode Folders.doubt}. */
  doubt(now: number): void {
    this.#folders.doubt(now);
  }

  /** Whether anything has this name, even a link to nothing or a pipe, which {@linkcode open} never returns. */
  hasName(path: string): boolean {
    try {
      Deno.lstatSync(this.locate(path));
      return true;
    } catch (error) {
      return resourceInstead(error).kind === "refused";
    }
  }

  /** Returns the current version at a path, links followed; undefined if there is no file. */
  version(path: string): Version | undefined {
    try {
      const info = Deno.statSync(this.locate(path));
      return info.isFile ? versionOf(info) : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Whether a path cannot name a file, or would name another one: no system allows NUL; on Windows, a colon names a drive
 * or a stream, and the system drops trailing dots and spaces.
 */
function hasNativeMeaning(path: string): boolean {
  if (path.includes("\0")) return true;
  return SEPARATOR === "\\" && /[:\\<>|*?"]|[. ](?:\/|$)/.test(path);
}

/** Makes an entry of a file or directory; undefined for anything else. */
function entryOf(
  name: string,
  info: Deno.FileInfo,
): DirectoryEntry | undefined {
  const { size, modified } = versionOf(info);
  if (info.isFile) return { name, kind: "file", size, modified };
  if (!info.isDirectory) return undefined;
  return { name, kind: "directory", size: 0, modified };
}

function directoryAt(realPath: string | undefined): OpenResult {
  return realPath === undefined
    ? ABSENT
    : { kind: "directory", realPath: asDirectory(realPath) };
}

/**
 * Opens a file in a judged folder without following a link; undefined if it is not what it was, or if the folder is not
 * at its place any more.
 *
 * Checks what was opened: first that the folder is still there, then that the name in it is the opened file. A file
 * outside passes only if a directory on the way is swapped for a link to outside, back, and to outside again, between
 * three calls.
 */
function openIn(
  folder: Folder,
  { location, realPath }: Place,
  read: ReadContent | undefined,
): OpenedFile | undefined {
  let file: OpenFile | undefined;
  let isChecked = false;
  try {
    file = new OpenFile(location);
    if (!file.isRegular) return undefined;
    const content = read?.(file);
    if (!folder.isSame()) return undefined;
    const named = Deno.lstatSync(location);
    isChecked = isThat(file, named);
    if (!isChecked) return undefined;
    const isWhole = content !== undefined &&
      isSameVersion(versionOf(named), file.version);
    return {
      kind: "file",
      file,
      realPath,
      bytes: isWhole ? content : undefined,
    };
  } catch (error) {
    const found = resourceInstead(error);
    if (found.kind === "absent") return undefined;
    if (!folder.isSame()) return undefined;
    throw error;
  } finally {
    if (!isChecked) file?.release();
  }
}

/** Whether a name, not followed, is the file that was opened. */
function isThat({ version }: OpenFile, named: Deno.FileInfo): boolean {
  return named.isFile && (named.ino ?? 0) === version.inode &&
    named.dev === version.device;
}

/** Converts an error of the file system into a resource, without its message, which contains paths. */
function resourceInstead(error: unknown): UnavailableResource {
  const status = statusOf(error);
  if (status === undefined) throw error;
  return status === 404 ? ABSENT : { kind: "refused", status };
}
