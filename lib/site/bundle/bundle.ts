/**
 * A site over an archive in memory, inside the executable. Everything was
 * computed when it was packed, and nothing changes, so nothing is looked up
 * twice.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import type {
  BundleContent,
  BundleFile,
  EncodedContent,
  KeptFile,
} from "./format.ts";
import { readBundle } from "./reader.ts";
import { mayHaveHash } from "../content/hashed_name.ts";
import { canHaveSiblings, chooseStandIn } from "../content/file.ts";
import { usableTime } from "../content/version.ts";
import {
  encodingLines,
  isCompressible,
  mediaType,
} from "../content/media_type.ts";
import { BytesVariant, suffixedTag } from "../content/variant.ts";
import { PackedTree } from "../packed_tree.ts";
import {
  ABSENT,
  type AbsentResource,
  type ContentDecoder,
  type DirectoryEntries,
  type FileResource,
  NO_STATISTICS,
  OLDER_AGES,
  type Resource,
  type Site,
  type SiteStatistics,
  type Variant,
} from "../site.ts";

/**
 * A site over an archive. The paths of the files imply the directories. A name with a hash that the build lacks is
 * answered with the file that is kept of an older one; of such files nothing else is seen, not even in listings.
 */
export class BundleSite implements Site {
  readonly #tree: PackedTree<BundleFile>;
  readonly #isProtected: (path: string) => boolean;
  readonly #decoder: ContentDecoder | undefined;
  /** Files of older builds by path: those whose name may have a hash. */
  readonly #kept: ReadonlyMap<string, KeptFile>;
  /** Resources that were requested before. */
  readonly #resources = new Map<string, FileResource>();
  /** The same of older builds. */
  readonly #keptResources = new Map<string, FileResource>();
  readonly #olderHits = new Array<number>(OLDER_AGES).fill(0);

