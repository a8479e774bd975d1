/**
 * Which files their writers have closed: nothing is to be waited for there.
 *
 * @module
 */

import { isSameVersion, type Version } from "../content/version.ts";
import type { ChangeKind } from "./changes.ts";
import type { WriterClose } from "./settling.ts";

/** Most closed files to remember, each for as long as it may matter; with more, skiff waits for a pause instead. */
const CLOSED_MAX = 1024;

/** Remembers what was told of writers. */
export class WriterCloses {
  readonly #look: (path: string) => Version | undefined;
  /** The versions that writers closed, by path. */
  readonly #closed = new Map<string, Version>();
  /** Those who wait for a writer, by path. */
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Makes a memory; `look` returns the current version of a file. */
  constructor(look: (path: string) => Version | undefined) {
    this.#look = look;
  }

  /** Receives what {@linkcode Changes.onChange} tells. */
  tell(path: string | undefined, kind: ChangeKind): void {
    if (path === undefined) return this.#closed.clear();
    this.#closed.delete(path);
    if (kind !== "written") return;
    const version = this.#look(path);
    // Most writers begin by emptying a file, and some close it then.
    if (version === undefined || version.size === 0) return;
    if (this.#closed.size >= CLOSED_MAX) this.#closed.clear();
    this.#closed.set(path, version);
    for (const resume of this.#waiting.get(path) ?? []) resume();
  }

  /** Whether a writer has closed this version of a file, and none was told to write since. */
  isClosed(path: string, version: Version): boolean {
    const closed = this.#closed.get(path);
    return closed !== undefined && isSameVersion(closed, version);
  }

  /** Returns what is told of the writer of a file from now on. */
  of(path: string): WriterClose {
    return {
      isClosed: (version) => this.isClosed(path, version),
      pause: (ms) => this.#pause(path, ms),
    };
  }

  async #pause(path: string, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(path) ?? new Set();
    this.#waiting.set(path, waiting.add(resolve));
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0) this.#waiting.delete(path);
  }
}
