/**
 * Reads the directory of a ZIP file. The file is hostile input: nothing in it is
 * believed that can be compared, and what it can make grow is bounded.
 *
 * @module
 */

import {
  CENTRAL_BYTES,
  COUNT16_MAX,
  END64_BYTES,
  END_BYTES,
  EntryFlag,
  Extra,
  LOCAL_BYTES,
  LOCATOR64_BYTES,
  Signature,
  SIZE32_MAX,
} from "./format.ts";
import { quote } from "../../http/printable.ts";
import { PackedTree } from "../packed_tree.ts";
import { decodeName, pathOf } from "./names.ts";

/** Most entries of a ZIP file. */
export const ZIP_ENTRIES_MAX = 100_000;

/** Most bytes of the directory of a ZIP file, which stays in memory. */
export const ZIP_DIRECTORY_BYTES_MAX = 33_554_432;

/** No deflated content is larger than this many times its compressed length: a match of 258 bytes takes two bits. */
export const DEFLATE_RATIO_MAX = 1_032;

/** Longest comment behind the last record. */
const COMMENT_BYTES_MAX = 0xffff;

/** Systems whose attributes contain a file mode (§4.4.2): Unix and macOS. */
const UNIX_SYSTEMS: readonly number[] = [3, 19];

/** The kind of file in a mode. */
const KIND_MASK = 0o170000;
const KIND_FILE = 0o100000;
const KIND_DIRECTORY = 0o040000;
const KIND_LINK = 0o120000;

const STORED = 0;
const DEFLATED = 8;

/** Thrown for a file that cannot be served as a ZIP file. The message is for the operator. */
export class ZipError extends Error {
  override name = "ZipError";
}

/** A file in a ZIP file. */
export interface ZippedFile {
  /** Decoded path; begins with "/". */
  readonly path: string;
  /** The bytes of its name, which the local record must repeat. */
  readonly rawName: Uint8Array;
  readonly isDeflated: boolean;
  /** Checksum of its content (CRC-32). */
  readonly checksum: number;
  /** Bytes of its content. */
  readonly size: number;
  /** Bytes of its content as it is in the ZIP file. */
  readonly packedSize: number;
  /** Where its local record begins. */
  readonly offset: number;
  /** Where its content must end at the latest. */
  readonly limit: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** The directory of a ZIP file. */
export interface ZipDirectory {
  /** Sorted by path, each of which is there once. */
  readonly files: readonly ZippedFile[];
  /** What is not served, and why: a sentence for each reason. */
  readonly problems: readonly string[];
}

/** Returns the bytes of a ZIP file from `start` to `end` (exclusive). */
export type ByteReader = (start: number, end: number) => Uint8Array;

/** Reads the directory of a ZIP file of `length` bytes. Throws a {@linkcode ZipError}, and what `read` throws. */
export function readDirectory(length: number, read: ByteReader): ZipDirectory {
  const { count, offset, size } = findDirectory(length, read);
  if (count > ZIP_ENTRIES_MAX) {
    throw new ZipError(`it has more than ${ZIP_ENTRIES_MAX} entries`);
  }
  if (size > ZIP_DIRECTORY_BYTES_MAX) {
    throw new ZipError(
      `its directory has more than ${ZIP_DIRECTORY_BYTES_MAX} bytes`,
    );
  }
  const reader = new DirectoryReader(read(offset, offset + size), offset);
  for (let index = 0; index < count; index++) reader.readEntry();
  return reader.end();
}

/** Where the central directory is. */
interface DirectoryPlace {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Finds the last record, whose comment must reach exactly to the end, and what it says of the directory. */
function findDirectory(length: number, read: ByteReader): DirectoryPlace {
  const start = Math.max(0, length - END_BYTES - COMMENT_BYTES_MAX);
  const tail = read(start, length);
  const view = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== Signature.end) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tail.length) {
      continue;
    }
    const place = placeIn(
      new DataView(view.buffer, view.byteOffset + at),
      start + at,
      read,
    );
    if (place.offset + place.size !== place.end) {
      throw new ZipError("its directory is not where it should be");
    }
    return place;
  }
  throw new ZipError("it is no ZIP file, or its end is missing");
}

/** Reads where the directory is from the last record, and from that for 64 bits in front of it. */
function placeIn(
  view: DataView,
  at: number,
  read: ByteReader,
): DirectoryPlace & { readonly end: number } {
  const disks = [view.getUint16(4, true), view.getUint16(6, true)];
  const count = view.getUint16(10, true);
  const size = view.getUint32(12, true);
  const offset = view.getUint32(16, true);
  const isWide = count === COUNT16_MAX || size === SIZE32_MAX ||
    offset === SIZE32_MAX || disks.includes(0xffff);
  const wide = isWide ? widePlace(at, read) : undefined;
  if (wide !== undefined) return wide;
  if (disks.some((disk) => disk !== 0) || view.getUint16(8, true) !== count) {
    throw new ZipError("it is one part of several");
  }
  return { count, offset, size, end: at };
}

