/**
 * The files of an archive by path, and the directories that their paths imply.
 *
 * @module
 */

import {
  ABSENT,
  type AbsentResource,
  type DirectoryEntries,
  type DirectoryEntry,
  type DirectoryResource,
  LISTING_ENTRIES_MAX,
} from "./site.ts";

/** A file of an archive. */
export interface PackedFile {
  /** Decoded path; begins with "/". */
  readonly path: string;
  /** Last modification in milliseconds since the epoch. */
  readonly modified: number;
}

/** Files sorted by path, so that those of a directory are adjacent. */
export class PackedTree<File extends PackedFile> {
  readonly files: readonly File[];
  readonly #byPath: ReadonlyMap<string, File>;
  readonly #sizeOf: (file: File) => number;

  /** Makes a tree of files with different paths, sorted by their code units. */
  constructor(files: readonly File[], sizeOf: (file: File) => number) {
    this.files = files;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
    this.#sizeOf = sizeOf;
  }

  get(path: string): File | undefined {
    return this.#byPath.get(path);
  }

  /** Returns the directory at a path, with or without its final "/". */
  directory(path: string): DirectoryResource | AbsentResource {
    const name = path.endsWith("/") ? path : `${path}/`;
    const first = this.files[this.#firstFrom(name)];
    return name === "/" || first?.path.startsWith(name)
      ? { kind: "directory", path: name, realPath: name }
      : ABSENT;
  }

  /** See {@linkcode Site.list}. */
  list(
    directory: string,
    entriesMax: number = LISTING_ENTRIES_MAX,
  ): DirectoryEntries | AbsentResource {
    const entries: DirectoryEntry[] = [];
    for (let at = this.#firstFrom(directory);; at++) {
      const file = this.files[at];
      if (file === undefined || !file.path.startsWith(directory)) break;
      const entry = this.#entryOf(file, directory);
      const last = entries.at(-1);
      if (entry.name === last?.name) {
        // A directory has no time of its own: show that of its latest file.
        if (entry.modified > last.modified) entries[entries.length - 1] = entry;
      } else if (entries.length === entriesMax) {
        return { kind: "entries", realPath: directory, entries, isCut: true };
      } else {
        entries.push(entry);
      }
    }
    return entries.length === 0 && directory !== "/"
      ? ABSENT
      : { kind: "entries", realPath: directory, entries, isCut: false };
  }

  /** Returns what a directory shows of a file below it: the file, or the subdirectory that leads to it. */
  #entryOf(file: File, directory: string): DirectoryEntry {
    const { path, modified } = file;
    const end = path.indexOf("/", directory.length);
    const isFile = end === -1;
    return {
      name: path.slice(directory.length, isFile ? undefined : end),
      kind: isFile ? "file" : "directory",
      size: isFile ? this.#sizeOf(file) : 0,
      modified,
    };
  }

  /** Returns the index of the first file whose path is not before the text. */
  #firstFrom(text: string): number {
    let start = 0;
    let end = this.files.length;
    while (start < end) {
      const middle = (start + end) >>> 1;
      if (this.files[middle]!.path < text) start = middle + 1;
      else end = middle;
    }
    return start;
  }
}
