/**
 * Output: replies → bytes on a connection. Joins small replies into one write,
 * and sends large ones in pieces, reading the next piece while the last is
 * being sent.
 *
 * @module
 */

import {
  type ConnectionLine,
  headBytesMax,
  writeHead,
} from "../../http/http1/response.ts";
import {
  bodyLength,
  type Reply,
  type Segment,
  type SourceReader,
  type SourceSegment,
} from "../../http/reply.ts";
import {
  giveBuffer,
  LARGE_BYTES,
  MEDIUM_BYTES,
  SMALL_BYTES,
  takeBuffer,
} from "../buffers.ts";
import type { Socket } from "../client.ts";
import { nextTask } from "../rounds.ts";
import { Sources } from "./sources.ts";
import {
  WHOLE_BYTES_MIN,
  type WholeMessage,
  WholeMessages,
} from "./messages.ts";

/**
 * Content in memory up to this many bytes is copied behind its head, so that both leave in one write (34 KiB: 90,000
 * replies per second, 77,000 without copying). Above that, copying costs more than the second write (100 KiB: 34,000
 * replies per CPU second, 47,000 without copying).
 */
const COPY_BYTES_MAX = 56 * 1024;

/**
 * What a connection may send before others get their turn. The system takes up to 4 MiB at once, even for a client
 * that does not read, so without turns 500 such clients would delay all others for a second or two.
 */
const TURN_BYTES = MEDIUM_BYTES;

/**
 * Most sources that are sent in large pieces at once. With more, all use smaller pieces: 500 clients that request a
 * large file and do not read it would hold 250 MiB, and each round of pieces would delay the others.
 */
const LARGE_PIECES_MAX = 64;

/** Sources that are being sent, on all connections of this isolate. */
let sourcesSent = 0;

/** The messages of all connections of this isolate. */
const wholeMessages = new WholeMessages();

/** Collects replies until {@linkcode Output.flush}. One call at a time: await each promise before the next call. */
export class Output {
  /** Bytes that the system has taken so far. Shows whether a client reads. */
  written = 0;
  /** Whether a part of a reply may have been written, so that no other reply can follow. */
  isInside = false;

  readonly #sink: Pick<Socket, "write" | "joinsContent">;
  readonly #nextTurn: () => Promise<void> | undefined;
  /** The connection's turn ends when this many bytes are written. */
  #turnEnd = TURN_BYTES;
  #buffer: Uint8Array | undefined;
  /** The message that the buffer belongs to, if it is shared with other connections. */
  #message: WholeMessage | undefined;
  #length = 0;
  /** What was written when the body of the last reply that was not joined began; Infinity before its head is made. */
  #bodyStart = Infinity;

  /** `nextTurn` resolves when a connection whose turn has ended may go on; it returns undefined if that is now. */
  constructor(
    sink: Pick<Socket, "write" | "joinsContent">,
    nextTurn: () => Promise<void> | undefined = () => undefined,
  ) {
    this.#sink = sink;
    this.#nextTurn = nextTurn;
  }

