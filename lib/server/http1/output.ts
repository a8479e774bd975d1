/**
 * Output: replies → bytes on a connection. Joins what belongs in one write, and
 * sends what is large in pieces, reading the next while the last is being sent.
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

/**
 * Content in memory up to this many bytes is copied behind its head, so that both leave in one write (34 KiB:
 * 90,000 replies a second, 77,000 without). For more the copy costs more than the second write (100 KiB:
 * 34,000 in a second of CPU, 47,000 without).
 */
const COPY_BYTES_MAX = 56 * 1024;

/**
 * What a connection may send until others have their turn. The system takes up to 4 MiB at once for a client that
 * need not even read it, so that without turns 500 such would hold up everybody for a second or two.
 */
const TURN_BYTES = MEDIUM_BYTES;

/**
 * Sources that may be sent in large pieces at a time. When there are more, all pieces are smaller: 500 clients
 * that ask for a large file and do not read it would hold 250 MiB, and each round of pieces would hold up others.
 */
const LARGE_PIECES_MAX = 64;

/** Sources that are being sent, on all connections of this isolate. */
let sourcesSent = 0;

/** Collects replies until {@linkcode Output.flush}. One call at a time: each promise must be awaited before the next call. */
export class Output {
  /** Bytes that the system has taken so far; for telling slow clients. */
  written = 0;
  /** Whether something of a reply may be written that is not complete, so that no other can follow. */
  isInside = false;

  readonly #sink: Pick<Socket, "write">;
  readonly #next: () => Promise<void> | undefined;
  /** When so many bytes are written, the connection has had its turn. */
  #turnEnd = TURN_BYTES;
  #buffer: Uint8Array | undefined;
  #length = 0;
  /** What was written when the body of the last reply that was not joined began; Infinity before its head is made. */
  #bodyStart = Infinity;
  /** What is being flushed, and the buffer that it is in. */
  #flushing: Uint8Array | undefined;
  #flushingBuffer: Uint8Array | undefined;

  /** An empty output. `next` tells when a connection that has had its turn may go on; undefined when at once. */
  constructor(
    sink: Pick<Socket, "write">,
    next: () => Promise<void> | undefined = () => undefined,
  ) {
    this.#sink = sink;
    this.#next = next;
  }

