/**
 * Variants of a file's content: in memory, on disk, and with a content coding.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Coding } from "../../http/coding.ts";
import type { Segment } from "../../http/reply.ts";
import { pause } from "../disk/root.ts";
import { FileSegment } from "../disk/file_segment.ts";
import { validTime } from "./file_time.ts";
import type { OpenFile, Version } from "../disk/open_file.ts";
import type { PreparedReplies, Variant } from "../site.ts";

/** Characters of the digest that a tag keeps: 132 bits. */
const TAG_CHARACTERS = 22;

/** Content in memory; its tag is a digest, so that equal content has an equal tag on every machine. */
export class MemoryVariant implements Variant {
  /** See {@linkcode Variant.coding}. */
  readonly coding: Coding | undefined;
  /** See {@linkcode Variant.etag}. */
  readonly etag: string;
  /** See {@linkcode Variant.prepared}. */
  prepared: PreparedReplies | undefined = undefined;
  /** The content. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /**
   * A variant of these bytes, which must not change any more. Its tag is weak if `isInDoubt`: the file may have been
   * half-way between two versions.
   */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    coding?: Coding,
    isInDoubt: boolean = false,
  ) {
    this.bytes = bytes;
    this.coding = coding;
    const digest = createHash("sha256").update(bytes).digest("base64url");
    const opaque = digest.slice(0, TAG_CHARACTERS);
    this.etag = tagOf({ opaque, isWeak: isInDoubt }, coding);
  }

  /** See {@linkcode Variant.length}. */
  get length(): number {
    return this.bytes.length;
  }

  /** The first bytes: as many as asked for, or all there are. */
  beginning(count: number): Uint8Array {
    return this.bytes.subarray(0, count);
  }

  /** See {@linkcode Variant.slice}. */
  slice(start: number, end: number): Segment {
    return this.bytes.subarray(start, end);
  }
}

/** An entity-tag without its quotes. */
export interface OpaqueTag {
  readonly opaque: string;
  /** Whether different contents might have it (RFC 9110 §8.8.1). */
  readonly isWeak: boolean;
}

/**
 * The tag that size and time give to a version, for content that was not read; undefined where the time tells
 * nothing, because such a tag would vouch for any content of that size.
 */
export function timeTag(version: Version, now: number): OpaqueTag | undefined {
  const modified = validTime(version, now);
  if (modified === undefined) return undefined;
  const opaque = `${version.size.toString(36)}-${modified.toString(36)}`;
  return { opaque, isWeak: false };
}

/** Content too large for memory. */
export class DiskVariant implements Variant {
  /** See {@linkcode Variant.coding}. */
  readonly coding: Coding | undefined;
  /** See {@linkcode Variant.length}. */
  readonly length: number;
  /** See {@linkcode Variant.etag}. */
  readonly etag: string | undefined;
  /** See {@linkcode Variant.prepared}. */
  prepared: PreparedReplies | undefined = undefined;
  /** The file with the content. */
  readonly file: OpenFile;
  /** The tag without its quotes and without the coding. */
  readonly tag: OpaqueTag | undefined;

  /** A variant of a file's content. The file need not be held. */
  constructor(file: OpenFile, tag: OpaqueTag | undefined, coding?: Coding) {
    this.file = file;
    this.tag = tag;
    this.coding = coding;
    this.length = file.version.size;
    this.etag = tag && tagOf(tag, coding);
  }

  /** The first bytes: as many as asked for, or all there are. Throws what {@linkcode OpenFile.hold} and reading throw. */
  beginning(count: number): Uint8Array {
    this.file.hold();
    try {
      return this.file.readBeginning(count);
    } finally {
      this.file.release();
    }
  }

  /** See {@linkcode Variant.slice}. */
  slice(start: number, end: number): Segment {
    return new FileSegment(this.file, start, end);
  }
}

/** The content of a precompressed file, as a variant of the file that it is compressed from. */
export function withCoding(
  content: MemoryVariant | DiskVariant,
  coding: Coding,
): Variant {
  return content instanceof MemoryVariant
    ? new MemoryVariant(content.bytes, coding)
    : new DiskVariant(content.file, content.tag, coding);
}

/** A copy of the content, read in pieces so that others get their turn; undefined when it has changed. */
export async function contentOf(
  content: MemoryVariant | DiskVariant,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (content instanceof MemoryVariant) return content.bytes.slice();
  const bytes = new Uint8Array(content.length);
  try {
    content.file.hold();
  } catch {
    return undefined;
  }
  try {
    for (let at = 0; at < bytes.length;) {
      const count = content.file.read(bytes.subarray(at), at);
      if (count === 0) return undefined;
      at += count;
      await pause();
    }
    return content.file.isUnchanged() ? bytes : undefined;
  } finally {
    content.file.release();
  }
}

/** Every encoding has a tag of its own, even where two should have the same bytes (RFC 9110 §8.8.3.3). */
function tagOf(
  { opaque, isWeak }: OpaqueTag,
  coding: Coding | undefined,
): string {
  const tag = coding === undefined
    ? `"${opaque}"`
    : `"${opaque}-${coding.token}"`;
  return isWeak ? `W/${tag}` : tag;
}
