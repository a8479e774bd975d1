/**
 * Server-sent events: their format, and a hub that passes them on to every
 * reader (HTML standard, §9.2).
 *
 * @module
 */

import {
  errorReply,
  type EventReader,
  type EventStream,
  type Reply,
  reply,
} from "./reply.ts";

/** Most readers of a hub at once: each holds a connection, or a stream of one. */
export const READERS_MAX = 1_000;

/** Bytes that may wait for a client that does not read. Beyond, its stream ends; it may come again and start over. */
export const WAITING_BYTES_MAX: number = 64 * 1024;

const ENCODER = new TextEncoder();

const KEEP_ALIVE: Uint8Array = ENCODER.encode(":\n\n");

/** One event. */
export interface ServerEvent {
  /** The name under which scripts listen to it; "message" without one. */
  readonly name?: string;
  /** How long the client waits before it comes again, in ms. */
  readonly retry?: number | undefined;
  /** The text; it may have several lines. */
  readonly data: string;
}

/** Formats an event. Line ends in a name become spaces. */
export function formatEvent(event: ServerEvent): Uint8Array<ArrayBuffer> {
  const { name, retry, data } = event;
  const lines = [
    ...name === undefined ? [] : [`event: ${name.replaceAll(/[\r\n]+/g, " ")}`],
    ...retry === undefined ? [] : [`retry: ${Math.round(retry)}`],
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ];
  return ENCODER.encode(`${lines.join("\n")}\n\n`);
}

/** How a hub serves. */
export interface EventHubOptions {
  /** Most readers at once; {@linkcode READERS_MAX} without it. */
  readonly readersMax?: number;
  /** Makes what each reader gets first, so that one that was away learns what it has missed. */
  readonly greeting?: () => Uint8Array;
}

/** Passes events on to every reader. */
export class EventHub implements EventStream {
  readonly keepAlive: Uint8Array = KEEP_ALIVE;
  readonly #readersMax: number;
  readonly #greeting: (() => Uint8Array) | undefined;
  readonly #readers = new Set<HubReader>();
  readonly #reply: Reply;
  #isEnded = false;

  /** A hub without readers. */
  constructor({ readersMax = READERS_MAX, greeting }: EventHubOptions = {}) {
    this.#readersMax = readersMax;
    this.#greeting = greeting;
    this.#reply = {
      ...reply(200, [
        ["Content-Type", "text/event-stream"],
        ["Cache-Control", "no-store"],
        // nginx would otherwise hold events back until its buffer is full.
        ["X-Accel-Buffering", "no"],
      ]),
      events: this,
    };
  }

  /** How many clients read. */
  get size(): number {
    return this.#readers.size;
  }

  /** Returns the reply with the events from now on; 503 if the hub has ended or has no room. */
  respond(): Reply {
    const isOpen = !this.#isEnded && this.size < this.#readersMax;
    return isOpen ? this.#reply : errorReply(503);
  }

  open(onReady: () => void): EventReader {
    const reader = new HubReader(onReady, () => this.#readers.delete(reader));
    if (this.#isEnded || this.size >= this.#readersMax) {
      reader.end();
      return reader;
    }
    this.#readers.add(reader);
    const greeting = this.#greeting?.();
    if (greeting !== undefined) reader.add(greeting);
    return reader;
  }

  /** Passes a formatted event on to all readers. */
  tell(event: Uint8Array): void {
    for (const reader of [...this.#readers]) {
      reader.add(event);
      reader.wake();
    }
  }

  /** Ends all streams for good, each after what waits for its client. */
  end(): void {
    this.#isEnded = true;
    for (const reader of [...this.#readers]) {
      reader.end();
      reader.wake();
    }
  }
}

/** What waits for one client. */
class HubReader implements EventReader {
  isEnded = false;
  isBehind = false;
  readonly #onReady: () => void;
  readonly #onEnd: () => void;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(onReady: () => void, onEnd: () => void) {
    this.#onReady = onReady;
    this.#onEnd = onEnd;
  }

  next(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    this.#bytes -= chunk?.length ?? 0;
    return chunk;
  }

  /** Adds a chunk, or ends the stream of a client that has not read what waits for it. */
  add(chunk: Uint8Array): void {
    if (this.isEnded) return;
    if (this.#bytes + chunk.length > WAITING_BYTES_MAX) {
      this.isBehind = true;
      return this.end();
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  wake(): void {
    this.#onReady();
  }

  end(): void {
    this.isEnded = true;
    this.#onEnd();
  }

  close(): void {
    this.#chunks.length = this.#bytes = 0;
    this.end();
  }
}
