/**
 * Which directories the runtime can watch, and in which thread.
 *
 * @module
 */

import { pause } from "../pause.ts";
import {
  hasSpecialEntry,
  isSpecial,
  type WatchedPaths,
} from "./runtime_watch.ts";

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

/** The clock of the file system may be this much behind, in ms. */
const COARSE_MS = 20;

/** Entries to examine before letting other work run. */
const WALK_STEP = 500;

/**
 * Most directories that are watched one by one because of a link to a directory. The runtime compares each event with all
 * of them, in up to 10 µs for each.
 */
export const WATCHED_PARTS_MAX = 32;

/** How a directory can be watched. */
export interface WatchPlace extends WatchedPaths {
  /** In this thread, or in one of its own. */
  readonly thread: "here" | "worker";
  /** All directories of it, if they were walked through. */
  readonly directories?: readonly string[];
}

/** A directory of a site. */
interface FoundDirectory {
  readonly path: string;
  readonly parent: FoundDirectory | undefined;
  /** Whether a link to a directory is in it, or below it. */
  isBranch: boolean;
}

/**
 * Where the runtime can watch a directory safely; undefined if nowhere. The runtime follows links to directories, which
 * may lead to the whole disk, and reports a change in a directory under one of its names only: so directories with such
 * links are branches. It may wait for what is neither file nor directory.
 */
export async function placeForAll(
  root: string,
): Promise<WatchPlace | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const directories: FoundDirectory[] = [
    { path: root, parent: undefined, isBranch: false },
  ];
  let looked = 0;
  for (let at = 0; at < directories.length; at++) {
    const parent = directories[at]!;
    for await (const entry of entriesOf(parent.path)) {
      if (++looked % WALK_STEP === 0) await pause();
      if (looked > WATCHED_ENTRIES_MAX) return undefined;
      const path = `${parent.path}/${entry.name}`;
      if (isSpecial(entry)) return undefined;
      if (entry.isSymlink && leadsToDirectory(path)) makeBranch(parent);
      if (!entry.isDirectory) continue;
      if (directories.length === WATCHED_DIRECTORIES_MAX) return undefined;
      directories.push({ path, parent, isBranch: false });
    }
  }
  const isSmall = looked <= DIRECT_ENTRIES_MAX &&
    directories.length <= DIRECT_DIRECTORIES_MAX;
  const parts = directories.filter(({ parent, isBranch }) =>
    isBranch || (parent?.isBranch ?? true)
  );
  if (parts.length > WATCHED_PARTS_MAX) return undefined;
  return {
    thread: isSmall ? "here" : "worker",
    trees: parts.filter(({ isBranch }) => !isBranch).map(pathOf),
    branches: parts.filter(({ isBranch }) => isBranch).map(pathOf),
    directories: directories.map(pathOf),
  };
}

/**
 * Whether a link to a directory has come since a place was searched for, in ms since the epoch: if before the watch, the
 * runtime has followed it. Walks again only if names have come or gone.
 */
export async function hasNewBranch(
  root: string,
  { branches, directories = [] }: WatchPlace,
  since: number,
): Promise<boolean> {
  if (!await haveNamesChanged(directories, since)) return false;
  const place = await placeForAll(root);
  return place?.branches.every((path) => branches.includes(path)) !== true;
}

async function haveNamesChanged(
  directories: readonly string[],
  since: number,
): Promise<boolean> {
  for (const [index, path] of directories.entries()) {
    if (index % WALK_STEP === WALK_STEP - 1) await pause();
    const changed = modifiedAt(path);
    if (changed === undefined || changed >= since - COARSE_MS) return true;
  }
  return false;
}

/** When names last came or went in a directory, in ms since the epoch; undefined if it is gone. */
function modifiedAt(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).mtime?.getTime();
  } catch {
    return undefined;
  }
}

/** Notes that a link to a directory is in a directory. */
function makeBranch(directory: FoundDirectory): void {
  for (let at: FoundDirectory | undefined = directory; at !== undefined;) {
    if (at.isBranch) return;
    at.isBranch = true;
    at = at.parent;
  }
}

function pathOf({ path }: FoundDirectory): string {
  return path;
}

/** Lists a directory; as if empty if it cannot be read, because nothing in it can be served then. */
async function* entriesOf(directory: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(directory);
  } catch {
    // Deleted or unreadable.
  }
}

/** Where the names in a directory can be watched, but nothing below it; undefined if nowhere. */
export function placeForNames(path: string): WatchPlace | undefined {
  const isPossible = Deno.build.os === "linux" && !hasSpecialEntry(path, false);
  return isPossible
    ? { thread: "here", trees: [], branches: [path] }
    : undefined;
}

function leadsToDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
