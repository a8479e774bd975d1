/**
 * Output of an HTTP/2 connection: frames of its control messages and of all its
 * answers, joined into one write.
 *
 * @module
 */

import {
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  framesFor,
  writeDataFrames,
} from "../../http/http2/frames.ts";
import type { Reply } from "../../http/reply.ts";
import { headersBytesMax, writeHeaders } from "../../http/http2/response.ts";
import {
  giveBuffer,
  LARGE_BYTES,
  MEDIUM_BYTES,
  takeBuffer,
} from "../buffers.ts";
import type { Socket } from "../client.ts";
import { nextTask } from "../rounds.ts";
import { ControlQueue } from "./control_queue.ts";
import { byTurn, type Stream } from "./stream.ts";

/** Room that a head must leave for content; with less, it waits for the next write. */
const CONTENT_BYTES_MIN = 1024;

/**
 * Most writes of more than {@linkcode MEDIUM_BYTES} at once, on all connections of this isolate. With more, the others
 * write less: clients that do not read would hold 256 KiB each.
 */
const LARGE_WRITES_MAX = 64;

/** Writes under way from a buffer of LARGE_BYTES. */
let largeWrites = 0;

/** What a head takes in most cases, to choose a buffer. */
const HEAD_BYTES = 512;

/** What came of an attempt to append frames of a stream. */
const APPENDED = 0;
const FULL = 1;
const BLOCKED = 2;
type AppendResult = typeof APPENDED | typeof FULL | typeof BLOCKED;

/** What {@linkcode Http2Output.flush} returns when there is nothing to write. */
const WRITTEN: Promise<void> = Promise.resolve();

/** What the output tells the connection, and asks it. */
export interface OutputOwner {
  /** The streams with an answer, in any order. */
  readonly streams: Iterable<Stream>;
  /** Bytes that the client allows on all streams. */
  readonly window: number;
  /** Called with the number of bytes of a body that were put into a frame, which take room from the window. */
  onContent(bytes: number): void;
  /** Called when an answer has been passed to the system whole. */
  onSent(stream: Stream): void;
  /** Called when the source of a stream fails. `isBegun` says that a part of the answer may have been written. */
  onFailed(stream: Stream, error: unknown, isBegun: boolean): void;
}

/** A stream whose source failed. */
interface Failure {
  readonly stream: Stream;
  readonly error: unknown;
  /** Whether a part of the answer may have been written. */
  readonly isBegun: boolean;
}

/** Joins frames and writes them while others are read. */
export class Http2Output {
  /** Bytes that the system has taken. */
  written = 0;
  /** The control frames that go first. */
  readonly control = new ControlQueue();
  readonly #socket: Socket;
  readonly #owner: OutputOwner;
  readonly #nextTurn: () => Promise<void> | undefined;
  #isFirstHead = true;
  #writing: Promise<void> | undefined;
  /** The streams whose last frame is in the buffer. */
  readonly #done: Stream[] = [];
  /** The streams whose source failed while the buffer was filled: it must be whole before the owner does anything. */
  readonly #failed: Failure[] = [];
  #buffer: Uint8Array | undefined;
  #length = 0;
  /** Whether something in the buffer is of a scattered body. */
  #isScattered = false;

  /** An output to a socket. `nextTurn` resolves when a connection that has written may go on. */
  constructor(
    socket: Socket,
    owner: OutputOwner,
    nextTurn: () => Promise<void> | undefined,
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#nextTurn = nextTurn;
  }

