/**
 * Reusable memory for what is being written. Buffers are held only from the
 * first byte of a batch of replies to the end of its write, so a few of them
 * serve thousands of connections.
 *
 * @module
 */

/** Room for a few small replies: what most writes need. */
export const SMALL_BYTES: number = 16 * 1024;

/** Room for a large reply or a deep batch of small ones in one write; also the piece in which big files are sent. */
export const LARGE_BYTES: number = 256 * 1024;

/** Free buffers kept of each size; more are left to the garbage collector. */
const FREE_MAX = 64;

const freeSmall: Uint8Array[] = [];
const freeLarge: Uint8Array[] = [];

/** A buffer of SMALL_BYTES or, if that is too little, LARGE_BYTES. */
export function takeBuffer(bytes: number): Uint8Array {
  return bytes <= SMALL_BYTES
    ? freeSmall.pop() ?? new Uint8Array(SMALL_BYTES)
    : freeLarge.pop() ?? new Uint8Array(LARGE_BYTES);
}

/** Gives a buffer back. Nobody may use it any more, the system neither. */
export function giveBuffer(buffer: Uint8Array): void {
  const free = buffer.length === SMALL_BYTES ? freeSmall : freeLarge;
  if (free.length < FREE_MAX) free.push(buffer);
}
