/**
 * The body of a response on its way: bytes for one DATA frame after another.
 *
 * @module
 */

import {
  type Segment,
  type SourceReader,
  SourceRefused,
  type SourceSegment,
} from "../../http/reply.ts";
import { Roster, type RosterMember } from "../roster.ts";

/**
 * Most sources open at once for the streams of all HTTP/2 connections of this isolate. For a further one, the source
 * closes that was read longest ago; it is opened again where it was, so clients that do not read keep none from others.
 */
export const SOURCES_MAX = 1_024;

/** Bodies whose source is open. */
const holders = new Roster<SegmentBody>();

/** Counts reads, to tell which source was read longest ago. */
let reads = 0;

/** Closes the source that was read longest ago. Returns whether there was one. */
function closeOldest(): boolean {
  let oldest: SegmentBody | undefined;
  for (const body of holders.all()) {
    if (oldest === undefined || body.readAt < oldest.readAt) oldest = body;
  }
  oldest?.close();
  return oldest !== undefined;
}

/** What a stream sends after its head. */
export interface Body {
  /** Bytes that can be read; of events, those that have come. */
  readonly left: number;
  /** Whether everything was read and nothing follows. */
  readonly isComplete: boolean;
  /** Whether many files are opened for few bytes, so that other work must get its turn between two reads. */
  readonly isScattered?: boolean;
  /** Opens the source that comes next, if one does, so that its errors come before the head is sent. */
  open?(): void;
  /**
   * Fills `into` as far as the body goes, or with one read if it is scattered, and returns the number of bytes. Throws
   * the errors of its sources.
   */
  read(into: Uint8Array): number;
  /** Closes what is open. */
  close(): void;
}

/** Reads the segments of a body in order, with at most one source open. */
export class SegmentBody implements Body, RosterMember {
  index = -1;
  /** Bytes that were not read yet. */
  left = 0;
  /** When a source was last read, in reads of all bodies. */
  readAt = 0;
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

  get isScattered(): boolean {
    const segment = this.#current();
    return isSource(segment) && segment.isScattered === true;
  }

  open(): void {
    const segment = this.#current();
    if (!isSource(segment)) return;
    if (this.#reader !== undefined) return;
    if (holders.size >= SOURCES_MAX) closeOldest();
    try {
      this.#reader = segment.open(this.#at);
    } catch (error) {
      const isScarce = error instanceof SourceRefused && error.status === 503;
      if (!isScarce || !closeOldest()) throw error;
      this.#reader = segment.open(this.#at);
    }
    this.readAt = ++reads;
    holders.add(this);
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
        this.readAt = ++reads;
        count = this.#reader!.read(into.subarray(length, length + most));
      }
      length += count;
      this.left -= count;
      this.#at += count;
      if (isSource(segment) && segment.isScattered) break;
    }
    if (this.left === 0) this.close();
    return length;
  }

  /** Closes what is open; the next read opens it again. */
  close(): void {
    if (this.#reader === undefined) return;
    const reader = this.#reader;
    this.#reader = undefined;
    holders.remove(this);
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

function isSource(segment: Segment | undefined): segment is SourceSegment {
  return segment !== undefined && !(segment instanceof Uint8Array);
}
