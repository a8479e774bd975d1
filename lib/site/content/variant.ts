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

/** Content in memory. Its tag is a digest, so that equal content has the same tag on every machine. */
export class MemoryVariant implements Content, MovableContent {
  readonly coding: Coding | undefined;
  readonly etag: string;
  prepared: PreparedReplies | undefined = undefined;
  slab: Slab | undefined = undefined;
  #bytes: Uint8Array<ArrayBuffer>;

  /**
   * Makes a variant of bytes that must not change. Its tag is weak if `isInDoubt`: the file may have been between two
   * versions.
   */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    coding?: Coding,
    isInDoubt: boolean = false,
  ) {
    this.#bytes = bytes;
    this.coding = coding;
    const tag = tagOf(digestOf(bytes), coding);
    this.etag = isInDoubt ? `W/${tag}` : tag;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** See {@linkcode MovableContent.move}. Prepared replies hold the former bytes, and are made again. */
  move(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.prepared = undefined;
  }

  get length(): number {
    return this.#bytes.length;
  }

  beginning(count: number): Uint8Array {
    return this.#bytes.subarray(0, count);
  }

  slice(start: number, end: number): Segment {
    const isWhole = start === 0 && end === this.#bytes.length;
    return isWhole ? this.#bytes : this.#bytes.subarray(start, end);
  }

  withCoding(coding: Coding): Variant {
    return new MemoryVariant(this.#bytes, coding);
  }

  copy(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#bytes.slice());
  }
}

/** Decoded content in memory. The tag of its source identifies it as well. */
export class DecodedVariant implements Variant {
  readonly coding = undefined;
  readonly etag: string | undefined;
  prepared: PreparedReplies | undefined = undefined;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  /** Makes a variant of bytes decoded from a content with a tag. */
  constructor(bytes: Uint8Array<ArrayBuffer>, etag: string | undefined) {
    this.#bytes = bytes;
    this.etag = etag === undefined ? undefined : suffixedTag(etag, "identity");
  }

  get length(): number {
    return this.#bytes.length;
  }

  slice(start: number, end: number): Segment {
    return this.#bytes.subarray(start, end);
  }

  copy(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#bytes.slice());
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