  /**
   * Makes a site over an archive, which must not change. Closes the decoder; without one it decodes nothing. Throws a
   * BundleError for an invalid archive.
   */
  constructor(
    archive: Uint8Array<ArrayBuffer>,
    isProtected: (path: string) => boolean = () => false,
    decoder?: ContentDecoder,
  ) {
    this.#isProtected = isProtected;
    this.#decoder = decoder;
    this.#bytes = archive.length;
    const { files, kept } = readBundle(archive);
    this.#tree = new PackedTree(files, ({ identity }) => identity.bytes.length);
    this.#kept = new Map(
      kept.filter(({ path }) => mayHaveHash(path))
        .map((file) => [file.path, file]),
    );
  }

  /** How often the disk was read: never. */
  readonly misses = 0;
  #lookups = 0;
  readonly #bytes: number;

  lookup(path: string, now: number): Resource {
    this.#lookups++;
    const cached = this.#resources.get(path);
    if (cached !== undefined) return cached;
    const file = this.#tree.get(path);
    const resource = file === undefined
      ? this.#other(path, now)
      : new BundledFile(this.#contentsOf(file), now);
    if (resource.kind === "file") this.#resources.set(path, resource);
    return resource.kind === "absent"
      ? this.#lookupKept(path, now) ?? resource
      : resource;
  }

  #lookupKept(path: string, now: number): FileResource | undefined {
    const file = this.#kept.get(path);
    if (file === undefined) return undefined;
    this.#olderHits[Math.min(file.age, OLDER_AGES) - 1]!++;
    let resource = this.#keptResources.get(path);
    if (resource === undefined) {
      resource = new BundledFile(this.#contentsOf(file), now);
      this.#keptResources.set(path, resource);
    }
    return resource;
  }

  /** Returns a file with the encoded contents that may be sent in its place. */
  #contentsOf(file: BundleFile): Contents {
    const { path, encoded } = file;
    // As in a directory: a public file never gets a protected sibling.
    const contents = this.#isProtected(path)
      ? encoded
      : encoded.filter(({ coding }) =>
        !this.#isProtected(path + coding.suffix)
      );
    return { ...file, realPath: path, encoded: contents };
  }

  /** Looks up a path without a file: a directory, a file that exists only encoded, or nothing. */
  #other(path: string, now: number): Resource {
    const directory = this.#tree.directory(path);
    if (directory.kind === "directory") return directory;
    const contents = this.#encodedOnly(path);
    return contents === undefined ? ABSENT : new BundledFile(contents, now);
  }

  #encodedOnly(path: string): Contents | undefined {
    if (!canHaveSiblings(path)) return undefined;
    const siblings = CODINGS.flatMap((coding) => {
      const file = this.#tree.get(path + coding.suffix);
      if (file === undefined) return [];
      const { modified, identity: { etag, bytes } } = file;
      const isProtected = this.#isProtected(file.path);
      const tag = suffixedTag(etag, coding.token);
      const content = { coding, etag: tag, bytes };
      return [{ realPath: file.path, modified, isProtected, content }];
    });
    const source = chooseStandIn(siblings);
    if (source === undefined) return undefined;
    const { realPath, modified } = source;
    const mayHaveAll = source.isProtected || this.#isProtected(path);
    const encoded = siblings
      .filter(({ isProtected }) => mayHaveAll || !isProtected)
      .map(({ content }) => content);
    const contentType = mediaType(path);
    const identity = undefined;
    return { path, realPath, modified, contentType, identity, encoded };
  }

  /** Says of which older build a file is; undefined if it is of this one. */
  originOf({ path }: FileResource): string | undefined {
    const file = this.#keptResources.has(path) && this.#kept.get(path);
    return file ? `an older build, ${file.age} back` : undefined;
  }

  /** See {@linkcode RuleFileSource.hasName}. What lookup does not find has no name in an archive. */
  hasName(path: string): boolean {
    return this.#tree.get(path) !== undefined;
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#decoder?.decode(file) ?? 503;
  }

  /** Does nothing: the archive has all variants. */
  encode(): void {}

  list(
    path: string,
    entriesMax?: number,
  ): Promise<DirectoryEntries | AbsentResource> {
    return Promise.resolve(this.#tree.list(path, entriesMax));
  }

  isReadable(path: string): boolean {
    return this.#tree.get(path) !== undefined || this.#kept.has(path);
  }

  /** Everything is in memory. */
  statistics(): SiteStatistics {
    return {
      ...NO_STATISTICS,
      hits: this.#lookups,
      bytes: this.#bytes,
      entries: this.#tree.files.length + this.#kept.size,
      ...this.#kept.size > 0 && { olderHits: [...this.#olderHits] },
    };
  }

  /** No file is open. */
  closeSpareFiles(): void {}

  /** Abandons decoding; the memory goes with the site. */
  close(): void {
    this.#decoder?.close();
  }
}

/** The contents of a resource. */
interface Contents {
  readonly path: string;
  readonly realPath: string;
  readonly contentType: string;
  readonly modified: number;
  /** Undefined for a file that exists only encoded. */
  readonly identity: BundleContent | undefined;
  readonly encoded: readonly EncodedContent[];
}

/** A file of an archive as a resource. */
class BundledFile implements FileResource {
  readonly kind = "file";
  readonly path: string;
  readonly realPath: string;
  readonly contentType: string;
  readonly modified: number | undefined;
  readonly compressible: boolean;
  readonly identity: Variant | undefined;
  readonly encoded: readonly Variant[];
  readonly codings: readonly Coding[];
  readonly varies: readonly string[] = [];
  readonly fields: readonly FieldLine[];

  constructor(file: Contents, now: number) {
    const { identity, encoded } = file;
    this.path = file.path;
    this.realPath = file.realPath;
    this.contentType = file.contentType;
    this.modified = usableTime(file.modified, now);
    this.compressible = encoded.length > 0 ||
      isCompressible(file.contentType) && canHaveSiblings(file.path);
    this.fields = encodingLines(file.path);
    this.identity = identity && new BytesVariant(identity.bytes, identity.etag);
    this.encoded = encoded.map(({ bytes, etag, coding }) =>
      new BytesVariant(bytes, etag, coding)
    );
    this.codings = encoded.map(({ coding }) => coding);
  }
}
