/**
 * A site over a ZIP file. Its directory is in memory; contents are read from the
 * file while they are sent: stored ones as they are, deflated ones as gzip,
 * which is the same data between other ends.
 *
 * @module
 */

import { constants, crc32, inflateRawSync } from "node:zlib";
import { type Coding, CODINGS } from "../../http/coding.ts";
import { SourceChanged } from "../../http/reply.ts";
import { Cache } from "../cache.ts";
import { BEGINNING_BYTES_MAX } from "../content/beginning.ts";
import { mediaType } from "../content/media_type.ts";
import { hasHiddenSegment } from "../hidden.ts";
import { packedResource, PackedSite } from "../packed_site.ts";
import { PackedTree } from "../packed_tree.ts";
import {
  type ContentDecoder,
  type FileResource,
  NO_STATISTICS,
  type Resource,
  type SiteStatistics,
  type Variant,
} from "../site.ts";
import {
  type ByteReader,
  contentPlace,
  readDirectory,
  ZipError,
  type ZippedFile,
} from "./reader.ts";
import {
  type PackedContent,
  readSource,
  ZippedVariant,
  type ZipSource,
} from "./zipped_variant.ts";

/** The coding of deflated contents. */
const GZIP = CODINGS.find(({ token }) => token === "gzip")!;

/** Files that were requested before and are kept ready. */
const RESOURCES_MAX = 4096;

/** Compressed bytes from which the beginning of a content is inflated, to tell its type. */
const INFLATED_BYTES_MAX = 2048;

/** How often to look whether the ZIP file has changed, in milliseconds. */
const LOOK_MS = 1_000;

export class ZipSite extends PackedSite<ZippedFile> {
  /** What of the ZIP file is not served: a sentence for each reason. */
  problems: readonly string[] = [];
  protected tree!: PackedTree<ZippedFile>;
  #source: ZipSource;
  /** When the ZIP file was last compared, in milliseconds since the epoch. */
  #looked = -Infinity;
  readonly #resources = new Cache<FileResource>({
    entries: RESOURCES_MAX,
    bytes: Infinity,
  });

  /**
   * Makes a site over a ZIP file. Closes the decoder; without one it decodes nothing. Throws a ZipError for a file that
   * is none, is damaged or exceeds a bound.
   */
  constructor(
    source: ZipSource,
    isProtected?: (path: string) => boolean,
    decoder?: ContentDecoder,
  ) {
    super(isProtected, decoder);
    this.#source = source;
    this.#load();
  }

  /** Reads the directory of the source. */
  #load(): void {
    const { files, problems } = readDirectory(this.#source.length, this.#read);
    const visible = files.filter(({ path }) => !hasHiddenSegment(path));
    this.problems = problems;
    this.tree = new PackedTree(visible, ({ size }) => size);
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
    this.lookups++;
    this.#renew(now);
    const cached = this.#resources.get(path);
    if (cached !== undefined) return cached;
    const found = this.find(path, now);
    if (found.kind === "file") this.#resources.set(path, found, 0);
    return found;
  }

  protected resourceOf(
    file: ZippedFile,
    now: number,
  ): FileResource | undefined {
    const content = this.#contentOf(file);
    if (content === undefined) return undefined;
    const { path, isDeflated } = file;
    // As in a directory: a public file never gets a protected sibling.
    const encoded: Variant[] = this.siblingsOf(path)
      .filter((sibling) => this.isProtected(path) || !sibling.isProtected)
      .map(({ variant }) => variant);
    if (isDeflated && !encoded.some(({ coding }) => coding === GZIP)) {
      encoded.push(new ZippedVariant(this.#source, content, GZIP));
    }
    const identity = isDeflated
      ? undefined
      : new ZippedVariant(this.#source, content);
    const contentType = mediaType(path, () => this.#beginning(content));
    return packedResource(
      path,
      file,
      { identity, encoded, contentType },
      now,
    );
  }

  /** Ignores a deflated sibling: skiff would have to inflate it before it could send it. */
  protected siblingOf(file: ZippedFile, coding: Coding): Variant | undefined {
    const content = file.isDeflated ? undefined : this.#contentOf(file);
    return content && new ZippedVariant(this.#source, content, coding);
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
    const file = this.tree.get(realPath);
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

  statistics(): SiteStatistics {
    return {
      ...NO_STATISTICS,
      hits: this.lookups,
      entries: this.tree.files.length,
      openFiles: 1,
    };
  }

  /** Abandons decoding, and closes the ZIP file. */
  override close(): void {
    super.close();
    this.#resources.clear();
    this.#source.close?.();
  }
}
