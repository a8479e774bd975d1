/**
 * Turns at work that takes long: one at a time, and no client waits behind all
 * requests of another.
 *
 * @module
 */

/** A place in the queue. */
export interface QueuePlace {
  /** Whom it is for; see {@linkcode Turns.enter}. */
  readonly subject: string;
  /** Resolves to true when its turn has come, to false if others have taken the place or it is not wanted. */
  readonly begun: Promise<boolean>;
}

interface WaitingPlace extends QueuePlace {
  readonly isWanted: () => boolean;
  /** How many places of the subject were before it: the lowest goes first. */
  turn: number;
  readonly end: (isTurn: boolean) => void;
}

/**
 * A queue. The lowest turn goes first, among equal ones the longest wait; each place that a subject holds puts its next
 * one a turn back, so subjects alternate. When all places are taken, another subject's last one yields if its turn is
 * later.
 */
export class Turns {
  readonly #max: number;
  #isTaken = false;
  /** In order of arrival. */
  #places: WaitingPlace[] = [];

  /** At most `max` wait. */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Queues for a turn; undefined if too many others go first. `subject` is what a limit counts a client for. After
   * `begun` has resolved to true, the caller calls {@linkcode leave} exactly once. The place is lost when `isWanted`
   * returns false.
   */
  enter(
    subject: string,
    isWanted: () => boolean = () => true,
  ): QueuePlace | undefined {
    this.#dropUnwanted();
    const { promise: begun, resolve: end } = Promise.withResolvers<boolean>();
    const turn = this.#count(subject);
    const place = { subject, begun, end, turn, isWanted };
    if (!this.#isTaken) {
      this.#isTaken = true;
      end(true);
      return place;
    }
    if (this.#places.length >= this.#max && !this.#displace(place.turn)) {
      return undefined;
    }
    this.#places.push(place);
    return place;
  }

  /** Moves a place forward to where it would be had a subject entered that waits for the same work. */
  advance(shared: QueuePlace, subject: string): void {
    const place = this.#places.find((place) => place === shared);
    if (place === undefined || place.subject === subject) return;
    place.turn = Math.min(place.turn, this.#count(subject));
  }

  /** Ends a turn: the next begins. */
  leave(): void {
    this.#dropUnwanted();
    const next = this.#places.reduce<WaitingPlace | undefined>(
      (first, place) =>
        first === undefined || place.turn < first.turn ? place : first,
      undefined,
    );
    this.#isTaken = next !== undefined;
    if (next !== undefined) this.#end(next, true);
  }

  /** Ends the wait of the last place, if its turn is later than the given one; returns whether it was. */
  #displace(turn: number): boolean {
    const last = this.#places.reduce((a, b) => b.turn >= a.turn ? b : a);
    if (last.turn <= turn) return false;
    this.#end(last, false);
    return true;
  }

  #dropUnwanted(): void {
    for (const place of this.#places.filter(({ isWanted }) => !isWanted())) {
      this.#end(place, false);
    }
  }

  #end(place: WaitingPlace, isTurn: boolean): void {
    this.#places.splice(this.#places.indexOf(place), 1);
    place.end(isTurn);
  }

  #count(subject: string): number {
    return this.#places.filter((place) => place.subject === subject).length;
  }
}