  /** Whether something is being written. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Writes what can be written. Resolves when nothing is left that can; the same promise for all callers. */
  flush(): Promise<void> {
    if (this.#writing !== undefined) return this.#writing;
    if (this.#fill()) this.#writing = this.#writeAll();
    this.#tellFailed();
    return this.#writing ?? WRITTEN;
  }

  async #writeAll(): Promise<void> {
    try {
      do {
        const buffer = this.#buffer!;
        const bytes = buffer.subarray(0, this.#length);
        const large = Number(buffer.length === LARGE_BYTES);
        largeWrites += large;
        try {
          for (let at = 0; at < bytes.length;) {
            const count = await this.#socket.write(bytes.subarray(at));
            at += count;
            this.written += count;
          }
        } finally {
          largeWrites -= large;
        }
        // Not given back after a failed write: the system may still read it.
        giveBuffer(buffer);
        this.#buffer = undefined;
        this.#length = 0;
        for (const stream of this.#done.splice(0)) this.#owner.onSent(stream);
        const turn = this.#nextTurn();
        if (turn !== undefined) await turn;
        if (this.#isScattered) await nextTask();
      } while (this.#fillAgain());
    } finally {
      this.#writing = undefined;
    }
  }

  /** Fills the buffer for the next write, also with what comes of streams that failed. */
  #fillAgain(): boolean {
    let isFilled = this.#fill();
    while (this.#tellFailed() && !isFilled) isFilled = this.#fill();
    return isFilled;
  }

  /** Tells the owner of streams that failed, which may flush. Returns whether there were any. */
  #tellFailed(): boolean {
    const failed = this.#failed.splice(0);
    for (const { stream, error, isBegun } of failed) {
      if (!stream.isDone) this.#owner.onFailed(stream, error, isBegun);
    }
    return failed.length > 0;
  }

  /** Fills the buffer with frames. Returns whether there is anything to write. */
  #fill(): boolean {
    const ready: Stream[] = [];
    let bytes = this.control.length;
    for (const stream of this.#owner.streams) {
      if (!stream.canSend(this.#owner.window)) continue;
      ready.push(stream);
      bytes += Math.min(stream.body!.left, FRAME_BYTES_MAX) + HEAD_BYTES;
    }
    if (bytes === 0) return false;
    const isLong = ready.length === 1 && ready[0]!.body!.left > MEDIUM_BYTES;
    const most = largeWrites < LARGE_WRITES_MAX ? LARGE_BYTES : MEDIUM_BYTES;
    this.#buffer = takeBuffer(Math.min(most, isLong ? LARGE_BYTES : bytes));
    this.#length = this.control.moveTo(this.#buffer);
    this.#isScattered = ready.some(({ body }) => body!.isScattered);
    this.#appendAll(ready);
    if (this.#length > 0) return true;
    giveBuffer(this.#buffer);
    this.#buffer = undefined;
    return false;
  }

  /** Appends frames of these streams, of the one that comes next each time, until there is no room or none can send. */
  #appendAll(ready: Stream[]): void {
    ready.sort(byTurn);
    for (let at = 0; at < ready.length;) {
      const stream = ready[at]!;
      const result = this.#append(stream, at === ready.length - 1);
      if (result === FULL) return;
      const isOver = result === BLOCKED || stream.isDone ||
        stream.body!.isComplete;
      if (result === APPENDED && !stream.isDone && isOver) {
        this.#done.push(stream);
      }
      const isNext = isOver || stream.body!.isScattered === true ||
        !stream.canSend(this.#owner.window);
      if (isNext) at++;
      else requeue(ready, at);
    }
  }

  /** Appends the next frames of a stream: its head, and one of content, or many if it `isAlone`. */
  #append(stream: Stream, isAlone: boolean): AppendResult {
    const body = stream.body!;
    const start = this.#length;
    const isBegun = stream.hasHead;
    const isFirstHead = this.#isFirstHead;
    try {
      if (!isBegun) {
        const isLast = body.isComplete;
        const hints = stream.earlyHints;
        const needed = (hints === undefined ? 0 : headersBytesMax(hints)) +
          headersBytesMax(stream.reply!) +
          (isLast ? 0 : CONTENT_BYTES_MIN);
        if (!this.#hasRoom(needed)) return FULL;
        body.open?.();
        if (hints !== undefined) this.#appendHead(stream, hints, false);
        this.#appendHead(stream, stream.reply!, isLast);
        stream.hasHead = true;
        if (isLast) return APPENDED;
      }
      return this.#appendContent(stream, isAlone);
    } catch (error) {
      // Of an answer that began in this buffer nothing is left.
      this.#length = start;
      this.#isFirstHead = isFirstHead;
      stream.hasHead = isBegun;
      this.#failed.push({ stream, error, isBegun });
      return BLOCKED;
    }
  }

  /** Whether the buffer has room, for which an empty one may become larger. */
  #hasRoom(bytes: number): boolean {
    if (this.#buffer!.length - this.#length >= bytes) return true;
    if (this.#length > 0) return false;
    giveBuffer(this.#buffer!);
    this.#buffer = takeBuffer(bytes);
    if (this.#buffer.length < bytes) throw new Error("A head exceeds a buffer");
    return true;
  }

  #appendHead(stream: Stream, reply: Reply, isLast: boolean): void {
    this.#length = writeHeaders(
      reply,
      stream.id,
      this.#isFirstHead,
      isLast,
      stream.since,
      this.#buffer!,
      this.#length,
    );
    this.#isFirstHead = false;
  }

  /**
   * Appends content. A stream that is alone fills the buffer with one read, because each read of a file costs two
   * calls of the system: many frames then come from one, and move together behind their heads.
   */
  #appendContent(stream: Stream, isAlone: boolean): AppendResult {
    const body = stream.body!;
    const buffer = this.#buffer!;
    const room = buffer.length - this.#length;
    const allowed = Math.min(
      isAlone ? LARGE_BYTES : FRAME_BYTES_MAX,
      stream.window,
      this.#owner.window,
      body.left,
    );
    // The end of a stream of events may be an empty frame, which takes no room from the windows.
    if (allowed <= 0 && !body.isComplete) return BLOCKED;
    const least = FRAME_HEAD_BYTES + Math.min(allowed, CONTENT_BYTES_MIN);
    if (room < least) return FULL;
    const headBytes = FRAME_HEAD_BYTES * framesFor(allowed, room);
    const start = this.#length + headBytes;
    const bytes = Math.max(0, Math.min(allowed, room - headBytes));
    const count = body.read(buffer.subarray(start, start + bytes));
    this.#length = writeDataFrames(
      buffer,
      this.#length,
      start,
      start + count,
      body.isComplete ? FrameFlag.EndStream : 0,
      stream.id,
    );
    stream.window -= count;
    stream.sent += count;
    this.#owner.onContent(count);
    return APPENDED;
  }
}

/** Moves the stream at an index behind those that come before it, now that it has sent a frame. The others are in order. */
function requeue(streams: Stream[], at: number): void {
  const stream = streams[at]!;
  let [low, high] = [at + 1, streams.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byTurn(streams[middle]!, stream) < 0) low = middle + 1;
    else high = middle;
  }
  streams.copyWithin(at, at + 1, low);
  streams[low - 1] = stream;
}
