/**
 * A slice of an open file as part of a body, which decides whether a download
 * can continue when the file changes.
 *
 * @module
 */

import type { SourceReader, SourceSegment } from "../../http/reply.ts";
import type { Version } from "../content/version.ts";
import type { OpenFile } from "./open_file.ts";

/** Bytes at each end of a download to compare after a change. */
const SAMPLE_BYTES = 4096;

export class FileSegment implements SourceSegment {
  readonly length: number;
  readonly #file: OpenFile;
  readonly #start: number;

  /** Makes a slice from `start` to `end` (exclusive). */
  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.length = end - start;
  }

  open(at: number = 0): SourceReader {
    this.#file.hold();
    const end = this.#start + this.length;
    return new FileReader(this.#file, this.#start + at, end);
  }

  fill(bytes: Uint8Array): Promise<void> {
    const file = this.#file;
    // Before reading, because it opens the file if nothing holds it.
    const confirmed = file.confirm();
    if (!file.readFully(bytes, this.#start)) {
      file.onChange();
      throw file.changed();
    }
    return confirmed;
  }
}

/** Bytes, and their position in the file. */
interface Sample {
  at: number;
  bytes: Uint8Array;
}

class FileReader implements SourceReader {
  readonly #file: OpenFile;
  readonly #start: number;
  readonly #end: number;
  /** The last version that had the bytes sent so far. */
  #version: Version;
  #at: number;
  /** Copies from before any change: the beginning and the end of the slice, and the end of the last piece. */
  #samples: readonly Sample[] = [];

  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.#at = start;
    this.#end = end;
    this.#version = file.version;
  }

  read(into: Uint8Array): number {
    const left = this.#end - this.#at;
    const target = into.length > left ? into.subarray(0, left) : into;
    const count = this.#file.read(target, this.#at);
    const piece = { at: this.#at, bytes: target.subarray(0, count) };
    // A download of one piece needs no copies: nothing is left to continue.
    if (count < left) this.#takeSamples(piece);
    // Check after reading: if the file changed before, these bytes are from the new version.
    const version = this.#file.changeSince(this.#version);
    if (count === 0 || version !== undefined) {
      this.#file.onChange();
      if (!this.#canGoOn(piece, version)) throw this.#file.changed();
      this.#version = version!;
    }
    this.#keepEnd(piece);
    this.#at += count;
    return count;
  }

  /**
   * Copies both ends at the first piece: programs that edit a file in place mostly change its beginning or its end.
   */
  #takeSamples({ at, bytes }: Sample): void {
    if (at !== this.#start) return;
    const tail = new Uint8Array(Math.min(SAMPLE_BYTES, this.#end - at));
    const tailAt = this.#end - tail.length;
    const count = this.#file.read(tail, tailAt);
    this.#samples = [
      { at, bytes: bytes.slice(0, SAMPLE_BYTES) },
      { at: tailAt, bytes: tail.subarray(0, count) },
      { at, bytes: new Uint8Array(0) },
    ];
  }

  /** Keeps the end of the last piece, in the same memory. */
  #keepEnd({ at, bytes }: Sample): void {
    const last = this.#samples[2];
    if (last === undefined) return;
    const end = bytes.subarray(-SAMPLE_BYTES);
    if (last.bytes.length !== end.length) last.bytes = end.slice();
    else last.bytes.set(end);
    last.at = at + bytes.length - end.length;
  }

  /**
   * Whether the file was only appended to or touched, as far as that can be known without a copy: it still reaches
   * the announced end, and still has what was read before.
   */
  #canGoOn(piece: Sample, version: Version | undefined): boolean {
    return this.#at !== this.#start && piece.bytes.length > 0 &&
      version !== undefined && version.size >= this.#end &&
      this.#holds(piece) && this.#samples.every((each) => this.#holds(each));
  }

  /** Whether the file still has these bytes. */
  #holds({ at, bytes }: Sample): boolean {
    const again = new Uint8Array(bytes.length);
    if (!this.#file.readFully(again, at)) return false;
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] !== again[index]) return false;
    }
    return true;
  }

  close(): void {
    this.#file.release();
  }
}
