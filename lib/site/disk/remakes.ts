/**
 * Remembers evicted work on files, and when it may be done again: a cache that
 * is too small must not cause the same work for every request.
 *
 * @module
 */

import { Cache } from "../cache.ts";
import { PAUSE_FACTOR } from "../pause.ts";
import { isSameVersion, type Version } from "../content/version.ts";

/** Files whose evicted work is remembered. With more, any work may have been evicted, and has to wait. */
export const LOST_MAX = 20_000;

/**
 * Allows new work at once. Repeated work runs one at a time and with pauses, so it takes at most a 21st of one
 * processor.
 */
export class Remakes {
  /** The version whose work was evicted, by file: links can give one file very many paths. */
  readonly #lost = new Cache<Version>({ entries: LOST_MAX, bytes: Infinity });
  /** When the next repetition may begin, in milliseconds; Infinity while one runs. */
  #next = -Infinity;

  /** Remembers that work on a version of a file was evicted. */
  lose(path: string, version: Version): void {
    this.#lost.set(keyOf(path, version), version, 0);
  }

  /**
   * Begins work on a version of a file, unless it has to wait. Returns a function to call at the end, with the
   * milliseconds of work. All times are milliseconds of a monotonic clock.
   */
  begin(
    path: string,
    version: Version,
    now: number,
  ): ((now: number, took: number) => void) | undefined {
    if (!this.#wasLost(path, version)) return () => {};
    if (now < this.#next) return undefined;
    this.#next = Infinity;
    return (now, took) => this.#next = now + PAUSE_FACTOR * took;
  }

  #wasLost(path: string, version: Version): boolean {
    if (this.#lost.evictions > 0) return true;
    const lost = this.#lost.get(keyOf(path, version));
    return lost !== undefined && isSameVersion(lost, version);
  }
}

/** Identifies a file by its inode, if the system has inodes. */
function keyOf(path: string, { device, inode }: Version): string {
  return inode === 0 ? path : `${device} ${inode}`;
}
