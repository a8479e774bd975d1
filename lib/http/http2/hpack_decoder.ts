/**
 * HPACK: header block → header lines (RFC 7541 §3 and §6).
 *
 * A block that breaks a rule leaves the two tables of a connection different,
 * so the connection must end. For the same reason every block must be decoded,
 * also that of a request that is refused.
 *
 * @module
 */

import { latin1 } from "../ascii.ts";
import { decodeHuffman } from "./huffman.ts";
import {
  DynamicTable,
  ENTRY_OVERHEAD,
  HeaderField,
  STATIC_FIELDS,
  TABLE_BYTES_MAX,
} from "./hpack_tables.ts";

/**
 * Most bytes of a header block, over all its frames. Enough for a request that is refused because its target or its
 * headers are too long. Beyond: the connection ends.
 */
export const HEADER_BLOCK_BYTES_MAX: number = 32 * 1024;

/** Longest name or value that is read, in bytes. A line beyond that has no value, but its size. */
export const STRING_BYTES_MAX: number = 24 * 1024;

/** Most bytes after the first of an integer: with four, an integer can be 2^28, and no block is that long. */
const INTEGER_BYTES_MAX = 4;

/** Most changes of the table's size at the beginning of a block (RFC 7541 §4.2). */
const SIZE_UPDATES_MAX = 2;

/** Takes the lines of a block in their order. */
export interface FieldSink {
  /** Takes one line. It must not throw. */
  add(field: HeaderField): void;
}

/** Where texts are decoded, for all connections: each is a string before the next one comes. */
const scratch = new Uint8Array(STRING_BYTES_MAX);

/** Decodes the header blocks of one direction of a connection. */
export class HpackDecoder {
  readonly #table = new DynamicTable();
  #bytes: Uint8Array = scratch;
  #at = 0;
  #end = 0;
  /** The length of the text that was read last, in bytes, which is more than that of the string for one too long. */
  #length = 0;

  /** Bytes of the entries in the dynamic table. */
  get tableBytes(): number {
    return this.#table.size;
  }

  /**
   * Decodes the header block bytes[start, end), which must be whole, and gives its lines to `sink`. Returns whether
   * it keeps all rules; if not, the connection must end with COMPRESSION_ERROR. Takes linear time, never throws.
   */
  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    sink: FieldSink,
  ): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const isValid = this.#readSizeUpdates() && this.#readLines(sink);
    // Nothing of what the client sent is kept alive.
    this.#bytes = scratch;
    return isValid;
  }

  /** Dynamic Table Size Update: 001 and five bits, only at the beginning of a block (§6.3). */
  #readSizeUpdates(): boolean {
    for (let updates = 0; this.#at < this.#end; updates++) {
      if (this.#bytes[this.#at]! >> 5 !== 0b001) break;
      const size = this.#readInteger(0x1f);
      if (size < 0 || size > TABLE_BYTES_MAX) return false;
      if (updates === SIZE_UPDATES_MAX) return false;
      this.#table.resize(size);
    }
    return true;
  }

  #readLines(sink: FieldSink): boolean {
    while (this.#at < this.#end) {
      const first = this.#bytes[this.#at]!;
      let field: HeaderField | undefined;
      if (first >= 0x80) {
        // Indexed Header Field (§6.1).
        field = this.#entry(this.#readInteger(0x7f));
      } else if (first >= 0x40) {
        // Literal Header Field with Incremental Indexing (§6.2.1).
        field = this.#readLiteral(0x3f);
        if (field !== undefined) this.#table.add(field);
      } else if (first < 0x20) {
        // Without indexing, or never to be indexed (§6.2.2, §6.2.3): for a recipient the same.
        field = this.#readLiteral(0x0f);
      }
      if (field === undefined) return false;
      sink.add(field);
    }
    return true;
  }

  /** The entry of both tables with an index; undefined if there is none (§2.3.3). */
  #entry(index: number): HeaderField | undefined {
    if (index <= STATIC_FIELDS.length) return STATIC_FIELDS[index - 1];
    return this.#table.get(index - STATIC_FIELDS.length - 1);
  }

  /** A line whose name is that of an entry or a text; undefined if it breaks a rule. */
  #readLiteral(mask: number): HeaderField | undefined {
    const index = this.#readInteger(mask);
    const name = index === 0 ? this.#readText() : this.#entry(index)?.name;
    if (name === undefined) return undefined;
    const nameLength = index === 0 ? this.#length : name.length;
    const value = this.#readText();
    if (value === undefined) return undefined;
    return new HeaderField(
      name,
      value,
      nameLength + this.#length + ENTRY_OVERHEAD,
    );
  }

  /** An integer whose first byte has the bits of `mask` for it (§5.1); -1 if it does not end, or is too long. */
  #readInteger(mask: number): number {
    const first = this.#bytes[this.#at++]! & mask;
    if (first < mask) return first;
    let value = mask;
    for (let shift = 0; shift < 7 * INTEGER_BYTES_MAX; shift += 7) {
      if (this.#at === this.#end) return -1;
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  /** A text (§5.2); undefined if it does not end, or its code is wrong. */
  #readText(): string | undefined {
    if (this.#at === this.#end) return undefined;
    const isHuffman = this.#bytes[this.#at]! >= 0x80;
    const length = this.#readInteger(0x7f);
    const start = this.#at;
    const end = start + length;
    if (length < 0 || end > this.#end) return undefined;
    this.#at = end;
    this.#length = isHuffman
      ? decodeHuffman(this.#bytes, start, end, scratch)
      : length;
    if (this.#length < 0) return undefined;
    if (this.#length > STRING_BYTES_MAX) return "";
    return isHuffman
      ? latin1(scratch, 0, this.#length)
      : latin1(this.#bytes, start, end);
  }
}
