/**
 * The length that a request announces for its body (RFC 9110 §8.6).
 *
 * @module
 */

import { DIGIT, isMadeOf, trimSpace } from "./ascii.ts";

/** Most body bytes that are read and discarded to keep a connection; framing included. Beyond: 413. */
export const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Content-Length = 1*DIGIT; a list of equal values is what repeated fields become (RFC 9112 §6.3). Returns the length, or a
 * status code with a minus sign: -400 for anything else, -413 for a length above {@linkcode BODY_BYTES_MAX}.
 */
export function parseContentLength(value: string): number {
  const [first, ...others] = value.split(",").map(trimSpace);
  const isSame = others.every((other) => other === first);
  if (!isSame || !isMadeOf(first!, DIGIT)) return -400;
  const length = Number(first);
  return length > BODY_BYTES_MAX ? -413 : length;
}
