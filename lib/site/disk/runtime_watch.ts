/**
 * Watches of the runtime, which is asked only while it can answer.
 *
 * Deno 2.9 opens each file that changes, in a thread that all watches of an
 * isolate share. For a FIFO it waits for a writer, perhaps forever, and what
 * begins or ends a watch waits with it.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";

/** What the system tells of a change. */
export type WatchEvent = Pick<Deno.FsEvent, "kind" | "paths" | "flag">;

/** What a {@linkcode Deno.FsWatcher} is to a watcher. */
export type EventSource =
  & AsyncIterable<WatchEvent>
  & {
    close(): void;
    /** Ends a watch that has missed a change, in place of `close()`. */
    abandon(): void;
  };

/** The runtime may be waiting in this thread, and would not begin another watch. */
export class StuckError extends Error {
  constructor() {
    super(
      "a FIFO or socket in a watched directory keeps the runtime waiting; a restart without it helps",
    );
  }
}

/** Watches that have begun and not ended. */
const begun = new Set<RuntimeWatch>();
let isStuck = false;

/** A watch of a directory. */
export class RuntimeWatch implements EventSource {
  readonly #path: string;
  readonly #isRecursive: boolean;
  readonly #watcher: Deno.FsWatcher;

  /** Begins to watch a real path. Throws if the runtime cannot; a StuckError if it would wait. */
  constructor(path: string, isRecursive: boolean) {
    if (!canBeAsked()) throw new StuckError();
    this.#path = path;
    this.#isRecursive = isRecursive;
    this.#watcher = Deno.watchFs(path, { recursive: isRecursive });
    begun.add(this);
  }

  [Symbol.asyncIterator](): AsyncIterator<Deno.FsEvent> {
    return this.#watcher[Symbol.asyncIterator]();
  }

  /** Whether something is in the directory that the runtime may be waiting for. */
  get hasSpecialEntry(): boolean {
    return hasSpecialEntry(this.#path, this.#isRecursive);
  }

  /** Ends the watch; or leaves it open, if the runtime would wait. */
  close(): void {
    if (canBeAsked()) this.#watcher.close();
    begun.delete(this);
  }

  /** Leaves the watch open: the runtime may be waiting, and is not asked again in this thread. */
  abandon(): void {
    isStuck = true;
  }
}

function canBeAsked(): boolean {
  isStuck ||= [...begun].some((watch) => watch.hasSpecialEntry);
  return !isStuck;
}

/** Whether an entry is neither file, directory nor link: a FIFO, a socket, a device. */
export function isSpecial(entry: Deno.DirEntry): boolean {
  return !entry.isFile && !entry.isDirectory && !entry.isSymlink;
}

/** Whether something special is in a directory, or below it. Follows no links. */
export function hasSpecialEntry(path: string, isRecursive: boolean): boolean {
  const directories = [path];
  for (const directory of directories) {
    try {
      for (const entry of Deno.readDirSync(directory)) {
        if (isSpecial(entry)) return true;
        if (!isRecursive || !entry.isDirectory) continue;
        directories.push(directory + SEPARATOR + entry.name);
      }
    } catch {
      // Deleted or unreadable.
    }
  }
  return false;
}
