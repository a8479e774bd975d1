/**
 * Several segments as one.
 *
 * @module
 */

import type { Segment, SourceReader, SourceSegment } from "../../http/reply.ts";

/** Joins segments; a single one stays what it is. */
export function joinSegments(parts: readonly Segment[]): Segment {
  return parts.length === 1 ? parts[0]! : new JoinedSegment(parts);
}

/** Returns a reader of a segment, in memory or not. */
export function readerOf(segment: Segment): SourceReader {
  return segment instanceof Uint8Array
    ? new JoinedReader([segment], 0)
    : segment.open();
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

/** Opens all sources at once: what cannot be opened must fail before the first byte is sent. */
class JoinedReader implements SourceReader {
  readonly #parts: readonly Segment[];
  readonly #readers: (SourceReader | undefined)[] = [];
  #index = 0;
  /** Bytes of the current part that were read. */
  #at = 0;

  /** Begins at a byte; what is before it is not opened. */
  constructor(parts: readonly Segment[], at: number) {
    this.#parts = parts;
    let start = 0;
    while (at > 0 && at - start >= (parts[this.#index]?.length ?? Infinity)) {
      start += parts[this.#index++]!.length;
    }
    this.#at = at - start;
    try {
      parts.forEach((part, index) => {
        const isOpened = !(part instanceof Uint8Array) && index >= this.#index;
        const from = index === this.#index ? this.#at : 0;
        this.#readers.push(isOpened ? part.open(from) : undefined);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(into: Uint8Array): number {
    while (this.#index < this.#parts.length) {
      const part = this.#parts[this.#index]!;
      const count = this.#read(part, into.subarray(0, part.length - this.#at));
      this.#at += count;
      if (count > 0) return count;
      this.#index++;
      this.#at = 0;
    }
    return 0;
  }

  #read(part: Segment, into: Uint8Array): number {
    if (into.length === 0) return 0;
    if (!(part instanceof Uint8Array)) {
      return this.#readers[this.#index]!.read(into);
    }
    into.set(part.subarray(this.#at, this.#at + into.length));
    return into.length;
  }

  close(): void {
    for (const reader of this.#readers.splice(0)) reader?.close();
  }
}
