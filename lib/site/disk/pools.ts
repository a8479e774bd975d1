/**
 * Room for what sites keep. Sites that serve side by side share it.
 *
 * @module
 */

import { type CacheLimits, CachePool } from "../cache.ts";

/** Most files that are kept open, because they are too large for memory. */
const OPEN_FILES_MAX = 64;

/** Most missing and unreadable names in their cache, which is separate from that of files. */
const ABSENT_MAX = 4096;

const ABSENT_BYTES_MAX: number = 8 * 1024 * 1024;

/** Bytes of decoded contents, over all isolates. */
export const DECODED_KEPT_BYTES_MAX: number = 64 * 1024 * 1024;

/** Number of decoded contents. */
const DECODED_KEPT_MAX = 4096;

/** Room for sites. */
export interface SitePools {
  /** For files and directories. */
  readonly entries: CachePool;
  /** For names that lead nowhere: clients can request any number of them, which must not evict anything else. */
  readonly absent: CachePool;
  readonly openFiles: CachePool;
  readonly decoded: CachePool;
}

/** Makes room for entries within limits, and for what comes with them. */
export function createPools(
  limits: CacheLimits,
  decodedBytesMax: number = DECODED_KEPT_BYTES_MAX,
): SitePools {
  return {
    entries: new CachePool({ ...limits, onlyRepeated: true }),
    absent: new CachePool({
      entries: Math.min(ABSENT_MAX, limits.entries),
      bytes: Math.min(ABSENT_BYTES_MAX, limits.bytes),
    }),
    openFiles: new CachePool({ entries: OPEN_FILES_MAX, bytes: Infinity }),
    decoded: decodedPool(decodedBytesMax),
  };
}

/** Makes room for decoded contents. */
export function decodedPool(
  bytes: number = DECODED_KEPT_BYTES_MAX,
): CachePool {
  return new CachePool({ entries: DECODED_KEPT_MAX, bytes });
}
