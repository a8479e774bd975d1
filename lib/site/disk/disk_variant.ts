/**
 * Variants of a file's content that are read from disk while they are sent.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import type { Segment } from "../../http/reply.ts";
import { type Content, digestOf, tagOf } from "../content/variant.ts";
import { validTime, type Version } from "../content/version.ts";
import { pause } from "../pause.ts";
import type { PreparedReplies, Variant } from "../site.ts";
import { FileSegment } from "./file_segment.ts";
import type { OpenFile } from "./open_file.ts";

/**
 * Returns a tag made of size and time, without its quotes, for content that is not read. Returns undefined where the
 * time tells nothing: such a tag would vouch for any content of that size. `release` is the name of the release that
 * has the file, if any: builds that set all times to the same give another content of the same size the same time.
 */
export function timeTag(
  version: Version,
  now: number,
  release?: string,
): string | undefined {
  const modified = validTime(version, now);
  if (modified === undefined) return undefined;
  const tag = `${version.size.toString(36)}-${modified.toString(36)}`;
  return release === undefined ? tag : `${tag}-${digestOf(release)}`;
}

/** Content that is too large for memory. */
export class DiskVariant implements Content {
  readonly coding: Coding | undefined;
  readonly length: number;
  readonly etag: string | undefined;
  prepared: PreparedReplies | undefined = undefined;
  readonly #file: OpenFile;
  /** The tag without its quotes and without the coding. */
  readonly #tag: string | undefined;

  /** Makes a variant of a file's content. The file need not be held. */
  constructor(file: OpenFile, tag: string | undefined, coding?: Coding) {
    this.#file = file;
    this.#tag = tag;
    this.coding = coding;
    this.length = file.version.size;
    this.etag = tag && tagOf(tag, coding);
  }

  beginning(count: number): Uint8Array {
    this.#file.hold();
    try {
      return this.#file.readBeginning(count);
    } finally {
      this.#file.release();
    }
  }

  slice(start: number, end: number): Segment {
    return new FileSegment(this.#file, start, end);
  }

  withCoding(coding: Coding): Variant {
    return new DiskVariant(this.#file, this.#tag, coding);
  }

  /** See {@linkcode Variant.copy}. Lets other work run between the pieces that it reads. */
  async copy(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = new Uint8Array(this.length);
    this.#file.hold();
    try {
      for (let at = 0; at < bytes.length;) {
        const count = this.#file.read(bytes.subarray(at), at);
        if (count === 0) return undefined;
        at += count;
        await pause();
      }
      return this.#file.isUnchanged() ? bytes : undefined;
    } finally {
      this.#file.release();
    }
  }
}
