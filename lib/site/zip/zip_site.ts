/**
 * A site over a ZIP file. Its directory is in memory; contents are read from the
 * file while they are sent: stored ones as they are, deflated ones as gzip,
 * which is the same data between other ends.
 *
 * @module
 */

import { constants, crc32, inflateRawSync } from "node:zlib";
import { CODINGS } from "../../http/coding.ts";
import { SourceChanged } from "../../http/reply.ts";
import { Cache } from "../cache.ts";
import { BEGINNING_BYTES_MAX } from "../content/beginning.ts";
import { canHaveSiblings, chooseStandIn } from "../content/file.ts";
import { mediaType } from "../content/media_type.ts";
import { hasHiddenSegment } from "../hidden.ts";
import { PackedTree } from "../packed_tree.ts";
import {
  ABSENT,
  type AbsentResource,
  type ContentDecoder,
  type DirectoryEntries,
  type FileResource,
  NO_STATISTICS,
  type Resource,
  type Site,
  type SiteStatistics,
} from "../site.ts";
import {
  type ByteReader,
  contentPlace,
  readDirectory,
  ZipError,
  type ZippedFile,
} from "./reader.ts";
import {
  type EncodedPackedContent,
  GZIP,
  type PackedContent,
  readSource,
  ZippedResource,
  type ZipSource,
} from "./zipped_resource.ts";

/** Files that were requested before and are kept ready. */
const RESOURCES_MAX = 4096;

/** Compressed bytes from which the beginning of a content is inflated, to tell its type. */
const INFLATED_BYTES_MAX = 2048;

/** How often to look whether the ZIP file has changed, in milliseconds. */
const LOOK_MS = 1_000;

