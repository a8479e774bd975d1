/**
 * Which files their writers have closed: there is less to wait for.
 *
 * @module
 */

import { isSameVersion, type Version } from "../content/version.ts";
import type { ChangeKind } from "./changes.ts";

/** Most closed files to remember, each for as long as it may matter; with more, skiff waits for a longer pause instead. */
const CLOSED_MAX = 1024;

/**
 * How long a version must stay after a close is heard to count as whole, in milliseconds. The close may be heard late,
 * when a writer has begun again: then it writes further meanwhile, or that it has begun is heard.
 */
const CONFIRM_MS = 2;

/** A close that was told. */
interface Close {
  /** The version when the close was heard: of the writer that closed the file, or of one that has begun since. */
  readonly version: Version;
  /** When it was heard, in milliseconds of the clock. */
  readonly heardAt: number;
}

/** Remembers what was told of writers. */
export class WriterCloses {
  readonly #look: (path: string) => Version | undefined;
  readonly #clock: () => number;
  readonly #closes = new Map<string, Close>();

  /**
   * Makes a memory; `look` returns the current version of a file, `clock` the milliseconds since any moment.
   */
  constructor(
    look: (path: string) => Version | undefined,
    clock: () => number = () => performance.now(),
  ) {
    this.#look = look;
    this.#clock = clock;
  }

  /** Receives what {@linkcode Changes.onChange} tells. */
  tell(path: string | undefined, kind: ChangeKind): void {
    if (path === undefined) return this.#closes.clear();
    this.#closes.delete(path);
    if (kind !== "written") return;
    const version = this.#look(path);
    // Most writers begin by emptying a file, and some close it then.
    if (version === undefined || version.size === 0) return;
    if (this.#closes.size >= CLOSED_MAX) this.#closes.clear();
    this.#closes.set(path, { version, heardAt: this.#clock() });
  }

  /**
   * Returns the milliseconds until a version counts as whole because its writer has closed the file, if it is still
   * there then: 0 if it does, Infinity if no one tells of a close.
   */
  msUntilWhole(path: string, version: Version): number {
    const close = this.#closes.get(path);
    if (close === undefined || !isSameVersion(close.version, version)) {
      return Infinity;
    }
    return Math.max(0, close.heardAt + CONFIRM_MS - this.#clock());
  }
}
