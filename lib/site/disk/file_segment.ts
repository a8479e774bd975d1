/**
 * A slice of an open file as a part of a body, and the judgement whether a
 * download may go on when the file changes meanwhile.
 *
 * @module
 */

import type { SourceReader, SourceSegment } from "../../http/reply.ts";
import type { Version } from "../content/version.ts";
import type { OpenFile } from "./open_file.ts";

/** Bytes at each end of a download that are compared when the file changes meanwhile. */
const SAMPLE_BYTES = 4096;

/** A slice of an open file. */
export class FileSegment implements SourceSegment {
  readonly length: number;
  readonly #file: OpenFile;
  readonly #start: number;

  /** The bytes of the file from start to end (exclusive). */
  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.length = end - start;
  }

  /** See {@linkcode SourceSegment.open}. */
  open(): SourceReader {
    this.#file.hold();
    return new FileReader(this.#file, this.#start, this.#start + this.length);
  }
}

/** Bytes and the position in the file where they were read. */
interface Sample {
  at: number;
  bytes: Uint8Array;
}

class FileReader implements SourceReader {
  readonly #file: OpenFile;
  readonly #start: number;
  readonly #end: number;
  /** The last version in which the bytes sent so far were seen. */
  #version: Version;
  #at: number;
  /** Copies of what was read before any change: the beginning and the end of the slice, and the end of the last piece. */
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
    // What is sent in one piece needs no copies: there is nothing left to go on with.
    if (count < left) this.#takeSamples(piece);
    // Look after reading: had the file changed before, these would be the new version's bytes.
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

  /** Of the first piece: programs that change a file in place mostly write to its beginning or its end. */
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

  /** The end of each piece takes the place of the one before, in the same memory. */
  #keepEnd({ at, bytes }: Sample): void {
    const last = this.#samples[2];
    if (last === undefined) return;
    const end = bytes.subarray(-SAMPLE_BYTES);
    if (last.bytes.length !== end.length) last.bytes = end.slice();
    else last.bytes.set(end);
    last.at = at + bytes.length - end.length;
  }

  /**
   * Whether the file was only appended to or touched, as far as that can be known without a copy of it: it still
   * reaches to the announced end, and what was read before the change is still there.
   */
  #canGoOn(piece: Sample, version: Version | undefined): boolean {
    return this.#at !== this.#start && piece.bytes.length > 0 &&
      version !== undefined && version.size >= this.#end &&
      this.#holds(piece) && this.#samples.every((each) => this.#holds(each));
  }

  /** Whether the bytes are in the file on a second look. */
  #holds({ at, bytes }: Sample): boolean {
    const again = new Uint8Array(bytes.length);
    // A single read may give less than there is.
    for (let read = 0; read < again.length;) {
      const count = this.#file.read(again.subarray(read), at + read);
      if (count === 0) return false;
      read += count;
    }
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] !== again[index]) return false;
    }
    return true;
  }

  close(): void {
    this.#file.release();
  }
}
