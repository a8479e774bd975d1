/**
 * A file that is open, for the tests of what reads from it.
 *
 * @module
 */

import { OpenFile } from "../../../lib/site/disk/open_file.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";

/** Content of the file. */
export const TEN: string = "0123456789";
/** When it was last changed. */
export const PAST: Date = new Date(Date.UTC(2024, 4, 1, 10, 20, 30));

/** How many descriptors of this process are open on a file that once had this path. */
export function openCount(path: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const target = Deno.readLinkSync(`/proc/self/fd/${name}`);
      if (target === path || target === `${path} (deleted)`) count++;
    } catch {
      // The descriptor of the directory that is being read.
    }
  }
  return count;
}

/** Registers a test with a file of ten bytes, changed some time ago, that is open and held once. */
export function testFile(
  name: string,
  fn: (
    file: OpenFile,
    path: string,
    directory: TemporaryDirectory,
  ) => void | Promise<void>,
): void {
  testWith(HAS_FILES && Deno.build.os === "linux", name, async () => {
    using directory = new TemporaryDirectory({ "a.txt": TEN });
    const path = directory.join("a.txt");
    Deno.utimeSync(path, PAST, PAST);
    const file = new OpenFile(path);
    try {
      await fn(file, path, directory);
    } finally {
      // Under its other name as well, if the test has given it one.
      while (openCount(path) + openCount(`${path}.other`) > 0) file.release();
    }
  });
}
