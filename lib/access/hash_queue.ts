/**
 * Decides which login hashes its password next. Hashing is slow on purpose, so
 * one client that filled the queue would keep all others from logging in.
 *
 * @module
 */

import type { Login } from "./login_limits.ts";

/** How many passwords are hashed at the same time: each takes a core and, with new hashes, 32 MiB. */
export const RUNNING_MAX = 2;

/** How many more may wait. */
export const WAITING_MAX = 64;

/** How many of those may come from one network. */
export const NETWORK_WAITING_MAX = 8;

/** How many of those may be for one name. */
export const NAME_WAITING_MAX = 16;

/** A login, as the queue knows it. */
export type Waiter = Pick<Login, "network" | "name"> & {
  /** Its turn: the lowest goes first. See `LoginLimits.turn()`. */
  readonly turn: number;
};

interface WaitingHash {
  readonly waiter: Waiter;
  /** The turn, moved back by the places that its network holds. */
  readonly turn: number;
  /** Called with true when the password may be hashed, with false when another login has taken the place. */
  readonly end: (mayHash: boolean) => void;
}

/**
 * The queue for hashing.
 *
 * - The lowest turn goes first. Each place that a network holds puts its next one a turn back, so networks
 *   alternate. Among equal turns the longest wait decides.
 * - When all places, or all of a network or a name, are taken, a login replaces the last one there if its
 *   own turn is earlier. Otherwise it is refused.
 */
export class HashQueue {
  #running = 0;
  /** In order of arrival. */
  #places: WaitingHash[] = [];

  /**
   * Waits until a password may be hashed. Resolves to false, now or later, if too many others go first.
   * After true the caller calls {@linkcode leave} exactly once.
   */
  enter(waiter: Waiter): boolean | Promise<boolean> {
    if (this.#running < RUNNING_MAX) {
      this.#running++;
      return true;
    }
    const turn = waiter.turn < 0
      ? waiter.turn
      : waiter.turn + this.#count((other) => other.network === waiter.network);
    const losers = this.#losersTo(waiter, turn);
    if (losers === undefined) return false;
    this.#places = this.#places.filter((place) => !losers.has(place));
    for (const loser of losers) loser.end(false);
    return new Promise((end) => this.#places.push({ waiter, turn, end }));
  }

  /** Ends what {@linkcode enter} began: the next login hashes. */
  leave(): void {
    const next = this.#places.reduce<WaitingHash | undefined>(
      (first, place) =>
        first === undefined || place.turn < first.turn ? place : first,
      undefined,
    );
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#places.splice(this.#places.indexOf(next), 1);
    next.end(true);
  }

  #count(isCounted: (waiter: Waiter) => boolean): number {
    return this.#places.filter(({ waiter }) => isCounted(waiter)).length;
  }

  /** The places that yield to a login: none or some; undefined if the login itself must go. */
  #losersTo(
    { network, name }: Waiter,
    turn: number,
  ): Set<WaitingHash> | undefined {
    const losers = new Set<WaitingHash>();
    const bounds: readonly (readonly [number, (waiter: Waiter) => boolean])[] =
      [
        [NETWORK_WAITING_MAX, (other) => other.network === network],
        [NAME_WAITING_MAX, (other) => other.name === name],
        [WAITING_MAX, () => true],
      ];
    for (const [max, isBound] of bounds) {
      const bound = this.#places.filter((place) =>
        isBound(place.waiter) && !losers.has(place)
      );
      if (bound.length < max) continue;
      const last = bound.reduce((a, b) => b.turn >= a.turn ? b : a);
      if (last.turn <= turn) return undefined;
      losers.add(last);
    }
    return losers;
  }
}
