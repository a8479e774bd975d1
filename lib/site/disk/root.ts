/**
 * The only code that opens files for clients.
 *
 * Index pages, precompressed siblings, error pages: this module opens and
 * checks all of them. It opens a file first and then checks what it opened: in
 * the other order, the name could refer to another file after the check.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname } from "@std/path/dirname";
import { SEPARATOR } from "@std/path/constants";
import { hasHiddenSegment } from "../hidden.ts";
import type { Version } from "../content/version.ts";
import { pause } from "../pause.ts";
import { OpenFile, versionOf } from "./open_file.ts";
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
  }
  | { readonly kind: "directory"; readonly realPath: string }
  | UnavailableResource;

export type OpenedFile = Extract<OpenResult, { kind: "file" }>;

/** A place inside the root, with all links followed. */
interface Place {
  /** The real path, for the file system. */
  readonly location: string;
  /** Its part below the real root, decoded like the path of a request: "/docs/a.txt"; "/" for the root. */
  readonly realPath: string;
}

/** Entries to examine before letting other work run: they take a few milliseconds. */
const LIST_STEP = 500;

/** Attempts to list a directory that keeps being replaced. */
const LIST_ATTEMPTS_MAX = 3;

/** A directory on disk; nothing outside of it is visible. */
export class Root {
  /** As the operator named it. Links in it are followed each time, so swapping a link takes effect. */
  readonly #path: string;

  constructor(path: string) {
    this.#path = path.endsWith(SEPARATOR) ? path.slice(0, -1) : path;
  }

  /** Returns where a decoded path would be on disk, without any check. */
  locate(path: string): string {
    return this.#path + (SEPARATOR === "/" ? path : path.replaceAll("/", "\\"));
  }

  /**
   * Opens what a decoded path names. The caller must close a returned file. Never opens a path with a hidden segment or
   * anything outside the root. A link inside the root may lead to any name: "index.html" to "..data/index.html", as
   * in a Kubernetes ConfigMap. Throws only failures of the machine, such as I/O errors.
   */
  open(path: string): OpenResult {
    if (hasHiddenSegment(path) || hasNativeMeaning(path)) return ABSENT;
    const location = this.locate(path);
    try {
      const info = Deno.statSync(location);
      if (info.isDirectory) {
        const place = this.#place(location);
        return place === undefined
          ? ABSENT
          : { kind: "directory", realPath: asDirectory(place.realPath) };
      }
      // Without full permission, the runtime removes the "/" before the system sees it.
      if (!info.isFile || path.endsWith("/")) return ABSENT;
      return this.#openFile(location);
    } catch (error) {
      const found = resourceInstead(error);
      // Clients must not learn about unreadable files outside.
      return found.kind === "refused" && found.status === 403 &&
          !this.#isInside(location)
        ? ABSENT
        : found;
    }
  }

  /** Whether an unreadable location is in the root, judged by its nearest parent that can be resolved. */
  #isInside(location: string): boolean {
    for (let path = location; path.length > this.#path.length;) {
      try {
        return this.#place(path) !== undefined;
      } catch {
        // A link that cannot be resolved may lead anywhere; a plain name cannot.
        if (isLink(path)) return false;
        path = dirname(path);
      }
    }
    return true;
  }

  #openFile(location: string): OpenResult {
    const file = new OpenFile(location);
    let place: Place | undefined;
    try {
      if (file.isRegular) place = this.#placeOf(file, location);
    } finally {
      if (place === undefined) file.release();
    }
    return place === undefined
      ? ABSENT
      : { kind: "file", file, realPath: place.realPath };
  }

  /** Returns the place of an opened file; undefined if it is outside, or if another file has replaced it. */
  #placeOf({ version }: OpenFile, location: string): Place | undefined {
    const place = this.#place(location);
    if (place === undefined) return undefined;
    const named = Deno.lstatSync(place.location);
    const isSame = named.isFile && (named.ino ?? 0) === version.inode &&
      named.dev === version.device;
    return isSame ? place : undefined;
  }

  /** Follows a location; undefined if its real path is not below the real root. */
  #place(location: string): Place | undefined {
    const root = Deno.realPathSync(this.#path + SEPARATOR);
    const real = Deno.realPathSync(location);
    if (real === root) return { location: real, realPath: "/" };
    const prefix = root.endsWith(SEPARATOR) ? root : root + SEPARATOR;
    // The separator matters: /srv/site-old begins with /srv/site.
    if (!real.startsWith(prefix)) return undefined;
    const below = real.slice(prefix.length - 1);
    const realPath = SEPARATOR === "/" ? below : below.replaceAll("\\", "/");
    return { location: real, realPath };
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
    for await (const { name } of Deno.readDir(place.location)) {
      // Ten thousand entries at once would delay other requests.
      if (++looked % LIST_STEP === 0) await pause();
      if (hasHiddenSegment(`/${name}`) || hasNativeMeaning(name)) continue;
      // No request can name it: see target.ts.
      if (name.includes("\\")) continue;
      const entry = this.#look(place.location, name);
      if (entry === undefined) continue;
      if (entries.length === max) {
        return { kind: "entries", realPath, entries, isCut: true };
      }
      entries.push(entry);
    }
    return { kind: "entries", realPath, entries, isCut: false };
  }

  /** Returns an entry of a real directory. Follows its link once, and no link that then replaces the target. */
  #look(directory: string, name: string): DirectoryEntry | undefined {
    try {
      const location = directory.endsWith(SEPARATOR)
        ? directory + name
        : directory + SEPARATOR + name;
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
   * Whether anything seems to be at a path, links followed. This cheap check avoids expensive look-ups; it opens
   * nothing.
   */
  exists(path: string): boolean {
    return existsSync(this.locate(path));
  }

  /** Whether anything has this name, even a link to nothing or a pipe, which {@linkcode open} never returns. */
  hasName(path: string): boolean {
    try {
      Deno.lstatSync(this.locate(path));
      return true;
    } catch (error) {
      const found = resourceInstead(error);
      return found.kind === "refused";
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

function asDirectory(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

function isLink(location: string): boolean {
  try {
    return Deno.lstatSync(location).isSymlink;
  } catch {
    return false;
  }
}

/** Codes of errors that clients see as 404. */
const ABSENT_CODES: ReadonlySet<string | undefined> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EINVAL",
  "ENXIO",
]);

/** Converts an error of the file system into a resource, without its message, which contains paths. */
function resourceInstead(error: unknown): UnavailableResource {
  if (error instanceof Deno.errors.PermissionDenied) {
    return { kind: "refused", status: 403 };
  }
  // Deno's sandbox: a link leads outside of --allow-read.
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
