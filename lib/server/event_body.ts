/**
 * The body of a reply with events on its way to one client, for every protocol.
 *
 * @module
 */

import type { EventReader, EventStream } from "../http/reply.ts";

/** How long nothing may be sent before the stream shows that it is alive, in ms. Proxies wait a minute in most cases. */
export const KEEP_ALIVE_MS = 15_000;

/** Reads an event stream piece by piece. */
export class EventBody {
  readonly #keepAlive: Uint8Array;
  readonly #reader: EventReader;
  readonly #onReady: () => void;
  /** The chunk that is being sent, from `#at` on. */
  #chunk: Uint8Array | undefined;
  #at = 0;
  /** When the stream last showed that it is alive, as far as the last sweep knows. */
  #aliveAt: number;
  #wasRead = false;

  /** Opens a stream. `onReady` is called when {@linkcode EventBody.left} or {@linkcode EventBody.isComplete} changes. */
  constructor(events: EventStream, onReady: () => void, now: number) {
    this.#keepAlive = events.keepAlive;
    this.#onReady = onReady;
    this.#reader = events.open(onReady);
    this.#aliveAt = now;
  }

  /** Bytes that can be read now, at least; 0 if there are none. */
  get left(): number {
    if (this.#chunk === undefined) {
      this.#chunk = this.#reader.next();
      this.#at = 0;
    }
    return this.#chunk === undefined ? 0 : this.#chunk.length - this.#at;
  }

  /** Whether everything was read and nothing follows. */
  get isComplete(): boolean {
    return this.#reader.isEnded && this.left === 0;
  }

  /** Whether the stream ended because the client did not read in time. */
  get isBehind(): boolean {
    return this.#reader.isBehind;
  }

  /** Reads what is there into `into`, as far as it has room, and returns the number of bytes. */
  read(into: Uint8Array): number {
    let length = 0;
    while (length < into.length) {
      const count = Math.min(this.left, into.length - length);
      if (count === 0) break;
      into.set(this.#chunk!.subarray(this.#at, this.#at + count), length);
      length += count;
      this.#at += count;
      if (this.#at === this.#chunk!.length) this.#chunk = undefined;
    }
    this.#wasRead = true;
    return length;
  }

  /** Has a sign of life sent if nothing was for a while. `now` is in ms since the epoch. */
  sweep(now: number): void {
    if (this.#wasRead) {
      this.#wasRead = false;
      this.#aliveAt = now;
    }
    const isQuiet = this.left === 0 && !this.#reader.isEnded;
    if (!isQuiet || now - this.#aliveAt < KEEP_ALIVE_MS) return;
    this.#aliveAt = now;
    this.#chunk = this.#keepAlive;
    this.#at = 0;
    this.#onReady();
  }

  /** Ends the stream; what waits is not sent. */
  close(): void {
    this.#chunk = undefined;
    this.#reader.close();
  }
}
