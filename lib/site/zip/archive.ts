/**
 * A folder as a ZIP file that is made while it is sent. The same folder gives
 * the same bytes, so that a download can be resumed.
 *
 * The length follows from names, sizes and times. Only checksums must be read
 * from the files. A response that passes a file computes its checksum on the
 * way. One that begins later, as a resumed download does, needs those of the
 * files before it, and of the beginning of the file in which it begins. They are
 * kept with the archive, and computed before the response otherwise.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import {
  type Segment,
  SourceChanged,
  type SourceReader,
  type SourceSegment,
} from "../../http/reply.ts";
import { readerOf } from "../content/joined_segment.ts";
import { CancelledError, Steps } from "../pause.ts";
import type { ArchivePart, Layout, LayoutEntry } from "./layout.ts";

/** Returns a slice of a file's content; undefined if it is not the version that the layout was made for. */
export type EntryOpener = (
  entry: LayoutEntry,
  start: number,
  end: number,
) => Segment | undefined;

/** How long a read goes on with another file or record, in milliseconds, so that it does not delay other clients. */
const READ_MS_MAX = 3;

/** Bytes to read at once for a checksum: they take some milliseconds. */
const CHECKSUM_STEP_BYTES = 4 * 1024 * 1024;

/** Distance between checkpoints in a file, in bytes: a resumed download reads so much again at most. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** Checkpoints of a file: 256 MiB back from where it was read last, which is more than is ever on its way to a client. */
const CHECKPOINTS_MAX = 64;

/** Files of an archive with checkpoints: one for each download that may have been cut. */
const CUT_FILES_MAX = 64;

/** The checksum of the first bytes of a content. */
export interface Checkpoint {
  /** How many bytes. */
  readonly at: number;
  readonly checksum: number;
}

/** The state of a folder as an archive. */
export class Archive {
  readonly layout: Layout;
  /** Tag of this state; undefined while nothing distinguishes it from another. */
  readonly etag: string | undefined;
  /** Called when the folder is no longer in this state. */
  onChange: () => void = () => {};
  readonly #open: EntryOpener;
  readonly #checksums: Uint32Array<ArrayBuffer>;
  readonly #isKnown: Uint8Array<ArrayBuffer>;
  /** Of files that were sent in part, the latest to begin last. */
  readonly #checkpoints = new Map<number, Checkpoint[]>();

  constructor(layout: Layout, etag: string | undefined, open: EntryOpener) {
    this.layout = layout;
    this.etag = etag;
    this.#open = open;
    const { entries } = layout;
    this.#checksums = new Uint32Array(entries.length);
    this.#isKnown = new Uint8Array(entries.length);
    entries.forEach(({ size }, index) => {
      if (size === 0) this.#isKnown[index] = 1;
    });
  }

  get length(): number {
    return this.layout.length;
  }

  /** Takes the checksums of files that an earlier state of the folder had in the same version. */
  async inherit(earlier: Archive, steps: Steps): Promise<void> {
    const known = new Map<string, number>();
    for (const [index, { path }] of earlier.layout.entries.entries()) {
      known.set(path, index);
      await steps.next();
    }
    for (const [index, entry] of this.layout.entries.entries()) {
      const before = known.get(entry.path) ?? -1;
      const checksum = earlier.checksum(before);
      const isSame = checksum !== undefined &&
        isSameState(entry, earlier.layout.entries[before]!);
      if (isSame) this.setChecksum(index, checksum);
      await steps.next();
    }
  }

  /** Returns the checksum of an entry's content; undefined while it is unknown. */
  checksum(index: number): number | undefined {
    return this.#isKnown[index] === 1 ? this.#checksums[index] : undefined;
  }

  /** Sets the checksum of an entry. Throws {@linkcode SourceChanged} if it was another one before, and forgets that. */
  setChecksum(index: number, checksum: number): void {
    const known = this.checksum(index);
    if (known !== undefined && known !== checksum) {
      // The file was replaced by one of the same size and time: the next attempt gets that.
      this.#isKnown[index] = 0;
      throw this.changed(index);
    }
    this.#checksums[index] = checksum;
    this.#isKnown[index] = 1;
    this.#checkpoints.delete(index);
  }

