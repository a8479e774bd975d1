/**
 * The records of a ZIP file with stored entries, as bytes. Pure.
 *
 * The source is APPNOTE 6.3.10. Lengths follow from names, sizes and times
 * alone. Checksums are the only values that must be read from the files, so each
 * follows its file in a data descriptor, and once more in the central directory.
 *
 * @module
 */

/** What the records of an entry say. */
export interface ZipEntry {
  /** Name in UTF-8, with "/" between segments and at the end of a directory. */
  readonly name: Uint8Array;
  /** Bytes of its content; 0 for a directory. */
  readonly size: number;
  /** Last modification in milliseconds since the epoch; NaN when unknown. */
  readonly modified: number;
}

/** Signatures of the records. */
export const Signature = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;

/** Identifiers of extra fields: ZIP64 (§4.5.3), and times in UTC as Info-ZIP writes them. */
export const Extra = { zip64: 0x0001, timestamp: 0x5455 } as const;

/** Bits of the general purpose flags (§4.4.4). */
export const EntryFlag = {
  encrypted: 1 << 0,
  descriptor: 1 << 3,
  stronglyEncrypted: 1 << 6,
  utf8: 1 << 11,
  masked: 1 << 13,
} as const;

/** A size or an offset from here on needs 64 bits. */
export const SIZE32_MAX = 0xffff_ffff;

/** A number of entries from here on needs 64 bits. */
export const COUNT16_MAX = 0xffff;

/** Lengths of records without their variable parts, in bytes. */
export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const END64_BYTES = 56;
export const LOCATOR64_BYTES = 20;

const DESCRIPTOR_BYTES = 16;
const DESCRIPTOR64_BYTES = 24;
const TIMESTAMP_BYTES = 9;
const LOCAL64_BYTES = 20;

const VERSION = 20;
const VERSION64 = 45;

/** Made by: Unix, so that the attributes are those of files that their owner may write and everybody read. */
const MADE_BY = 3 << 8 | VERSION64;
const FILE_ATTRIBUTES = 0o100644 << 16 >>> 0;
const DIRECTORY_ATTRIBUTES = (0o040755 << 16 | 0x10) >>> 0;

const SLASH = 0x2f;

const FLAGS = EntryFlag.descriptor | EntryFlag.utf8;

/** Whether an entry is a directory. */
function isDirectory({ name }: ZipEntry): boolean {
  return name.at(-1) === SLASH;
}

function isLarge({ size }: ZipEntry): boolean {
  return size >= SIZE32_MAX;
}

/** Seconds since the epoch, if the timestamp field can hold them: it has 31 bits. */
function secondsOf({ modified }: ZipEntry): number | undefined {
  const seconds = Math.floor(modified / 1000);
  return seconds >= 0 && seconds < 2 ** 31 ? seconds : undefined;
}

function timestampBytes(entry: ZipEntry): number {
  return secondsOf(entry) === undefined ? 0 : TIMESTAMP_BYTES;
}

/** Returns the length of the record before a content. */
export function localLength(entry: ZipEntry): number {
  return LOCAL_BYTES + entry.name.length + timestampBytes(entry) +
    (isLarge(entry) ? LOCAL64_BYTES : 0);
}

/** Returns the length of the record after a content. */
export function descriptorLength(entry: ZipEntry): number {
  if (isDirectory(entry)) return 0;
  return isLarge(entry) ? DESCRIPTOR64_BYTES : DESCRIPTOR_BYTES;
}

/** Returns the length of the record of an entry at an offset in the central directory. */
export function centralLength(entry: ZipEntry, offset: number): number {
  const wide = wideValues(entry, offset).length;
  return CENTRAL_BYTES + entry.name.length + timestampBytes(entry) +
    (wide > 0 ? 4 + 8 * wide : 0);
}

/** Returns the values of an entry that need 64 bits, in the order of the ZIP64 field. */
function wideValues(entry: ZipEntry, offset: number): number[] {
  return [
    ...isLarge(entry) ? [entry.size, entry.size] : [],
    ...offset >= SIZE32_MAX ? [offset] : [],
  ];
}

/** Returns the length of the records behind the central directory, which begins at `offset` and has `length` bytes. */
export function endLength(
  count: number,
  offset: number,
  length: number,
): number {
  return needsEnd64(count, offset, length)
    ? END64_BYTES + LOCATOR64_BYTES + END_BYTES
    : END_BYTES;
}

