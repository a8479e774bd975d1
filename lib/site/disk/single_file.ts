/**
 * A single file of a directory: as all of a site, or as a source of bytes in
 * place of a directory. No other file beside it is opened.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import type { Segment } from "../../http/reply.ts";
import { isSameVersion } from "../content/version.ts";
import {
  ABSENT,
  type AbsentResource,
  type DirectoryEntries,
  type FileResource,
  type Resource,
  type Site,
  type SiteStatistics,
} from "../site.ts";
import { DirectorySite } from "./directory.ts";
import type { DirectoryOptions } from "./directory_options.ts";
import { FileSegment } from "./file_segment.ts";
import type { OpenFile } from "./open_file.ts";
import { Root } from "./root.ts";

/** A site of one file, which is at "/" and at its own name. */
export class SingleFileSite implements Site {
  readonly #site: DirectorySite;
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
    this.#edit = edit;
    this.#name = name;
    this.#path = `/${file}`;
    this.#paths = new Set(["/", `/${name}`]);
    this.#site = new DirectorySite(directory, {
      ...options,
      // A public file never gets a protected sibling: so files beside it are no encodings of it.
      isProtected: (path) => path !== this.#path,
    });
  }

  get misses(): number {
    return this.#site.misses;
  }

  lookup(path: string, now: number): Resource {
    if (!this.#paths.has(path)) return ABSENT;
    const found = this.#site.lookup(this.#path, now);
    return found.kind === "file" ? this.#edit(found) : found;
  }

  hasName(path: string): boolean {
    return this.#paths.has(path);
  }

  encode(file: FileResource, coding: Coding): void {
    this.#site.encode(file, coding);
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#site.decode(file);
  }

  /** Lists the file, so that live pages notice its changes. No client gets this: "/" is the file. */
  list(path: string): Promise<DirectoryEntries | AbsentResource> {
    const found = this.#site.lookup(this.#path, Date.now());
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

  isReadable(path: string, now: number): boolean {
    return this.#paths.has(path) && this.#site.isReadable(this.#path, now);
  }

  statistics(): SiteStatistics {
    return this.#site.statistics();
  }

  /** Resolves once no variant is in progress. */
  idle(): Promise<void> {
    return this.#site.idle();
  }

  closeSpareFiles(): void {
    this.#site.closeSpareFiles();
  }

  close(): void {
    this.#site.close();
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
    const root = new Root(directory);
    const found = root.open(`/${name}`, Date.now());
    return found.kind === "file"
      ? new FileSource(root, `/${name}`, found.file)
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
    if (version === undefined || isSameVersion(version, this.#file.version)) {
      return undefined;
    }
    const found = this.#root.open(this.#path, Date.now());
    return found.kind === "file"
      ? new FileSource(this.#root, this.#path, found.file)
      : undefined;
  }

  /** Closes the file when no reply needs it any more. */
  close(): void {
    this.#file.release();
  }
}
