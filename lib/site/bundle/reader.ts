/**
 * Reads the files from an archive. Pure and strict: an archive that can be read
 * is valid from its first byte to its last, so later code need not doubt it.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import { BundleError } from "./archive.ts";
import {
  aligned,
  ALIGNMENT,
  AT,
  type Bundle,
  type BundleContent,
  bundleDigestOf,
  type BundleFile,
  checksumOf,
  type EncodedContent,
  HEAD_BYTES,
  type KeptFile,
  MAGIC,
  NO_CONTENT,
  VERSION,
} from "./format.ts";
import { quote } from "../../http/printable.ts";
import { hasHiddenSegment } from "../hidden.ts";

/** Most bytes of an archive, which is in memory as a whole. */
export const BUNDLE_BYTES_MAX: number = 4 * 1024 * 1024 * 1024;

/** The latest and, negated, the earliest time of a Date, in milliseconds. */
const TIME_MAX = 8.64e15;

function unreadable(reason: string): BundleError {
  return new BundleError(`Cannot read the archive: ${reason}`);
}

/**
 * Returns the files of an archive. Their contents are views of it. Throws a {@linkcode BundleError} for everything
 * that the writer would not write.
 */
export function readBundle(archive: Uint8Array<ArrayBuffer>): Bundle {
  const { index, contents, checksum } = readHead(archive);
  const reader = new Reader(index);
  const codings = reader.list(readCoding);
  if (new Set(codings).size !== codings.length) {
    throw unreadable("it has a coding twice");
  }
  const types = reader.list(readType);
  const lengths = reader.list((reader) => reader.number());
  const table: Table = { codings, types, contents: place(contents, lengths) };
  const files = reader.list((reader) => readFile(reader, table));
  const kept = reader.list((reader) => readKeptFile(reader, table));
  reader.end();
  checkOrder(files);
  checkNesting(files);
  checkOrder(kept);
  if (checksumOf(contents) !== checksum) {
    throw unreadable("its contents are damaged");
  }
  return { files, kept };
}

