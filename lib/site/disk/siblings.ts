/**
 * Finds the precompressed files of a directory: next to a file, or in place of
 * one that does not exist.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import { canHaveSiblings, chooseStandIn, SiteFile } from "../content/file.ts";
import type { FileResource } from "../site.ts";
import { encodedEntry, type Entry } from "./entry.ts";
import { hasWriterPaused, type WriterWait } from "./settling.ts";

/** How long to remember that a precompressed file does not exist, in milliseconds. */
export const SIBLINGS_MS = 2000;

/** The part of a directory that is needed to find precompressed files. */
export interface SiblingSource {
  /** Whether anything seems to be at a path. This cheap check avoids expensive look-ups. */
  exists(path: string): boolean;
  /** Returns the entry at a path, from the cache if it is current. */
  look(path: string, now: number): Entry;
  /** Loads the entry at a path again. */
  load(path: string, now: number, awaited?: WriterWait): Entry;
}

/** Finds precompressed files by the same look-up as any other file. */
export class Siblings {
  readonly #source: SiblingSource;
  readonly #isPathProtected: (path: string) => boolean;

  /** Makes a finder for a directory, some of whose paths may be protected. */
  constructor(
    source: SiblingSource,
    isProtected: (path: string) => boolean = () => false,
  ) {
    this.#source = source;
    this.#isPathProtected = isProtected;
  }

  /**
   * Updates the siblings of an entry's file: existing ones each time, missing ones now and then. A sibling must not
   * be older than its file.
   */
  refresh(entry: Entry, now: number): void {
    const { resource } = entry;
    if (!(resource instanceof SiteFile)) return;
    const isAllDue = now - entry.siblingsChecked >= SIBLINGS_MS;
    if (isAllDue) entry.siblingsChecked = now;
    for (const coding of CODINGS) {
      if (!isAllDue && !resource.hasSibling(coding)) continue;
      resource.setSibling(coding, this.#contentOf(resource, entry, coding));
    }
  }

  /** Returns an entry for a path whose file exists only encoded; undefined if it does not exist at all. */
  standIn(path: string, now: number): Entry | undefined {
    if (!canHaveSiblings(path)) return undefined;
    const siblings = CODINGS.flatMap(({ suffix }) => {
      const siblingPath = path + suffix;
      const entry = this.#entryAt(siblingPath, now);
      if (!(entry?.resource instanceof SiteFile)) return [];
      const { resource } = entry;
      const { modified } = entry.version!;
      const isProtected = this.#isProtected(resource);
      return [{ siblingPath, entry, resource, modified, isProtected }];
    });
    const source = chooseStandIn(siblings);
    if (source === undefined) return undefined;
    const { modified, realPath, awaitWriter } = source.resource;
    const file = new SiteFile(path, undefined, modified, false, { realPath });
    if (awaitWriter !== undefined) {
      file.awaitWriter = async (now) => {
        const began = performance.now();
        await awaitWriter(now);
        // Never before the file was read, whose time has fractions of a millisecond.
        const later = now + performance.now() - began + 1;
        return this.#source.load(path, later).resource;
      };
    }
    return encodedEntry(file, source.siblingPath, source.entry, now);
  }

  /** Returns the entry of a precompressed file; undefined if there is none. */
  #entryAt(path: string, now: number): Entry | undefined {
    // Most files have none, and caching that would evict existing files.
    if (!this.#source.exists(path)) return undefined;
    const entry = this.#source.look(path, now);
    const quiet = entry.mayChangeUnseen ? entry.version : undefined;
    return quiet !== undefined && hasWriterPaused(quiet, now)
      ? this.#source.load(path, now, { now, quiet })
      : entry;
  }

  /** Returns the content of a sibling at the time when the file was last checked. */
  #contentOf(resource: SiteFile, entry: Entry, coding: Coding) {
    const { version, checked } = entry;
    const sibling = this.#entryAt(resource.path + coding.suffix, checked);
    // Compare the times on disk: the times for clients are never later than now, and so may be equal.
    const isUsable = sibling?.resource instanceof SiteFile &&
      sibling.version!.modified >= version!.modified &&
      // Clients of a public file must not get a protected sibling.
      (!this.#isProtected(sibling.resource) || this.#isProtected(resource));
    if (!isUsable) return undefined;
    if (sibling.resource.awaitWriter !== undefined) {
      // Its writer may still be busy, so look again next time.
      entry.siblingsChecked = -Infinity;
      return undefined;
    }
    return sibling.resource.identity;
  }

  /** Whether a file is protected, by its own path or by the place it leads to. */
  #isProtected({ path, realPath }: FileResource): boolean {
    return this.#isPathProtected(path) || this.#isPathProtected(realPath);
  }
}
