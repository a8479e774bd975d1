/**
 * Sources: opens the sources of one body, one after the other.
 *
 * @module
 */

import type { Segment, SourceReader, SourceSegment } from "../../http/reply.ts";

/**
 * The sources of one body. They are opened one by one, so a body of many files needs few descriptors. The first is
 * opened before anything is awaited, so that another reply can take the place of one that cannot be opened. Each is
 * closed only after the next is opened, so the parts of one file share a descriptor.
 */
export class Sources {
  /** All segments of the body. */
  readonly segments: readonly Segment[];
  readonly #waiting: Iterator<SourceSegment>;
  /** The source that is being read. */
  #current: SourceReader | undefined;
  /** The first source, until it is read. */
  #first: SourceReader | undefined;

  /** Opens the first source. Throws what opening it throws. */
  constructor(segments: readonly Segment[]) {
    this.segments = segments;
    this.#waiting = segments.filter(isSource).values();
    this.#first = this.#open();
  }

  /** Returns a reader of the next source, which {@linkcode Sources.close} or the next call closes. */
  next(): SourceReader {
    const last = this.#current;
    try {
      this.#current = this.#first ?? this.#open();
      this.#first = undefined;
    } finally {
      if (last !== this.#current) last?.close();
    }
    return this.#current!;
  }

  /** Closes all open sources. */
  close(): void {
    this.#first?.close();
    this.#current?.close();
    this.#first = this.#current = undefined;
  }

  #open(): SourceReader | undefined {
    return this.#waiting.next().value?.open();
  }
}

function isSource(segment: Segment): segment is SourceSegment {
  return !(segment instanceof Uint8Array);
}
