/**
 * Reads archives of sites into memory, each once in an isolate for all handlers
 * that serve from it. Loaded with the first of them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { latin1 } from "../http/ascii.ts";
import { BundleSite } from "../site/bundle/bundle.ts";
import { HEAD_BYTES } from "../site/bundle/format.ts";
import { checkHead } from "../site/bundle/reader.ts";
import type { ContentDecoder } from "../site/site.ts";
import type { ProtectionTest } from "./access.ts";

/**
 * The bytes of archives by their heads, which have the digest of the index and the checksum of the contents. They go
 * when nothing uses them, and no sooner: a download from an archive that was closed keeps its bytes, and the next to
 * open that archive must get the same ones. Otherwise slow clients of releases that open and close in turn, or of a
 * site that is reloaded, would each keep a copy of a whole archive. A damaged archive may have the head of a sound one,
 * so what is here counts for a file only if all bytes are equal.
 */
const ARCHIVES = new Map<string, WeakRef<ArrayBuffer>>();

/** How much of an archive is compared at a time. */
const COMPARED_BYTES = 256 * 1024;

/**
 * Returns the bytes of an archive: those that are in memory, if they are the same. Throws a BundleError for what does
 * not begin as an archive of its length, before it reads more, and what Deno throws.
 */
export function readArchive(path: string): Uint8Array<ArrayBuffer> {
  using file = Deno.openSync(path);
  // In an executable, files have no status.
  const size = file.seekSync(0, Deno.SeekMode.End);
  file.seekSync(0, Deno.SeekMode.Start);
  const head = new Uint8Array(HEAD_BYTES);
  checkHead(head.subarray(0, fill(file, head)), size);
  const key = latin1(head, 0, head.length);
  const known = ARCHIVES.get(key)?.deref();
  if (known !== undefined && isRest(file, new Uint8Array(known))) {
    return new Uint8Array(known);
  }
  file.seekSync(HEAD_BYTES, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size);
  bytes.set(head);
  // If the file has become shorter since, the checksum does not match.
  fill(file, bytes.subarray(HEAD_BYTES));
  forgetDead();
  ARCHIVES.set(key, new WeakRef(bytes.buffer));
  return bytes;
}

/** Whether a file, read up to the end of its head, has the rest of these bytes. */
function isRest(file: Deno.FsFile, bytes: Uint8Array): boolean {
  const buffer = new Uint8Array(COMPARED_BYTES);
  for (let at = HEAD_BYTES; at < bytes.length; at += COMPARED_BYTES) {
    const expected = bytes.subarray(at, at + COMPARED_BYTES);
    const count = fill(file, buffer.subarray(0, expected.length));
    const read = buffer.subarray(0, count);
    if (Buffer.compare(read, expected) !== 0) return false;
  }
  return true;
}

/** Reads until a buffer is full, or the file ends. Returns the number of bytes read. */
function fill(file: Deno.FsFile, buffer: Uint8Array): number {
  let at = 0;
  while (at < buffer.length) {
    const count = file.readSync(buffer.subarray(at));
    if (count === null) break;
    at += count;
  }
  return at;
}

function forgetDead(): void {
  for (const [head, archive] of ARCHIVES) {
    if (archive.deref() === undefined) ARCHIVES.delete(head);
  }
}

/** Opens an archive as a site, which closes the decoder. Throws what reading it throws, and then the decoder is closed. */
export function openArchive(
  path: string,
  isProtected: ProtectionTest | undefined,
  decoder: ContentDecoder,
): BundleSite {
  try {
    return new BundleSite(readArchive(path), isProtected, decoder);
  } catch (error) {
    decoder.close();
    throw error;
  }
}
