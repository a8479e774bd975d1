/**
 * Looks for changes: soon after the system reports one, and at intervals because
 * some file systems do not report all.
 *
 * @module
 */

import { PAUSE_FACTOR } from "../site/pause.ts";

/** How long changes that go on are waited for, in ms. */
const QUIET_MS_MAX = 5_000;

/** What {@linkcode Looks} need. */
export interface LooksDeps {
  /** Looks once. Never rejects. */
  readonly look: () => Promise<void>;
  /** How long nothing may have changed before a look, in ms. */
  readonly quietMs: number;
  /** Returns how long to wait after a look if the system reports no change, in ms. */
  readonly restMs: () => number;
}

/** Looks one after the other, until they are closed. */
export class Looks {
  readonly #deps: LooksDeps;
  /** When the first of the changes that are waited for was told, in ms since the epoch; undefined if there are none. */
  #changedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  /** Looks for the first time after `firstMs` milliseconds; at once if that is 0. */
  constructor(deps: LooksDeps, firstMs: number) {
    this.#deps = deps;
    if (firstMs === 0) void this.#look();
    else this.#lookIn(firstMs);
  }

  /** Whether no more looks begin. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Looks soon, when changes have paused. */
  onChange(): void {
    const now = Date.now();
    this.#changedAt ??= now;
    const left = this.#changedAt + QUIET_MS_MAX - now;
    this.#lookIn(Math.max(0, Math.min(this.#deps.quietMs, left)));
  }

  /** Resolves once no look is in progress. */
  async idle(): Promise<void> {
    while (this.#looking !== undefined) await this.#looking;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    if (this.#looking !== undefined) return;
    const { look, quietMs, restMs } = this.#deps;
    this.#changedAt = undefined;
    const began = performance.now();
    this.#looking = look();
    await this.#looking;
    this.#looking = undefined;
    const pause = PAUSE_FACTOR * (performance.now() - began);
    const rest = Math.max(pause, restMs());
    // What changed during a look, it may have missed.
    this.#lookIn(this.#changedAt === undefined ? rest : quietMs);
  }
}
