/**
 * The body of an answer on its way: bytes for one DATA frame after the other.
 *
 * @module
 */

import type { Segment, SourceReader } from "../../http/reply.ts";

/** Most sources open at once for the streams of all HTTP/2 connections of this isolate. Further streams wait. */
export const SOURCES_MAX = 1_024;

/** Sources that are open. */
let sources = 0;

/** Whether another source may be opened. */
export function hasFreeSource(): boolean {
  return sources < SOURCES_MAX;
}

/** Most sources of one connection while half of all are open, so that few connections cannot hold all of them. */
export const SOURCES_SHARE = 8;

/** Whether half of all sources are open. */
export function areSourcesScarce(): boolean {
  return sources >= SOURCES_MAX / 2;
}

/** Outputs that wait for a source. */
const waiting = new Set<() => void>();

/** Calls back once when a source has been closed. */
export function onFreeSource(callback: () => void): void {
  waiting.add(callback);
}

function freeSource(): void {
  sources--;
  // Not now: an output may be filling its buffer.
  if (waiting.size > 0) queueMicrotask(wake);
}

/** Calls outputs back until no source is free: one may have ended, or want none any more. */
function wake(): void {
  for (const callback of [...waiting]) {
    if (!hasFreeSource()) return;
    waiting.delete(callback);
    callback();
  }
}

/** What a stream sends after its head. */
export interface Body {
  /** Bytes that can be read; of events, those that have come. */
  readonly left: number;
  /** Whether everything was read and nothing follows. */
  readonly isComplete: boolean;
  /** Whether the next read opens a source. */
  readonly needsSource?: boolean;
  /** Whether a source is open. */
  readonly hasSource?: boolean;
  /** Opens the source that comes next, if one does, so that its errors come before the head is sent. */
  open?(): void;
  /** Fills `into` as far as the body goes, and returns the number of bytes. Throws the errors of its sources. */
  read(into: Uint8Array): number;
  /** Closes what is open. */
  close(): void;
}

/** Reads the segments of a body in order, with at most one source open. */
export class SegmentBody implements Body {
  /** Bytes that were not read yet. */
  left = 0;
  readonly #segments: readonly Segment[];
  #index = 0;
  /** Bytes of the current segment that were read. */
  #at = 0;
  #reader: SourceReader | undefined;

  /** A body of these segments. Opens nothing. */
  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    for (const segment of segments) this.left += segment.length;
  }

  get isComplete(): boolean {
    return this.left === 0;
  }

  get needsSource(): boolean {
    return this.left > 0 && this.#reader === undefined &&
      !(this.#current() instanceof Uint8Array);
  }

  get hasSource(): boolean {
    return this.#reader !== undefined;
  }

  open(): void {
    const segment = this.#current();
    if (segment === undefined || segment instanceof Uint8Array) return;
    if (this.#reader !== undefined) return;
    this.#reader = segment.open();
    sources++;
  }

  read(into: Uint8Array): number {
    let length = 0;
    while (length < into.length) {
      const segment = this.#current();
      if (segment === undefined) break;
      const most = Math.min(into.length - length, segment.length - this.#at);
      let count = most;
      if (segment instanceof Uint8Array) {
        into.set(segment.subarray(this.#at, this.#at + most), length);
      } else {
        this.open();
        count = this.#reader!.read(into.subarray(length, length + most));
      }
      length += count;
      this.left -= count;
      this.#at += count;
    }
    if (this.left === 0) this.close();
    return length;
  }

  close(): void {
    if (this.#reader === undefined) return;
    const reader = this.#reader;
    this.#reader = undefined;
    freeSource();
    reader.close();
  }

  /** The segment to read from; undefined at the end. */
  #current(): Segment | undefined {
    let segment = this.#segments[this.#index];
    while (segment !== undefined && this.#at === segment.length) {
      this.close();
      this.#at = 0;
      segment = this.#segments[++this.#index];
    }
    return segment;
  }
}
