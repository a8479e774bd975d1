/**
 * Waits for the writer of a file that was written a moment ago, so that no
 * response mixes two versions.
 *
 * @module
 */

import {
  HELD_UP_MS_MAX,
  isSameVersion,
  SETTLING_MS,
  type Version,
} from "../content/version.ts";

/** Longest wait in milliseconds. A file that is written without pause is then read as it is. */
const SETTLE_WAIT_MS = 200;

/**
 * Shortest pause that counts as the end of writing, in milliseconds: a writer that loses the processor also pauses.
 */
const QUIET_MS_MIN = 26;

/** Milliseconds between two checks. */
const LOOK_STEP_MS = 2;

/** Whether a file was written so recently that its writer may not be done. */
export function isFresh({ modified }: Version, now: number): boolean {
  const age = now - modified;
  return age < SETTLING_MS && age > -HELD_UP_MS_MAX;
}

/** How long a file counts as part of a change to the site, in milliseconds: the runtime gives `changed` in seconds. */
const RECENT_MS = 2000;

/** Whether a file may be part of a change to the site that is under way. */
export function isRecent({ modified, changed }: Version, now: number): boolean {
  return Math.abs(now - Math.max(modified, changed)) < RECENT_MS;
}

/** Whether the writer of a file seems to have paused. */
export function hasWriterPaused({ modified }: Version, now: number): boolean {
  return now - modified >= QUIET_MS_MIN;
}

/** The result of waiting for a writer. */
export interface WriterWait {
  /** The time at the end, in milliseconds since the epoch. */
  readonly now: number;
  /** The version after which the writer paused; undefined if it did not, or if the file is gone. */
  readonly quiet: Version | undefined;
  /** The content before the wait. */
  readonly former?: Uint8Array | undefined;
}

/**
 * Returns the milliseconds until a version counts as whole because its writer has closed the file; Infinity if no one
 * tells of that.
 */
export type MsUntilWhole = (version: Version) => number;

/**
 * Waits until the writer of a file pauses; after a close that is told, a shorter pause is enough. `look` returns
 * the file's version, undefined if it is gone; `now` is in milliseconds since the epoch. The required pause shrinks with
 * the wait, so that even a frequently written file is caught in a pause. An empty file gets the whole time, because most
 * writers begin by emptying it.
 */
export async function waitForWriter(
  look: () => Version | undefined,
  now: number,
  msUntilWhole: MsUntilWhole = () => Infinity,
): Promise<WriterWait> {
  const began = performance.now();
  let seen: Version | undefined;
  let seenAt = 0;
  for (;;) {
    const version = look();
    const waited = performance.now() - began;
    const later = now + waited;
    if (version === undefined) return { now: later, quiet: undefined };
    if (seen === undefined || !isSameVersion(version, seen)) seenAt = waited;
    seen = version;
    const age = later - version.modified;
    // If the thread was held up before the wait, the file's time is ahead, and says nothing about its age.
    const rested = age >= 0 ? age : waited - seenAt;
    const shrunk = SETTLING_MS * (1 - waited / SETTLE_WAIT_MS);
    const pause = version.size === 0
      ? SETTLING_MS
      : Math.max(shrunk, QUIET_MS_MIN);
    // A file that is being emptied still has its old time for a moment.
    const rest = msUntilWhole(version);
    const isQuiet = rest === 0 ||
      rested >= pause &&
        (version.size > 0 || waited >= QUIET_MS_MIN);
    if (isQuiet) return { now: later, quiet: version };
    if (waited >= SETTLE_WAIT_MS) return { now: later, quiet: undefined };
    const step = Math.min(LOOK_STEP_MS, Math.floor(rest));
    await new Promise((resolve) => setTimeout(resolve, step));
  }
}

/**
 * Whether a content may mix two versions despite the wait: the writer did not pause after its version, which is
 * undefined if it is not known to be of one, and the former content is no longer there. A growing log is not torn.
 */
export function isTorn(
  version: Version | undefined,
  bytes: Uint8Array | undefined,
  { quiet, former = new Uint8Array(0) }: WriterWait,
): boolean {
  if (bytes === undefined) return true;
  if (version && quiet && isSameVersion(version, quiet)) return false;
  return former.length === 0 || former.length > bytes.length ||
    former.some((byte, at) => byte !== bytes[at]);
}
