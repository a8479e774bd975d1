/**
 * What the owner of a site over a directory decides about it.
 *
 * @module
 */

import type { CacheLimits } from "../cache.ts";
import type { Changes } from "./changes.ts";
import type { SitePools } from "./pools.ts";

/** Options of a directory. */
export interface DirectoryOptions {
  /** How long a resource is current without another look at the disk, in milliseconds. */
  readonly revalidate: number;
  readonly cache: CacheLimits;
  /** Largest file to keep in memory, in bytes. */
  readonly fileBytesMax: number;
  /** Whether to compress files without a precompressed sibling. */
  readonly compress: boolean;
  /** Room that the site shares with others, in place of the limits here. */
  readonly pools?: SitePools;
  /** Whether a decoded path is protected. A public file never gets the encoding of a protected sibling. */
  readonly isProtected?: ((path: string) => boolean) | undefined;
  /** What tells about changes; the site closes it. Without it, nothing is trusted for longer than `revalidate`. */
  readonly changes?: Changes | undefined;
  /** The name of the release that the directory is, if any. */
  readonly release?: string | undefined;
}

export const DIRECTORY_DEFAULTS: DirectoryOptions = {
  // Long enough to save a busy file a thousand checks, short enough to go unnoticed.
  revalidate: 100,
  cache: { entries: 20_000, bytes: 128 * 1024 * 1024 },
  fileBytesMax: 1024 * 1024,
  compress: true,
};