function widePlace(at: number, read: ByteReader) {
  if (at < LOCATOR64_BYTES + END64_BYTES) return undefined;
  const locator = viewOf(read(at - LOCATOR64_BYTES, at));
  if (locator.getUint32(0, true) !== Signature.locator64) return undefined;
  const end = numberAt(locator, 8);
  if (end + END64_BYTES > at - LOCATOR64_BYTES) {
    throw new ZipError("its end is damaged");
  }
  const record = viewOf(read(end, end + END64_BYTES));
  const isWhole = record.getUint32(0, true) === Signature.end64 &&
    end + 12 + numberAt(record, 4) === at - LOCATOR64_BYTES;
  if (!isWhole) throw new ZipError("its end is damaged");
  const [disk, first] = [
    record.getUint32(16, true),
    record.getUint32(20, true),
  ];
  const count = numberAt(record, 32);
  if (disk !== 0 || first !== 0 || numberAt(record, 24) !== count) {
    throw new ZipError("it is one part of several");
  }
  return {
    count,
    size: numberAt(record, 40),
    offset: numberAt(record, 48),
    end,
  };
}

/** Reads a number of 64 bits. Throws for those beyond what is exact, which no file has. */
function numberAt(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ZipError("it has an impossible number");
  }
  return Number(value);
}

/** The values of an entry that may be in the field for 64 bits. */
interface Sizes {
  size: number;
  packedSize: number;
  offset: number;
}