  /** Remembers the checksum of the beginning of a content, if none is remembered near it. */
  addCheckpoint(index: number, checkpoint: Checkpoint, isExact = false): void {
    if (this.checksum(index) !== undefined) return;
    const all = this.#checkpoints.get(index) ?? [];
    const isNear = all.some(({ at }) =>
      at === checkpoint.at ||
      !isExact && Math.abs(at - checkpoint.at) < CHECKPOINT_BYTES
    );
    if (isNear) return;
    if (all.push(checkpoint) > CHECKPOINTS_MAX) all.shift();
    this.#checkpoints.delete(index);
    this.#checkpoints.set(index, all);
    if (this.#checkpoints.size <= CUT_FILES_MAX) return;
    this.#checkpoints.delete(this.#checkpoints.keys().next().value!);
  }

  /** Returns the last known checksum of the first bytes of a content, at most `at`. */
  checkpoint(index: number, at: number): Checkpoint {
    let best: Checkpoint = { at: 0, checksum: 0 };
    for (const each of this.#checkpoints.get(index) ?? []) {
      if (each.at > best.at && each.at <= at) best = each;
    }
    return best;
  }

  /** Returns a slice of an entry's content. Throws {@linkcode SourceChanged} if its version is gone. */
  slice(index: number, start: number, end: number): Segment {
    const entry = this.layout.entries[index]!;
    const segment = this.#open(entry, start, end);
    if (segment === undefined) throw this.changed(index);
    return segment;
  }

  /** Makes the error for an archive that cannot be continued. It names the file, for the log. */
  changed(index: number): SourceChanged {
    this.onChange();
    const { path } = this.layout.entries[index]!;
    return new SourceChanged(
      `Download of a folder ended early: "${path}" in it changed`,
    );
  }

  /**
   * Computes the checksums that a response from `start` to `end` needs and does not compute itself. Lets other work
   * run in between. Rejects like {@linkcode Archive.slice}, and with {@linkcode CancelledError} once `isWanted` returns
   * false; what was read until then need not be read again.
   */
  async prepare(
    start: number,
    end: number,
    isWanted?: () => boolean,
  ): Promise<void> {
    const steps = new Steps(isWanted);
    for (const index of this.layout.checksumsIn(start, end)) {
      if (this.checksum(index) !== undefined) continue;
      await steps.next();
      const { size } = this.layout.entries[index]!;
      this.setChecksum(index, await this.#compute(index, size, steps));
    }
    const cut = this.layout.cutContent(start, end);
    if (cut === undefined || this.checksum(cut.index!) !== undefined) return;
    const at = start - cut.start;
    const checksum = await this.#compute(cut.index!, at, steps);
    this.addCheckpoint(cut.index!, { at, checksum }, true);
  }

  /** Computes the checksum of the first bytes of a content. */
  async #compute(
    index: number,
    size: number,
    steps: Steps,
  ): Promise<number> {
    let { at, checksum } = this.checkpoint(index, size);
    const reader = readerOf(this.slice(index, at, size));
    const bytes = new Uint8Array(Math.min(size, CHECKSUM_STEP_BYTES));
    try {
      while (at < size) {
        // Many reads fill less than there is room.
        for (let left = bytes.length; left > 0 && at < size;) {
          const count = reader.read(bytes.subarray(0, left));
          checksum = crc32(bytes.subarray(0, count), checksum);
          at += count;
          left -= count;
        }
        if (at < size) await steps.pause();
      }
    } catch (error) {
      if (error instanceof CancelledError) {
        this.addCheckpoint(index, { at, checksum }, true);
      }
      throw error;
    } finally {
      reader.close();
    }
    return checksum;
  }
}

function isSameState(a: LayoutEntry, b: LayoutEntry): boolean {
  return a.size === b.size && Object.is(a.modified, b.modified);
}

/** A slice of an archive as part of a body. */
export class ArchiveSegment implements SourceSegment {
  readonly length: number;
  readonly isScattered = true;
  readonly #archive: Archive;
  readonly #start: number;
  readonly #begin: () => () => void;

