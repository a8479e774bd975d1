/**
 * Variants of a file's content that are in memory.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Coding } from "../../http/coding.ts";
import type { Segment } from "../../http/reply.ts";
import type { PreparedReplies, Variant } from "../site.ts";
import type { MovableContent, Slab } from "./slabs.ts";

/** The content of a file as it is, from which its type and its encoded variants are made. */
export interface Content extends Variant {
  /** Returns the first bytes: `count`, or all there are. Throws what opening and reading throw. */
  beginning(count: number): Uint8Array;
  /** Returns the same bytes as a variant with a coding: this is the content of a precompressed file. */
  withCoding(coding: Coding): Variant;
}

/** Characters of the digest in a tag: 132 bits. */
const TAG_CHARACTERS = 22;

/** Returns the digest of a content, or of what stands for one, as characters that a tag can have. */
export function digestOf(content: Uint8Array | string): string {
  const digest = createHash("sha256").update(content).digest("base64url");
  return digest.slice(0, TAG_CHARACTERS);
}

/** Bytes in memory, and their tag. */
export class BytesVariant<Tag extends string | undefined = string | undefined>
  implements Variant {
  readonly coding: Coding | undefined;
  readonly etag: Tag;
  prepared: PreparedReplies | undefined = undefined;
  /** Never written to. */
  bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>, etag: Tag, coding?: Coding) {
    this.bytes = bytes;
    this.etag = etag;
    this.coding = coding;
  }

  get length(): number {
    return this.bytes.length;
  }

  slice(start: number, end: number): Segment {
    const isWhole = start === 0 && end === this.bytes.length;
    return isWhole ? this.bytes : this.bytes.subarray(start, end);
  }

  copy(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.bytes.slice());
  }
}

/** Content in memory. Its tag is a digest, so that equal content has the same tag on every machine. */
export class MemoryVariant extends BytesVariant<string>
  implements Content, MovableContent {
  slab: Slab | undefined = undefined;

  /** Its tag is weak if `isInDoubt`: the file may have been between two versions. */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    coding?: Coding,
    isInDoubt: boolean = false,
  ) {
    const tag = tagOf(digestOf(bytes), coding);
    super(bytes, isInDoubt ? `W/${tag}` : tag, coding);
  }

  /** See {@linkcode MovableContent.move}. Prepared replies hold the former bytes, and are made again. */
  move(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.prepared = undefined;
  }

  beginning(count: number): Uint8Array {
    return this.bytes.subarray(0, count);
  }

  withCoding(coding: Coding): Variant {
    return new MemoryVariant(this.bytes, coding);
  }
}

/** Returns the tag of another form of the content that a tag names. */
export function suffixedTag(etag: string, suffix: string): string {
  return `${etag.slice(0, -1)}-${suffix}"`;
}

/** Returns the entity-tag for an opaque text. Each coding has tags of its own, even where the bytes are equal (RFC 9110 §8.8.3.3). */
export function tagOf(opaque: string, coding: Coding | undefined): string {
  return coding === undefined ? `"${opaque}"` : `"${opaque}-${coding.token}"`;
}
