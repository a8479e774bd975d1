/**
 * Reads a file whole, from a single version.
 *
 * @module
 */

import type { OpenedFile, OpenResult } from "./root.ts";
import type { OpenFile } from "./open_file.ts";
import { isFresh } from "./settling.ts";

/** Attempts to read a file that changes during the read. After the last, skiff sends it from disk. */
const READ_ATTEMPTS = 3;

/**
 * Reads a file as it is opened, see {@linkcode ReadContent}: into what `memory` returns for its length. Returns
 * undefined for one of more than `bytesMax` bytes, and for one that must be read twice.
 */
export function readEarly(
  file: OpenFile,
  now: number,
  bytesMax: number,
  memory: (length: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  const { version } = file;
  if (version.size > bytesMax || isFresh(version, now)) return undefined;
  return file.readBytes(memory(version.size));
}

/**
 * Reads a file of up to `bytesMax` bytes, unless it was read as it was opened, and returns it held. Opens a file that
 * changes in between again with `reopen`; bytes are undefined if it keeps changing. A file that was written a moment ago
 * may be written further meanwhile, if what was read stays the same: then they are not known to be of its version.
 * Throws what reading and opening throw, and then holds nothing.
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
  /** Whether the bytes are those of the version of the file. */
  readonly areOfVersion: boolean;
} {
  let { file, realPath } = opened;
  try {
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
      if (file.version.size > bytesMax) break;
      const early = attempt === 1 ? opened.bytes : undefined;
      const mayGrow = early === undefined && isFresh(file.version, now);
      const bytes = early ?? (mayGrow ? readTwice(file) : file.readAll());
      if (bytes !== undefined) {
        const areOfVersion = !mayGrow || file.isUnchanged();
        return { file, realPath, bytes, areOfVersion };
      }
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
  return { file, realPath, bytes: undefined, areOfVersion: false };
}

/**
 * Reads a version twice. Returns undefined if the results differ; equal bytes were all there in between, whatever was
 * appended.
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
