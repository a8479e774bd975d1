/**
 * Files that tell what they are: every line of a file says which file it is,
 * which version of it, and which line. So a body, or any piece of one, can be
 * checked against the version that it claims to be.
 *
 * @module
 */

/** Bytes of a line, line end included. */
const LINE_BYTES = "file 000 version 000000 line 0000000\n".length;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Bytes of a version of a file: other versions have other lengths. */
export function lengthOf(file: number, version: number, base: number): number {
  return base + (file * 7919 + version * 104_729) % Math.ceil(base / 2);
}

/** The content of a version, `length` bytes of it. */
export function contentOf(
  file: number,
  version: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length + LINE_BYTES);
  const line = ENCODER.encode(lineOf(file, version, 0));
  for (let number = 0; number * LINE_BYTES < length; number++) {
    const at = number * LINE_BYTES;
    bytes.set(line, at);
    writeDigits(bytes, at + LINE_BYTES - 8, number);
  }
  return bytes.subarray(0, length);
}

function lineOf(file: number, version: number, line: number): string {
  const digits = (value: number, width: number) =>
    String(value).padStart(width, "0");
  return `file ${digits(file, 3)} version ${digits(version, 6)} line ${
    digits(line, 7)
  }\n`;
}

function writeDigits(bytes: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let place = 6; place >= 0; place--) {
    bytes[at + place] = 0x30 + rest % 10;
    rest = Math.floor(rest / 10);
  }
}

/**
 * The version of a file that a piece of a body, from an offset on, is of. Undefined when the piece is
 * of no version or of two. Pieces shorter than two lines tell nothing and may not be given.
 */
export function versionOf(
  piece: Uint8Array,
  file: number,
  offset: number,
): number | undefined {
  const skipped = (LINE_BYTES - offset % LINE_BYTES) % LINE_BYTES;
  const line = DECODER.decode(piece.subarray(skipped, skipped + LINE_BYTES));
  const match = /^file (\d{3}) version (\d{6}) line \d{7}\n$/.exec(line);
  if (match === null || Number(match[1]) !== file) return undefined;
  const version = Number(match[2]);
  const expected = contentOf(file, version, offset + piece.length);
  return equals(piece, expected.subarray(offset)) ? version : undefined;
}

/** Shortest piece that {@linkcode versionOf} can tell the version of. */
export const PIECE_BYTES_MIN: number = 2 * LINE_BYTES;

function equals(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