  /** Makes a slice from `start` to `end` (exclusive). Opening it calls `begin`, closing it what that returned. */
  constructor(
    archive: Archive,
    start: number,
    end: number,
    begin: () => () => void = () => () => {},
  ) {
    this.#archive = archive;
    this.#start = start;
    this.length = end - start;
    this.#begin = begin;
  }

  open(at: number = 0): SourceReader {
    const start = this.#start + at;
    const end = this.#start + this.length;
    return new ArchiveReader(this.#archive, start, end, this.#begin());
  }
}

/** The content of a file while it is read. */
interface Content {
  readonly part: ArchivePart;
  readonly reader: SourceReader;
  /** Of what was read so far; undefined if that does not begin with the file. */
  checksum: number | undefined;
}

/** Reads a slice of an archive; at most one file is open. */
class ArchiveReader implements SourceReader {
  readonly #archive: Archive;
  readonly #end: number;
  readonly #onClose: () => void;
  #at: number;
  #content: Content | undefined;

  constructor(
    archive: Archive,
    start: number,
    end: number,
    onClose: () => void,
  ) {
    this.#archive = archive;
    this.#at = start;
    this.#end = end;
    this.#onClose = onClose;
  }

  read(into: Uint8Array): number {
    let length = 0;
    const end = performance.now() + READ_MS_MAX;
    while (length < into.length && this.#at < this.#end) {
      if (this.#content === undefined) {
        if (length > 0 && performance.now() > end) break;
        const part = this.#archive.layout.partAt(this.#at);
        if (part.kind !== "content") {
          length += this.#copyRecord(part, into.subarray(length));
          continue;
        }
        this.#content = this.#openContent(part);
      }
      length += this.#readContent(this.#content, into.subarray(length));
    }
    return length;
  }

  /** Copies what fits of a record. */
  #copyRecord(part: ArchivePart, into: Uint8Array): number {
    const { layout } = this.#archive;
    const record = layout.record(part, (index) => this.#checksum(index));
    const from = this.#at - part.start;
    const end = Math.min(part.end, this.#end) - part.start;
    const bytes = record.subarray(from, Math.min(end, from + into.length));
    into.set(bytes);
    this.#at += bytes.length;
    return bytes.length;
  }

  #checksum(index: number): number {
    const checksum = this.#archive.checksum(index);
    // Only if the archive was not prepared for this slice.
    if (checksum === undefined) throw this.#archive.changed(index);
    return checksum;
  }

  #openContent(part: ArchivePart): Content {
    const from = this.#at - part.start;
    const to = Math.min(part.end, this.#end) - part.start;
    const segment = this.#archive.slice(part.index!, from, to);
    const known = this.#archive.checkpoint(part.index!, from);
    const checksum = known.at === from ? known.checksum : undefined;
    return { part, reader: readerOf(segment), checksum };
  }

  #readContent(content: Content, into: Uint8Array): number {
    const { part, reader } = content;
    const left = Math.min(part.end, this.#end) - this.#at;
    const target = into.length > left ? into.subarray(0, left) : into;
    const count = reader.read(target);
    if (count === 0) throw this.#archive.changed(part.index!);
    this.#at += count;
    if (content.checksum !== undefined) {
      content.checksum = crc32(target.subarray(0, count), content.checksum);
    }
    if (count === left) this.#endContent(content);
    else this.#addCheckpoint(content);
    return count;
  }

  #addCheckpoint({ part, checksum }: Content, isExact = false): void {
    if (checksum === undefined) return;
    const at = this.#at - part.start;
    this.#archive.addCheckpoint(part.index!, { at, checksum }, isExact);
  }

  #endContent({ part, checksum }: Content): void {
    this.#closeContent();
    if (checksum === undefined || this.#at < part.end) return;
    this.#archive.setChecksum(part.index!, checksum);
  }

  #closeContent(): void {
    const content = this.#content;
    this.#content = undefined;
    content?.reader.close();
  }

  /** Closes what is open. Remembers the checksum so far, because the source may be opened again from here on. */
  close(): void {
    if (this.#content !== undefined) this.#addCheckpoint(this.#content, true);
    this.#closeContent();
    this.#onClose();
  }
}
