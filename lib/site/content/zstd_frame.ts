/**
 * Parses the frame at the beginning of zstd data (RFC 8878 §3.1.1): its length,
 * and the memory to decode it. Pure.
 *
 * @module
 */

export interface ZstdFrame {
  /** Bytes from the magic number to the end of the checksum. */
  readonly length: number;
  /** Window_Size (§3.1.1.1.2) in bytes; inexact above 2^53. */
  readonly windowBytes: number;
}

/** Magic_Number, as bytes. */
const MAGIC: readonly number[] = [0x28, 0xb5, 0x2f, 0xfd];

/** Bytes of Dictionary_ID by its flag. */
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];

/** Bytes of Frame_Content_Size by its flag, in a frame that is a single segment. */
const CONTENT_SIZE_BYTES: readonly number[] = [1, 2, 4, 8];

const CHECKSUM_BYTES = 4;

/** Block_Type (§3.1.1.2.2). */
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** Parses the headers of a frame and its blocks; undefined if it is invalid or cut. */
export function parseZstdFrame(bytes: Uint8Array): ZstdFrame | undefined {
  const descriptor = bytes[MAGIC.length];
  if (
    MAGIC.some((byte, at) => bytes[at] !== byte) || descriptor === undefined
  ) return undefined;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const flag = descriptor >>> 6;
  const windowAt = MAGIC.length + 1;
  const contentSizeAt = windowAt + (isSingleSegment ? 0 : 1) +
    DICTIONARY_ID_BYTES[descriptor & 3]!;
  const contentSizeBytes = flag === 0 && !isSingleSegment
    ? 0
    : CONTENT_SIZE_BYTES[flag]!;
  const blocksAt = contentSizeAt + contentSizeBytes;
  const end = endOfBlocks(bytes, blocksAt) + (hasChecksum ? CHECKSUM_BYTES : 0);
  if (!(end <= bytes.length)) return undefined;
  const windowBytes = isSingleSegment
    // Two bytes are offset by what one can express.
    ? littleEndian(bytes.subarray(contentSizeAt, blocksAt)) +
      (flag === 1 ? 256 : 0)
    : windowOf(bytes[windowAt]!);
  return { length: end, windowBytes };
}

/** Converts Window_Descriptor to Window_Size. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Returns the end of the blocks that begin at `at`; NaN if the last one is missing. */
function endOfBlocks(bytes: Uint8Array, at: number): number {
  while (at + 3 <= bytes.length) {
    const head = littleEndian(bytes.subarray(at, at + 3));
    const type = head >>> 1 & 3;
    if (type === RESERVED_BLOCK) return NaN;
    at += 3 + (type === RLE_BLOCK ? 1 : head >>> 3);
    if ((head & 1) === 1) return at;
  }
  return NaN;
}

/** Reads a little-endian number; inexact above 2^53. */
function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((number, byte) => 256 * number + byte, 0);
}
