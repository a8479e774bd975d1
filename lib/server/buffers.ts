/**
 * Reusable memory. Buffers for what is being written are held only from the
 * first byte of a batch of replies to the end of its write, so a few of them
 * serve thousands of connections; those for input as long as their connection.
 *
 * @module
 */

import { HEAD_BYTES_MAX } from "../http/http1/request.ts";

/** Room for a small reply or a few: what most writes need. */
export const SMALL_BYTES: number = 8 * 1024;

/** Room for content that is copied behind its head. */
export const MEDIUM_BYTES: number = 64 * 1024;

/** Room for a large reply or a deep batch of small ones in one write; also the piece in which big files are sent. */
export const LARGE_BYTES: number = 256 * 1024;

/**
 * Free bytes kept of each size; what is more is left to the garbage collector. Enough for the small writes of
 * 2,000 connections: with fewer, those of a round were garbage each time, and collecting them held up all.
 */
const FREE_BYTES_MAX = 16 * 1024 * 1024;

/** Free buffers by size. */
const FREE: ReadonlyMap<number, Uint8Array[]> = new Map([
  [SMALL_BYTES, []],
  [MEDIUM_BYTES, []],
  [LARGE_BYTES, []],
]);

/** A buffer with room for so many bytes, if they are not more than LARGE_BYTES. */
export function takeBuffer(bytes: number): Uint8Array {
  const size = bytes <= SMALL_BYTES
    ? SMALL_BYTES
    : bytes <= MEDIUM_BYTES
    ? MEDIUM_BYTES
    : LARGE_BYTES;
  return FREE.get(size)!.pop() ?? new Uint8Array(size);
}

/** Gives a buffer back. Nobody may use it any more, the system neither. */
export function giveBuffer(buffer: Uint8Array): void {
  const free = FREE.get(buffer.length)!;
  if (free.length * buffer.length < FREE_BYTES_MAX) free.push(buffer);
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

/**
 * A buffer that begins with input[start, end), where `input` is full, and has room behind it: a larger one if there
 * would be little. The parser's limits keep a head from outgrowing HEAD_BYTES_MAX.
 */
export function withRoom(
  input: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const pending = input.subarray(start, end);
  const roomy = pending.length > input.length / 2
    ? new Uint8Array(Math.min(2 * input.length, HEAD_BYTES_MAX + 1))
    : input;
  roomy.set(pending);
  return roomy;
}
