/**
 * Files of a site → an archive of its own, which `--releases` serves.
 *
 * @module
 */

import { ARCHIVE_SUFFIX } from "../lib/site/bundle/archive.ts";
import type { Bundle } from "../lib/site/bundle/format.ts";
import { readBundle } from "../lib/site/bundle/reader.ts";
import { writeBundle } from "../lib/site/bundle/writer.ts";
import { Interruption } from "./interruption.ts";
import { archivePath, moveFile } from "./output.ts";
import { Workshop } from "./workshop.ts";

/** What was made. */
export interface PackedArchive {
  /** Where it is. */
  readonly path: string;
  /** Bytes of it. */
  readonly bytes: number;
}

/** Whether to make an archive and not an executable, judging by the name. */
export function isArchiveName(output: string): boolean {
  return output.endsWith(ARCHIVE_SUFFIX);
}

/** Makes an archive. Until it is whole there is nothing at its path, or what was there before. */
export async function buildArchive(
  contents: Bundle,
  output: string,
): Promise<PackedArchive> {
  const path = archivePath(output);
  using interruption = new Interruption();
  using workshop = new Workshop();
  const made = workshop.join("result");
  const bytes = writeArchive(made, contents);
  await moveFile(made, path, interruption.signal);
  return { path, bytes };
}

/** Writes an archive, and reads it as skiff will. Returns its length. */
export function writeArchive(path: string, contents: Bundle): number {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (const piece of writeBundle(contents)) {
    for (let at = 0; at < piece.length;) {
      at += file.writeSync(piece.subarray(at));
    }
  }
  const archive = Deno.readFileSync(path);
  readBundle(archive);
  return archive.length;
}
