/**
 * Reads the lines of a log file, gzipped or not, without keeping more than one.
 *
 * @module
 */

import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

/** How gzip begins (RFC 1952 §2.3.1). */
const GZIP = [0x1f, 0x8b];

/** Yields the lines of a stream of bytes; a line longer than `charactersMax` is cut there. */
export async function* logLinesOf(
  bytes: AsyncIterable<Uint8Array>,
  charactersMax: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = "";
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    const lines = (line + text).split("\n");
    // One character more than is allowed shows that the line was too long.
    line = lines.pop()!.slice(0, charactersMax + 1);
    for (const whole of lines) yield whole.replace(/\r$/, "");
  }
  if (line !== "") yield line;
}

/** Reads a log, which may be a pipe: yields its bytes, or what gzip holds if it begins like gzip. */
export async function* openLog(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  const beginning = new Uint8Array(GZIP.length);
  let length = 0;
  while (length < GZIP.length) {
    const count = await file.read(beginning.subarray(length));
    if (count === null) break;
    length += count;
  }
  const all = chunksOf(file, beginning.subarray(0, length));
  const isGzip = GZIP.every((byte, index) => beginning[index] === byte);
  yield* isGzip ? decompressed(all) : all;
}

/** Yields bytes that were read already, then the rest of a file. */
async function* chunksOf(
  file: Deno.FsFile,
  beginning: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield beginning;
  yield* file.readable;
}

/**
 * Yields what gzip holds, all members of it: rotated logs are often joined. The streams of the web would decode a whole
 * chunk at once, which may be a thousand times as large.
 */
async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // An error destroys the decoder, so its reader gets it.
  pipeline(chunks, gunzip, () => {});
  yield* gunzip;
}