  /** Bytes written so far of the body of the last reply for which {@linkcode append} returned a promise. */
  get bodyWritten(): number {
    return Math.max(0, this.written - this.#bodyStart);
  }

  /** Ends the connection's turn. Resolves when its next one begins; undefined if that is now. */
  turn(): Promise<void> | undefined {
    this.#turnEnd = this.written + TURN_BYTES;
    return this.#nextTurn();
  }

  /**
   * Appends a reply. Returns undefined if it has found room and waits for a flush, otherwise a promise that resolves
   * when it is written, and rejects with the errors of its sources; unless the output {@linkcode Output.isInside} the
   * reply then, nothing of it is left.
   */
  append(
    reply: Reply,
    connection: ConnectionLine,
    now: number,
  ): Promise<void> | undefined {
    const { body } = reply;
    const start = this.#length;
    const length = bodyLength(reply);
    const isLong = length >= WHOLE_BYTES_MIN;
    if (isLong && this.#appendWhole(reply, connection, now)) return undefined;
    const end = start + headBytesMax(reply) + length;
    const isJoined = end <= LARGE_BYTES &&
      (length <= COPY_BYTES_MAX || isReadAtOnce(body[0]));
    if (!isJoined) return this.#send(reply, connection, now);
    const buffer = this.#reserve(end);
    this.#length = writeHead(reply, connection, now, buffer, start);
    if (!body.every(isBytes)) return this.#appendSources(body, start);
    for (const bytes of body) this.#appendBytes(bytes);
    return undefined;
  }

  /** Writes what was appended, at once; undefined if there is nothing. */
  flush(): Promise<void> | undefined {
    const buffer = this.#buffer;
    if (buffer === undefined) return undefined;
    if (this.#message !== undefined) return this.#flushWhole(this.#message);
    const bytes = buffer.subarray(0, this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    return this.#sink.write(bytes).then((count) => {
      this.written += count;
      if (count < bytes.length) {
        return this.#write(bytes.subarray(count), buffer);
      }
      giveBuffer(buffer);
      return undefined;
    });
  }

  /**
   * Writes a whole message. The rest of a partial write comes from the content itself, so that a client that reads
   * slowly holds no message.
   */
  async #flushWhole(message: WholeMessage): Promise<void> {
    const { bytes, content } = message;
    this.#buffer = this.#message = undefined;
    this.#length = 0;
    let count = 0;
    try {
      count = await this.#sink.write(bytes);
    } finally {
      wholeMessages.release(message);
    }
    this.written += count;
    if (count === bytes.length) return;
    const start = bytes.length - content.length;
    if (count < start) await this.#write(bytes.slice(count, start));
    await this.#write(content.subarray(Math.max(0, count - start)));
  }

  /** Lets go of what is shared with other connections. Nothing may be sent any more. */
  close(): void {
    if (this.#message !== undefined) wholeMessages.release(this.#message);
    this.#buffer = this.#message = undefined;
  }

  /** Appends a reply as the message that other connections send too, if there is one and nothing comes before it. */
  #appendWhole(
    reply: Reply,
    connection: ConnectionLine,
    now: number,
  ): boolean {
    if (this.#length > 0) return false;
    const message = wholeMessages.take(reply, connection, now);
    if (message === undefined) return false;
    this.#message = message;
    this.#buffer = message.bytes;
    this.#length = message.bytes.length;
    return true;
  }

  /** Sends a reply that is too large to be joined with those before it. */
  async #send(
    reply: Reply,
    connection: ConnectionLine,
    now: number,
  ): Promise<void> {
    const sources = new Sources(reply.body);
    let start = -1;
    this.isInside = true;
    this.#bodyStart = Infinity;
    try {
      await this.flush();
      if (this.written >= this.#turnEnd) await this.turn();
      start = this.written;
      const buffer = this.#reserve(headBytesMax(reply));
      this.#length = writeHead(reply, connection, now, buffer, 0);
      this.#bodyStart = start + this.#length;
      for (const segment of sources.segments) {
        if (isBytes(segment)) await this.#sendBytes(segment);
        else await this.#sendSource(sources.next(), segment);
      }
      this.isInside = false;
    } catch (error) {
      if (this.written === start) {
        this.#takeBack(0);
        this.isInside = false;
      }
      throw error;
    } finally {
      sources.close();
    }
  }

  /** Returns the buffer, with room for `bytes` bytes in all. */
  #reserve(bytes: number): Uint8Array {
    const old = this.#buffer;
    const message = this.#message;
    if (message === undefined && old !== undefined && old.length >= bytes) {
      return old;
    }
    const buffer = this.#buffer = takeBuffer(bytes);
    this.#message = undefined;
    if (old === undefined) return buffer;
    buffer.set(old.subarray(0, this.#length));
    if (message === undefined) giveBuffer(old);
    else wholeMessages.release(message);
    return buffer;
  }

  /** Drops what was appended behind `length`. */
  #takeBack(length: number): void {
    this.#length = length;
    if (length > 0 || this.#buffer === undefined) return;
    giveBuffer(this.#buffer);
    this.#buffer = undefined;
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#buffer!.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a body with sources. Keeps nothing behind `start` if one of them fails. */
  #appendSources(
    body: readonly Segment[],
    start: number,
  ): Promise<void> | undefined {
    try {
      let filled: Promise<unknown> | undefined;
      for (const segment of body) {
        if (isBytes(segment)) this.#appendBytes(segment);
        else filled = both(filled, this.#appendSource(segment));
      }
      return filled && this.#keepIf(filled, start);
    } catch (error) {
      this.#takeBack(start);
      return Promise.reject(error);
    }
  }

  /** Keeps what was appended behind `start` if `filled` resolves. */
  async #keepIf(filled: Promise<unknown>, start: number): Promise<void> {
    try {
      await filled;
    } catch (error) {
      this.#takeBack(start);
      throw error;
    }
  }

  /** Appends a source. Returns what must resolve before it may be sent, see {@linkcode SourceSegment.fill}. */
  #appendSource(segment: SourceSegment): Promise<void> | undefined {
    const buffer = this.#buffer!;
    const start = this.#length;
    const end = start + segment.length;
    if (segment.fill !== undefined) {
      this.#length = end;
      return segment.fill(buffer.subarray(start, end));
    }
    const reader = segment.open();
    try {
      while (this.#length < end) {
        this.#length += reader.read(buffer.subarray(this.#length, end));
      }
    } finally {
      reader.close();
    }
    return undefined;
  }

  /** Fills the buffer, unless it is empty. Returns how many bytes it took. */
  #appendStart(bytes: Uint8Array): number {
    if (this.#length === 0) return 0;
    const buffer = this.#reserve(MEDIUM_BYTES);
    const start = bytes.subarray(0, buffer.length - this.#length);
    this.#appendBytes(start);
    return start.length;
  }

  async #sendBytes(bytes: Uint8Array): Promise<void> {
    if (this.#length + bytes.length <= SMALL_BYTES) {
      this.#reserve(this.#length + bytes.length);
      return this.#appendBytes(bytes);
    }
    const joined = this.#sink.joinsContent ? this.#appendStart(bytes) : 0;
    await this.flush();
    await this.#write(bytes.subarray(joined));
  }

  /** Sends a source. Reads the next piece while the last one is being sent. */
  async #sendSource(
    reader: SourceReader,
    { length, isScattered }: SourceSegment,
  ): Promise<void> {
    let writing: Promise<void> | undefined;
    sourcesSent++;
    try {
      for (let left = length; left > 0;) {
        const buffer = this.#reserve(
          sourcesSent > LARGE_PIECES_MAX ? MEDIUM_BYTES : LARGE_BYTES,
        );
        const room = buffer.subarray(this.#length);
        const count = reader.read(room);
        this.#length += count;
        left -= count;
        await writing;
        if (this.written >= this.#turnEnd) await this.turn();
        if (isScattered) await nextTask();
        // Nothing is awaited between a write and what awaits it: a failure that nothing awaits ends the process.
        writing = left > 0 ? this.flush() : undefined;
      }
    } finally {
      sourcesSent--;
      await writing;
    }
  }

  /** Writes all bytes, then gives back `buffer`, which holds them. */
  async #write(bytes: Uint8Array, buffer?: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      const count = await this.#sink.write(rest);
      at += count;
      this.written += count;
    }
    // Not given back after a failed write: the system may still read it.
    if (buffer !== undefined) giveBuffer(buffer);
  }
}

/** Whether a body that begins with this segment is read at once, not sent from where it is or piece by piece. */
function isReadAtOnce(first: Segment | undefined): boolean {
  return !(first instanceof Uint8Array) && first?.isScattered !== true;
}

function isBytes(segment: Segment): segment is Uint8Array {
  return segment instanceof Uint8Array;
}

/** Returns what resolves when both do. The parts of one file have the same promise. */
function both(
  first: Promise<unknown> | undefined,
  second: Promise<unknown> | undefined,
): Promise<unknown> | undefined {
  if (first === undefined || first === second) return second;
  return second === undefined ? first : Promise.all([first, second]);
}
