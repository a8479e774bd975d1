/**
 * The entries of a directory's cache.
 *
 * @module
 */

import type { OpenResult } from "./root.ts";
import { canHaveSiblings, SiteFile } from "../content/file.ts";
import { isTimeFinal, type Version } from "../content/version.ts";
import { asDirectory } from "./folders.ts";
import type { OpenFile } from "./open_file.ts";
import type { Resource } from "../site.ts";
import { MemoryVariant } from "../content/variant.ts";

/** A resource, and what is needed to know whether it is current. */
export interface Entry {
  readonly resource: Resource;
  /** The version of a file; undefined for everything else, which is looked up again. */
  readonly version: Version | undefined;
  /** The path of that version, if it is another: for a file that exists only encoded. */
  readonly versionPath?: string;
  /** Whether the file may change without a new version, because it was written a moment ago. */
  readonly mayChangeUnseen: boolean;
  /** Whether the file has several names (hard links), and may change under one that is not watched. */
  readonly hasOtherNames?: boolean;
  /** Time of the last check, in milliseconds since the epoch. */
  checked: number;
  /** Whether its file can have precompressed siblings. */
  readonly canHaveSiblings: boolean;
  /** The epoch in which it is trusted, as `trust.ts` counts them, or one of its marks below 0. */
  epoch: number;
}

/** Memory of an entry besides its content and path: objects, prepared fields. */
const ENTRY_BYTES = 2048;

/** The epoch of an entry that is trusted in none. */
export const UNTRUSTED = -1;

/** The epoch of an entry of which a change was told: it must be loaded again, because its version may not show it. */
export const TOLD = -2;

/** Makes an entry for a resource that is looked up again instead of checked. */
export function entryWithoutVersion(resource: Resource, now: number): Entry {
  return {
    resource,
    version: undefined,
    mayChangeUnseen: false,
    checked: now,
    canHaveSiblings: false,
    epoch: UNTRUSTED,
  };
}

/** Makes an entry for a file that was opened at its own path. */
export function fileEntry(
  resource: SiteFile,
  { version, hasOtherNames }: OpenFile,
  now: number,
): Entry {
  return {
    ...entryWithoutVersion(resource, now),
    version,
    mayChangeUnseen: !isTimeFinal(version, now),
    hasOtherNames,
    canHaveSiblings: canHaveSiblings(resource.path),
  };
}

/** Makes an entry for a file that exists only encoded, as the file at another path. */
export function encodedEntry(
  file: SiteFile,
  versionPath: string,
  source: Entry,
  now: number,
): Entry {
  const { version, mayChangeUnseen } = source;
  return {
    ...entryWithoutVersion(file, now),
    version,
    versionPath,
    mayChangeUnseen,
    canHaveSiblings: true,
  };
}

export function resourceOf(
  found: Exclude<OpenResult, { kind: "file" }>,
  path: string,
): Resource {
  return found.kind === "directory"
    ? { kind: "directory", path: asDirectory(path), realPath: found.realPath }
    : found;
}

/** Returns the memory of an entry in bytes. A path can be as long as a target, at one or two bytes a character. */
export function weightOf(path: string, resource: Resource): number {
  const ownBytes = ENTRY_BYTES + 2 * path.length;
  if (!(resource instanceof SiteFile)) return ownBytes;
  const { identity, madeBytes } = resource;
  const contentBytes = identity instanceof MemoryVariant ? identity.length : 0;
  return ownBytes + contentBytes + madeBytes;
}
