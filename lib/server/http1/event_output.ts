/**
 * Sends an event stream over HTTP/1: as chunks whose end the client sees, or
 * until the connection closes (RFC 9112 §6.3 and §7.1).
 *
 * @module
 */

import {
  CHUNK_END,
  CHUNK_HEAD_BYTES,
  type ConnectionLine,
  LAST_CHUNK,
  writeChunkHead,
} from "../../http/http1/response.ts";
import type { Reply } from "../../http/reply.ts";
import {
  giveBuffer,
  MEDIUM_BYTES,
  SMALL_BYTES,
  takeBuffer,
} from "../buffers.ts";
import type { Socket } from "../client.ts";
import type { ConnectionContext } from "../context.ts";
import { EventBody } from "../event_body.ts";

/** What the output needs to know of its server. */
type EventContext = Pick<
  ConnectionContext,
  "nextTurn" | "deadlines" | "counters"
>;

/** Sends the events of one reply. */
export class EventOutput {
  /** Bytes of the events that the system has taken. */
  bodyWritten = 0;
  readonly #socket: Pick<Socket, "write">;
  readonly #context: EventContext;
  readonly #isChunked: boolean;
  readonly #body: EventBody;
  #wake: () => void = () => {};
  /** Whether something waits for the client to read, and since when, in ms since the epoch. */
  #isWriting = false;
  #movedAt: number;
  #writtenBefore = 0;

  /** Opens the stream of a reply whose head is sent. `line` is the one that the head had. */
  constructor(
    socket: Pick<Socket, "write">,
    context: EventContext,
    { events }: Reply,
    line: ConnectionLine,
  ) {
    const now = Date.now();
    this.#socket = socket;
    this.#context = context;
    this.#isChunked = line === "chunked";
    this.#body = new EventBody(events!, () => this.#wake(), now);
    this.#movedAt = now;
  }

  /** Sends events until they end, or `leaving` resolves because the client has gone. Rejects when a write fails. */
  async run(leaving: Promise<void>): Promise<void> {
    const body = this.#body;
    void leaving.then(() => this.end());
    try {
      for (;;) {
        if (body.left > 0) await this.#sendPiece();
        else if (body.isComplete) break;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
      if (this.#isChunked) await this.#write(LAST_CHUNK);
    } finally {
      body.close();
      if (body.isBehind) this.#context.counters?.countTimeout("events");
    }
  }

  /** Ends the stream after the piece that is being sent. */
  end(): void {
    this.#body.close();
    this.#wake();
  }

  /** Keeps the connection alive. Returns whether the client has missed its deadline. `now` is in ms since the epoch. */
  sweep(now: number): boolean {
    this.#body.sweep(now);
    if (!this.#isWriting || this.bodyWritten > this.#writtenBefore) {
      this.#movedAt = now;
      this.#writtenBefore = this.bodyWritten;
    }
    return now >= this.#movedAt + this.#context.deadlines.events;
  }

  async #sendPiece(): Promise<void> {
    const body = this.#body;
    const isSmall = body.left < SMALL_BYTES - CHUNK_HEAD_BYTES;
    const buffer = takeBuffer(isSmall ? SMALL_BYTES : MEDIUM_BYTES);
    const start = this.#isChunked ? CHUNK_HEAD_BYTES : 0;
    const end = buffer.length - (this.#isChunked ? CHUNK_END.length : 0);
    const count = body.read(buffer.subarray(start, end));
    if (this.#isChunked) {
      writeChunkHead(count, buffer);
      buffer.set(CHUNK_END, start + count);
    }
    const length = start + count + (this.#isChunked ? CHUNK_END.length : 0);
    await this.#write(buffer.subarray(0, length));
    this.bodyWritten += count;
    // Not given back after a failed write: the system may still read it.
    giveBuffer(buffer);
    const turn = this.#context.nextTurn();
    if (turn !== undefined) await turn;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#isWriting = true;
    for (let at = 0; at < bytes.length;) {
      at += await this.#socket.write(bytes.subarray(at));
    }
    this.#isWriting = false;
  }
}
