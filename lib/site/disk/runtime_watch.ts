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
import { dirname } from "@std/path/dirname";

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

/** How long the runtime may take to tell of a change, in ms. */
const TELLING_MS = 250;

/** Watches that have begun and not ended. */
const begun = new Set<RuntimeWatch>();
/** When the runtime last told of a change or began a watch, in ms since the epoch: all before it has been told. */
let answeredAt = 0;
let isStuck = false;

/** Directories that are watched, by their real paths. */
export interface WatchedPaths {
  /** Those that are watched with everything below them. */
  readonly trees: readonly string[];
  /** Those of which only the names in them are watched. */
  readonly branches: readonly string[];
}

/** A watch of directories. */
export class RuntimeWatch implements EventSource {
  readonly #paths: WatchedPaths;
  readonly #watchers: readonly Deno.FsWatcher[];

  /** Begins to watch. Throws if the runtime cannot; a StuckError if it would wait. */
  constructor(paths: WatchedPaths) {
    if (!canBeAsked()) throw new StuckError();
    this.#paths = paths;
    using begunHere = new DisposableStack();
    this.#watchers = [
      { paths: paths.trees, recursive: true },
      { paths: paths.branches, recursive: false },
    ].filter(({ paths }) => paths.length > 0).map(({ paths, recursive }) =>
      begunHere.use(Deno.watchFs([...paths], { recursive }))
    );
    begunHere.move();
    begun.add(this);
    answeredAt = Date.now();
  }

  [Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    const [first, second] = this.#watchers.map(noted);
    return second === undefined
      ? first!
      : merge(first!, ownEvents(second, this.#paths.branches));
  }

  /**
   * Whether the runtime may be waiting: something special is in the directories, or has been, as it did not tell that
   * names came or went.
   */
  get mayBeStuck(): boolean {
    const { trees, branches } = this.#paths;
    const now = Date.now();
    const mayHoldUp = (path: string, entries: readonly Deno.DirEntry[]) => {
      const changedAt = Deno.lstatSync(path).mtime?.getTime() ?? 0;
      return entries.some(isSpecial) ||
        changedAt > answeredAt && changedAt < now - TELLING_MS;
    };
    return trees.some((path) => someDirectory(path, true, mayHoldUp)) ||
      branches.some((path) => someDirectory(path, false, mayHoldUp));
  }

  /** Ends the watch; or leaves it open, if the runtime would wait. */
  close(): void {
    if (canBeAsked()) {
      for (const watcher of this.#watchers) watcher.close();
    }
    begun.delete(this);
  }

  /** Leaves the watch open: the runtime may be waiting, and is not asked again in this thread. */
  abandon(): void {
    isStuck = true;
  }
}

/** Passes on what a watch of the runtime tells, and notes when. */
async function* noted(
  events: AsyncIterable<WatchEvent>,
): AsyncGenerator<WatchEvent, void> {
  for await (const event of events) {
    answeredAt = Date.now();
    yield event;
  }
}

/** Yields the events for these directories and names in them: the runtime adds what its other watches see further down. */
async function* ownEvents(
  events: AsyncIterable<WatchEvent>,
  directories: readonly string[],
): AsyncGenerator<WatchEvent, void> {
  const own = new Set(directories);
  for await (const event of events) {
    const { paths } = event;
    const isOwn = paths.some((path) => own.has(path) || own.has(dirname(path)));
    if (isOwn || paths.length === 0) yield event;
  }
}

/** Yields what two sources tell, in the order in which it comes. */
function merge<T>(
  one: AsyncIterable<T>,
  other: AsyncIterable<T>,
): AsyncIterator<T> {
  const merged = new ReadableStream<T>({
    start: (controller) => {
      const copy = async (events: AsyncIterable<T>) => {
        for await (const event of events) controller.enqueue(event);
      };
      // If the reader has left, enqueue() and close() throw, and error() does nothing.
      void Promise.all([copy(one), copy(other)])
        .then(() => controller.close())
        .catch((error) => controller.error(error));
    },
  });
  return merged[Symbol.asyncIterator]();
}

function canBeAsked(): boolean {
  isStuck ||= [...begun].some((watch) => watch.mayBeStuck);
  return !isStuck;
}

/** Whether an entry is neither file, directory nor link: a FIFO, a socket, a device. */
export function isSpecial(entry: Deno.DirEntry): boolean {
  return !entry.isFile && !entry.isDirectory && !entry.isSymlink;
}

/** Whether something special is in a directory, or below it. Follows no links. */
export function hasSpecialEntry(path: string, isRecursive: boolean): boolean {
  return someDirectory(
    path,
    isRecursive,
    (_path, entries) => entries.some(isSpecial),
  );
}

/** Whether a directory, or one below it if `isRecursive`, passes a test of its path and entries. Follows no links. */
function someDirectory(
  path: string,
  isRecursive: boolean,
  test: (path: string, entries: readonly Deno.DirEntry[]) => boolean,
): boolean {
  const directories = [path];
  for (const directory of directories) {
    try {
      const entries = [...Deno.readDirSync(directory)];
      if (test(directory, entries)) return true;
      if (!isRecursive) continue;
      for (const { name, isDirectory } of entries) {
        if (isDirectory) directories.push(directory + SEPARATOR + name);
      }
    } catch {
      // Deleted or unreadable.
    }
  }
  return false;
}
