/**
 * Reading a file whole, of one version.
 *
 * @module
 */

import type { OpenedFile, OpenResult } from "./root.ts";
import type { OpenFile } from "./open_file.ts";
import { isFresh } from "./settling.ts";

/** How often a file that changes while it is read is read again before it is sent as it comes. */
const READ_ATTEMPTS = 3;

/**
 * The content of a file of up to `bytesMax` bytes, and the file, held. A file that changes meanwhile is opened again by
 * `reopen`; bytes are undefined when it never stays the same. Throws what reading and opening throw, and holds nothing
 * then.
 */
export function readWhole(
  opened: OpenedFile,
  now: number,
  bytesMax: number,
  reopen: () => OpenResult,
): {
  readonly file: OpenFile;
  readonly realPath: string;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
} {
  let { file, realPath } = opened;
  try {
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
      if (file.version.size > bytesMax) break;
      const bytes = isFresh(file.version, now)
        ? readTwice(file)
        : file.readAll();
      if (bytes !== undefined) return { file, realPath, bytes };
      const again = reopen();
      if (again.kind !== "file") break;
      const former = file;
      ({ file, realPath } = again);
      former.release();
    }
  } catch (error) {
    file.release();
    throw error;
  }
  return { file, realPath, bytes: undefined };
}

/**
 * All bytes of a version, read twice. They are undefined when the two differ: equal ones were all there at the moment
 * in between, whatever was appended to the file meanwhile.
 */
function readTwice(file: OpenFile): Uint8Array<ArrayBuffer> | undefined {
  const bytes = file.readBytes();
  const again = file.readBytes();
  if (bytes === undefined || again === undefined) return undefined;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== again[at]) return undefined;
  }
  return bytes;
}
