/**
 * Writes the files of a site into an archive. Pure.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { CODINGS } from "../../http/coding.ts";
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
  HEAD_BYTES,
  MAGIC,
  NO_CONTENT,
  VERSION,
} from "./format.ts";

/** Longest string in bytes: its length has 16 bits. */
const STRING_BYTES_MAX = 0xffff;

/**
 * Returns an archive of the files, in pieces. The same files give the same bytes, in any order. Equal contents are
 * stored once.
 */
export function writeBundle(
  { files, kept }: Bundle,
): Uint8Array<ArrayBuffer>[] {
  const sorted = byPath(files);
  const sortedKept = byPath(kept);
  const contents = new ContentTable();
  const all = [...sorted, ...sortedKept];
  const types = [...new Set(all.map(({ contentType }) => contentType))];
  const typeNumbers = new Map(types.map((type, number) => [type, number]));
  const write = (file: BundleFile) =>
    writeFile(rows, contents, file, typeNumbers.get(file.contentType)!);

  const rows = new Writer();
  rows.number(sorted.length);
  for (const file of sorted) write(file);
  rows.number(sortedKept.length);
  for (const file of sortedKept) {
    rows.number(file.age);
    write(file);
  }

  const index = new Writer();
  index.number(CODINGS.length);
  for (const { token } of CODINGS) index.string(token);
  index.number(types.length);
  for (const type of types) index.string(type);
  index.number(contents.all.length);
  for (const { length } of contents.all) index.number(length);
  index.bytes(rows.written());
  index.align();
  return assemble(index.written(), contents.all);
}

function writeFile(
  rows: Writer,
  contents: ContentTable,
  { path, modified, identity, encoded }: BundleFile,
  type: number,
): void {
  rows.string(path);
  rows.number(type);
  rows.time(modified);
  writeContent(rows, contents, identity);
  for (const coding of CODINGS) {
    const content = encoded.find((each) => each.coding === coding);
    if (content === undefined) rows.number(NO_CONTENT);
    else writeContent(rows, contents, content);
  }
}

function writeContent(
  rows: Writer,
  contents: ContentTable,
  { etag, bytes }: BundleContent,
): void {
  rows.number(contents.numberOf(bytes));
  rows.string(etag);
}

/** Puts head, index and contents together. */
function assemble(
  index: Uint8Array<ArrayBuffer>,
  contents: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  let checksum = 0;
  for (const content of contents) {
    const padding = new Uint8Array(aligned(content.length) - content.length);
    for (const piece of [content, padding]) {
      pieces.push(piece);
      length += piece.length;
      checksum = checksumOf(piece, checksum);
    }
  }
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  view.setUint32(AT.version, VERSION, true);
  view.setUint32(AT.indexUnits, index.length / ALIGNMENT, true);
  view.setUint32(AT.contentsUnits, length / ALIGNMENT, true);
  view.setUint32(AT.checksum, checksum, true);
  head.set(bundleDigestOf(head, index), AT.digest);
  return [head, index, ...pieces];
}

/** Sorts by code units, which is the same on every machine. */
function byPath<File extends BundleFile>(files: readonly File[]): File[] {
  return files.toSorted((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0
  );
}

/** Numbers the distinct contents in the order of their first use. */
class ContentTable {
  readonly all: Uint8Array<ArrayBuffer>[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(bytes: Uint8Array<ArrayBuffer>): number {
    const digest = createHash("sha256").update(bytes).digest("base64url");
    const number = this.#numbers.get(digest);
    if (number !== undefined) return number;
    this.#numbers.set(digest, this.all.length);
    return this.all.push(bytes) - 1;
  }
}

const ENCODER = new TextEncoder();

/** Writes the parts of an index in sequence. */
class Writer {
  #bytes = new Uint8Array(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  number(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  time(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  string(text: string): void {
    const encoded = ENCODER.encode(text);
    if (encoded.length > STRING_BYTES_MAX) {
      throw new BundleError(`Cannot write "${text}": it is too long`);
    }
    const at = this.#take(2);
    this.#view.setUint16(at, encoded.length, true);
    this.bytes(encoded);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  align(): void {
    this.#take(aligned(this.#length) - this.#length);
  }

  /** Makes room for `count` bytes, and returns where they begin. May reallocate the buffer. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