/** Reads the entries of a directory one after the other. */
class DirectoryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the directory begins, behind all contents. */
  readonly #start: number;
  #at = 0;
  readonly #files = new Map<string, ZippedFile>();
  /** All entries, also those that are not served, for where each must end. */
  readonly #places: { readonly start: number; readonly end: number }[] = [];
  readonly #problems = new Map<string, { count: number; name: string }>();

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#start = start;
  }

  readEntry(): void {
    const at = this.#at;
    const view = this.#view;
    if (
      at + CENTRAL_BYTES > this.#bytes.length ||
      view.getUint32(at, true) !== Signature.central
    ) throw new ZipError("its directory is damaged");
    const nameEnd = at + CENTRAL_BYTES + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    this.#at = extraEnd + view.getUint16(at + 32, true);
    if (this.#at > this.#bytes.length) {
      throw new ZipError("its directory is damaged");
    }
    const rawName = this.#bytes.subarray(at + CENTRAL_BYTES, nameEnd);
    const sizes: Sizes = {
      size: view.getUint32(at + 24, true),
      packedSize: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    };
    const modified = this.#readExtra(nameEnd, extraEnd, sizes) ??
      timeOf(view.getUint16(at + 12, true), view.getUint16(at + 14, true));
    const { offset, packedSize } = sizes;
    const start = offset + LOCAL_BYTES + rawName.length;
    this.#places.push({ start: offset, end: start + packedSize });
    const isUtf8 = (view.getUint16(at + 8, true) & EntryFlag.utf8) !== 0;
    const name = decodeName(rawName, isUtf8);
    if (name === undefined) return this.#note("a name that is not UTF-8", "");
    if (name.endsWith("/")) return;
    const { path, problem = this.#problemOf(at, sizes) } = pathOf(name);
    if (problem !== undefined) return this.#note(problem, name);
    if (this.#files.has(path!)) this.#note("the name of another one", name);
    this.#files.set(path!, {
      path: path!,
      rawName,
      isDeflated: view.getUint16(at + 10, true) === DEFLATED,
      checksum: view.getUint32(at + 16, true),
      ...sizes,
      limit: this.#start,
      modified,
    });
  }

  /** Returns why an entry is not served; undefined if it is. */
  #problemOf(at: number, { size, packedSize }: Sizes): string | undefined {
    const view = this.#view;
    const flags = view.getUint16(at + 8, true);
    const encrypted = EntryFlag.encrypted | EntryFlag.stronglyEncrypted |
      EntryFlag.masked;
    if (flags & encrypted) return "encryption";
    const method = view.getUint16(at + 10, true);
    if (method !== STORED && method !== DEFLATED) {
      return `compression method ${method}`;
    }
    const isPossible = method === STORED
      ? size === packedSize
      : size <= packedSize * DEFLATE_RATIO_MAX;
    if (!isPossible) return "an impossible size";
    const system = view.getUint16(at + 4, true) >> 8;
    const kind = view.getUint32(at + 38, true) >>> 16 & KIND_MASK;
    if (!UNIX_SYSTEMS.includes(system) || kind === 0 || kind === KIND_FILE) {
      return undefined;
    }
    if (kind === KIND_LINK) return "the kind of a link";
    return kind === KIND_DIRECTORY
      ? "the kind of a folder"
      : "no kind of a file";
  }

  /** Reads the extra fields of an entry: numbers of 64 bits, and the time, which is returned. */
  #readExtra(start: number, end: number, sizes: Sizes): number | undefined {
    let modified: number | undefined;
    for (let at = start; at + 4 <= end;) {
      const id = this.#view.getUint16(at, true);
      const from = at + 4;
      at = from + this.#view.getUint16(at + 2, true);
      if (at > end) break;
      if (id === Extra.zip64) this.#readWide(from, at, sizes);
      const hasTime = id === Extra.timestamp && at - from >= 5 &&
        (this.#bytes[from]! & 1) !== 0;
      if (hasTime) modified = this.#view.getInt32(from + 1, true) * 1000;
    }
    const isMissing = Object.values(sizes).includes(SIZE32_MAX);
    if (isMissing) throw new ZipError("its directory lacks a size");
    return modified;
  }

  #readWide(start: number, end: number, sizes: Sizes): void {
    let at = start;
    for (const key of ["size", "packedSize", "offset"] as const) {
      if (sizes[key] !== SIZE32_MAX || at + 8 > end) continue;
      sizes[key] = numberAt(this.#view, at);
      at += 8;
    }
  }

  #note(problem: string, name: string): void {
    const known = this.#problems.get(problem);
    if (known === undefined) this.#problems.set(problem, { count: 1, name });
    else known.count++;
  }

  /** Returns what was read, unless contents overlap: then few bytes would stand for many files. */
  end(): ZipDirectory {
    if (this.#at !== this.#bytes.length) {
      throw new ZipError("its directory is damaged");
    }
    this.#places.sort((a, b) => a.start - b.start);
    const limits = new Map<number, number>();
    this.#places.forEach(({ start, end }, index) => {
      const limit = this.#places[index + 1]?.start ?? this.#start;
      if (end > limit) throw new ZipError("contents in it overlap");
      limits.set(start, limit);
    });
    const files = [...this.#files.values()]
      .map((file) => ({ ...file, limit: limits.get(file.offset)! }))
      .sort((a, b) => a.path < b.path ? -1 : 1);
    const tree = new PackedTree(files, ({ size }) => size);
    const isFile = ({ path }: ZippedFile) =>
      tree.directory(path).kind === "absent";
    for (const file of files) {
      if (!isFile(file)) this.#note("the name of a folder", file.path);
    }
    return { files: files.filter(isFile), problems: this.#texts() };
  }

  #texts(): string[] {
    return [...this.#problems].map(([problem, { count, name }]) => {
      const others = count === 1 ? "" : ` and ${count - 1} more`;
      return `${quote(name)}${others} not served: ${problem}`;
    });
  }
}

/** Returns the time of an entry without another one, which has no zone: UTC is as good as any. */
function timeOf(time: number, date: number): number {
  const month = date >> 5 & 15;
  const day = date & 31;
  if (month === 0 || day === 0) return NaN;
  return Date.UTC(
    1980 + (date >> 9),
    month - 1,
    day,
    time >> 11,
    time >> 5 & 63,
    2 * (time & 31),
  );
}

/**
 * Returns where the content of a file is, by its local record. Returns undefined if that contradicts the directory, or
 * if the content does not end where it must.
 */
export function contentPlace(
  file: ZippedFile,
  read: ByteReader,
): { readonly start: number; readonly end: number } | undefined {
  const { offset, rawName, packedSize, isDeflated, limit } = file;
  const nameStart = offset + LOCAL_BYTES;
  const record = read(offset, nameStart + rawName.length);
  const view = viewOf(record);
  const nameLength = view.getUint16(26, true);
  const start = nameStart + nameLength + view.getUint16(28, true);
  const isSame = view.getUint32(0, true) === Signature.local &&
    (view.getUint16(6, true) & EntryFlag.encrypted) === 0 &&
    view.getUint16(8, true) === (isDeflated ? DEFLATED : STORED) &&
    nameLength === rawName.length &&
    rawName.every((byte, index) => byte === record[LOCAL_BYTES + index]);
  const end = start + packedSize;
  return isSame && end <= limit ? { start, end } : undefined;
}
