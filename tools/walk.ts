/**
 * Folder → the files to pack: those that a server of the folder would give to its clients.
 * Nothing is left out in silence but hidden names, which are counted.
 *
 * @module
 */

import { join, SEPARATOR } from "@std/path";
import { printable } from "../lib/http/printable.ts";
import { hasHiddenSegment } from "../lib/site/hidden.ts";

/** Why a site cannot be packed. Its message is for the person who tried. */
export class PackError extends Error {
  /** Its name. */
  override name = "PackError";
}

/** A file to pack. */
export interface FoundFile {
  /** Its path in the site, decoded: begins with "/". */
  readonly path: string;
  /** The real path on disk, by which links to one file are known. */
  readonly location: string;
  /** Bytes. */
  readonly size: number;
  /** Last modification, in whole ms since the epoch. */
  readonly modified: number;
}

/** Something that is not packed. */
export interface LeftOut {
  /** Its path in the site. */
  readonly path: string;
  /** Why, as the rest of a sentence. */
  readonly reason: string;
}

/** What there is in a folder. */
export interface WalkResult {
  /** The files, in the order of names. */
  readonly files: readonly FoundFile[];
  /** What no client could get. */
  readonly leftOut: readonly LeftOut[];
  /** How many names were left out because they are hidden, directories counting as one. */
  readonly hidden: number;
}

/** Bounds of what can be packed. */
export interface WalkLimits {
  /** Most bytes of all files together, each counted once however many links lead to it. */
  readonly bytes: number;
  /** Most files. */
  readonly files: number;
  /**
   * Most directories that are come to again, through links. Each of them is read once more, and
   * links to directories that hold links to directories multiply.
   */
  readonly revisits: number;
}

/**
 * Bounds that a server can hold in memory; a site with some linked directories comes to hundreds or
 * thousands of them again, and so many as this take a second.
 */
export const WALK_LIMITS: WalkLimits = {
  bytes: 1024 * 1024 * 1024,
  files: 1_000_000,
  revisits: 50_000,
};

/**
 * Finds the files of a folder. `output` is a file that is not packed, wherever it is. Throws a {@linkcode PackError}.
 */
export function walk(
  folder: string,
  output?: string,
  limits: WalkLimits = WALK_LIMITS,
): WalkResult {
  const root = rootOf(folder);
  const walker = new Walker(root, output, limits);
  walker.directory("/", root, []);
  return walker;
}

function rootOf(folder: string): string {
  try {
    if (Deno.statSync(folder).isDirectory) return Deno.realPathSync(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new PackError(
        `Cannot pack "${printable(folder)}": it does not exist`,
      );
    }
    throw unreadable(folder, error);
  }
  throw new PackError(
    `Cannot pack "${printable(folder)}": it is not a directory`,
  );
}

/** The failure to read something. */
export function unreadable(path: string, error: unknown): PackError {
  const reason = error instanceof Deno.errors.PermissionDenied
    ? "the user running this may not"
    : error instanceof Error
    ? error.message
    : String(error);
  return new PackError(`Cannot read "${printable(path)}": ${reason}`);
}

class Walker implements WalkResult {
  readonly files: FoundFile[] = [];
  readonly leftOut: LeftOut[] = [];
  hidden = 0;
  readonly #root: string;
  readonly #output: string | undefined;
  readonly #limits: WalkLimits;
  /** Real paths of files whose bytes are counted. */
  readonly #counted = new Set<string>();
  #bytes = 0;
  /** Real paths of directories that were walked. */
  readonly #visited = new Set<string>();
  #revisits = 0;

  constructor(root: string, output: string | undefined, limits: WalkLimits) {
    this.#root = root;
    this.#output = output;
    this.#limits = limits;
  }

