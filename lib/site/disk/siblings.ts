/**
 * Precompressed files of a directory: those that stand beside a file, and those
 * that stand for one that is not there.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import { canHaveSiblings, chooseStandIn, SiteFile } from "../content/file.ts";
import type { FileResource } from "../site.ts";
import { encodedEntry, type Entry } from "./entry.ts";
import { hasWriterPaused, type WriterWait } from "./settling.ts";

/** For how many ms a precompressed file that was not there is not looked for again. */
export const SIBLINGS_MS = 2000;

/** The directory, as far as precompressed files are found in it. */
export interface SiblingSource {
  /** Whether anything seems to be at a path: a cheap look that saves dear ones. */
  exists(path: string): boolean;
  /** What is at a path, as it is remembered or found out. */
  look(path: string, now: number): Entry;
  /** What is at a path, found out again. */
  load(path: string, now: number, awaited?: WriterWait): Entry;
}

/** Finds precompressed files. They are looked up as any file is. */
export class Siblings {
  readonly #source: SiblingSource;
  readonly #isPathProtected: (path: string) => boolean;

  /** The precompressed files of a directory, of whose paths some are protected. */
  constructor(
    source: SiblingSource,
    isProtected: (path: string) => boolean = () => false,
  ) {
    this.#source = source;
    this.#isPathProtected = isProtected;
  }

  /**
   * Brings the siblings of an entry's file up to date: those it has each time, those it has not now and then. They
   * count if they are not older than what they are made of.
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

  /** An entry for a path where no file is, but encoded ones that stand for it; undefined when there are none. */
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
        // Not before the file was read, whose own time is in fractions.
        const later = now + performance.now() - began + 1;
        return this.#source.load(path, later).resource;
      };
    }
    return encodedEntry(file, source.siblingPath, source.entry, now);
  }

  /** What is at the path of a precompressed file; undefined when nothing is. */
  #entryAt(path: string, now: number): Entry | undefined {
    // Most files have none, and remembering that would push out what is there.
    if (!this.#source.exists(path)) return undefined;
    const known = this.#source.look(path, now);
    const quiet = known.mayChangeUnseen ? known.version : undefined;
    return quiet !== undefined && hasWriterPaused(quiet, now)
      ? this.#source.load(path, now, { now, quiet })
      : known;
  }

  /** What the sibling for a coding holds at the moment that a file was last checked. */
  #contentOf(resource: SiteFile, entry: Entry, coding: Coding) {
    const { version, checked } = entry;
    const sibling = this.#entryAt(resource.path + coding.suffix, checked);
    // As they are on disk: what clients are told is never later than now, and so may be equal for both.
    const isUsable = sibling?.resource instanceof SiteFile &&
      sibling.version!.modified >= version!.modified &&
      // Whoever may have the file would get what only others may have.
      (!this.#isProtected(sibling.resource) || this.#isProtected(resource));
    if (!isUsable) return undefined;
    if (sibling.resource.awaitWriter !== undefined) {
      // Its writer may not be done: the next look finds out.
      entry.siblingsChecked = -Infinity;
      return undefined;
    }
    return sibling.resource.identity;
  }

  /** Whether a file is protected, by its own path or by where that leads. */
  #isProtected({ path, realPath }: FileResource): boolean {
    return this.#isPathProtected(path) || this.#isPathProtected(realPath);
  }
}
