/**
 * Segments one behind the other, as one.
 *
 * @module
 */

import type { Segment, SourceReader, SourceSegment } from "../../http/reply.ts";

/** A segment made of others, of which at most one is open at a time. */
export class JoinedSegment implements SourceSegment {
  readonly length: number;
  readonly #segments: readonly Segment[];

  constructor(segments: readonly Segment[]) {
    this.#segments = segments.filter(({ length }) => length > 0);
    this.length = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** Opens the first source, so that its errors come before anything is sent. */
  open(): SourceReader {
    return new JoinedReader(this.#segments);
  }
}

class JoinedReader implements SourceReader {
  readonly #segments: readonly Segment[];
  #index = 0;
  /** Bytes read of the current segment. */
  #at = 0;
  #source: SourceReader | undefined;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    const first = segments.find((segment) => !(segment instanceof Uint8Array));
    this.#source = (first as SourceSegment | undefined)?.open();
  }

  read(into: Uint8Array): number {
    const segment = this.#segments[this.#index];
    if (segment === undefined) return 0;
    const left = segment.length - this.#at;
    const target = into.length > left ? into.subarray(0, left) : into;
    const count = segment instanceof Uint8Array
      ? copy(segment.subarray(this.#at), target)
      : (this.#source ??= segment.open()).read(target);
    this.#at += count;
    if (this.#at === segment.length) {
      if (!(segment instanceof Uint8Array)) this.close();
      this.#index++;
      this.#at = 0;
    }
    return count;
  }

  close(): void {
    const source = this.#source;
    this.#source = undefined;
    source?.close();
  }
}

function copy(from: Uint8Array, into: Uint8Array): number {
  const bytes = from.subarray(0, into.length);
  into.set(bytes);
  return bytes.length;
}
