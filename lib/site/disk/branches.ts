/**
 * The directories of a site that have links to directories, of which only the
 * names are watched: what comes to them is not watched.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { identityOf } from "./identity.ts";
import type { WatchedPaths } from "./runtime_watch.ts";

/** The branches of a watched site. */
export class Branches {
  readonly #paths: ReadonlySet<string>;
  /** The directories that are watched, as they were before the watch began. */
  readonly #watched: ReadonlyMap<string, string | undefined>;

  /** Remembers what is about to be watched. */
  constructor({ trees, branches }: WatchedPaths) {
    this.#paths = new Set(branches);
    this.#watched = new Map(
      [...trees, ...branches].map((path) => [path, identityOf(path)]),
    );
  }

  /** Whether a real path names something in a branch. */
  has(path: string): boolean {
    return this.#paths.has(dirname(path));
  }

  /** Whether all directories in branches are watched. If one has been replaced, the new one is not. */
  areWatched(): boolean {
    return [...this.#paths].every((branch) =>
      directoriesIn(branch).every((path) => {
        const identity = identityOf(path);
        return identity === undefined || identity === this.#watched.get(path);
      })
    );
  }
}

/** The paths of the directories in a directory; none if it cannot be read. */
function directoriesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) =>
      isDirectory ? [`${path}/${name}`] : []
    );
  } catch {
    return [];
  }
}
