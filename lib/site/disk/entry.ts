/**
 * What a directory site remembers of a path.
 *
 * @module
 */

import type { OpenResult } from "./root.ts";
import { SiteFile } from "../content/file.ts";
import type { Version } from "../content/version.ts";
import { ABSENT, type Resource } from "../site.ts";
import { MemoryVariant } from "../content/variant.ts";

/** A resource, and what it takes to know whether it is still right. */
export interface Entry {
  readonly resource: Resource;
  /** The version of a file; undefined for everything else, which is looked up again instead. */
  readonly version: Version | undefined;
  /** The path that has the version, if that is another: of a file that is there only encoded. */
  readonly versionPath?: string;
  /** Whether the version may not be believed, because the file was written to a moment before. */
  readonly mayChangeUnseen: boolean;
  /** When it was last known to be right, in ms since the epoch. */
  checked: number;
  /** When all siblings were last looked for; Infinity for what has none. */
  siblingsChecked: number;
}

/** What an entry weighs beside its content and its path: objects, prepared fields. */
const ENTRY_BYTES = 2048;

/** For what has no version, and is looked up again instead. */
export function entryWithoutVersion(resource: Resource, now: number): Entry {
  return {
    resource,
    version: undefined,
    mayChangeUnseen: false,
    checked: now,
    siblingsChecked: now,
  };
}

/** For a file that is there only encoded, as the file at another path. */
export function encodedEntry(
  file: SiteFile,
  versionPath: string,
  source: Entry,
  now: number,
): Entry {
  const { version, mayChangeUnseen } = source;
  return {
    resource: file,
    version,
    versionPath,
    mayChangeUnseen,
    checked: now,
    siblingsChecked: -Infinity,
  };
}

export function resourceOf(
  found: Exclude<OpenResult, { kind: "file" }>,
  path: string,
): Resource {
  switch (found.kind) {
    case "directory":
      return {
        kind: "directory",
        path: path.endsWith("/") ? path : `${path}/`,
        realPath: found.realPath,
      };
    case "refused":
      return found;
    case "absent":
      return ABSENT;
  }
}

/** Bytes that an entry takes. A path can be as long as a request's target, and has one or two bytes a character. */
export function weightOf(path: string, resource: Resource): number {
  const ownBytes = ENTRY_BYTES + 2 * path.length;
  if (!(resource instanceof SiteFile)) return ownBytes;
  const { identity, madeBytes } = resource;
  const contentBytes = identity instanceof MemoryVariant ? identity.length : 0;
  return ownBytes + contentBytes + madeBytes;
}
