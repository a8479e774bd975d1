/**
 * Input of an HTTP/2 connection: the preface, then frames, in as little memory
 * as they need.
 *
 * @module
 */

import { mayBegin } from "../../http/ascii.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameHead,
  FrameType,
  PREFACE,
} from "../../http/http2/frames.ts";
import { giveInput, INPUT_BYTES, takeInput } from "../buffers.ts";

/** What was received of a connection and not handled yet. */
export class Http2Input {
  /** The head of the frame at the start. */
  readonly frame: FrameHead = new FrameHead();
  /** Whether the preface was taken. */
  hasPreface = false;
  /** Received and not handled yet: bytes[start, end). */
  #bytes: Uint8Array<ArrayBuffer> = takeInput();
  #start = 0;
  #end = 0;
  /** Bytes of the DATA frame at the start that were thrown away before all of it was there. */
  #dropped = 0;

  /** An input that begins with what was received before; undefined for nothing. */
  constructor(received: Uint8Array | undefined) {
    if (received === undefined) return;
    this.#bytes.set(received);
    this.#end = received.length;
  }

  /** Where payloads are. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Space for the next read: all of a frame finds room, and an idle connection holds little. */
  room(): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      if (this.#bytes.length > INPUT_BYTES) this.#bytes = takeInput();
      return this.#bytes;
    }
    const pending = this.#bytes.subarray(this.#start, this.#end);
    const { type, length } = this.frame;
    const isKept = type !== FrameType.Data;
    const needed = FRAME_HEAD_BYTES + (isKept ? length : 0);
    if (needed > this.#bytes.length) {
      const small = this.#bytes;
      this.#bytes = new Uint8Array(FRAME_HEAD_BYTES + FRAME_BYTES_MAX);
      this.#bytes.set(pending);
      giveInput(small);
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end = pending.length;
    this.#start = 0;
    return this.#bytes.subarray(this.#end);
  }

  /** Takes bytes that were read into {@linkcode Http2Input.room}. */
  add(count: number): void {
    this.#end += count;
  }

  /** Whether what is there may be the preface, or its beginning. */
  mayBePreface(): boolean {
    return mayBegin(this.#bytes.subarray(this.#start, this.#end), PREFACE);
  }

  /** Takes the preface. Returns whether it was all there. */
  takePreface(): boolean {
    if (this.#end - this.#start < PREFACE.length) return false;
    this.#start += PREFACE.length;
    return this.hasPreface = true;
  }

  /** Reads the head of the next frame. Returns whether it was all there. */
  readHead(): boolean {
    if (this.#end - this.#start < FRAME_HEAD_BYTES) {
      this.frame.length = 0;
      return false;
    }
    this.frame.read(this.#bytes, this.#start);
    return true;
  }

  /** Takes the frame whose head was read. Returns the index of its payload; -1 if that is not all there. */
  takeFrame(): number {
    const at = this.#start + FRAME_HEAD_BYTES;
    const frameEnd = at + this.frame.length - this.#dropped;
    if (frameEnd > this.#end) {
      if (this.frame.type === FrameType.Data) this.#dropContent(at);
      return -1;
    }
    this.#start = frameEnd;
    this.#dropped = 0;
    return at;
  }

  /**
   * Makes room within a frame of a request body, which skiff discards. Its first byte may be the length of its padding.
   */
  #dropContent(at: number): void {
    const contentAt = at + 1;
    if (this.#end <= contentAt) return;
    this.#dropped += this.#end - contentAt;
    this.#end = contentAt;
  }

  /** Gives the buffer back. No pending read may use it any longer. */
  close(): void {
    giveInput(this.#bytes);
  }
}
