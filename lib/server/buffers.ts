/**
 * Reusable memory. Buffers for what is being written are held only from the
 * first byte of a batch of replies to the end of its write, so a few of them
 * serve thousands of connections; those for input as long as their connection.
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

/** First size of a connection's input; nearly every head fits, and idle connections cost little. */
export const INPUT_BYTES: number = 3 * 1024;

/** Free input buffers kept, for connections to come. */
const FREE_INPUT_MAX = 1024;

const freeInput: Uint8Array<ArrayBuffer>[] = [];

/** A buffer of INPUT_BYTES. What is in it is somebody's old input. */
export function takeInput(): Uint8Array<ArrayBuffer> {
  return freeInput.pop() ?? new Uint8Array(INPUT_BYTES);
}

/** Gives an input buffer back; one of another size is let go. Nobody may use it any more, the system neither. */
export function giveInput(buffer: Uint8Array<ArrayBuffer>): void {
  const isKept = buffer.length === INPUT_BYTES &&
    freeInput.length < FREE_INPUT_MAX;
  if (isKept) freeInput.push(buffer);
}