export class ZipSite implements Site {
  /** What of the ZIP file is not served: a sentence for each reason. */
  problems: readonly string[] = [];
  /** How often the disk was read, as far as it shows: contents are read while they are sent. */
  readonly misses = 0;
  #source: ZipSource;
  #tree!: PackedTree<ZippedFile>;
  /** When the ZIP file was last compared, in milliseconds since the epoch. */
  #looked = -Infinity;
  readonly #isProtected: (path: string) => boolean;
  readonly #decoder: ContentDecoder | undefined;
  readonly #resources = new Cache<FileResource>({
    entries: RESOURCES_MAX,
    bytes: Infinity,
  });
  #lookups = 0;

  /**
   * Makes a site over a ZIP file. Closes the decoder; without one it decodes nothing. Throws a ZipError for a file that
   * is none, is damaged or exceeds a bound.
   */
  constructor(
    source: ZipSource,
    isProtected: (path: string) => boolean = () => false,
    decoder?: ContentDecoder,
  ) {
    this.#source = source;
    this.#isProtected = isProtected;
    this.#decoder = decoder;
    this.#load();
  }

  /** Reads the directory of the source. */
  #load(): void {
    const { files, problems } = readDirectory(this.#source.length, this.#read);
    const visible = files.filter(({ path }) => !hasHiddenSegment(path));
    this.problems = problems;
    this.#tree = new PackedTree(visible, ({ size }) => size);
    this.#resources.clear();
  }

  /** Serves the file that has taken the place of this one, once that is a whole ZIP file. */
  #renew(now: number): void {
    if (Math.abs(now - this.#looked) < LOOK_MS) return;
    this.#looked = now;
    const newer = this.#source.renew?.();
    if (newer === undefined) return;
    const former = this.#source;
    this.#source = newer;
    try {
      this.#load();
      former.close?.();
    } catch (error) {
      this.#source = former;
      newer.close?.();
      const isUnfinished = error instanceof ZipError ||
        error instanceof SourceChanged;
      if (!isUnfinished) throw error;
    }
  }

  readonly #read: ByteReader = (start, end) => {
    const segment = this.#source.slice(start, end);
    return segment instanceof Uint8Array ? segment : readSource(segment);
  };

  lookup(path: string, now: number): Resource {
    this.#lookups++;
    this.#renew(now);
    const cached = this.#resources.get(path);
    if (cached !== undefined) return cached;
    const file = this.#tree.get(path);
    const resource = file === undefined
      ? this.#other(path, now)
      : this.#file(file, now);
    if (resource?.kind === "file") this.#resources.set(path, resource, 0);
    return resource ?? ABSENT;
  }

  /** Returns a file as a resource; undefined if its record is damaged. */
  #file(file: ZippedFile, now: number): FileResource | undefined {
    const content = this.#contentOf(file);
    if (content === undefined) return undefined;
    const siblings = this.#siblingsOf(file.path);
    const own = file.isDeflated && !siblings.some(isGzip)
      ? [{ ...content, coding: GZIP }]
      : [];
    return new ZippedResource(this.#source, {
      path: file.path,
      file,
      identity: file.isDeflated ? undefined : content,
      encoded: [...siblings, ...own],
      contentType: mediaType(file.path, () => this.#beginning(content)),
      now,
    });
  }

  /** Returns a directory, or a file that exists only in siblings. */
  #other(path: string, now: number): Resource | undefined {
    const directory = this.#tree.directory(path);
    if (directory.kind === "directory") return directory;
    const siblings = this.#siblingsOf(path);
    const source = chooseStandIn(
      siblings.map(({ file }) => ({
        file,
        modified: file.modified,
        isProtected: this.#isProtected(file.path),
      })),
    );
    if (source === undefined) return undefined;
    const isPublic = !source.isProtected && !this.#isProtected(path);
    return new ZippedResource(this.#source, {
      path,
      file: source.file,
      identity: undefined,
      encoded: siblings.filter(({ file }) =>
        !isPublic || !this.#isProtected(file.path)
      ),
      contentType: mediaType(path),
      now,
    });
  }

  /** Finds precompressed files: those that are stored, since a deflated one would have to be inflated first. */
  #siblingsOf(path: string): EncodedPackedContent[] {
    if (path.endsWith("/") || !canHaveSiblings(path)) return [];
    const mayHaveAll = this.#isProtected(path) ||
      this.#tree.get(path) === undefined;
    return CODINGS.flatMap((coding) => {
      const file = this.#tree.get(path + coding.suffix);
      if (file === undefined || file.isDeflated) return [];
      if (!mayHaveAll && this.#isProtected(file.path)) return [];
      const content = this.#contentOf(file);
      return content === undefined ? [] : [{ ...content, coding }];
    });
  }

  #contentOf(file: ZippedFile): PackedContent | undefined {
    const place = contentPlace(file, this.#read);
    return place && { file, ...place };
  }

  /** Returns the first bytes of a content, for its type. */
  #beginning({ file, start, end }: PackedContent): Uint8Array {
    const most = file.isDeflated ? INFLATED_BYTES_MAX : BEGINNING_BYTES_MAX;
    const bytes = this.#read(start, Math.min(end, start + most));
    if (!file.isDeflated) return bytes;
    try {
      const finishFlush = constants.Z_SYNC_FLUSH;
      return inflateRawSync(bytes, { finishFlush })
        .subarray(0, BEGINNING_BYTES_MAX);
    } catch {
      return new Uint8Array();
    }
  }

  /** See {@linkcode RuleFileSource.unpack}. Inflates at once: use it for small files. */
  unpack({ realPath }: FileResource, bytesMax: number): Uint8Array | undefined {
    const file = this.#tree.get(realPath);
    const content = file && this.#contentOf(file);
    if (content === undefined || file!.packedSize > bytesMax) return undefined;
    try {
      const packed = this.#read(content.start, content.end);
      const options = { maxOutputLength: bytesMax };
      const bytes = inflateRawSync(packed, options);
      const isWhole = bytes.length === file!.size &&
        crc32(bytes) === file!.checksum;
      return isWhole ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** See {@linkcode RuleFileSource.hasName}. */
  hasName(path: string): boolean {
    return this.#tree.get(path) !== undefined;
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
    return Promise.resolve(this.#tree.list(path, entriesMax));
  }

  isReadable(path: string): boolean {
    return this.#tree.get(path) !== undefined;
  }

  statistics(): SiteStatistics {
    return {
      ...NO_STATISTICS,
      hits: this.#lookups,
      entries: this.#tree.files.length,
      openFiles: 1,
    };
  }

  /** The ZIP file stays open. */
  closeSpareFiles(): void {}

  /** Abandons decoding. */
  close(): void {
    this.#decoder?.close();
    this.#resources.clear();
    this.#source.close?.();
  }
}

function isGzip({ coding }: EncodedPackedContent): boolean {
  return coding === GZIP;
}
