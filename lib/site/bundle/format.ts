/**
 * The archive that a site is packed into: what reading and writing it have in common.
 * The format is described in docs/bundle-format.md.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Coding } from "../../http/coding.ts";

/** A file's content with one coding or none. */
export interface BundleContent {
  /** The value for ETag. */
  readonly etag: string;
  /** The content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file's content with one coding. */
export interface EncodedContent extends BundleContent {
  /** The coding. */
  readonly coding: Coding;
}

/** A file with everything that is said of it to clients. */
export interface BundleFile {
  /** Its path in the site, decoded: begins with "/". */
  readonly path: string;
  /** The value for Content-Type. */
  readonly contentType: string;
  /** When it was last changed, in ms since the epoch; a whole number. */
  readonly modified: number;
  /** The content as it is. */
  readonly identity: BundleContent;
  /** The content with codings, those that are preferred first. */
  readonly encoded: readonly EncodedContent[];
}

/** An archive that cannot be read. Its message says why. */
export class BundleError extends Error {
  /** Its name. */
  override name = "BundleError";
}

/** How an archive begins. The first byte is in no text, and the last ones do not survive what changes line ends. */
export const MAGIC: Uint8Array = Uint8Array.of(
  0x89,
  0x53,
  0x4b,
  0x49,
  0x46,
  0x46,
  0x0d,
  0x0a,
);

/** The version that is written, and the only one that is read. */
export const VERSION = 1;

/** Where the parts of the head begin that come after the magic. */
export const AT = {
  version: 8,
  indexUnits: 12,
  contentsUnits: 16,
  checksum: 20,
  digest: 24,
} as const;

/** Bytes of the head. */
export const HEAD_BYTES = 56;

/** Everything begins at multiples of this many bytes, which are the unit that the head counts in. */
export const ALIGNMENT = 8;

/** In the place of a content's number: there is none. */
export const NO_CONTENT = 0xffff_ffff;

/** A length with what it takes to end aligned. */
export function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** SHA-256 of what the head's digest vouches for: the head, as far as it comes before the digest, and the index. */
export function digestOf(head: Uint8Array, index: Uint8Array): Uint8Array {
  return createHash("sha256").update(head.subarray(0, AT.digest)).update(index)
    .digest();
}

/** CRC-32 of bytes (ISO 3309), going on from that of the bytes before them. */
export function checksumOf(bytes: Uint8Array, before = 0): number {
  // Some versions of the runtime refuse to look at nothing.
  return bytes.length === 0 ? before : crc32(bytes, before);
}
