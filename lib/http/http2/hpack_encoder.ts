/**
 * HPACK: header lines → header block, without a dynamic table.
 *
 * What is encoded once can then be sent on every connection, and no response
 * shows by its length what another one held (RFC 7541 §7.1).
 *
 * @module
 */

import { encodeHuffman, huffmanLength } from "./huffman.ts";
import { staticLine, staticName } from "./hpack_tables.ts";

const ENCODER = new TextEncoder();

/** The byte that empties the peer's dynamic table: the first of the first block on a connection (RFC 7541 §4.2). */
export const NO_TABLE = 0x20;

/** Most bytes of an integer. */
const INTEGER_BYTES = 6;

/** Most bytes that {@linkcode encodeField} takes for a line. */
function fieldBytesMax(name: string, value: string): number {
  // A text is encoded as it is where the Huffman code would be longer; a character is up to three bytes of UTF-8.
  return 3 * INTEGER_BYTES + 3 * (name.length + value.length);
}

/** Encodes lines. Names become lower case; values beyond ASCII become UTF-8. */
export function encodeFields(
  lines: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  let bytes = 0;
  for (const [name, value] of lines) bytes += fieldBytesMax(name, value);
  const out = new Uint8Array(bytes);
  let at = 0;
  for (const [name, value] of lines) {
    at = encodeField(name.toLowerCase(), value, out, at);
  }
  return out.slice(0, at);
}

/** Encodes a line to out[at…]: an index for what is in the static table, otherwise without indexing (§6.1, §6.2.2). */
function encodeField(
  name: string,
  value: string,
  out: Uint8Array,
  at: number,
): number {
  const line = staticLine(name, value);
  if (line !== 0) return encodeInteger(line, 0x7f, 0x80, out, at);
  const index = staticName(name);
  at = encodeInteger(index, 0x0f, 0, out, at);
  if (index === 0) at = encodeText(name, out, at);
  return encodeText(value, out, at);
}

/** Encodes an integer into the bits of `mask`, and more bytes if it needs them; `flags` are the bits above (§5.1). */
export function encodeInteger(
  value: number,
  mask: number,
  flags: number,
  out: Uint8Array,
  at: number,
): number {
  if (value < mask) {
    out[at] = flags | value;
    return at + 1;
  }
  out[at++] = flags | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) out[at++] = rest & 0x7f | 0x80;
  out[at] = rest;
  return at + 1;
}

const ASCII = /^[\0-\x7f]*$/;

/** Encodes a text, with the Huffman code where that is shorter (§5.2). */
export function encodeText(text: string, out: Uint8Array, at: number): number {
  const isAscii = ASCII.test(text);
  const coded = isAscii ? huffmanLength(text) : Infinity;
  if (coded < text.length) {
    return encodeHuffman(text, out, encodeInteger(coded, 0x7f, 0x80, out, at));
  }
  const bytes = ENCODER.encode(text);
  at = encodeInteger(bytes.length, 0x7f, 0, out, at);
  out.set(bytes, at);
  return at + bytes.length;
}
