/**
 * Several segments as one, and readers of segments.
 *
 * @module
 */

import type { Segment, SourceReader, SourceSegment } from "../../http/reply.ts";

/** Joins segments; a single one stays what it is. */
export function joinSegments(parts: readonly Segment[]): Segment {
  return parts.length === 1 ? parts[0]! : new JoinedSegment(parts);
}

/** Segments one behind the other. */
class JoinedSegment implements SourceSegment {
  readonly length: number;
  readonly #parts: readonly Segment[];

  constructor(parts: readonly Segment[]) {
    this.#parts = parts;
    this.length = parts.reduce((sum, { length }) => sum + length, 0);
  }

  open(at: number = 0): SourceReader {
    return new JoinedReader(this.#parts, at);
  }
}

/** A part that is being read. */
interface OpenPart {
  readonly reader: SourceReader;
  /** Bytes that are still to be read. */
  left: number;
}

/** Opens all sources at once: what cannot be opened must fail before the first byte is sent. */
class JoinedReader implements SourceReader {
  readonly #parts: OpenPart[] = [];

  /** Begins at a byte; what is before it is not opened. */
  constructor(parts: readonly Segment[], at: number) {
    let start = 0;
    try {
      for (const part of parts) {
        const from = Math.max(0, at - start);
        const left = part.length - from;
        if (left > 0) this.#parts.push({ reader: readerOf(part, from), left });
        start += part.length;
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(into: Uint8Array): number {
    const part = this.#parts.find(({ left }) => left > 0);
    if (part === undefined) return 0;
    const count = part.reader.read(into);
    part.left -= count;
    return count;
  }

  close(): void {
    for (const { reader } of this.#parts.splice(0)) reader.close();
  }
}

/** Returns a reader of a segment from a byte on, in memory or not. */
export function readerOf(segment: Segment, at: number = 0): SourceReader {
  if (!(segment instanceof Uint8Array)) return segment.open(at);
  return {
    read: (into) => {
      const bytes = segment.subarray(at, at + into.length);
      into.set(bytes);
      at += bytes.length;
      return bytes.length;
    },
    close: () => {},
  };
}
