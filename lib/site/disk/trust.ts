/**
 * Which cached files are used without a look at the disk, because every change
 * to them would be told.
 *
 * @module
 */

import { CODINGS } from "../../http/coding.ts";
import { type Changes, LOOK_MS } from "./changes.ts";
import type { SiteStatistics } from "../site.ts";
import { type Entry, TOLD, UNTRUSTED } from "./entry.ts";

/** Most directories to remember; with more, skiff looks at all cached files once more, and begins again. */
export const TRUSTED_DIRECTORIES_MAX = 20_000;

/** Decides about the entries of a cache. */
export class Trust {
  readonly #changes: Changes;
  readonly #isPlain: (path: string, now: number) => boolean;
  /** Grows when anything may have changed. An entry is trusted only in the epoch in which the disk confirmed it. */
  #epoch = 0;
  /** Changes of a path that were told. */
  #told = 0;
  /** The directories on the way to entries of this epoch. */
  readonly #directories = new Set<string>();

  /**
   * Obeys what `changes` tells. `getEntry` returns the entry of a path, if it is cached; `onChange` is called with
   * everything that is told. `isPlain` tells whether a path leads to its file without a link now: a directory may have
   * been renamed, and a link to it made in its place, after the file was read.
   */
  constructor(
    changes: Changes,
    getEntry: (path: string) => Entry | undefined,
    onChange: Changes["onChange"] = () => {},
    isPlain: (path: string, now: number) => boolean = () => true,
  ) {
    this.#changes = changes;
    this.#isPlain = isPlain;
    changes.onChange = (path, kind) => {
      onChange(path, kind);
      if (path !== undefined) this.#told++;
      const isAll = path === undefined ||
        kind === "changed" && this.#directories.has(path);
      if (isAll) return this.#distrustAll();
      expire(getEntry(path));
      // What a file's sibling is, decides about the file too.
      for (const { suffix } of CODINGS) {
        if (path.endsWith(suffix)) {
          compareAgain(getEntry(path.slice(0, -suffix.length)));
        }
      }
    };
  }

  /** Whether an entry that was last compared with the disk `age` ms ago is current without another comparison. */
  covers(entry: Entry, age: number, now: number): boolean {
    return this.#isTrusted(entry) && age >= 0 && this.#changes.trusts(now) &&
      // Trust may end in the line above.
      this.#isTrusted(entry) &&
      (age < LOOK_MS || !this.#changes.mayLook(now));
  }

  /** Trusts an entry that the disk has just confirmed, if its path is the only way to the file. */
  confirm(path: string, entry: Entry, now: number): void {
    entry.epoch = UNTRUSTED;
    const { resource, version, versionPath } = entry;
    const mayTrust = resource.kind === "file" && resource.realPath === path &&
      version !== undefined && versionPath === undefined &&
      !entry.mayChangeUnseen && !entry.hasOtherNames;
    if (!mayTrust || !this.#changes.trusts(now)) return;
    if (!this.#isPlain(path, now)) return;
    entry.epoch = this.#epoch;
    for (let at = path.lastIndexOf("/"); at > 0;) {
      const directory = path.slice(0, at);
      if (this.#directories.has(directory)) break;
      this.#directories.add(directory);
      at = directory.lastIndexOf("/");
    }
    if (this.#directories.size > TRUSTED_DIRECTORIES_MAX) this.#distrustAll();
  }

  /** Whether an entry was trusted until something that it depends on may have changed. */
  isOutdated({ epoch }: Entry): boolean {
    return epoch >= 0 && epoch !== this.#epoch;
  }

  /** Called when the disk has contradicted an entry. */
  contradict(path: string, entry: Entry): void {
    if (this.#isTrusted(entry)) this.#changes.found(path);
  }

  /** Returns what metrics tell of the watch, see {@linkcode SiteStatistics}. */
  statistics(): Pick<SiteStatistics, "changes" | "watched"> {
    return { changes: this.#told, watched: this.#changes.isWatching ? 1 : 0 };
  }

  /** Trusts nothing any more. */
  close(): void {
    this.#distrustAll();
    this.#changes.close();
  }

  #isTrusted({ epoch }: Entry): boolean {
    return epoch === this.#epoch;
  }

  #distrustAll(): void {
    this.#epoch++;
    this.#directories.clear();
  }
}

/** Makes the next lookup load an entry again. */
function expire(entry: Entry | undefined): void {
  if (entry === undefined) return;
  entry.epoch = TOLD;
  entry.checked = -Infinity;
}

/**
 * Makes the next lookup compare an entry with the disk, because a sibling of its file has changed. A file that has not
 * changed itself stays: it knows that it has had siblings, which caches may still have.
 */
function compareAgain(entry: Entry | undefined): void {
  if (entry === undefined) return;
  if (entry.versionPath !== undefined) return expire(entry);
  if (entry.epoch !== TOLD) entry.epoch = UNTRUSTED;
  entry.checked = -Infinity;
}