  /** Bytes of the body that the system has taken of the last reply for which {@linkcode append} gave a promise. */
  get bodyWritten(): number {
    return Math.max(0, this.written - this.#bodyStart);
  }

  /** Ends the connection's turn. Returns when its next one begins; undefined when at once. */
  turn(): Promise<void> | undefined {
    this.#turnEnd = this.written + TURN_BYTES;
    return this.#next();
  }

  /**
   * Appends a reply, without its body if `bodyless`. Returns undefined when it has found room and waits
   * for a flush; else a promise, which is fulfilled when what found no room is written. What a source
   * throws is thrown or rejected with; unless the output {@linkcode isInside} the reply then, nothing is left of it.
   */
  append(
    reply: Reply,
    bodyless: boolean,
    connection: ConnectionLine,
    now: number,
  ): Promise<void> | undefined {
    const headBytes = headBytesMax(reply);
    const body = bodyless ? 0 : bodyLength(reply);
    const needed = this.#length + headBytes + body;
    const isJoined = needed <= LARGE_BYTES &&
      (body <= COPY_BYTES_MAX || !(reply.body[0] instanceof Uint8Array));
    if (!isJoined) {
      const segments = bodyless ? [] : reply.body;
      return this.#send(reply, new Sources(segments), connection, now);
    }
    const start = this.#length;
    this.#reserve(needed);
    try {
      this.#appendHead(reply, connection, now);
      if (!bodyless) {
        for (const segment of reply.body) this.#appendSegment(segment);
      }
    } catch (error) {
      this.#takeBack(start);
      throw error;
    }
    return undefined;
  }

  /** Writes what was appended, in one go. */
  async flush(): Promise<void> {
    const writing = this.beginFlush();
    if (writing === undefined) return;
    const rest = this.endFlush(await writing);
    if (rest !== undefined) await rest;
  }

  /**
   * The first half of {@linkcode Output.flush}, for where a promise less counts (one in twenty requests):
   * begins to write, and tells how many bytes were; undefined when there is nothing to write.
   */
  beginFlush(): Promise<number> | undefined {
    const buffer = this.#buffer;
    if (buffer === undefined) return undefined;
    this.#flushing = buffer.subarray(0, this.#length);
    this.#flushingBuffer = buffer;
    this.#buffer = undefined;
    this.#length = 0;
    return this.#sink.write(this.#flushing);
  }

  /** The second half: takes what the first has told, and writes the rest, if there is one. */
  endFlush(count: number): Promise<void> | undefined {
    const bytes = this.#flushing!;
    this.written += count;
    if (count < bytes.length) {
      return this.#write(bytes.subarray(count), this.#flushingBuffer);
    }
    giveBuffer(this.#flushingBuffer!);
    return undefined;
  }

  /** Sends a reply that is too large to be joined with what waits already. */
  async #send(
    reply: Reply,
    sources: Sources,
    connection: ConnectionLine,
    now: number,
  ): Promise<void> {
    let start = -1;
    this.isInside = true;
    this.#bodyStart = Infinity;
    try {
      await this.flush();
      if (this.written >= this.#turnEnd) await this.turn();
      start = this.written;
      this.#reserve(headBytesMax(reply));
      this.#appendHead(reply, connection, now);
      this.#bodyStart = start + this.#length;
      for (const segment of sources.segments) {
        if (segment instanceof Uint8Array) await this.#sendBytes(segment);
        else await this.#sendSource(sources.next(), segment.length);
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

  /** Makes sure that a buffer is there and has room for so many bytes in all. */
  #reserve(bytes: number): void {
    const old = this.#buffer;
    if (old !== undefined && old.length >= bytes) return;
    this.#buffer = takeBuffer(bytes);
    if (old === undefined) return;
    this.#buffer.set(old.subarray(0, this.#length));
    giveBuffer(old);
  }

  /** Forgets what waits from there on. */
  #takeBack(length: number): void {
    this.#length = length;
    if (length > 0 || this.#buffer === undefined) return;
    giveBuffer(this.#buffer);
    this.#buffer = undefined;
  }

  #appendHead(reply: Reply, connection: ConnectionLine, now: number): void {
    this.#length = writeHead(
      reply,
      connection,
      now,
      this.#buffer!,
      this.#length,
    );
  }

  #appendSegment(segment: Segment): void {
    const buffer = this.#buffer!;
    if (segment instanceof Uint8Array) {
      buffer.set(segment, this.#length);
      this.#length += segment.length;
      return;
    }
    const reader = segment.open();
    const end = this.#length + segment.length;
    try {
      while (this.#length < end) {
        this.#length += reader.read(buffer.subarray(this.#length, end));
      }
    } finally {
      reader.close();
    }
  }

  async #sendBytes(bytes: Uint8Array): Promise<void> {
    if (this.#length + bytes.length <= SMALL_BYTES) {
      this.#reserve(this.#length + bytes.length);
      return this.#appendSegment(bytes);
    }
    await this.flush();
    await this.#write(bytes);
  }

  /** While one piece is being sent, the next is read. */
  async #sendSource(reader: SourceReader, length: number): Promise<void> {
    let writing: Promise<void> | undefined;
    sourcesSent++;
    try {
      for (let left = length; left > 0;) {
        this.#reserve(
          sourcesSent > LARGE_PIECES_MAX ? MEDIUM_BYTES : LARGE_BYTES,
        );
        const room = this.#buffer!.subarray(this.#length);
        const count = reader.read(room);
        this.#length += count;
        left -= count;
        await writing;
        if (this.written >= this.#turnEnd) await this.turn();
        writing = left > 0 ? this.flush() : undefined;
      }
    } finally {
      sourcesSent--;
      await writing;
    }
  }

  /** Writes all bytes, and then gives back the buffer that they are in, if they are in one. */
  async #write(bytes: Uint8Array, buffer?: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      const count = await this.#sink.write(rest);
      at += count;
      this.written += count;
    }
    // Not given back when a write fails: the system may still look at it.
    if (buffer !== undefined) giveBuffer(buffer);
  }
}

/**
 * The sources of one body, opened one after the other, so that a body of many
 * files needs few descriptors. The first is open before anything is awaited:
 * one that cannot be opened is then answered with another reply. A source is
 * closed only when the next one is open, so parts of one file keep it open.
 */
class Sources {
  readonly segments: readonly Segment[];
  readonly #waiting: Iterator<SourceSegment>;
  /** The one that is read. */
  #current: SourceReader | undefined;
  /** The first, until it is read. */
  #first: SourceReader | undefined;

  /** Opens the first source. Throws what opening throws. */
  constructor(segments: readonly Segment[]) {
    this.segments = segments;
    this.#waiting = segments.filter(isSource).values();
    this.#first = this.#open();
  }

  /** The reader of the next source, which {@linkcode close} or the next call closes. */
  next(): SourceReader {
    const last = this.#current;
    try {
      this.#current = this.#first ?? this.#open();
      this.#first = undefined;
    } finally {
      if (last !== this.#current) last?.close();
    }
    return this.#current!;
  }

  /** Closes what is open. */
  close(): void {
    this.#first?.close();
    this.#current?.close();
    this.#first = this.#current = undefined;
  }

  #open(): SourceReader | undefined {
    return this.#waiting.next().value?.open();
  }
}

function isSource(segment: Segment): segment is SourceSegment {
  return !(segment instanceof Uint8Array);
}
