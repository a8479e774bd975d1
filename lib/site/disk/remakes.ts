/**
 * Which work on files was lost for want of room, and when it may be done
 * again: a memory that is too small for a site must not make the same work of
 * every request.
 *
 * @module
 */

import { Cache } from "../cache.ts";
import { PAUSE_FACTOR } from "../pause.ts";
import { isSameVersion, type Version } from "../content/version.ts";

/** Most files whose lost work is remembered. Beyond that any work may be one that was lost, and has to wait. */
export const LOST_MAX = 20_000;

/**
 * Allows work that is done for the first time at once. Work that was lost may be done again one at a time,
 * and with pauses: altogether it takes a 21st of the time of one processor.
 */
export class Remakes {
  /** The version on which work was lost, by file: one file can have very many paths when a link leads upwards. */
  readonly #lost = new Cache<Version>({ entries: LOST_MAX, bytes: Infinity });
  /** When the next may begin, in ms; Infinity while one is under way. */
  #next = -Infinity;

  /** Remembers that work on a version of the file at a path was lost. */
  lose(path: string, version: Version): void {
    this.#lost.set(keyOf(path, version), version, 0);
  }

  /**
   * Begins work on a version of a file, unless it has to wait. Returns what is to be called when it has ended,
   * with the ms that it took. All times are in ms of one clock that is never set back.
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

/** Names a file by its inode, where the system has such. */
function keyOf(path: string, { device, inode }: Version): string {
  return inode === 0 ? path : `${device} ${inode}`;
}
