/**
 * Input of an HTTP/1 connection: what was received and not parsed yet.
 *
 * @module
 */

import { HEAD_BYTES_MAX } from "../../http/http1/request.ts";
import { giveInput, INPUT_BYTES, takeInput } from "../buffers.ts";

/** Received bytes: bytes[start, end). */
export class Input {
  /** The buffer, which heads refer to. */
  bytes: Uint8Array<ArrayBuffer> = takeInput();
  /** Where the next head begins. */
  start = 0;
  /** Where the next read continues. */
  end = 0;
  /** Whether the last read may have left something that the client had sent. */
  #isMore = false;

  /** An input that begins with `received`, at most INPUT_BYTES. */
  constructor(received: Uint8Array | undefined) {
    if (received === undefined) return;
    this.bytes.set(received);
    this.end = received.length;
    this.#isMore = true;
  }

  /** Whether everything was parsed. */
  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** Whether everything was parsed, and nothing was left to read. */
  get isAll(): boolean {
    return this.isEmpty && !this.#isMore;
  }

  /** Takes the bytes that were read into the space. */
  add(count: number): void {
    this.end += count;
    this.#isMore = this.end === this.bytes.length;
  }

  /** Returns the space for the next read, behind what is not parsed yet. */
  room(): Uint8Array<ArrayBuffer> {
    if (this.isEmpty) {
      this.start = this.end = 0;
      if (this.bytes.length > INPUT_BYTES) this.bytes = takeInput();
      return this.bytes;
    }
    if (this.end === this.bytes.length) this.#makeRoom();
    return this.bytes.subarray(this.end);
  }

  /**
   * Moves what is not parsed yet to the start of the buffer, or of a larger one if little room would be left. The
   * parser's limits keep a head within HEAD_BYTES_MAX.
   */
  #makeRoom(): void {
    const pending = this.bytes.subarray(this.start, this.end);
    const size = this.bytes.length;
    if (pending.length > size / 2) {
      this.bytes = new Uint8Array(Math.min(2 * size, HEAD_BYTES_MAX + 1));
    }
    this.bytes.set(pending);
    this.start = 0;
    this.end = pending.length;
  }

  /** Continues in another buffer, because something still refers to this one. What was not parsed is lost. */
  replace(): void {
    this.bytes = takeInput();
    this.start = this.end = 0;
  }

  /** Gives the buffer back. No pending read may use it any longer. */
  close(): void {
    giveInput(this.bytes);
  }
}
