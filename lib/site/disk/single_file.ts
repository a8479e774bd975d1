/**
 * A single file of a directory: as all of a site, or as a source of bytes in
 * place of a directory. No other file beside it is opened.
 *
 * @module
 */

import type { Segment } from "../../http/reply.ts";
import { isSameVersion } from "../content/version.ts";
import {
  ABSENT,
  type AbsentResource,
  type DirectoryEntries,
  type FileResource,
  type Resource,
} from "../site.ts";
import { DirectorySite } from "./directory.ts";
import type { DirectoryOptions } from "./directory_options.ts";
import { FileSegment } from "./file_segment.ts";
import type { OpenFile } from "./open_file.ts";
import { Root } from "./root.ts";

/** A site of one file, which is at "/" and at its own name: overrides all that takes a path. */
export class SingleFileSite extends DirectorySite {
  /** The path of the file in its directory. */
  readonly #path: string;
  readonly #name: string;
  /** The paths that lead to it. */
  readonly #paths: ReadonlySet<string>;
  readonly #edit: (file: FileResource) => FileResource;

  /** `file` is its name in `directory`, and `name` that in the site. `edit` returns what is served for it. */
  constructor(
    directory: string,
    file: string,
    name: string,
    options: DirectoryOptions,
    edit: (file: FileResource) => FileResource = (file) => file,
  ) {
    const own = `/${file}`;
    super(directory, {
      ...options,
      // A public file never gets a protected sibling: so files beside it are no encodings of it.
      isProtected: (path) => path !== own,
    });
    this.#edit = edit;
    this.#name = name;
    this.#path = own;
    this.#paths = new Set(["/", `/${name}`]);
  }

  override lookup(path: string, now: number): Resource {
    if (!this.#paths.has(path)) return ABSENT;
    const found = super.lookup(this.#path, now);
    return found.kind === "file" ? this.#edit(found) : found;
  }

  override hasName(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Lists the file, so that live pages notice its changes. No client gets this: "/" is the file. */
  override list(path: string): Promise<DirectoryEntries | AbsentResource> {
    const found = super.lookup(this.#path, Date.now());
    if (path !== "/" || found.kind !== "file") return Promise.resolve(ABSENT);
    const { identity, modified = NaN } = found;
    const size = identity?.length ?? 0;
    const entry = { name: this.#name, kind: "file", size, modified } as const;
    return Promise.resolve({
      kind: "entries",
      realPath: "/",
      entries: [entry],
      isCut: false,
    });
  }

  override isReadable(path: string, now: number): boolean {
    return this.#paths.has(path) && super.isReadable(this.#path, now);
  }
}

/** The bytes of a file, which stays open. */
export class FileSource {
  readonly length: number;
  readonly #root: Root;
  readonly #path: string;
  readonly #file: OpenFile;

  /** Opens a file by its name in a directory; undefined if there is none that may be read. */
  static open(directory: string, name: string): FileSource | undefined {
    return FileSource.#openAt(new Root(directory), `/${name}`);
  }

  static #openAt(root: Root, path: string): FileSource | undefined {
    const found = root.open(path, Date.now());
    return found.kind === "file"
      ? new FileSource(root, path, found.file)
      : undefined;
  }

  private constructor(root: Root, path: string, file: OpenFile) {
    this.#root = root;
    this.#path = path;
    this.#file = file;
    this.length = file.version.size;
  }

  /** Returns the bytes from `start` to `end` (exclusive). */
  slice(start: number, end: number): Segment {
    return new FileSegment(this.#file, start, end);
  }

  /** Opens the file again if its name leads to another version now; undefined if not, or if it cannot be read. */
  renew(): FileSource | undefined {
    const version = this.#root.version(this.#path);
    return version === undefined || isSameVersion(version, this.#file.version)
      ? undefined
      : FileSource.#openAt(this.#root, this.#path);
  }

  /** Closes the file when no reply needs it any more. */
  close(): void {
    this.#file.release();
  }
}
