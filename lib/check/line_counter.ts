/**
 * Offsets in a text → line numbers, for offsets that mostly ascend.
 *
 * @module
 */

/** Counts lines as it goes, so that a document of any length is searched for line ends once. */
export class LineCounter {
  readonly #text: string;
  readonly #first: number;
  #line: number;
  /** Where the current line begins, and where its line feed is; Infinity in the last line. */
  #start = 0;
  #end: number;

  /** Counts in a text that begins on line `first` of its file. */
  constructor(text: string, first: number = 1) {
    this.#text = text;
    this.#first = first;
    this.#line = first;
    this.#end = this.#feedFrom(0);
  }

  /** Returns the number of the line with an offset. An offset before the current line costs a new count. */
  at(offset: number): number {
    if (offset < this.#start) {
      this.#line = this.#first;
      this.#start = 0;
      this.#end = this.#feedFrom(0);
    }
    while (this.#end < offset) {
      this.#line++;
      this.#start = this.#end + 1;
      this.#end = this.#feedFrom(this.#start);
    }
    return this.#line;
  }

  #feedFrom(offset: number): number {
    const feed = this.#text.indexOf("\n", offset);
    return feed === -1 ? Infinity : feed;
  }
}
