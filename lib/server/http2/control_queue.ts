/**
 * Control queue: the control frames of an HTTP/2 connection that wait for the
 * next write.
 *
 * @module
 */

/** Most bytes of control frames that wait for a client that does not read. Beyond: the connection ends. */
export const CONTROL_BYTES_MAX = 16 * 1024;

/** Room to begin with for control frames. */
const CONTROL_BYTES = 256;

/** Collects control frames in their order. */
export class ControlQueue {
  #bytes = new Uint8Array(CONTROL_BYTES);
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Whether more wait than a client that reads ever lets come together. */
  get isFlooded(): boolean {
    return this.#length > CONTROL_BYTES_MAX;
  }

  /** Appends a whole frame. */
  add(frame: Uint8Array): void {
    const start = this.#length;
    this.#length += frame.length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(frame, start);
  }

  /** Moves all frames to the start of `into`, which has room for them. Returns their number of bytes. */
  moveTo(into: Uint8Array): number {
    const length = this.#length;
    into.set(this.#bytes.subarray(0, length));
    this.#length = 0;
    if (this.#bytes.length > CONTROL_BYTES) {
      this.#bytes = new Uint8Array(CONTROL_BYTES);
    }
    return length;
  }
}
