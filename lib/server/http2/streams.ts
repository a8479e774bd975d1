/**
 * The streams of an HTTP/2 connection: from a request to its answer, with flow
 * control in both directions and a deadline for each phase.
 *
 * @module
 */

import { BODY_BYTES_MAX } from "../../http/content_length.ts";
import { Field } from "../../http/fields.ts";
import { ErrorCode, INT31_MAX } from "../../http/http2/frames.ts";
import {
  INITIAL_WINDOW_BYTES,
  resetStreamFrame,
  windowUpdateFrame,
} from "../../http/http2/control_frames.ts";
import { MALFORMED, VALID } from "../../http/http2/request.ts";
import { type Reply, SourceChanged } from "../../http/reply.ts";
import type { Client } from "../client.ts";
import {
  type ConnectionContext,
  parseCause,
  REPLY_BYTES_MIN,
} from "../context.ts";
import { reportOf, statusFor } from "../errors.ts";
import type { RefusalCause } from "../../observe/metric_layout.ts";
import type { Budget } from "./budget.ts";
import type { ControlQueue } from "./control_queue.ts";
import { OpenStreams } from "./open_streams.ts";
import type { OutputOwner } from "./output.ts";
import { Stream } from "./stream.ts";

/** Received bytes for which the client gets room at once, in one WINDOW_UPDATE. */
const WINDOW_STEP_BYTES: number = INITIAL_WINDOW_BYTES >> 1;

/** What the streams need of their connection. */
export interface StreamsOwner {
  readonly client: Client;
  readonly context: ConnectionContext;
  readonly control: ControlQueue;
  readonly budget: Budget;
  /** Called when something can be sent. */
  onReady(): void;
  /** Called when a client has used up what it may do. */
  onFlood(): void;
  /** Called when a stream has ended. */
  onEnd(): void;
}

/** Takes the streams of one connection from their beginning to their end. */
export class Streams implements OutputOwner {
  window: number = INITIAL_WINDOW_BYTES;
  /** The window with which a stream begins. */
  initialWindow: number = INITIAL_WINDOW_BYTES;
  /** The status that each request gets instead of an answer; 0 for none. */
  turnedAway = 0;
  /** Those that have begun and not ended. */
  readonly open: OpenStreams;
  readonly #owner: StreamsOwner;
  /** Received bytes of bodies for which the client has no room yet on the connection. */
  #unacknowledged = 0;
  readonly #onReady: () => void;

  /** Streams for a connection. */
  constructor(owner: StreamsOwner) {
    this.#owner = owner;
    this.#onReady = () => owner.onReady();
    const { streamQuota, admission } = owner.context;
    const subject = admission.subjectOf(owner.client.peer);
    this.open = new OpenStreams(streamQuota, subject);
  }

  /** All that are open. A loop over them leaves out a stream that ends before its turn. */
  get streams(): Iterable<Stream> {
    return this.open.values();
  }

  /** Makes a stream, which is not open before {@linkcode Streams.begin}. */
  make(id: number, now: number): Stream {
    const { client, context } = this.#owner;
    return new Stream(id, client, context, this.initialWindow, now);
  }

  /** Opens a stream whose head is read, and answers it if nothing else is to come. */
  begin(stream: Stream, isEnd: boolean): void {
    this.open.add(stream);
    stream.isComplete = isEnd;
    const { head } = stream;
    const status = head.finish();
    if (status === MALFORMED) return this.reject(stream);
    if (this.turnedAway !== 0) {
      stream.recorder.begin(Date.now());
      return this.#send(stream, this.#refusal(this.turnedAway));
    }
    if (status !== VALID) return this.#refuse(stream, status);
    const length = head.contentLength();
    if (length !== undefined && length < 0) {
      return this.#refuse(stream, -length);
    }
    stream.expected = length ?? -1;
    // A client that waits for 100 may send its body or not. It gets the answer at once.
    if (isEnd) this.complete(stream);
    else if (head.has(Field.Expect)) this.#respond(stream);
  }