/** Returns how long an archive is that begins with these bytes; undefined if none does. */
export function bundleLength(head: Uint8Array): number | undefined {
  if (
    head.length < HEAD_BYTES || MAGIC.some((byte, at) => head[at] !== byte)
  ) return undefined;
  return placesIn(viewOf(head)).end;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Returns where the contents begin and where the archive ends, as the head says. */
function placesIn(view: DataView) {
  const contentsStart = HEAD_BYTES +
    ALIGNMENT * view.getUint32(AT.indexUnits, true);
  const end = contentsStart +
    ALIGNMENT * view.getUint32(AT.contentsUnits, true);
  return { contentsStart, end };
}

/**
 * Checks the beginning of an archive of `length` bytes; later bytes do not matter. Throws a {@linkcode BundleError} for
 * what no further byte can make one, so that nothing large is read in vain.
 */
export function checkHead(beginning: Uint8Array, length: number): void {
  const head = beginning.subarray(0, HEAD_BYTES);
  if (MAGIC.some((byte, at) => head[at] !== byte)) {
    throw unreadable("it does not begin as one");
  }
  if (head.length < HEAD_BYTES) {
    throw unreadable("it is cut short");
  }
  const view = viewOf(head);
  const version = view.getUint32(AT.version, true);
  if (version !== VERSION) {
    throw unreadable(`its version is ${version}, this skiff reads ${VERSION}`);
  }
  const { end } = placesIn(view);
  if (length !== end) {
    throw unreadable(`it has ${length} bytes in place of ${end}`);
  }
  if (length > BUNDLE_BYTES_MAX) {
    throw unreadable(`it has more than ${BUNDLE_BYTES_MAX} bytes`);
  }
}

function readHead(archive: Uint8Array<ArrayBuffer>) {
  checkHead(archive, archive.length);
  const head = archive.subarray(0, HEAD_BYTES);
  const view = viewOf(head);
  const { contentsStart } = placesIn(view);
  const index = archive.subarray(HEAD_BYTES, contentsStart);
  const digest = bundleDigestOf(head, index);
  if (digest.some((byte, at) => head[AT.digest + at] !== byte)) {
    throw unreadable("its index is damaged");
  }
  return {
    index,
    contents: archive.subarray(contentsStart),
    checksum: view.getUint32(AT.checksum, true),
  };
}

/** What files refer to by number. */
interface Table {
  readonly codings: readonly Coding[];
  readonly types: readonly string[];
  readonly contents: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Splits the contents. Each begins at the first aligned offset after the one before, and together they fill the
 * archive.
 */
function place(
  contents: Uint8Array<ArrayBuffer>,
  lengths: readonly number[],
): Uint8Array<ArrayBuffer>[] {
  let end = 0;
  const places = lengths.map((length) => {
    const start = end;
    end += aligned(length);
    return contents.subarray(start, start + length);
  });
  if (end !== contents.length) {
    throw unreadable(
      `its contents have ${contents.length} bytes in place of ${end}`,
    );
  }
  return places;
}

function readCoding(reader: Reader): Coding {
  const token = reader.string();
  const coding = CODINGS.find((coding) => coding.token === token);
  if (coding === undefined) {
    throw unreadable(`its coding ${quote(token)} is not known`);
  }
  return coding;
}

/** A media type as in field values (RFC 9110 §8.3.1). */
const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; [\w-]+=[\w.:+-]+)*$/;

function readType(reader: Reader): string {
  const type = reader.string();
  if (!TYPE.test(type)) {
    throw unreadable(`${quote(type)} is not a media type`);
  }
  return type;
}

function readFile(reader: Reader, table: Table): BundleFile {
  const path = reader.string();
  if (!isPath(path)) {
    throw unreadable(`${quote(path)} is not the path of a file`);
  }
  const contentType = reader.item(table.types, reader.number());
  const modified = reader.time();
  const identity = readContent(reader, table);
  if (identity === undefined) {
    throw unreadable(`${quote(path)} has no content`);
  }
  const encoded: EncodedContent[] = [];
  for (const coding of table.codings) {
    const content = readContent(reader, table);
    if (content !== undefined) encoded.push({ coding, ...content });
  }
  const tags = new Set([identity, ...encoded].map(({ etag }) => etag));
  if (tags.size !== 1 + encoded.length) {
    throw unreadable(`${quote(path)} has a tag twice`);
  }
  return { path, contentType, modified, identity, encoded };
}

function readKeptFile(reader: Reader, table: Table): KeptFile {
  const age = reader.number();
  const file = readFile(reader, table);
  if (age < 1) {
    throw unreadable(`${quote(file.path)} is kept from no older build`);
  }
  return { ...file, age };
}

/** Strong entity-tags in ASCII (RFC 9110 §8.8.3). */
const TAG = /^"[!#-~]+"$/;

function readContent(
  reader: Reader,
  { contents }: Table,
): BundleContent | undefined {
  const number = reader.number();
  if (number === NO_CONTENT) return undefined;
  const bytes = reader.item(contents, number);
  const etag = reader.string();
  if (!TAG.test(etag)) {
    throw unreadable(`${quote(etag)} is not an entity-tag`);
  }
  return { etag, bytes };
}

/** Whether a Target can have this path, and clients may see it. */
function isPath(path: string): boolean {
  return path.startsWith("/") && !path.endsWith("/") && !path.includes("//") &&
    !path.includes("\0") && !path.includes("\\") && !hasHiddenSegment(path);
}

/** Checks that paths are unique and in order. */
function checkOrder(files: readonly BundleFile[]): void {
  let last = "";
  for (const { path } of files) {
    if (!(last < path)) {
      throw unreadable(`${quote(path)} comes after ${quote(last)}`);
    }
    last = path;
  }
}

/** Checks that no file is where a directory is. */
function checkNesting(files: readonly BundleFile[]): void {
  // In this order, a path follows all its prefixes.
  const beginnings: string[] = [];
  for (const { path } of files) {
    while (
      beginnings.length > 0 && !path.startsWith(beginnings.at(-1)!)
    ) beginnings.pop();
    if (beginnings.some(({ length }) => path[length] === "/")) {
      throw unreadable(`${quote(path)} is below a file`);
    }
    beginnings.push(path);
  }
}

/** Reads the parts of an index in sequence, and never beyond its end. */
class Reader {
  readonly #index: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder("utf-8", {
    fatal: true,
    ignoreBOM: true,
  });
  #at = 0;

  constructor(index: Uint8Array<ArrayBuffer>) {
    this.#index = index;
    this.#view = viewOf(index);
  }

  /** Reads a count and as many items. Every item takes at least a byte, so a wrong count soon reaches the end. */
  list<T>(read: (reader: Reader) => T): T[] {
    const count = this.number();
    const items: T[] = [];
    while (items.length < count) items.push(read(this));
    return items;
  }

  number(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  time(): number {
    const time = this.#view.getFloat64(this.#take(8), true);
    if (!Number.isInteger(time) || Math.abs(time) > TIME_MAX) {
      throw unreadable(`${time} is not a time`);
    }
    return time;
  }

  string(): string {
    const length = this.#view.getUint16(this.#take(2), true);
    const start = this.#take(length);
    try {
      return this.#decoder.decode(this.#index.subarray(start, this.#at));
    } catch {
      throw unreadable("a string is not UTF-8");
    }
  }

  /** Returns the item with a number. */
  item<T>(items: readonly T[], number: number): T {
    const item = items[number];
    if (item === undefined) {
      throw unreadable(`it has no number ${number} of ${items.length}`);
    }
    return item;
  }

  /** Checks that only padding is left. */
  end(): void {
    const rest = this.#index.subarray(this.#at);
    if (rest.length >= ALIGNMENT || rest.some((byte) => byte !== 0)) {
      throw unreadable("its index has something behind it");
    }
  }

  /** Advances by `count` bytes, and returns where they begin. */
  #take(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#index.length) {
      throw unreadable("its index is cut short");
    }
    return at;
  }
}
