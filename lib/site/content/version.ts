/**
 * Versions of a file: what tells one from another without reading it, and when
 * the modification time is a validator (RFC 9110 §8.8). Pure.
 *
 * @module
 */

/** What tells one version of a file from another without reading it. */
export interface Version {
  /** The device that it is on. */
  readonly device: number;
  /** Inode, or what the system has in its place; 0 where it has none. */
  readonly inode: number;
  /** Bytes. */
  readonly size: number;
  /** Last modification, in ms since the epoch. */
  readonly modified: number;
  /** Last change of the file or of what is known of it, such as its rights, in ms; the runtime tells whole seconds. */
  readonly changed: number;
}

/**
 * Whether both are the same version of the same file. `changed` is left out: it is another as soon as the file has
 * another name or none, which is nothing to who reads it.
 */
export function isSameVersion(a: Version, b: Version): boolean {
  return a.inode === b.inode && a.size === b.size &&
    a.modified === b.modified && a.device === b.device;
}

/**
 * Times before this one (1990, in ms since the epoch) were not made by the clock of a web server: 1970 is what Nix and
 * OSTree write, 1980 what ZIP files say without a time, 1985 what npm packs.
 */
const TIME_MIN = Date.UTC(1990, 0, 1);

/**
 * A file written less than this many ms ago may be written again without its time showing it: clocks of file systems
 * tick every 1 to 10 ms, and a write may be held up half-way.
 */
export const SETTLING_MS = 50;

/** The same for file systems that count in seconds: two, as FAT does. */
const COARSE_SETTLING_MS = 2000;

/**
 * The modification time of a version, if it is a validator at a moment (`now`, in ms since the epoch): it tells when
 * something changed, and no later change can have it. A program that sets times can still give one to two contents.
 */
export function validTime(version: Version, now: number): number | undefined {
  return isTimeFinal(version, now)
    ? usableTime(version.modified, now)
    : undefined;
}

/** The time if it tells when something changed; undefined for frozen times and those in the future (RFC 9110 §8.8.2.1). */
export function usableTime(modified: number, now: number): number | undefined {
  return modified >= TIME_MIN && modified <= now ? modified : undefined;
}

/** Whether a later change of the file would get another time. */
export function isTimeFinal({ modified }: Version, now: number): boolean {
  const window = isWholeSecond(modified) ? COARSE_SETTLING_MS : SETTLING_MS;
  return Math.abs(now - modified) >= window;
}

function isWholeSecond(time: number): boolean {
  return time % 1000 === 0;
}
