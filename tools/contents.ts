/**
 * Files on disk → files of an archive: read, described and compressed as strongly
 * as can be, each distinct content once.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { printable } from "../lib/http/printable.ts";
import { type Coding, CODINGS } from "../lib/http/coding.ts";
import { BEGINNING_BYTES_MAX } from "../lib/site/content/beginning.ts";
import type { BundleFile, EncodedContent } from "../lib/site/bundle/format.ts";
import { Compressor } from "../lib/site/disk/compressor.ts";
import {
  canHaveSiblings,
  COMPRESS_BYTES_MIN,
  isSaving,
} from "../lib/site/content/file.ts";
import { isCompressible, mediaType } from "../lib/site/content/media_type.ts";
import { MemoryVariant } from "../lib/site/content/variant.ts";
import { decode } from "./sibling.ts";
import { type FoundFile, PackError, unreadable } from "./walk.ts";

/** How far it is. */
export interface PackProgress {
  /** Files that are done. */
  readonly files: number;
  /** Files in all. */
  readonly filesTotal: number;
  /** Bytes of the files that are done. */
  readonly bytes: number;
  /** Bytes of all files. */
  readonly bytesTotal: number;
}

/** How to go about it. */
export interface ContentOptions {
  /** No file is to seem younger than this, in ms since the epoch. */
  readonly sourceDate?: number;
  /** Is told after every file. */
  readonly report?: (progress: PackProgress) => void;
}

/** What the files have become. */
export interface Contents {
  /** The files, in the order they came in. */
  readonly files: readonly BundleFile[];
  /** The codings that this runtime cannot make. */
  readonly missing: readonly Coding[];
}

/** Reads and compresses files. Throws a {@linkcode PackError}. */
export async function readContents(
  found: readonly FoundFile[],
  options: ContentOptions = {},
): Promise<Contents> {
  const workers = navigator.hardwareConcurrency;
  const compressor = new Compressor({ workers, strongestBytesMax: Infinity });
  try {
    const codings = await availableCodings(compressor);
    const reader = new ContentReader(found, compressor, codings, options);
    // Each file waits for its slowest coding; with some more under way no worker waits for work.
    const files = await mapConcurrently(
      found,
      2 * workers,
      (file) => reader.read(file),
    );
    const missing = CODINGS.filter((coding) => !codings.includes(coding));
    return { files, missing };
  } finally {
    compressor.close();
  }
}

/** The codings that this runtime can make: older ones have no zstd. */
async function availableCodings(compressor: Compressor): Promise<Coding[]> {
  const samples = await Promise.all(
    CODINGS.map((coding) => compressor.compress(new Uint8Array(64), coding)),
  );
  return CODINGS.filter((_, index) => samples[index] !== undefined);
}

/** Returns the results for all items, in their order; works on this many at a time. */
async function mapConcurrently<T, R>(
  items: readonly T[],
  count: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  // All lanes take from the same iterator.
  const left = items.entries();
  const lane = async () => {
    for (const [index, item] of left) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: count }, lane));
  return results;
}

class ContentReader {
  readonly #compressor: Compressor;
  readonly #codings: readonly Coding[];
  readonly #options: ContentOptions;
  readonly #found: ReadonlyMap<string, FoundFile>;
  /** What is at a location on disk. */
  readonly #byLocation = new Map<string, MemoryVariant>();
  /** Contents by their tags, so that copies of a file take no memory. */
  readonly #byTag = new Map<string, MemoryVariant>();
  /** Contents that were made or are being made, by the tags of what they are made of and of their coding. */
  readonly #made = new Map<string, Promise<MemoryVariant | undefined>>();
  #progress: PackProgress;

  constructor(
    found: readonly FoundFile[],
    compressor: Compressor,
    codings: readonly Coding[],
    options: ContentOptions,
  ) {
    this.#compressor = compressor;
    this.#codings = codings;
    this.#options = options;
    this.#found = new Map(found.map((file) => [file.path, file]));
    this.#progress = {
      files: 0,
      filesTotal: found.length,
      bytes: 0,
      bytesTotal: found.reduce((sum, { size }) => sum + size, 0),
    };
  }

  async read(file: FoundFile): Promise<BundleFile> {
    const { path, modified, size } = file;
    const { sourceDate = Infinity, report } = this.#options;
    const identity = this.#content(file);
    const contentType = mediaType(
      path,
      () => identity.bytes.subarray(0, BEGINNING_BYTES_MAX),
    );
    const canMake = isCompressible(contentType) && canHaveSiblings(path);
    const encoded = await this.#encode(path, identity, canMake);
    const { files, bytes } = this.#progress;
    this.#progress = {
      ...this.#progress,
      files: files + 1,
      bytes: bytes + size,
    };
    report?.(this.#progress);
    return {
      path,
      contentType,
      modified: Math.min(modified, sourceDate),
      identity,
      encoded,
    };
  }

  #content({ path, location }: FoundFile): MemoryVariant {
    const known = this.#byLocation.get(location);
    if (known !== undefined) return known;
    let content: MemoryVariant;
    try {
      content = new MemoryVariant(Deno.readFileSync(location));
    } catch (error) {
      throw unreadable(path, error);
    }
    const same = this.#byTag.get(content.etag);
    if (same === undefined) this.#byTag.set(content.etag, content);
    this.#byLocation.set(location, same ?? content);
    return same ?? content;
  }

  /** The variants with a coding that are worth it: what the person has made, or else what can be made. */
  async #encode(
    path: string,
    identity: MemoryVariant,
    canMake: boolean,
  ): Promise<EncodedContent[]> {
    const variants = await Promise.all(
      this.#codings.map(async (coding) => {
        const content = this.#sibling(path, identity, coding) ??
          (canMake ? await this.#make(path, identity, coding) : undefined);
        return content === undefined ||
            !isSaving(content.length, identity.length)
          ? undefined
          : { coding, etag: content.etag, bytes: content.bytes };
      }),
    );
    return variants.filter((variant) => variant !== undefined);
  }

  /** What the person has compressed beforehand, if it is what it seems to be, and every client can decode it. */
  #sibling(
    path: string,
    identity: MemoryVariant,
    coding: Coding,
  ): MemoryVariant | undefined {
    const file = this.#found.get(path + coding.suffix);
    if (file === undefined || !canHaveSiblings(path)) return undefined;
    const { bytes } = this.#content(file);
    const decoded = decode(bytes, coding);
    const isSame = decoded !== undefined &&
      Buffer.compare(decoded, identity.bytes) === 0;
    return isSame ? new MemoryVariant(bytes, coding) : undefined;
  }

  #make(
    path: string,
    identity: MemoryVariant,
    coding: Coding,
  ): Promise<MemoryVariant | undefined> {
    if (identity.length < COMPRESS_BYTES_MIN) return Promise.resolve(undefined);
    const key = identity.etag + coding.token;
    let making = this.#made.get(key);
    if (making === undefined) {
      making = this.#compress(path, identity, coding);
      this.#made.set(key, making);
    }
    return making;
  }

  async #compress(
    path: string,
    { bytes }: MemoryVariant,
    coding: Coding,
  ): Promise<MemoryVariant> {
    const output = await this.#compressor.compress(bytes.slice(), coding);
    if (output === undefined) {
      throw new PackError(
        `Cannot compress "${printable(path)}" with ${coding.token}`,
      );
    }
    return new MemoryVariant(output, coding);
  }
}
