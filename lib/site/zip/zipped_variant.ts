/**
 * Contents of a ZIP file as variants. Stored ones are sent as they are, deflated
 * ones as gzip: the same data between other ends.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import {
  type Segment,
  SourceChanged,
  type SourceSegment,
} from "../../http/reply.ts";
import { joinSegments } from "../content/joined_segment.ts";
import { tagOf } from "../content/variant.ts";
import type { PreparedReplies, Variant } from "../site.ts";
import type { ZippedFile } from "./reader.ts";

/** What a gzip member begins with: deflate, no time, unknown system (RFC 1952 §2.3). */
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The bytes of a ZIP file. */
export interface ZipSource {
  readonly length: number;
  /** See {@linkcode Variant.slice}. */
  slice(start: number, end: number): Segment;
  /** Returns the bytes that the file has now, if they are others. */
  renew?(): ZipSource | undefined;
  /** Called when no further reply needs the bytes. */
  close?(): void;
}

/** A content in the ZIP file. */
export interface PackedContent {
  readonly file: ZippedFile;
  readonly start: number;
  readonly end: number;
}

/** A content of a ZIP file as a variant. */
export class ZippedVariant implements Variant {
  readonly coding: Coding | undefined;
  readonly etag: string;
  readonly length: number;
  prepared: PreparedReplies | undefined = undefined;
  readonly #source: ZipSource;
  readonly #content: PackedContent;

  constructor(
    source: ZipSource,
    content: PackedContent,
    coding?: Coding,
  ) {
    const { checksum, size, packedSize, isDeflated } = content.file;
    const state = `${size.toString(36)}-${checksum.toString(36)}`;
    this.#source = source;
    this.#content = content;
    this.coding = coding;
    this.etag = tagOf(state, coding);
    this.length = isDeflated
      ? GZIP_HEAD.length + packedSize + GZIP_TAIL_BYTES
      : packedSize;
  }

  slice(start: number, end: number): Segment {
    const { file, start: first } = this.#content;
    if (!file.isDeflated) return this.#source.slice(first + start, first + end);
    const behind = GZIP_HEAD.length + file.packedSize;
    const inside = (at: number) =>
      first + Math.min(Math.max(at - GZIP_HEAD.length, 0), file.packedSize);
    return joinSegments([
      GZIP_HEAD.subarray(start, end),
      this.#source.slice(inside(start), inside(end)),
      gzipTail(file).subarray(
        Math.max(0, start - behind),
        Math.max(0, end - behind),
      ),
    ]);
  }

  copy(): Promise<Uint8Array<ArrayBuffer>> {
    const segment = this.slice(0, this.length);
    return Promise.try(() =>
      segment instanceof Uint8Array ? segment.slice() : readSource(segment)
    );
  }
}

/** Reads a source to its last byte. Throws {@linkcode SourceChanged} for one that ends before, and what it throws. */
export function readSource(source: SourceSegment): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(source.length);
  const reader = source.open();
  try {
    for (let at = 0; at < bytes.length;) {
      const count = reader.read(bytes.subarray(at));
      if (count === 0) throw new SourceChanged("The ZIP file is shorter");
      at += count;
    }
  } finally {
    reader.close();
  }
  return bytes;
}

const GZIP_TAIL_BYTES = 8;

/** What a gzip member ends with: checksum and length of the content. */
function gzipTail({ checksum, size }: ZippedFile): Uint8Array<ArrayBuffer> {
  const tail = new Uint8Array(GZIP_TAIL_BYTES);
  const view = new DataView(tail.buffer);
  view.setUint32(0, checksum, true);
  view.setUint32(4, size % 2 ** 32, true);
  return tail;
}
