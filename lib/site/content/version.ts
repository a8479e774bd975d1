/**
 * Versions of a file: how to tell them apart without reading, and when the
 * modification time is a validator (RFC 9110 §8.8). Pure.
 *
 * @module
 */

/** Identifies a version of a file without reading it. */
export interface Version {
  readonly device: number;
  /** The inode, or its equivalent; 0 if the system has none. */
  readonly inode: number;
  readonly size: number;
  /** Last modification in milliseconds since the epoch. */
  readonly modified: number;
  /**
   * Last change of the file or its metadata, such as permissions, in milliseconds; the runtime gives whole seconds.
   */
  readonly changed: number;
}

/**
 * Whether both are the same version of the same file. Ignores `changed`: renaming or deleting the file changes it,
 * but not what a reader sees.
 */
export function isSameVersion(a: Version, b: Version): boolean {
  return a.inode === b.inode && a.size === b.size &&
    a.modified === b.modified && a.device === b.device;
}

/**
 * Earlier times are not from the clock of a web server: Nix and OSTree write 1970, ZIP files without a time say 1980,
 * npm packs 1985.
 */
const TIME_MIN = Date.UTC(1990, 0, 1);

/**
 * A file written less than this many milliseconds ago may be written again with the same time: clocks of file systems
 * tick every 1 to 10 ms, and a write may be delayed.
 */
export const SETTLING_MS = 50;

/** The same for file systems with times in seconds, or in two seconds as FAT. */
const COARSE_SETTLING_MS = 2000;

/** How far ahead of `now` the time of a fresh file can be, in ms: it may be written after the clock was read. */
export const HELD_UP_MS_MAX = 2000;

/**
 * Returns the modification time if it is a validator at `now` (milliseconds since the epoch): it is a time of change,
 * and a later change gets another time. A program that sets times can still give two contents the same one.
 */
export function validTime(
  version: Pick<Version, "modified">,
  now: number,
): number | undefined {
  return isTimeFinal(version, now)
    ? usableTime(version.modified, now)
    : undefined;
}

/** Returns the time if it is a time of change; undefined for frozen and future times (RFC 9110 §8.8.2.1). */
export function usableTime(modified: number, now: number): number | undefined {
  return modified >= TIME_MIN && modified <= now ? modified : undefined;
}

/** Whether a later change of the file would get another time. */
export function isTimeFinal(
  { modified }: Pick<Version, "modified">,
  now: number,
): boolean {
  const window = isWholeSecond(modified) ? COARSE_SETTLING_MS : SETTLING_MS;
  const age = now - modified;
  return age >= window || age <= -HELD_UP_MS_MAX;
}

function isWholeSecond(time: number): boolean {
  return time % 1000 === 0;
}
