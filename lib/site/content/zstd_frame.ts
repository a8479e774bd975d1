/**
 * The length of the frame at the beginning of zstd data (RFC 8878 §3.1.1). Pure.
 *
 * @module
 */

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

/**
 * Returns the bytes of a frame from the magic number to the end of the checksum; undefined if it is invalid or cut. Reads
 * the headers of the frame and of its blocks.
 */
export function zstdFrameLength(bytes: Uint8Array): number | undefined {
  const descriptor = bytes[MAGIC.length];
  if (
    MAGIC.some((byte, at) => bytes[at] !== byte) || descriptor === undefined
  ) return undefined;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const flag = descriptor >>> 6;
  const windowBytes = isSingleSegment ? 0 : 1;
  const contentSizeBytes = flag === 0 && !isSingleSegment
    ? 0
    : CONTENT_SIZE_BYTES[flag]!;
  const blocksAt = MAGIC.length + 1 + windowBytes +
    DICTIONARY_ID_BYTES[descriptor & 3]! + contentSizeBytes;
  const end = endOfBlocks(bytes, blocksAt) + (hasChecksum ? CHECKSUM_BYTES : 0);
  return end <= bytes.length ? end : undefined;
}

/** Returns the end of the blocks that begin at `at`; NaN if the last one is missing. */
function endOfBlocks(bytes: Uint8Array, at: number): number {
  while (at + 3 <= bytes.length) {
    const head = bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16;
    const type = head >>> 1 & 3;
    if (type === RESERVED_BLOCK) return NaN;
    at += 3 + (type === RLE_BLOCK ? 1 : head >>> 3);
    if ((head & 1) === 1) return at;
  }
  return NaN;
}
