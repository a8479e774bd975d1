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

import { existsSync } from "node:fs";
import { dirname, SEPARATOR } from "@std/path";
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

/** What stands behind a path; `realPath` as {@linkcode FileResource.realPath} has it. */
export type OpenResult =
  | {
    readonly kind: "file";
    readonly file: OpenFile;
    readonly realPath: string;
  }
  | { readonly kind: "directory"; readonly realPath: string }
  | UnavailableResource;

/** A file as the resolver gives it. */
export type OpenedFile = Extract<OpenResult, { kind: "file" }>;

/** Where something lies, with all links followed, and inside the root. */
interface Place {
  /** The real path, for the file system. */
  readonly location: string;
  /** The part of it below the real root, decoded as the path of a request is: "/docs/a.txt"; "/" for the root. */
  readonly realPath: string;
}

/** Entries that are looked at before other work gets its turn: a few ms. */
const LIST_STEP = 500;

/** How often a directory is listed again that was moved away while it was read. */
const LIST_ATTEMPTS_MAX = 3;

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
   * Never opens for a path with a hidden segment, never yields what lies outside the root. What a link leads to
   * inside may have any name: "index.html" may lead to "..data/index.html", as in a ConfigMap of Kubernetes.
   * Throws only what is a failure of the machine, such as an I/O error.
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
      // Unless it may do everything, the runtime takes a "/" off before the system sees it.
      if (!info.isFile || path.endsWith("/")) return ABSENT;
      return this.#openFile(location);
    } catch (error) {
      const found = resourceInstead(error);
      // That something outside exists and is secret is not for clients to know.
      return found.kind === "refused" && found.status === 403 &&
          !this.#isInside(location)
        ? ABSENT
        : found;
    }
  }

  /** Whether what may not be read lies in the root: judged by the nearest directory above it that can be followed. */
  #isInside(location: string): boolean {
    for (let path = location; path.length > this.#path.length;) {
      try {
        return this.#place(path) !== undefined;
      } catch {
        // A link that cannot be followed may lead anywhere; a plain name cannot lead away.
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

  /** Where a file that was opened at a location lies; undefined when that is outside, or another file is there now. */
  #placeOf({ version }: OpenFile, location: string): Place | undefined {
    const place = this.#place(location);
    if (place === undefined) return undefined;
    const named = Deno.lstatSync(place.location);
    const isSame = named.isFile && (named.ino ?? 0) === version.inode &&
      named.dev === version.device;
    return isSame ? place : undefined;
  }

  /** Where a location leads; undefined when its real path does not lie under the real path of the root. */
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
   * What a client may see of the directory at a decoded path that ends with "/": files and directories,
   * `max` at most, in no particular order. Links are what they lead to, if that lies inside; what lies outside,
   * hidden entries and special files are left out. Other work goes on meanwhile.
   *
   * Links on the way are followed once, and everything is read below the real path that they led to: a link that is
   * swapped meanwhile shows nothing of what it leads to then. Refuses with 503 when the directory itself was moved
   * away again and again.
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
      // Looking at an entry is quick, but at ten thousand it is not.
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

  /** An entry of a real directory. A look follows its link once, and then none that may come in the place of that. */
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
      // Gone meanwhile, a link to nothing, or not for us: then it is not for the client either.
      return undefined;
    }
  }

  /** Whether a real location is still inside, still no link, and still what a look at it has shown. */
  #isStill({ location, realPath }: Place, info: Deno.FileInfo): boolean {
    const now = Deno.lstatSync(location);
    return now.dev === info.dev && now.ino === info.ino &&
      this.#place(location)?.realPath === realPath;
  }

  /** Whether anything seems to be at a path, links followed. A cheap look that saves dear ones; it opens nothing. */
  exists(path: string): boolean {
    return existsSync(this.locate(path));
  }

  /** Whether anything bears this name, be it a link to nothing or a pipe, which {@linkcode open} never yields. */
  hasName(path: string): boolean {
    try {
      Deno.lstatSync(this.locate(path));
      return true;
    } catch (error) {
      const found = resourceInstead(error);
      return found.kind === "refused";
    }
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

/**
 * On Windows a colon names a drive or a stream of a file, and trailing dots and spaces are dropped:
 * such a segment would mean another file than it says.
 */
function hasNativeMeaning(path: string): boolean {
  if (path.includes("\0")) return true;
  return SEPARATOR === "\\" && /[:\\<>|*?"]|[. ](?:\/|$)/.test(path);
}

/** What a look at a file or directory has shown of it; undefined for anything else. */
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
function resourceInstead(error: unknown): UnavailableResource {
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