  /** Takes a DATA frame: `content` bytes of a body within `length` bytes that count for the windows. */
  receive(
    stream: Stream,
    length: number,
    content: number,
    isEnd: boolean,
  ): void {
    stream.received += content;
    const isTooLong = stream.expected >= 0 && stream.received > stream.expected;
    if (isTooLong) return this.reject(stream);
    if (stream.phase === "body" && stream.received > BODY_BYTES_MAX) {
      return this.#refuse(stream, 413);
    }
    if (isEnd) return this.complete(stream);
    stream.unacknowledged += length;
    if (stream.unacknowledged < WINDOW_STEP_BYTES) return;
    this.#makeRoom(stream.id, stream.unacknowledged);
    stream.unacknowledged = 0;
  }

  /** Gives the client room for bytes that were received on any stream, open or not. */
  acknowledge(length: number): void {
    this.#unacknowledged += length;
    if (this.#unacknowledged < WINDOW_STEP_BYTES) return;
    this.#makeRoom(0, this.#unacknowledged);
    this.#unacknowledged = 0;
  }

  #makeRoom(streamId: number, bytes: number): void {
    this.#owner.control.add(windowUpdateFrame(streamId, bytes));
  }

  /** Changes the windows of all streams by a new initial size. Returns whether none gets too large (RFC 9113 §6.9.2). */
  setInitialWindow(bytes: number): boolean {
    const change = bytes - this.initialWindow;
    this.initialWindow = bytes;
    for (const stream of this.streams) {
      stream.window += change;
      if (stream.window > INT31_MAX) return false;
    }
    return true;
  }

  /** Ends a stream that the client has reset. */
  onReset(stream: Stream, code: number): void {
    this.#owner.context.counters?.countReset("client", code);
    this.#record(stream);
    this.#end(stream);
    if (!this.#owner.budget.spendReset()) this.#owner.onFlood();
  }

  /** Resets a stream whose request RFC 9113 does not allow. */
  reject(stream: Stream): void {
    this.#owner.context.counters?.countRefusal("http2_malformed");
    this.#abort(stream, ErrorCode.ProtocolError);
  }

  /** Refuses to begin a stream: it would be one too many. */
  refuse(id: number, cause: RefusalCause): void {
    const { context, budget } = this.#owner;
    context.counters?.countRefusal(cause);
    this.#reset(id, ErrorCode.RefusedStream);
    // A client knows how many its connection may have, but not how many others have.
    const isAllowed = cause === "too_many_streams"
      ? budget.spendFrame()
      : budget.spendReset();
    if (!isAllowed) this.#owner.onFlood();
  }

  #reset(id: number, code: ErrorCode): void {
    this.#owner.context.counters?.countReset("skiff", code);
    this.#owner.control.add(resetStreamFrame(id, code));
  }

  /** Resets a stream before its answer is complete. */
  #abort(stream: Stream, code: ErrorCode): void {
    this.#reset(stream.id, code);
    this.#record(stream);
    this.#end(stream);
    this.#onReady();
    if (!this.#owner.budget.spendReset()) this.#owner.onFlood();
  }

  /** Ends all streams. */
  endAll(): void {
    for (const stream of this.streams) {
      this.#record(stream);
      this.#end(stream);
    }
  }

  /** Ends all event streams; their clients learn of it in order. */
  endEvents(): void {
    for (const { events } of this.streams) events?.close();
    this.#onReady();
  }

  /** Enforces the deadlines of streams. `now` is in ms since the epoch. */
  sweep(now: number): void {
    const { deadlines, counters } = this.#owner.context;
    for (const stream of this.streams) {
      if (stream.phase === "reply") this.#sweepReply(stream, now);
      else if (stream.phase === "events") this.#sweepEvents(stream, now);
      else if (now >= stream.since + deadlines[stream.phase]) {
        counters?.countTimeout(stream.phase);
        this.#giveUp(stream);
      }
    }
  }

