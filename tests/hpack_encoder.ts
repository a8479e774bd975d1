/**
 * An HPACK encoder with everything that RFC 7541 allows: what clients send, and
 * skiff must read.
 *
 * @module
 */

import { encodeInteger } from "../lib/http/http2/hpack_encoder.ts";
import { encodeHuffman, huffmanLength } from "../lib/http/http2/huffman.ts";
import {
  DynamicTable,
  HeaderField,
  STATIC_FIELDS,
  staticLine,
  staticName,
} from "../lib/http/http2/hpack_tables.ts";
import { bytesOf } from "./helpers.ts";

/** A header line: name, value, and how it is to be encoded; with a place in the table unless said otherwise. */
export type Line = readonly [
  name: string,
  value: string,
  indexing?: "table" | "none" | "never",
];

/** How lines that go into the table, or not, begin: mask and flags of the index of their name (RFC 7541 §6.2). */
const INDEXING = {
  table: [0x3f, 0x40],
  none: [0x0f, 0x00],
  never: [0x0f, 0x10],
} as const;

/** Encodes header blocks, with a dynamic table of its own. */
export class HpackEncoder {
  readonly #table = new DynamicTable();
  readonly #isHuffman: boolean;
  #update: number | undefined;

  /** An encoder whose texts are Huffman codes unless that is longer, or never. */
  constructor(isHuffman: boolean = true) {
    this.#isHuffman = isHuffman;
  }

  /** Changes the size of the table, with the next block. */
  resize(bytes: number): void {
    this.#table.resize(bytes);
    this.#update = bytes;
  }

  /** Encodes a block. */
  encode(lines: readonly Line[]): Uint8Array<ArrayBuffer> {
    const bytes = lines.reduce((sum, [n, v]) => sum + n.length + v.length, 0);
    const out = new Uint8Array(16 + 4 * bytes + 16 * lines.length);
    let at = 0;
    if (this.#update !== undefined) {
      at = encodeInteger(this.#update, 0x1f, 0x20, out, at);
      this.#update = undefined;
    }
    for (const [name, value, indexing = "table"] of lines) {
      at = this.#encodeLine(name, value, indexing, out, at);
    }
    return out.slice(0, at);
  }

  #encodeLine(
    name: string,
    value: string,
    indexing: keyof typeof INDEXING,
    out: Uint8Array,
    at: number,
  ): number {
    const line = staticLine(name, value) ||
      this.#find((field) => field.name === name && field.value === value);
    if (line !== 0 && indexing === "table") {
      return encodeInteger(line, 0x7f, 0x80, out, at);
    }
    const index = staticName(name) ||
      this.#find((field) => field.name === name);
    const [mask, flags] = INDEXING[indexing];
    at = encodeInteger(index, mask, flags, out, at);
    if (index === 0) at = this.#encodeText(name, out, at);
    if (indexing === "table") this.#table.add(new HeaderField(name, value));
    return this.#encodeText(value, out, at);
  }

  #encodeText(text: string, out: Uint8Array, at: number): number {
    const coded = huffmanLength(text);
    if (this.#isHuffman && coded <= text.length) {
      at = encodeInteger(coded, 0x7f, 0x80, out, at);
      return encodeHuffman(text, out, at);
    }
    at = encodeInteger(text.length, 0x7f, 0, out, at);
    out.set(bytesOf(text), at);
    return at + text.length;
  }

  #find(isWanted: (field: HeaderField) => boolean): number {
    for (let index = 0; index < this.#table.length; index++) {
      if (isWanted(this.#table.get(index)!)) {
        return STATIC_FIELDS.length + 1 + index;
      }
    }
    return 0;
  }
}
