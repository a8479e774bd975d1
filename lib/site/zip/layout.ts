/**
 * The layout of a ZIP file that is made while it is sent: which record or
 * content is at which position. Pure.
 *
 * @module
 */

import {
  centralLength,
  centralRecord,
  descriptorLength,
  descriptorRecord,
  endLength,
  endRecords,
  localLength,
  localRecord,
  type ZipEntry,
} from "./format.ts";

const ENCODER = new TextEncoder();

/** A file or a folder to put into an archive. */
export interface LayoutEntry {
  /** Name in the archive; that of a folder ends with "/". */
  readonly path: string;
  readonly size: number;
  /** As in {@linkcode ZipEntry}. */
  readonly modified: number;
}

/** A part of an archive: a record or a content. */
export interface ArchivePart {
  /** Its first position in the archive. */
  readonly start: number;
  /** The position behind it. */
  readonly end: number;
  /** The entry that it belongs to; undefined for what ends the archive. */
  readonly index: number | undefined;
  readonly kind: "local" | "content" | "descriptor" | "central" | "end";
}

/** Where everything in an archive is. Keeps two numbers for each entry. */
export class Layout {
  readonly entries: readonly LayoutEntry[];
  /** Bytes of the archive. */
  readonly length: number;
  /** Positions of the local records, and last of the central directory. */
  readonly #offsets: Float64Array<ArrayBuffer>;
  /** Positions of the central records, and last of what ends the archive. */
  readonly #centrals: Float64Array<ArrayBuffer>;

  /** Use a {@linkcode LayoutBuilder}. */
  constructor(
    entries: readonly LayoutEntry[],
    offsets: Float64Array<ArrayBuffer>,
    centrals: Float64Array<ArrayBuffer>,
  ) {
    const count = entries.length;
    this.entries = entries;
    this.#offsets = offsets;
    this.#centrals = centrals;
    const start = offsets[count]!;
    const end = centrals[count]!;
    this.length = end + endLength(count, start, end - start);
  }

  /** Returns the part that a position below the length is in. */
  partAt(at: number): ArchivePart {
    const count = this.entries.length;
    const centralStart = this.#offsets[count]!;
    if (at < centralStart) {
      return this.#partOfEntry(lastUpTo(this.#offsets, at), at);
    }
    if (at >= this.#centrals[count]!) {
      const start = this.#centrals[count]!;
      return { start, end: this.length, index: undefined, kind: "end" };
    }
    const index = lastUpTo(this.#centrals, at);
    const start = this.#centrals[index]!;
    const end = this.#centrals[index + 1]!;
    return { start, end, index, kind: "central" };
  }

  #partOfEntry(index: number, at: number): ArchivePart {
    const start = this.#offsets[index]!;
    const entry = zipEntry(this.entries[index]!);
    const content = start + localLength(entry);
    const descriptor = content + entry.size;
    if (at < content) return { start, end: content, index, kind: "local" };
    if (at < descriptor) {
      return { start: content, end: descriptor, index, kind: "content" };
    }
    const end = this.#offsets[index + 1]!;
    return { start: descriptor, end, index, kind: "descriptor" };
  }

  /** Writes the record that a part is. */
  record(
    { kind, index }: ArchivePart,
    checksumOf: (index: number) => number,
  ): Uint8Array<ArrayBuffer> {
    if (index === undefined) {
      const count = this.entries.length;
      const offset = this.#offsets[count]!;
      return endRecords(count, offset, this.#centrals[count]! - offset);
    }
    const entry = zipEntry(this.entries[index]!);
    if (kind === "local") return localRecord(entry);
    const checksum = checksumOf(index);
    return kind === "descriptor"
      ? descriptorRecord(entry, checksum)
      : centralRecord(entry, checksum, this.#offsets[index]!);
  }

  /**
   * Yields each entry whose checksum is in the bytes from `start` to `end` (exclusive), but whose content does not end in
   * them before it.
   */
  *checksumsIn(start: number, end: number): Generator<number> {
    const count = this.entries.length;
    const centralStart = this.#offsets[count]!;
    if (start >= end || start >= this.#centrals[count]!) return;
    let first = 0;
    let last = this.#lastCentral(end);
    if (start >= centralStart) first = lastUpTo(this.#centrals, start);
    else {
      const { kind, index } = this.partAt(start);
      if (kind === "descriptor") yield index!;
      if (end <= centralStart) return;
      last = Math.min(index! - 1, last);
    }
    for (let index = first; index <= last; index++) yield index;
  }

  /** Returns the content in which the bytes from `start` to `end` begin, if its checksum is in them. */
  cutContent(start: number, end: number): ArchivePart | undefined {
    const part = this.partAt(start);
    const isCut = part.kind === "content" && start > part.start &&
      end > part.end;
    return isCut ? part : undefined;
  }

  /** Returns the last entry whose central record begins before a position; -1 for none. */
  #lastCentral(end: number): number {
    return Math.min(lastUpTo(this.#centrals, end - 1), this.entries.length - 1);
  }
}

/** Lays out entries one after the other: all at once would take a while. */
export class LayoutBuilder {
  readonly #entries: LayoutEntry[] = [];
  /** Positions of the local records. */
  readonly #offsets: number[] = [];
  /** Positions of the central records in their directory. */
  readonly #centrals: number[] = [];
  #offset = 0;
  #central = 0;

  add(added: LayoutEntry): void {
    const entry = zipEntry(added);
    this.#entries.push(added);
    this.#offsets.push(this.#offset);
    this.#centrals.push(this.#central);
    this.#central += centralLength(entry, this.#offset);
    this.#offset += localLength(entry) + entry.size + descriptorLength(entry);
  }

  end(): Layout {
    const offset = this.#offset;
    const centrals = Float64Array.from([...this.#centrals, this.#central]);
    return new Layout(
      this.#entries,
      Float64Array.from([...this.#offsets, offset]),
      centrals.map((central) => offset + central),
    );
  }
}

function zipEntry({ path, size, modified }: LayoutEntry): ZipEntry {
  return { name: ENCODER.encode(path), size, modified };
}

/** Returns the index of the last number that is at most `value`. The numbers ascend, and the first is. */
function lastUpTo(numbers: Float64Array, value: number): number {
  let first = 0;
  let last = numbers.length - 1;
  while (first < last) {
    const middle = (first + last + 1) >>> 1;
    if (numbers[middle]! <= value) first = middle;
    else last = middle - 1;
  }
  return first;
}