  /** Resets an event stream whose client takes nothing of what has come for it. */
  #sweepEvents(stream: Stream, now: number): void {
    const { deadlines, counters } = this.#owner.context;
    stream.events!.sweep(now);
    const hasMoved = stream.events!.left === 0 ||
      stream.sent > stream.sentBefore;
    if (hasMoved || stream.heldUpSince === 0) {
      stream.heldUpSince = now;
      stream.sentBefore = stream.sent;
    } else if (now >= stream.heldUpSince + deadlines.events) {
      counters?.countTimeout("events");
      this.#abort(stream, ErrorCode.Cancel);
    }
  }

  /**
   * Resets a stream whose window held it up for a whole window of time in which the client took too little. With
   * others to serve, or without room on the connection, a stream waits for no fault of its own.
   */
  #sweepReply(stream: Stream, now: number): void {
    const { deadlines, counters } = this.#owner.context;
    const isHeldUp = stream.hasHead && stream.window <= 0;
    if (isHeldUp && now < stream.heldUpSince + deadlines.reply) return;
    const taken = stream.sent - stream.sentBefore;
    const isLate = isHeldUp && stream.heldUpSince > 0 &&
      taken < REPLY_BYTES_MIN * deadlines.reply / 1000;
    stream.heldUpSince = isHeldUp ? now : 0;
    stream.sentBefore = stream.sent;
    if (!isLate) return;
    counters?.countTimeout("reply");
    this.#abort(stream, ErrorCode.Cancel);
  }

  /** Answers a stream whose request or whose answer does not come in time. */
  #giveUp(stream: Stream): void {
    if (stream.phase !== "body") return this.#send(stream, this.#refusal(503));
    // The request will never be complete.
    stream.recorder.begin(Date.now());
    this.#send(stream, this.#refusal(408));
  }

  onContent(bytes: number): void {
    this.window -= bytes;
    // A long download takes many window updates before it is complete.
    this.#owner.budget.earnBytes(bytes);
  }

  onSent(stream: Stream): void {
    if (stream.isDone) return;
    this.#owner.budget.earnAnswer();
    this.#record(stream);
    // The rest of the request is not wanted (RFC 9113 §8.1).
    if (!stream.isComplete) this.#reset(stream.id, ErrorCode.NoError);
    this.#end(stream);
  }

  onFailed(stream: Stream, error: unknown, isBegun: boolean): void {
    const report = reportOf(error, isBegun);
    if (report !== undefined) this.#owner.context.report(report);
    if (isBegun) return this.#abort(stream, ErrorCode.InternalError);
    stream.body?.close();
    if (error instanceof SourceChanged && !stream.isSecond) {
      stream.isSecond = true;
      return this.#respond(stream);
    }
    this.#send(stream, this.#refusal(statusFor(error) || 500));
  }

  /** Takes the end of a request. */
  complete(stream: Stream): void {
    stream.isComplete = true;
    const isShort = stream.expected >= 0 && stream.received !== stream.expected;
    if (isShort) return this.reject(stream);
    if (stream.phase === "body") this.#respond(stream);
  }

  #respond(stream: Stream): void {
    const { context } = this.#owner;
    const now = Date.now();
    stream.recorder.begin(now);
    try {
      const answer = context.respond(stream.head, now, stream.client);
      if (answer instanceof Promise) this.#awaitAnswer(stream, answer, now);
      else this.#send(stream, answer);
    } catch (error) {
      this.onFailed(stream, error, false);
    }
  }

  #awaitAnswer(stream: Stream, answer: Promise<Reply>, now: number): void {
    stream.reply = undefined;
    stream.isAwaited = true;
    this.open.move(stream, "waiting");
    stream.since = now;
    answer.then(
      (reply) => this.#takeResult(stream, () => this.#send(stream, reply)),
      (error) =>
        this.#takeResult(stream, () => this.onFailed(stream, error, false)),
    );
  }

  /** Takes the result of a promise, unless the stream has ended or got another answer. */
  #takeResult(stream: Stream, take: () => void): void {
    stream.isAwaited = false;
    if (stream.isDone) this.open.forget();
    else if (stream.phase === "waiting") take();
  }

  /** Counts a request that cannot be answered, and refuses it. */
  #refuse(stream: Stream, status: number): void {
    this.#owner.context.counters?.countRefusal(parseCause(status));
    stream.recorder.begin(Date.now());
    this.#send(stream, this.#refusal(status));
  }

  #refusal(status: number): Reply {
    return this.#owner.context.refusal(status);
  }

  #send(stream: Stream, reply: Reply): void {
    const sent = stream.recorder.withId(reply);
    const phase = stream.answer(sent, Date.now(), this.#onReady);
    this.open.move(stream, phase);
    this.#onReady();
  }

  #record({ recorder, reply, sent }: Stream): void {
    if (reply !== undefined) recorder.end(reply, sent);
  }

  #end(stream: Stream): void {
    if (stream.events?.isBehind) {
      this.#owner.context.counters?.countTimeout("events");
    }
    stream.end();
    this.open.remove(stream);
    this.#owner.onEnd();
  }
}
