/**
 * Whole messages: replies that are sent several times in a second, with head
 * and content in one piece of memory, so that each leaves in one write without
 * a copy.
 *
 * @module
 */

import {
  type ConnectionLine,
  headBytesMax,
  writeHead,
} from "../../http/http1/response.ts";
import type { Reply } from "../../http/reply.ts";
import { SMALL_BYTES } from "../buffers.ts";

/** Shortest content of a whole message: copying less behind its head costs nothing to speak of. */
export const WHOLE_BYTES_MIN: number = SMALL_BYTES;

/** Longest message. What is longer has a second write for the head, which is then a small part of the work. */
export const WHOLE_BYTES_MAX: number = 256 * 1024;

/** Memory for all messages, including those that are still being written, in bytes. */
export const ALL_WHOLE_BYTES_MAX: number = 4 * 1024 * 1024;

/** Most replies to watch in a second. */
export const WATCHED_REPLIES_MAX = 1_024;

/** Only replies with this line become messages: those of clients that send many requests. */
const CONNECTION: ConnectionLine = "persistent";

/** A reply as it is sent in one second, to any client. */
export class WholeMessage {
  readonly bytes: Uint8Array;
  /** Its content, where the reply has it. */
  readonly content: Uint8Array;
  /** How many writes are under way. */
  users = 0;
  /** Whether it is of the current second. */
  isCurrent = true;

  constructor(reply: Reply, content: Uint8Array, now: number) {
    const memory = new Uint8Array(headBytesMax(reply) + content.length);
    const end = writeHead(reply, CONNECTION, now, memory, 0);
    memory.set(content, end);
    this.bytes = memory.subarray(0, end + content.length);
    this.content = content;
  }
}

/** Makes and keeps the messages of the current second: in the next one, Date is another. */
export class WholeMessages {
  /** The messages of the current second. */
  readonly #messages = new Map<Reply, WholeMessage>();
  /** Replies that were sent in the current second. Holds none of them: their content may be in no cache any more. */
  #watched = new WeakSet<Reply>();
  #watchedCount = 0;
  /** In seconds since the epoch. */
  #second = -1;
  /** Memory of all messages that are current or being written. */
  #bytes = 0;

  /** Memory of all messages that are current or being written, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Returns the message of a reply, for one write that ends with {@linkcode WholeMessages.release}; undefined if the
   * reply is sent for the first time in this second, or if there is no room. `now` is in ms since the epoch.
   */
  take(
    reply: Reply,
    connection: ConnectionLine,
    now: number,
  ): WholeMessage | undefined {
    const [content] = reply.body;
    const isPlain = content instanceof Uint8Array && reply.body.length === 1 &&
      content.length >= WHOLE_BYTES_MIN;
    if (!isPlain || connection !== CONNECTION) return undefined;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) this.#begin(second);
    const message = this.#messages.get(reply) ??
      this.#make(reply, content, now);
    if (message !== undefined) message.users++;
    return message;
  }

  /** Ends a write. */
  release(message: WholeMessage): void {
    message.users--;
    this.#forget(message);
  }

  #begin(second: number): void {
    this.#second = second;
    this.#watched = new WeakSet();
    this.#watchedCount = 0;
    for (const message of this.#messages.values()) {
      message.isCurrent = false;
      this.#forget(message);
    }
    this.#messages.clear();
  }

  /** Makes a message of a reply that was sent before in this second, if there is room. */
  #make(
    reply: Reply,
    content: Uint8Array,
    now: number,
  ): WholeMessage | undefined {
    const most = headBytesMax(reply) + content.length;
    if (most > WHOLE_BYTES_MAX || !this.#wasSent(reply)) return undefined;
    if (most > ALL_WHOLE_BYTES_MAX - this.#bytes) return undefined;
    const message = new WholeMessage(reply, content, now);
    this.#bytes += message.bytes.buffer.byteLength;
    this.#messages.set(reply, message);
    return message;
  }

  /** Whether a reply was sent before in this second, as far as is known. Watches it from now on, if there is room. */
  #wasSent(reply: Reply): boolean {
    if (this.#watched.has(reply)) return true;
    if (this.#watchedCount === WATCHED_REPLIES_MAX) return false;
    this.#watched.add(reply);
    this.#watchedCount++;
    return false;
  }

  /** Frees the room of a message that nothing needs any more. */
  #forget({ users, isCurrent, bytes }: WholeMessage): void {
    if (users === 0 && !isCurrent) this.#bytes -= bytes.buffer.byteLength;
  }
}
