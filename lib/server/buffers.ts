/**
 * Buffers to reuse. A connection holds an output buffer only while a batch of
 * replies is collected and written, so a few of them serve thousands of
 * connections. It holds its input buffer for as long as it lives.
 *
 * @module
 */

/** Room for one or a few small replies: enough for most writes. */
export const SMALL_BYTES: number = 8 * 1024;

/** Room for content that is copied behind its head. */
export const MEDIUM_BYTES: number = 64 * 1024;

/** Room for a large reply or a deep batch of small ones in one write; also the piece size for large files. */
export const LARGE_BYTES: number = 256 * 1024;

/**
 * Free bytes kept of each size; the garbage collector gets the rest. Enough for the small writes of 2,000
 * connections: with less, each round made garbage, and collecting it delayed all of them.
 */
const FREE_BYTES_MAX = 16 * 1024 * 1024;

/** Free buffers by size. */
const FREE: ReadonlyMap<number, Uint8Array[]> = new Map([
  [SMALL_BYTES, []],
  [MEDIUM_BYTES, []],
  [LARGE_BYTES, []],
]);

/** Returns a buffer of at least `bytes` bytes, which may be up to LARGE_BYTES. */
export function takeBuffer(bytes: number): Uint8Array {
  const size = bytes <= SMALL_BYTES
    ? SMALL_BYTES
    : bytes <= MEDIUM_BYTES
    ? MEDIUM_BYTES
    : LARGE_BYTES;
  return FREE.get(size)!.pop() ?? new Uint8Array(size);
}

/** Returns a buffer for reuse. Neither the caller nor a pending write may use it any longer. */
export function giveBuffer(buffer: Uint8Array): void {
  const free = FREE.get(buffer.length)!;
  if (free.length * buffer.length < FREE_BYTES_MAX) free.push(buffer);
}

/** First size of a connection's input. Nearly every head fits, and idle connections cost little. */
export const INPUT_BYTES: number = 3 * 1024;

/** Most free input buffers kept. */
const FREE_INPUT_MAX = 1024;

const freeInput: Uint8Array<ArrayBuffer>[] = [];

/** Returns a buffer of INPUT_BYTES. It holds old input of another connection. */
export function takeInput(): Uint8Array<ArrayBuffer> {
  return freeInput.pop() ?? new Uint8Array(INPUT_BYTES);
}

/** Returns an input buffer for reuse, unless it has grown. No caller and no pending read may use it any longer. */
export function giveInput(buffer: Uint8Array<ArrayBuffer>): void {
  const isKept = buffer.length === INPUT_BYTES &&
    freeInput.length < FREE_INPUT_MAX;
  if (isKept) freeInput.push(buffer);
}
