/**
 * What sites over the files of an archive have in common, whatever its format:
 * the directory is in memory, and contents are sent as they are packed.
 *
 * @module
 */

import { type Coding, CODINGS } from "../http/coding.ts";
import { canHaveSiblings, chooseStandIn } from "./content/file.ts";
import {
  encodingLines,
  isCompressible,
  mediaType,
} from "./content/media_type.ts";
import { usableTime } from "./content/version.ts";
import type { PackedFile, PackedTree } from "./packed_tree.ts";
import {
  ABSENT,
  type AbsentResource,
  type ContentDecoder,
  type DirectoryEntries,
  type FileResource,
  type Resource,
  type Site,
  type Variant,
} from "./site.ts";

/** A site over the files of an archive. */
export abstract class PackedSite<File extends PackedFile> implements Site {
  /** Reads from the disk. A site over an archive knows of none. */
  readonly misses = 0;
  protected lookups = 0;
  protected readonly isProtected: (path: string) => boolean;
  protected abstract readonly tree: PackedTree<File>;
  readonly #decoder: ContentDecoder | undefined;

  /** Closes the decoder; without one it decodes nothing. */
  constructor(
    isProtected: (path: string) => boolean = () => false,
    decoder?: ContentDecoder,
  ) {
    this.isProtected = isProtected;
    this.#decoder = decoder;
  }

  abstract lookup(path: string, now: number): Resource;

  /** Returns a file as a resource; undefined if it is damaged. */
  protected abstract resourceOf(
    file: File,
    now: number,
  ): FileResource | undefined;

  /** Returns a precompressed file as a variant of the file that it lies beside; undefined if it cannot be one. */
  protected abstract siblingOf(file: File, coding: Coding): Variant | undefined;

  /** Finds what is at a path: a file, a directory, or a file that exists only precompressed. */
  protected find(path: string, now: number): Resource {
    const file = this.tree.get(path);
    if (file !== undefined) return this.resourceOf(file, now) ?? ABSENT;
    const directory = this.tree.directory(path);
    if (directory.kind === "directory") return directory;
    return this.#encodedOnly(path, now) ?? ABSENT;
  }

  #encodedOnly(path: string, now: number): FileResource | undefined {
    const siblings = this.siblingsOf(path);
    const source = chooseStandIn(siblings);
    if (source === undefined) return undefined;
    const mayHaveAll = source.isProtected || this.isProtected(path);
    const encoded = siblings
      .filter(({ isProtected }) => mayHaveAll || !isProtected)
      .map(({ variant }) => variant);
    return packedResource(path, source.file, {
      identity: undefined,
      encoded,
      contentType: mediaType(path),
    }, now);
  }

  /** Finds the precompressed files beside a path. */
  protected siblingsOf(path: string) {
    if (!canHaveSiblings(path)) return [];
    return CODINGS.flatMap((coding) => {
      const file = this.tree.get(path + coding.suffix);
      const variant = file && this.siblingOf(file, coding);
      if (variant === undefined) return [];
      const { modified } = file!;
      const isProtected = this.isProtected(file!.path);
      return [{ file: file!, variant, modified, isProtected }];
    });
  }

  /** See {@linkcode RuleFileSource.hasName}. What lookup does not find has no name in an archive. */
  hasName(path: string): boolean {
    return this.tree.get(path) !== undefined;
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#decoder?.decode(file) ?? 503;
  }

  /** Does nothing: contents are sent as they are packed. */
  encode(): void {}

  list(
    path: string,
    entriesMax?: number,
  ): Promise<DirectoryEntries | AbsentResource> {
    return Promise.resolve(this.tree.list(path, entriesMax));
  }

  isReadable(path: string): boolean {
    return this.tree.get(path) !== undefined;
  }

  /** Does nothing: no file is open only for speed. */
  closeSpareFiles(): void {}

  /** Abandons decoding. */
  close(): void {
    this.#decoder?.close();
  }
}

/** What a file of an archive is sent as. */
interface PackedContents {
  readonly identity: Variant | undefined;
  readonly encoded: readonly Variant[];
  readonly contentType: string;
}

/** Describes a file of an archive as a resource at a path; `file` determines its time and real path. */
export function packedResource(
  path: string,
  file: PackedFile,
  { identity, encoded, contentType }: PackedContents,
  now: number,
): FileResource {
  const fields = encodingLines(path);
  // What is encoded already is decoded for all: few clients understand two encodings.
  const offered = fields.length > 0 ? [] : encoded;
  return {
    kind: "file",
    path,
    realPath: file.path,
    contentType,
    modified: usableTime(file.modified, now),
    compressible: offered.length > 0 ||
      isCompressible(contentType) && canHaveSiblings(path),
    identity,
    encoded,
    codings: offered.map(({ coding }) => coding!),
    varies: [],
    fields,
  };
}
