/**
 * The length that a request announces for its body (RFC 9110 §8.6).
 *
 * @module
 */

import { DIGIT, trimSpace } from "./ascii.ts";

/** Most body bytes that are read and discarded to keep a connection; framing included. Beyond: 413. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** Digits of a Content-Length that can matter; longer ones are too large in any case, leading zeros aside. */
const SIGNIFICANT_DIGITS_MAX = 15;

/**
 * Content-Length = 1*DIGIT; a list of equal values is what repeated fields become (RFC 9112 §6.3). Returns the length, or a
 * status code with a minus sign: -400 for anything else, -413 for a length above {@linkcode BODY_BYTES_MAX}.
 */
export function parseContentLength(value: string): number {
  const values = value.split(",").map(trimSpace);
  const first = values[0]!;
  for (const other of values) if (other !== first) return -400;
  if (first === "") return -400;
  for (let i = 0; i < first.length; i++) {
    if (DIGIT[first.charCodeAt(i)] !== 1) return -400;
  }
  const significant = first.replace(/^0+/, "");
  if (significant.length > SIGNIFICANT_DIGITS_MAX) return -413;
  const length = Number(significant);
  return length > BODY_BYTES_MAX ? -413 : length;
}
