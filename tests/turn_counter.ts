/**
 * Counts how often other work has its turn.
 *
 * @module
 */

/** Stands for other work: takes a turn whenever there is one, until it is disposed of. */
export class TurnCounter implements Disposable {
  /** How many it has had. */
  turns = 0;
  #timer: ReturnType<typeof setTimeout>;

  constructor() {
    const turn = () => {
      this.turns++;
      this.#timer = setTimeout(turn, 0);
    };
    this.#timer = setTimeout(turn, 0);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
