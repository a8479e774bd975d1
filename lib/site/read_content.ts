/**
 * Reads contents, or how they begin, wherever they are.
 *
 * @module
 */

import { type Segment, SourceChanged, SourceRefused } from "../http/reply.ts";
import type { Variant } from "./site.ts";

/** Returns the first bytes of a content; undefined if it has changed or cannot be opened now. */
export function beginningOf(
  content: Variant,
  count: number,
): Uint8Array | undefined {
  return beginningOfSegment(
    content.slice(0, Math.min(count, content.length)),
    count,
  );
}

/** Returns the first bytes of a segment; undefined if its source has changed or cannot be opened now. */
export function beginningOfSegment(
  segment: Segment,
  count: number,
): Uint8Array | undefined {
  if (segment instanceof Uint8Array) return segment.subarray(0, count);
  try {
    const reader = segment.open();
    try {
      const bytes = new Uint8Array(Math.min(segment.length, count));
      let length = 0;
      while (length < bytes.length) {
        const read = reader.read(bytes.subarray(length));
        if (read === 0) break;
        length += read;
      }
      return bytes.subarray(0, length);
    } finally {
      reader.close();
    }
  } catch (error) {
    return undefinedIfGone(error);
  }
}

/** Returns a copy of a content; undefined if it has changed or cannot be opened now. */
export function copyOf(
  content: Variant,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return content.copy().catch(undefinedIfGone);
}

function undefinedIfGone(error: unknown): undefined {
  const isGone = error instanceof SourceChanged ||
    error instanceof SourceRefused;
  if (!isGone) throw error;
}
