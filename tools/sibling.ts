/**
 * What a person has compressed beforehand → what is in it, if every client can decode it.
 * The decoders of the runtime pass over what follows the end of the encoded data, and some
 * take an end that is missing for an end: a client need not.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as zlib from "node:zlib";
import type { Coding } from "../lib/http/coding.ts";
import { zstdFrameLength } from "../lib/site/content/zstd_frame.ts";

/** The largest window that a client must have room for (RFC 9659), in bytes. */
const ZSTD_WINDOW_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The content without its coding. Undefined when it has another one, when it is cut, when
 * something follows it, and when clients need not have the memory to decode it.
 */
export function decode(
  bytes: Uint8Array,
  { token }: Coding,
): Uint8Array | undefined {
  try {
    switch (token) {
      case "br":
        return decodeBrotli(bytes);
      case "zstd":
        return decodeZstd(bytes);
      case "gzip":
        return zlib.gunzipSync(bytes);
    }
  } catch {
    return undefined;
  }
}

/** What the option `info` adds to the content: how much of the input the decoder has used. */
interface Decoded {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Brotli does not tell its length before it is decoded. So the decoder gets one byte more: all
 * but that byte is used if the data ends where it should, and in no other case.
 */
function decodeBrotli(bytes: Uint8Array): Uint8Array | undefined {
  const input = Buffer.concat([bytes, new Uint8Array(1)]);
  // The types of the runtime do not know the option.
  const options = { info: true } as zlib.BrotliOptions;
  const decoded: unknown = zlib.brotliDecompressSync(input, options);
  const { buffer, engine } = decoded as Decoded;
  return engine.bytesWritten === bytes.length ? buffer : undefined;
}

/** Of several frames, clients and the decoder here take the first alone. */
function decodeZstd(bytes: Uint8Array): Uint8Array | undefined {
  if (zstdFrameLength(bytes) !== bytes.length) return undefined;
  const content = zlib.zstdDecompressSync(bytes);
  return windowBytesOf(bytes, content) <= ZSTD_WINDOW_BYTES_MAX
    ? content
    : undefined;
}

/** Window_Size of a frame (RFC 8878 §3.1.1.1.2); that of a single segment is as large as its content. */
function windowBytesOf(frame: Uint8Array, content: Uint8Array): number {
  const [descriptor, window] = frame.subarray(4);
  const isSingleSegment = (descriptor! & 0x20) !== 0;
  if (isSingleSegment) return content.length;
  const base = 2 ** (10 + (window! >>> 3));
  return base + (base / 8) * (window! & 7);
}
