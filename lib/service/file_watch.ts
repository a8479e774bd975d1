/**
 * Watches single files that skiff has read: they may be replaced, written in
 * place, or be links that lead elsewhere.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { Watcher } from "../site/disk/watcher.ts";
import { Looks } from "./looks.ts";
import { isGranted } from "./startup.ts";

/** How often to look at the files, in ms: not every system reports changes, and none those of the links on the way. */
const FILES_LOOK_MS = 1000;

/** How long files must have stayed the same to count as written, in ms. */
const FILES_QUIET_MS = 300;

/** Options of a {@linkcode FileWatch}. */
export interface FileWatchOptions {
  /** Whether the system is asked to tell of changes, so that they are noticed sooner. Default: true. */
  readonly watch?: boolean;
  /** How often to look, in ms. Default: once a second. */
  readonly everyMs?: number;
  /** How long files must have stayed the same, in ms. Default: 300. */
  readonly quietMs?: number;
}

/** Watches a few files. */
export class FileWatch {
  readonly #paths: () => readonly string[];
  readonly #onChange: () => void;
  readonly #isTold: boolean;
  readonly #looks: Looks;
  /** The watches that report changes, by directory. */
  readonly #watchers = new Map<string, Watcher>();
  /** The files at the last call of `onChange`. */
  #reported: string;
  /** The files at the last look. */
  #seen: string;

  /**
   * Calls `onChange` when a file has changed and then stayed the same for two looks: it may still be being written
   * before. `paths` is called at each look and may name other files in time.
   */
  constructor(
    paths: () => readonly string[],
    onChange: () => void,
    { watch = true, everyMs = FILES_LOOK_MS, quietMs = FILES_QUIET_MS }:
      FileWatchOptions = {},
  ) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#isTold = watch;
    this.#looks = new Looks({
      look: () => {
        this.#compare();
        return Promise.resolve();
      },
      quietMs,
      restMs: () => everyMs,
    }, everyMs);
    const now = paths();
    this.#reported = this.#seen = fingerprint(now);
    this.#follow(now);
  }

  /** Stops watching. */
  close(): void {
    this.#looks.close();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #compare(): void {
    const paths = this.#paths();
    this.#follow(paths);
    const seen = fingerprint(paths);
    const isStable = seen === this.#seen;
    this.#seen = seen;
    if (!isStable) return this.#looks.onChange();
    if (seen === this.#reported) return;
    this.#reported = seen;
    this.#onChange();
  }

  /** Has changes told in the directories that files are in, and in those that links lead to. */
  #follow(paths: readonly string[]): void {
    if (!this.#isTold) return;
    const directories = new Set(paths.flatMap(directoriesOf));
    for (const [path, watcher] of this.#watchers) {
      if (directories.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of directories) {
      const watcher = this.#watchers.get(path) ?? this.#watch(path);
      // One that has failed tries again when it is asked.
      watcher.trusts(Date.now());
    }
  }

  #watch(path: string): Watcher {
    // Without a word when that is lost: looks go on.
    const watcher = new Watcher(path, { namesOnly: true, onLoss: () => {} });
    watcher.subscribe(() => this.#looks.onChange());
    this.#watchers.set(path, watcher);
    return watcher;
  }
}

/** The directories in which a change can be one of a file, as far as skiff may read them. */
function directoriesOf(path: string): string[] {
  const directories = [dirname(path)];
  try {
    directories.push(dirname(Deno.realPathSync(path)));
  } catch {
    // It is not there now.
  }
  return directories.filter((path) => isGranted({ name: "read", path }));
}

function fingerprint(paths: readonly string[]): string {
  return paths.map((path) => {
    try {
      const { dev, ino, size, mtime } = Deno.statSync(path);
      return `${dev} ${ino} ${size} ${mtime?.getTime()}`;
    } catch {
      return "gone";
    }
  }).join();
}
