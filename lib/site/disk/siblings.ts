/**
 * Finds the precompressed files of a directory: next to a file, or in place of
 * one that does not exist.
 *
 * @module
 */

import { CODINGS } from "../../http/coding.ts";
import { canHaveSiblings, chooseStandIn, SiteFile } from "../content/file.ts";
import type { FileResource } from "../site.ts";
import type { Content } from "../content/variant.ts";
import type { Version } from "../content/version.ts";
import { encodedEntry, type Entry } from "./entry.ts";
import { siblingBit } from "./folder.ts";
import type { Spot } from "./folders.ts";
import { hasWriterPaused, type WriterWait } from "./settling.ts";

/** The part of a directory that is needed to find precompressed files. */
export interface SiblingSource {
  /** Returns the bits of a path and its siblings, see {@linkcode Kind}; undefined if that is not known. */
  kindOf(path: string, now: number, spot?: Spot): number | undefined;
  /** Returns the entry at a path, from the cache if it is current. */
  look(path: string, now: number): Entry;
  /** Loads the entry at a path again. */
  load(path: string, now: number, awaited?: WriterWait): Entry;
}

/** Finds precompressed files by the same lookup as any other file. */
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
   * Updates the siblings of an entry's file, whose place is `spot` if that is known. A sibling must not be older than
   * its file. Returns whether all that are there are trusted, so that a change of them would be told.
   */
  refresh(entry: Entry, now: number, spot?: Spot): boolean {
    const { resource, version, canHaveSiblings } = entry;
    if (!canHaveSiblings || !(resource instanceof SiteFile)) return true;
    let areTrusted = true;
    const kind = this.#source.kindOf(resource.path, now, spot) ?? 0;
    for (let index = 0; index < CODINGS.length; index++) {
      const coding = CODINGS[index]!;
      const isThere = (kind & siblingBit(index)) !== 0;
      if (!isThere && !resource.hasSibling(coding)) continue;
      const sibling = isThere
        ? this.#entryAt(resource.path + coding.suffix, now)
        : undefined;
      if (sibling !== undefined && sibling.epoch < 0) areTrusted = false;
      const content = sibling && this.#contentOf(resource, version!, sibling);
      resource.setSibling(coding, content);
    }
    return areTrusted;
  }

  /** Returns an entry for a path whose file exists only encoded; undefined if it does not exist at all. */
  standIn(path: string, now: number): Entry | undefined {
    if (!canHaveSiblings(path)) return undefined;
    const kind = this.#source.kindOf(path, now) ?? 0;
    const siblings = CODINGS.flatMap(({ suffix }, index) => {
      if (!(kind & siblingBit(index))) return [];
      const siblingPath = path + suffix;
      const entry = this.#entryAt(siblingPath, now);
      if (!(entry.resource instanceof SiteFile)) return [];
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

  /** Returns the entry of a precompressed file. */
  #entryAt(path: string, now: number): Entry {
    const entry = this.#source.look(path, now);
    const quiet = entry.mayChangeUnseen ? entry.version : undefined;
    return quiet !== undefined && hasWriterPaused(quiet, now)
      ? this.#source.load(path, now, { now, quiet })
      : entry;
  }

  /** Returns the content of a sibling; undefined if it is not usable. */
  #contentOf(
    file: SiteFile,
    version: Version,
    { resource, version: its }: Entry,
  ): Content | undefined {
    const isUsable = resource instanceof SiteFile &&
      // Compare the times on disk: the times for clients are never later than now, and so may be equal.
      its!.modified >= version.modified &&
      // Clients of a public file must not get a protected sibling.
      (!this.#isProtected(resource) || this.#isProtected(file)) &&
      // Its writer may still be busy.
      resource.awaitWriter === undefined;
    return isUsable ? resource.identity : undefined;
  }

  /** Whether a file is protected, by its own path or by the place it leads to. */
  #isProtected({ path, realPath }: FileResource): boolean {
    return this.#isPathProtected(path) || this.#isPathProtected(realPath);
  }
}