  /** Walks the directory at a real path; `above` are the real paths of those on the way to it. */
  directory(path: string, location: string, above: readonly string[]): void {
    this.#countVisit(path, location);
    const way = [...above, location];
    const names = new Map<string, string>();
    for (const entry of entriesOf(path, location)) {
      if (hasHiddenSegment(`/${entry.name}`)) {
        this.hidden++;
        continue;
      }
      const entryPath = path + entry.name;
      if (isGarbled(entry.name, location, names)) {
        this.leftOut.push({
          path: entryPath,
          reason: "its name is not UTF-8",
        });
        continue;
      }
      const normal = entry.name.normalize("NFC");
      const other = names.get(normal);
      if (other !== undefined) {
        // On some systems they would be one file, and a link could mean either.
        throw new PackError(
          `Cannot pack "${printable(entryPath)}" beside "${
            printable(other)
          }": their names differ only in how Unicode writes them`,
        );
      }
      names.set(normal, entryPath);
      const reason = this.#entry(
        entryPath,
        entry,
        join(location, entry.name),
        way,
      );
      if (reason !== undefined) this.leftOut.push({ path: entryPath, reason });
    }
  }

  #countVisit(path: string, location: string): void {
    if (this.#visited.has(location)) this.#revisits++;
    this.#visited.add(location);
    if (this.#revisits > this.#limits.revisits) {
      throw new PackError(
        `Cannot pack "${
          printable(path)
        }": more than ${this.#limits.revisits} directories are there again through links, and links to directories that hold links multiply`,
      );
    }
  }

  /** Takes in what has a name in a directory; returns why not. */
  #entry(
    path: string,
    { isSymlink }: Deno.DirEntry,
    name: string,
    way: readonly string[],
  ): string | undefined {
    if (path.includes("\\") || !path.isWellFormed()) {
      return "no request can have its name";
    }
    let location = name;
    let info: Deno.FileInfo;
    try {
      if (isSymlink) location = Deno.realPathSync(name);
      info = Deno.statSync(location);
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied) {
        throw unreadable(path, error);
      }
      if (isSymlink) return "it is a link to nothing";
      throw unreadable(path, error);
    }
    if (isSymlink) {
      const reason = this.#judgeLink(location, way);
      if (reason !== undefined) return reason;
    }
    if (location === this.#output) return "it is what is being written";
    if (info.isDirectory) this.directory(`${path}/`, location, way);
    else if (info.isFile) this.#file(path, location, info);
    else return "it is neither a file nor a directory";
    return undefined;
  }

  /** Why a link to a real path is not followed. */
  #judgeLink(location: string, way: readonly string[]): string | undefined {
    if (way.includes(location)) {
      return "it is a link back to a directory that it is in";
    }
    const prefix = this.#root.endsWith(SEPARATOR)
      ? this.#root
      : this.#root + SEPARATOR;
    return location.startsWith(prefix)
      ? undefined
      : "it is a link that leads out";
  }

  #file(path: string, location: string, info: Deno.FileInfo): void {
    const { size, mtime } = info;
    const modified = Math.floor(mtime?.getTime() ?? 0);
    this.files.push({ path, location, size, modified });
    if (this.files.length > this.#limits.files) {
      throw new PackError(
        `Cannot pack more than ${this.#limits.files} files`,
      );
    }
    if (this.#counted.has(location)) return;
    this.#counted.add(location);
    this.#bytes += size;
    if (this.#bytes > this.#limits.bytes) {
      throw new PackError(
        `Cannot pack more than ${this.#limits.bytes} bytes: with "${
          printable(path)
        }" there are ${this.#bytes}`,
      );
    }
  }
}

/**
 * Whether a name is not UTF-8 on disk. What it is read as has U+FFFD in it, and either nothing has
 * that name, or something else that was there before: `names` has those by their normal forms.
 */
function isGarbled(
  name: string,
  location: string,
  names: ReadonlyMap<string, string>,
): boolean {
  if (!name.includes("\ufffd")) return false;
  if (names.get(name.normalize("NFC"))?.endsWith(`/${name}`)) return true;
  try {
    Deno.lstatSync(join(location, name));
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/** The entries of a directory in the order of their names, which is the same on every machine. */
function entriesOf(path: string, location: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(location)].sort((a, b) =>
      a.name < b.name ? -1 : 1
    );
  } catch (error) {
    throw unreadable(path, error);
  }
}