function needsEnd64(count: number, offset: number, length: number): boolean {
  return count >= COUNT16_MAX || offset >= SIZE32_MAX || length >= SIZE32_MAX;
}

/** Writes numbers one after the other, least significant byte first. */
class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Writes numbers of 16 bits. */
  u16(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }

  /** Writes numbers of 32 bits; larger ones as the largest, which refers to the ZIP64 field. */
  u32(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, Math.min(value, SIZE32_MAX), true);
      this.#at += 4;
    }
    return this;
  }

  /** Writes numbers of 64 bits. */
  u64(...values: number[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Writes the extra field with the time, if it has one. */
  timestamp(entry: ZipEntry): this {
    const seconds = secondsOf(entry);
    if (seconds === undefined) return this;
    this.u16(Extra.timestamp, 5).raw(new Uint8Array([1]));
    return this.u32(seconds);
  }
}

/** Writes the record before a content. It has the sizes already, so that a reader of a stream knows where it ends. */
export function localRecord(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { name, size } = entry;
  const extra = localLength(entry) - LOCAL_BYTES - name.length;
  const writer = new Writer(localLength(entry))
    .u32(Signature.local)
    .u16(isLarge(entry) ? VERSION64 : VERSION, flagsOf(entry), 0)
    .u16(...dosTime(entry))
    .u32(0, size, size)
    .u16(name.length, extra)
    .raw(name);
  if (isLarge(entry)) writer.u16(Extra.zip64, 16).u64(size, size);
  return writer.timestamp(entry).bytes;
}

/** A directory has no content, and nothing to describe behind it. */
function flagsOf(entry: ZipEntry): number {
  return isDirectory(entry) ? EntryFlag.utf8 : FLAGS;
}

/** Writes the record after a content. */
export function descriptorRecord(
  entry: ZipEntry,
  checksum: number,
): Uint8Array<ArrayBuffer> {
  const { size } = entry;
  const writer = new Writer(descriptorLength(entry));
  if (isDirectory(entry)) return writer.bytes;
  writer.u32(Signature.descriptor, checksum);
  if (isLarge(entry)) writer.u64(size, size);
  else writer.u32(size, size);
  return writer.bytes;
}

/** Writes the record of the central directory for an entry whose local record is at an offset. */
export function centralRecord(
  entry: ZipEntry,
  checksum: number,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const { name, size } = entry;
  const length = centralLength(entry, offset);
  const wide = wideValues(entry, offset);
  const version = wide.length > 0 ? VERSION64 : VERSION;
  const attributes = isDirectory(entry)
    ? DIRECTORY_ATTRIBUTES
    : FILE_ATTRIBUTES;
  const writer = new Writer(length)
    .u32(Signature.central)
    .u16(MADE_BY, version, flagsOf(entry), 0)
    .u16(...dosTime(entry))
    .u32(checksum, size, size)
    .u16(name.length, length - CENTRAL_BYTES - name.length, 0, 0, 0)
    .u32(attributes, offset)
    .raw(name);
  if (wide.length > 0) writer.u16(Extra.zip64, 8 * wide.length).u64(...wide);
  return writer.timestamp(entry).bytes;
}

/** Writes the records behind a central directory of `count` entries, which begins at `offset` and has `length` bytes. */
export function endRecords(
  count: number,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(endLength(count, offset, length));
  if (needsEnd64(count, offset, length)) {
    writer.u32(Signature.end64).u64(END64_BYTES - 12)
      .u16(MADE_BY, VERSION64).u32(0, 0).u64(count, count, length, offset)
      .u32(Signature.locator64, 0).u64(offset + length).u32(1);
  }
  const count16 = Math.min(count, COUNT16_MAX);
  return writer.u32(Signature.end).u16(0, 0, count16, count16)
    .u32(length, offset).u16(0).bytes;
}

/** Returns time and date in the form of MS-DOS, in UTC: the form has no zone, and the same folder the same archive. */
export function dosTime({ modified }: ZipEntry): [time: number, date: number] {
  const date = new Date(Number.isNaN(modified) ? 0 : modified);
  const year = date.getUTCFullYear();
  if (year < 1980) return [0, 1 << 5 | 1];
  if (year > 2107) return [23 << 11 | 59 << 5 | 29, 127 << 9 | 12 << 5 | 31];
  return [
    date.getUTCHours() << 11 | date.getUTCMinutes() << 5 |
    date.getUTCSeconds() >> 1,
    year - 1980 << 9 | date.getUTCMonth() + 1 << 5 | date.getUTCDate(),
  ];
}
