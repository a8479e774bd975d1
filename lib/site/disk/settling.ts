/**
 * Waiting for a file that was written a moment ago, so that no answer mixes
 * what was there before with what is being written.
 *
 * @module
 */

import { SETTLING_MS } from "../content/version.ts";
import { isSameVersion, type Version } from "../content/version.ts";

/** Longest wait in ms. A file that is rewritten without pause is read as it is then. */
const SETTLE_WAIT_MS = 200;

/** Shortest pause of a writer in ms that is taken for its end: one that lost the processor half-way seems to pause as well. */
const QUIET_MS_MIN = 26;

/** Pause in ms between two looks. */
const LOOK_STEP_MS = 2;

/** Whether a file was written so short a time ago that the writer may not be done. */
export function isFresh({ modified }: Version, now: number): boolean {
  return Math.abs(now - modified) < SETTLING_MS;
}

/** Whether the writer of a file seems to have paused. */
export function hasWriterPaused({ modified }: Version, now: number): boolean {
  return Math.abs(now - modified) >= QUIET_MS_MIN;
}

/** What came of waiting for a writer. */
export interface WriterWait {
  /** The time then, in ms since the epoch. */
  readonly now: number;
  /** The version after which the writer made a pause; undefined when it made none, or the file is gone. */
  readonly quiet: Version | undefined;
  /** What was read before the wait. */
  readonly former?: Uint8Array | undefined;
}

/**
 * Waits until a file has been left alone for a while. `look` tells its version, undefined when there is none; `now` is
 * the time in ms since the epoch. What counts as a while shrinks with the wait, so that a file that is written again
 * and again is caught in one of its pauses. An empty file is given the whole window, because most writers begin by
 * emptying it.
 */
export async function waitForWriter(
  look: () => Version | undefined,
  now: number,
): Promise<WriterWait> {
  const began = performance.now();
  for (;;) {
    const waited = performance.now() - began;
    const later = now + waited;
    const version = look();
    if (version === undefined) return { now: later, quiet: undefined };
    const shrunk = SETTLING_MS * (1 - waited / SETTLE_WAIT_MS);
    const pause = version.size === 0
      ? SETTLING_MS
      : Math.max(shrunk, QUIET_MS_MIN);
    // Emptying a file takes a moment in which it has its old time still.
    const isQuiet = Math.abs(later - version.modified) >= pause &&
      (version.size > 0 || waited >= QUIET_MS_MIN);
    if (isQuiet) return { now: later, quiet: version };
    if (waited >= SETTLE_WAIT_MS) return { now: later, quiet: undefined };
    await new Promise((resolve) => setTimeout(resolve, LOOK_STEP_MS));
  }
}

/**
 * Whether content that was read of a version may be of two, although its writer was waited for: it did not pause after
 * that version, and what was there before the wait is there no more. A log that grows without pause is not torn.
 */
export function isTorn(
  version: Version,
  bytes: Uint8Array | undefined,
  { quiet, former = new Uint8Array(0) }: WriterWait,
): boolean {
  if (bytes === undefined) return true;
  if (quiet !== undefined && isSameVersion(version, quiet)) return false;
  return former.length === 0 || former.length > bytes.length ||
    former.some((byte, at) => byte !== bytes[at]);
}
