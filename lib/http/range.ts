/**
 * Byte ranges (RFC 9110 §14): which bytes of a representation a Range field
 * selects, and the fields and part heads that describe them.
 *
 * @module
 */

import { trimSpace } from "./ascii.ts";

/** A run of bytes of a representation, never empty. */
export interface Slice {
  /** The offset of the first byte. */
  readonly start: number;
  /** The offset after the last byte: exclusive, unlike last-pos in HTTP. */
  readonly end: number;
}

/**
 * The response to a Range field: the whole representation with 200, slices of
 * it with 206, or none of it with 416.
 */
export type RangeDecision =
  | { readonly kind: "whole" }
  | { readonly kind: "slices"; readonly slices: readonly Slice[] }
  | { readonly kind: "unsatisfiable" };

/** One part of a multipart/byteranges body. */
export interface Part {
  /** Everything between the bytes of the part before and those of this one. */
  readonly head: Uint8Array;
  /** The bytes of the representation that follow the head. */
  readonly slice: Slice;
}

/**
 * The most ranges one Range field may ask for. Beyond that the field is
 * ignored as a sign of a broken or hostile client (RFC 9110 §14.2, §17.15).
 */
export const RANGES_MAX = 16;

const WHOLE: RangeDecision = { kind: "whole" };
const UNSATISFIABLE: RangeDecision = { kind: "unsatisfiable" };

const UNIT = "bytes=";

const ENCODER = new TextEncoder();

/**
 * Decides which parts a Range field requests (RFC 9110 §14.1.2, §14.2).
 *
 * - "whole" (the field is ignored): a unit other than bytes, a syntax error
 *   anywhere (such as a first position after the last), more than
 *   {@linkcode RANGES_MAX} ranges, or ranges that together select more bytes
 *   than the representation has.
 * - Ends beyond the representation are cut; a suffix longer than it is all of
 *   it. Numbers of any length are read; those from 2^53 on, which no file
 *   reaches, all count as 2^53 - 1.
 * - Ranges that cannot be satisfied are dropped; when none remains, the
 *   decision is "unsatisfiable".
 * - Ranges that overlap or touch become one slice, in the place of the first of
 *   them; apart from that the slices keep the order of the field, as
 *   §15.3.7.2 recommends.
 *
 * A suffix like `-5` of an empty representation is satisfiable (§14.1.2), but no
 * Content-Range can describe a range of zero bytes, so the field is ignored, as
 * §14.2 allows. Every other range of it is unsatisfiable.
 *
 * @param value The Range field value.
 * @param length The length of the representation in bytes.
 */
export function decideRange(value: string, length: number): RangeDecision {
  if (value.slice(0, UNIT.length).toLowerCase() !== UNIT) return WHOLE;

  const slices: Slice[] = [];
  let given = 0;
  let bytes = 0;
  for (const element of value.slice(UNIT.length).split(",")) {
    const spec = trimSpace(element);
    if (spec === "") continue; // §5.6.1.2: empty elements do not count

    given++;
    if (given > RANGES_MAX) return WHOLE;
    const slice = parseRangeSpec(spec, length);
    if (slice === undefined) return WHOLE;
    if (slice.start >= slice.end) continue; // it cannot be satisfied
    if (length === 0) return WHOLE; // a suffix: all of nothing
    const start = Math.max(slice.start, 0);
    bytes += slice.end - start;
    addSlice(slices, { start, end: slice.end });
  }

  if (given === 0 || bytes > length) return WHOLE;
  return slices.length === 0 ? UNSATISFIABLE : { kind: "slices", slices };
}

/**
 * The Content-Range value of a 206 answer or of a part (RFC 9110 §14.4).
 *
 * @param slice The bytes that are sent.
 * @param length The length of the whole representation in bytes.
 * @returns For example `bytes 0-4/10`.
 */
export function contentRange(slice: Slice, length: number): string {
  return `bytes ${slice.start}-${slice.end - 1}/${length}`;
}

/**
 * The Content-Range value of a 416 answer (RFC 9110 §14.4).
 *
 * @param length The length of the representation in bytes.
 * @returns `bytes`, a star in the place of the range, a slash and the length.
 */
export function unsatisfiedContentRange(length: number): string {
  return `bytes */${length}`;
}

/**
 * Lays out a multipart/byteranges body (RFC 9110 §14.6, RFC 2046 §5.1.1): for
 * each part its head and then the bytes of its slice, and after the last part
 * the closing delimiter. Each head begins with the line break that belongs to
 * the delimiter; before the first part that is an empty preamble.
 *
 * @param slices The slices to send, in this order.
 * @param length The length of the whole representation in bytes.
 * @param contentType The media type of the representation.
 * @param boundary The boundary; it must not occur in the representation.
 * @returns The parts, the bytes that close the body, and the length of the
 * whole body in bytes: heads, slices and closing.
 */
export function multipartByteranges(
  slices: readonly Slice[],
  length: number,
  contentType: string,
  boundary: string,
): {
  readonly parts: readonly Part[];
  readonly closing: Uint8Array;
  readonly contentLength: number;
} {
  const parts: Part[] = [];
  const closing = ENCODER.encode(`\r\n--${boundary}--\r\n`);
  let contentLength = closing.length;
  for (const slice of slices) {
    const head = ENCODER.encode(
      `\r\n--${boundary}\r\n` +
        `Content-Type: ${contentType}\r\n` +
        `Content-Range: ${contentRange(slice, length)}\r\n\r\n`,
    );
    parts.push({ head, slice });
    contentLength += head.length + slice.end - slice.start;
  }
  return { parts, closing, contentLength };
}

/**
 * Reads a range-spec (RFC 9110 §14.1.1):
 *
 *     int-range    = first-pos "-" [ last-pos ]
 *     suffix-range = "-" suffix-length
 *
 * @returns The slice, its end cut to the length; undefined when the syntax is
 * wrong. When its start is not before its end, the range cannot be satisfied.
 * A suffix longer than the representation starts before 0.
 */
function parseRangeSpec(spec: string, length: number): Slice | undefined {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (match === null || spec === "-") return undefined;
  const first = position(match[1]!);
  const last = position(match[2]!);
  if (spec.startsWith("-")) return { start: length - last, end: length };
  if (spec.endsWith("-")) return { start: first, end: length };
  if (first > last) return undefined;
  return { start: first, end: Math.min(last + 1, length) };
}

/** The number that digits write, at most 2^53 - 1; 0 for none. */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/**
 * Adds a slice, merged with all those it overlaps or touches, at the position
 * of the first of them. The slices never touch each other. Each call walks all
 * of them, at most {@linkcode RANGES_MAX}.
 */
function addSlice(slices: Slice[], added: Slice): void {
  let { start, end } = added;
  let place = -1;
  let kept = 0;
  for (const slice of slices) {
    if (slice.start <= end && start <= slice.end) {
      start = Math.min(start, slice.start);
      end = Math.max(end, slice.end);
      if (place === -1) place = kept++;
    } else {
      slices[kept++] = slice;
    }
  }
  if (place === -1) place = kept++;
  slices.length = kept;
  slices[place] = { start, end };
}
