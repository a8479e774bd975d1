/**
 * The site of the soak test, and what happens to it: files are rewritten,
 * truncated, replaced by rename, deleted and made again, all the time.
 *
 * @module
 */

import { join } from "@std/path";
import { contentOf, lengthOf } from "./content.ts";

/** How a file is brought from one version to the next. */
type Change = "replace" | "rewrite" | "delete";

/** A file of the site, with everything it has ever been. */
export interface SoakFile {
  readonly index: number;
  /** Its path in the site. */
  readonly path: string;
  /** Smallest length of a version. */
  readonly base: number;
  /** Lengths of all versions so far, by version. */
  readonly lengths: number[];
  /** Versions that were written in place: for a moment they were shorter. */
  readonly grown: Set<number>;
  /** When each version was no longer there, by version, in ms since the epoch. */
  readonly goneAt: number[];
  /** When it was changed last, in ms since the epoch. */
  changedAt: number;
}

/** A number from 0 to below `bound`. */
export type Random = (bound: number) => number;

/** The same numbers for the same seed (xorshift). */
export function seeded(seed: number): Random {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Makes the files of the site. */
export function makeFiles(root: string): SoakFile[] {
  const bases = [
    ...Array.from({ length: 24 }, (_, index) => 300 + 900 * index),
    ...Array.from({ length: 8 }, (_, index) => 60_000 + 90_000 * index),
    ...Array.from({ length: 3 }, (_, index) => (2 + index) * 1024 * 1024),
    // More than the system's buffers hold for a client that does not read.
    24 * 1024 * 1024,
  ];
  return bases.map((base, index) => {
    const path = `/file-${index}${index % 2 === 0 ? ".txt" : ".bin"}`;
    const file: SoakFile = {
      index,
      path,
      base,
      lengths: [],
      grown: new Set(),
      goneAt: [],
      changedAt: 0,
    };
    write(root, file, "replace");
    return file;
  });
}

/** Changes some file of the site in some way. */
export function changeSome(
  root: string,
  files: readonly SoakFile[],
  random: Random,
): void {
  const isLarge = random(4) === 0;
  const index = isLarge ? files.length - 1 - random(4) : random(files.length);
  const file = files[index]!;
  const changes: Change[] = ["replace", "rewrite", "rewrite", "delete"];
  const change = changes[random(changes.length)]!;
  if (change === "delete") {
    try {
      Deno.removeSync(join(root, file.path));
      file.goneAt[file.lengths.length - 1] ??= Date.now();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  } else {
    write(root, file, change);
  }
}

function write(root: string, file: SoakFile, change: Change): void {
  const version = file.lengths.length;
  const length = lengthOf(file.index, version, file.base);
  const content = contentOf(file.index, version, length);
  file.lengths.push(length);
  const path = join(root, file.path);
  if (change === "rewrite") {
    // Truncates first: until all is written, the file is a beginning of the version.
    file.grown.add(version);
    Deno.writeFileSync(path, content);
  } else {
    const temporary = join(root, `.new-${file.index}`);
    Deno.writeFileSync(temporary, content);
    Deno.renameSync(temporary, path);
  }
  file.changedAt = Date.now();
  if (version > 0) file.goneAt[version - 1] ??= file.changedAt;
}
