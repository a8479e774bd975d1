/**
 * The archive that a site is packed into: what its reader and its writer share.
 * docs/bundle-format.md describes the format.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Coding } from "../../http/coding.ts";

/** The content of a file with one coding or none. */
export interface BundleContent {
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The content of a file with a coding. */
export interface EncodedContent extends BundleContent {
  readonly coding: Coding;
}

/** A file with everything that replies say about it. */
export interface BundleFile {
  /** Decoded path in the site; begins with "/". */
  readonly path: string;
  readonly contentType: string;
  /** Last modification in milliseconds since the epoch; an integer. */
  readonly modified: number;
  readonly identity: BundleContent;
  /** Encoded contents, in order of preference. */
  readonly encoded: readonly EncodedContent[];
}

/** A file of an older build that pages of that build still load. */
export interface KeptFile extends BundleFile {
  /** How many builds back it is from: at least 1. */
  readonly age: number;
}

/** What an archive has. */
export interface Bundle {
  /** In the order of their paths. */
  readonly files: readonly BundleFile[];
  /** What older builds had and this one has not, in the order of their paths. */
  readonly kept: readonly KeptFile[];
}

/**
 * The first bytes of an archive. No text has the first byte, and a conversion of line ends destroys the last ones.
 */
export const MAGIC: Uint8Array = Uint8Array.fromHex("89534b4946460d0a");

/** The version to write, and the only one to read. */
export const VERSION = 2;

/** Offsets in the head, after the magic. */
export const AT = {
  version: 8,
  indexUnits: 12,
  contentsUnits: 16,
  checksum: 20,
  digest: 24,
} as const;

/** Length of the head in bytes. */
export const HEAD_BYTES = 56;

/** Everything begins at a multiple of this many bytes, which is also the unit of the head. */
export const ALIGNMENT = 8;

/** The content number that means "none". */
export const NO_CONTENT = 0xffff_ffff;

/** Rounds a length up to the alignment. */
export function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Returns the SHA-256 of the head, up to the digest, and the index. */
export function bundleDigestOf(
  head: Uint8Array,
  index: Uint8Array,
): Uint8Array {
  return createHash("sha256").update(head.subarray(0, AT.digest)).update(index)
    .digest();
}

/** Returns the CRC-32 of bytes (ISO 3309), continued from the bytes before. */
export function checksumOf(bytes: Uint8Array, before = 0): number {
  // Some versions of the runtime reject an empty array.
  return bytes.length === 0 ? before : crc32(bytes, before);
}
