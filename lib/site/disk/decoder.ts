/**
 * Decodes files that exist only with a coding: in workers, within bounds, and
 * once for each version while the cache has room.
 *
 * @module
 */

import { copyOf } from "../read_content.ts";
import { Cache, type CachePool } from "../cache.ts";
import { BytesVariant, suffixedTag } from "../content/variant.ts";
import type { Version } from "../content/version.ts";
import type {
  ContentDecoder,
  DecodeResult,
  FileResource,
  Variant,
} from "../site.ts";
import { Compressor } from "./compressor.ts";
import { decodedPool } from "./pools.ts";
import { Remakes } from "./remakes.ts";

/** Most bytes of decoded content: a few kilobytes can hold gigabytes. */
export const DECODED_BYTES_MAX: number = 32 * 1024 * 1024;

/** Contents being decoded at a time. Others wait, and hold no memory. */
const DECODING_MAX = 2;

/** A decoded content, or the failure to decode it. */
interface DecodedContent {
  readonly realPath: string;
  readonly version: Version;
  readonly source: Variant;
  /** Undefined if the source is damaged or too large. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Variants by file: links give one file many paths, and replies depend on the path. */
  readonly variants: WeakMap<FileResource, Variant>;
}

/** A content being decoded. */
interface Job {
  readonly source: Variant;
  readonly result: Promise<DecodedContent | undefined>;
}

export class Decoder implements ContentDecoder {
  readonly #compressor = new Compressor({ workers: DECODING_MAX });
  readonly #remakes = new Remakes();
  readonly #kept: Cache<DecodedContent>;
  /** By the real paths of files. */
  readonly #jobs = new Map<string, Job>();
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  #isClosed = false;

  /** Makes a decoder with room for what it caches. */
  constructor(pool: CachePool = decodedPool()) {
    this.#kept = new Cache(
      pool,
      ({ realPath, version }) => this.#remakes.lose(realPath, version),
    );
  }

  /**
   * See {@linkcode Site.decode}. Decodes the last encoded content: usually gzip, which is quick and known to every
   * runtime.
   */
  decode(file: FileResource): DecodeResult | Promise<DecodeResult> {
    const source = file.encoded.at(-1);
    // The encoded file was deleted since it was found.
    if (source === undefined) return 503;
    const kept = this.#kept.get(file.realPath);
    if (kept !== undefined && isSameContent(kept.source, source)) {
      return outcomeFor(file, kept);
    }
    const job = this.#jobs.get(file.realPath) ?? this.#begin(file, source);
    if (job === undefined || !isSameContent(job.source, source)) return 503;
    return job.result.then((kept) => outcomeFor(file, kept));
  }

  /** Abandons its work and clears the cache. */
  close(): void {
    this.#isClosed = true;
    this.#compressor.close();
    for (const go of this.#waiting.splice(0)) go();
    this.#kept.close();
  }

  /** Starts to decode a content; undefined if it was evicted a moment ago, and decoding it again has to wait. */
  #begin(
    { realPath, modified = 0 }: FileResource,
    source: Variant,
  ): Job | undefined {
    const size = source.length;
    const version = { device: 0, inode: 0, size, modified, changed: 0 };
    const end = this.#remakes.begin(realPath, version, performance.now());
    if (end === undefined) return undefined;
    let began = 0;
    const result = this.#inTurn(() => {
      began = performance.now();
      return this.#decode(realPath, version, source);
    }).finally(() => {
      this.#jobs.delete(realPath);
      const ended = performance.now();
      end(ended, ended - began);
    });
    const job = { source, result };
    this.#jobs.set(realPath, job);
    return job;
  }

  /** Runs work when few enough others do. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working < DECODING_MAX) this.#working++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }

  /** Decodes a content and caches it; undefined if it cannot be read now. */
  async #decode(
    realPath: string,
    version: Version,
    source: Variant,
  ): Promise<DecodedContent | undefined> {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    if (source.length <= DECODED_BYTES_MAX && !this.#isClosed) {
      const encoded = await copyOf(source);
      if (encoded === undefined) return undefined;
      bytes = await this.#compressor.decompress(
        encoded,
        source.coding!,
        DECODED_BYTES_MAX,
      );
    }
    if (this.#isClosed) return undefined;
    const kept: DecodedContent = {
      realPath,
      version,
      source,
      bytes,
      variants: new WeakMap(),
    };
    const weight = (bytes?.length ?? 0) + 2 * realPath.length;
    this.#kept.set(realPath, kept, weight);
    return kept;
  }
}

/** Whether both are the same content: one object, or two with the same strong tag. */
function isSameContent(a: Variant, b: Variant): boolean {
  return a === b ||
    a.etag !== undefined && a.etag === b.etag && !a.etag.startsWith("W/");
}

function outcomeFor(
  file: FileResource,
  kept: DecodedContent | undefined,
): DecodeResult {
  if (kept === undefined) return 503;
  const { source, bytes, variants } = kept;
  if (bytes === undefined) return 406;
  let variant = variants.get(file);
  if (variant === undefined) {
    // The tag of the source identifies what is decoded of it as well.
    const etag = source.etag && suffixedTag(source.etag, "identity");
    variants.set(file, variant = new BytesVariant(bytes, etag));
  }
  return variant;
}
