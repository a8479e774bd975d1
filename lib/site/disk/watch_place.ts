/**
 * Which directories the runtime can watch, and in which thread.
 *
 * @module
 */

import { pause } from "../pause.ts";
import { hasSpecialEntry, isSpecial } from "./runtime_watch.ts";

/**
 * Most directories of a site that is watched: the system allows each user a limited number, and keeps about 1 KiB for
 * each.
 */
export const WATCHED_DIRECTORIES_MAX = 20_000;

/** Most files and directories of a site that is watched: to begin takes 3 to 4 ms for each 1,000, and a walk as long. */
export const WATCHED_ENTRIES_MAX = 200_000;

/**
 * Most directories that are watched in this thread. The runtime adds them in one call, which blocks for about 17 ms for
 * each 1,000. More are watched in a thread of its own, which takes 16 MiB.
 */
export const DIRECT_DIRECTORIES_MAX = 5000;

/** Most files and directories that are watched in this thread, because the runtime looks at each of them in that call. */
export const DIRECT_ENTRIES_MAX = 20_000;

/** Entries to examine before letting other work run. */
const WALK_STEP = 500;

/** How a directory can be watched: not at all, in this thread, or in one of its own. */
export type WatchPlace = "none" | "here" | "worker";

/**
 * Where the runtime can watch a directory safely: it follows links to directories, which may lead to the whole disk,
 * reports a change in a directory under one of its names only, and may wait for what is neither file nor directory.
 */
export async function placeForAll(root: string): Promise<WatchPlace> {
  if (Deno.build.os !== "linux") return "none";
  const directories = [root];
  let looked = 0;
  for (let at = 0; at < directories.length; at++) {
    const directory = directories[at]!;
    for await (const entry of entriesOf(directory)) {
      if (++looked % WALK_STEP === 0) await pause();
      if (looked > WATCHED_ENTRIES_MAX) return "none";
      const path = `${directory}/${entry.name}`;
      if (isSpecial(entry)) return "none";
      if (entry.isSymlink && leadsToDirectory(path)) return "none";
      if (!entry.isDirectory) continue;
      if (directories.length === WATCHED_DIRECTORIES_MAX) return "none";
      directories.push(path);
    }
  }
  const isSmall = looked <= DIRECT_ENTRIES_MAX &&
    directories.length <= DIRECT_DIRECTORIES_MAX;
  return isSmall ? "here" : "worker";
}

/** Lists a directory; as if empty if it cannot be read, because nothing in it can be served then. */
async function* entriesOf(directory: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(directory);
  } catch {
    // Deleted or unreadable.
  }
}

/** Whether the names in a directory can be watched, but nothing below it. */
export function placeForNames(path: string): WatchPlace {
  const isPossible = Deno.build.os === "linux" && !hasSpecialEntry(path, false);
  return isPossible ? "here" : "none";
}

function leadsToDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
