/**
 * Budget: what a client may do on an HTTP/2 connection that costs skiff more
 * than the client.
 *
 * Each response and all bytes that skiff sends add to the budget, so an honest client never comes near its end.
 *
 * @module
 */

/** Resets that a connection may begin with; each answer allows one more (CVE-2023-44487, CVE-2025-8671). */
const RESETS_MAX = 100;

/** Frames without a request that a connection may begin with, and most that it may save (CVE-2019-9512, 9515, 9518). */
const FRAMES_MAX = 2_000;

/** Such frames that each answer allows: window updates, a priority, a ping. */
const FRAMES_PER_ANSWER = 8;

/** Such frames that a client may send each second. */
const FRAMES_PER_SECOND = 20;

/** Each time this many bytes of a body are sent, one more frame is allowed, for a window update. */
const BYTES_PER_FRAME = 512;

/** The budget of one connection. */
export class Budget {
  #resets = RESETS_MAX;
  #frames = FRAMES_MAX;
  #refilledAt: number;

  /** A full budget. `now` is in ms since the epoch. */
  constructor(now: number) {
    this.#refilledAt = now;
  }

  /**
   * Counts a stream that ended before its response was complete, whichever side ended it. Returns whether the budget
   * allows it.
   */
  spendReset(): boolean {
    return --this.#resets >= 0;
  }

  /** Counts a frame without a request. Returns whether the budget allows it. */
  spendFrame(): boolean {
    return --this.#frames >= 0;
  }

  /** Counts an answer that was sent whole. */
  earnAnswer(): void {
    this.#resets = Math.min(RESETS_MAX, this.#resets + 1);
    this.#earn(FRAMES_PER_ANSWER);
  }

  /** Counts bytes of bodies that were sent. */
  earnBytes(bytes: number): void {
    this.#earn(bytes / BYTES_PER_FRAME);
  }

  /** Counts the time that has passed. `now` is in ms since the epoch. */
  refill(now: number): void {
    this.#earn((now - this.#refilledAt) / 1000 * FRAMES_PER_SECOND);
    this.#refilledAt = now;
  }

  #earn(frames: number): void {
    this.#frames = Math.min(FRAMES_MAX, this.#frames + frames);
  }
}
