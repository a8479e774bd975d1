/**
 * A connection that speaks HTTP/2: frames → streams → respond → frames
 * (RFC 9113). Reading goes on while a write waits.
 *
 * @module
 */

import {
  goAwayFrame,
  Http2Setting,
  pingFrame,
  settingsFrame,
} from "../../http/http2/control_frames.ts";
import { ErrorCode, FrameType, INT31_MAX } from "../../http/http2/frames.ts";
import { FIELDS_BYTES_MAX } from "../../http/head.ts";
import type { Client, OpenedConnection, Socket } from "../client.ts";
import { type ConnectionContext, REPLY_BYTES_MIN } from "../context.ts";
import { reportOf } from "../errors.ts";
import { linger } from "../linger.ts";
import { STREAMS_MAX } from "../stream_quota.ts";
import type { Phase, RefusalCause } from "../../observe/metric_layout.ts";
import { Budget } from "./budget.ts";
import type { ControlQueue } from "./control_queue.ts";
import { Http2Input } from "./input.ts";
import { Http2Output } from "./output.ts";
import { Receiver } from "./receiver.ts";
import { Streams, type StreamsOwner } from "./streams.ts";

/** How long after the first GOAWAY the second follows, which names the last stream, in ms (RFC 9113 §6.8). */
const DRAIN_MS = 1000;

/** The PING that follows the first GOAWAY. */
const DRAIN_PING: Uint8Array = pingFrame(new Uint8Array(8), false);

/** How metrics count a fault that ends a connection. */
function causeOf(code: ErrorCode): RefusalCause {
  switch (code) {
    case ErrorCode.FlowControlError:
      return "http2_flow_control";
    case ErrorCode.CompressionError:
      return "http2_compression";
    case ErrorCode.EnhanceYourCalm:
      return "http2_flood";
    default:
      return "http2_protocol";
  }
}

/** What skiff sends first. */
const SETTINGS: Uint8Array = settingsFrame([
  [Http2Setting.MaxConcurrentStreams, STREAMS_MAX],
  [Http2Setting.MaxHeaderListSize, FIELDS_BYTES_MAX],
  [Http2Setting.NoRfc7540Priorities, 1],
]);

/** The server's end of a connection that speaks HTTP/2. */
export class Http2Connection implements StreamsOwner {
  readonly client: Client;
  readonly context: ConnectionContext;
  readonly control: ControlQueue;
  readonly budget: Budget;
  readonly #opened: OpenedConnection;
  readonly #socket: Socket;
  readonly #streams: Streams;
  readonly #output: Http2Output;
  readonly #receiver: Receiver;
  readonly #input: Http2Input;

  /** When the connection was opened, or began what it is doing, in ms since the epoch. */
  #since: number;
  /** The window of the reply phase: when it began, and what was written then. */
  #windowSince: number;
  #writtenBefore = 0;
  /** When the client was told that the connection ends; 0 if it was not. */
  #leavingSince = 0;
  #isEnding = false;
  #isHeard = false;
  /** Whether frames of one read are being handled. */
  #isHandling = false;

  /** Takes over a connection that is open. `now` is in ms since the epoch. */
  constructor(
    opened: OpenedConnection,
    context: ConnectionContext,
    now: number,
  ) {
    const { socket, client, received, isLast } = opened;
    this.#opened = opened;
    this.#socket = socket;
    this.client = client;
    this.context = context;
    this.#input = new Http2Input(received);
    this.budget = new Budget(now);
    this.#streams = new Streams(this);
    this.#output = new Http2Output(socket, this.#streams, context.nextTurn);
    this.control = this.#output.control;
    this.#receiver = new Receiver({
      streams: this.#streams,
      control: this.control,
      budget: this.budget,
      onGoAway: (code) => {
        context.counters?.countGoAway("client", code);
        this.#close();
      },
      // What the client sent before it knew of the end has come.
      onPingAck: () => {
        if (this.#leavingSince > 0) this.#leave(ErrorCode.NoError);
      },
    });
    this.#since = this.#windowSince = now;
    // Frames are small, and each may be what the client waits for.
    socket.setNoDelay?.(true);
    this.control.add(SETTINGS);
    if (isLast) this.stop();
  }

  /** What the connection is doing: what its streams do, if there are any. */
  get phase(): Phase {
    if (this.#isEnding) return "linger";
    const { phase } = this.#streams.open;
    const isHead = this.#receiver.isInBlock || !this.#receiver.isAcknowledged;
    return phase === "idle" && isHead ? "head" : phase;
  }

  /** How many streams are open. */
  get streamCount(): number {
    return this.#streams.open.size;
  }

  /** When it began, in ms since the epoch. */
  get since(): number {
    return this.#since;
  }

  /** Whether the server waits for the client, with no request to answer. */
  get awaitsClient(): boolean {
    return this.#streams.open.size === this.#streams.open.eventStreams;
  }

  /** How many event streams are open. */
  get eventStreams(): number {
    return this.#streams.open.eventStreams;
  }

  /**
   * Responds to requests until the connection ends, to the first ones only with `refusal` if it is a status other than
   * 0. Never rejects.
   */
  async serve(refusal: number): Promise<void> {
    try {
      this.#streams.turnedAway = refusal;
      this.onReady();
      await this.#readFrames();
      if (!this.#isEnding) await this.#finish();
      await this.#linger();
    } catch (error) {
      const report = reportOf(error, false);
      if (report !== undefined) this.context.report(report);
    } finally {
      this.#isEnding = true;
      this.#streams.endAll();
      this.#streams.open.close();
      this.#opened.close();
      this.#input.close();
    }
  }

  /** Tells the client to open no further stream; the connection ends after the responses to the open ones. */
  stop(): void {
    if (this.#leavingSince > 0) return;
    this.#goAway(INT31_MAX, ErrorCode.NoError);
    this.#leavingSince = Date.now();
    this.control.add(DRAIN_PING);
    this.#streams.endEvents();
    this.onReady();
  }

  /** Closes the connection if the client has its last answer and sent nothing since `before`, in ms since the epoch. */
  closeIfSilent(before: number): void {
    const isSilent = this.#isEnding && !this.#isHeard;
    if (isSilent && this.#since <= before) this.#opened.close();
  }

  /** Enforces deadlines. The server calls this regularly, with `now` in ms since the epoch. */
  sweep(now: number): void {
    this.budget.refill(now);
    if (this.context.isDraining()) this.stop();
    const isLate = this.#leavingSince > 0 &&
      now >= this.#leavingSince + DRAIN_MS;
    if (isLate) this.#leave(ErrorCode.NoError);
    if (this.#leavingSince > 0) this.#streams.endEvents();
    const isHeldUp = this.#output.isWriting ||
      this.#streams.window <= 0 && this.phase === "reply";
    this.#streams.sweep(now);
    if (this.#isEnding) return this.#sweepEnding(now);
    if (isHeldUp) return this.#sweepReply(now);
    this.#windowSince = now;
    this.#writtenBefore = this.#output.written;
    if (this.#isBlockLate(now)) return this.#timeOut(ErrorCode.EnhanceYourCalm);
    const { phase } = this;
    if (phase !== "idle" && phase !== "head") return;
    // A block that is not late yet began long after the connection.
    if (this.#receiver.isInBlock && this.#receiver.isAcknowledged) return;
    // A client that is turned away has its first requests under way, or none.
    const deadline = this.#streams.turnedAway === 0 ? phase : "linger";
    if (now < this.#since + this.context.deadlines[deadline]) return;
    if (phase === "head") return this.#timeOut(ErrorCode.SettingsTimeout);
    this.context.counters?.countTimeout(phase);
    this.#leave(ErrorCode.NoError);
  }

  /** Whether a header block has not ended in time. */
  #isBlockLate(now: number): boolean {
    const { isInBlock, blockSince } = this.#receiver;
    return isInBlock && now >= blockSince + this.context.deadlines.head;
  }

  #sweepEnding(now: number): void {
    if (now < this.#since + this.context.deadlines.linger) return;
    this.context.counters?.countTimeout("linger");
    this.#opened.close();
  }

  /** In each window of time, a client must take some of the bytes that wait for it. */
  #sweepReply(now: number): void {
    const window = this.context.deadlines.reply;
    if (now < this.#windowSince + window) return;
    const written = this.#output.written - this.#writtenBefore;
    this.#windowSince = now;
    this.#writtenBefore = this.#output.written;
    if (written >= REPLY_BYTES_MIN * window / 1000) return;
    this.context.counters?.countTimeout("reply");
    this.#opened.close();
  }

  onReady(): void {
    // During a turn of frames the flush waits for its end.
    if (!this.#isHandling) this.#flush();
  }

  onFlood(): void {
    this.#fail(ErrorCode.EnhanceYourCalm);
  }

  onEnd(): void {
    if (this.#streams.turnedAway !== 0) this.#leave(ErrorCode.NoError);
    if (this.#streams.open.size > 0) return;
    this.#since = Date.now();
    if (this.#receiver.isClosed) this.#endSoon();
  }

  #flush(): void {
    // The reader sees the same failure.
    this.#output.flush().catch(() => this.#opened.close());
  }

  /** Names the last stream. The connection ends with the last answer. */
  #leave(code: ErrorCode): void {
    if (this.#receiver.isClosed) return;
    this.#goAway(this.#receiver.lastId, code);
    this.#leavingSince ||= Date.now();
    this.#close();
    this.onReady();
  }

  #goAway(lastId: number, code: ErrorCode): void {
    // A drain sends two.
    const isFirst = this.#leavingSince === 0 || code !== ErrorCode.NoError;
    if (isFirst) this.context.counters?.countGoAway("skiff", code);
    this.control.add(goAwayFrame(lastId, code));
  }

  /** Takes no further stream. */
  #close(): void {
    this.#receiver.isClosed = true;
    if (this.#streams.open.size === 0) this.#endSoon();
  }

  /** Ends the connection for a fault of the client. */
  #fail(code: ErrorCode): void {
    if (this.#isEnding) return;
    this.context.counters?.countRefusal(causeOf(code));
    this.#endNow(code);
  }

  /** Ends the connection because the client missed a deadline. */
  #timeOut(code: ErrorCode): void {
    this.context.counters?.countTimeout("head");
    this.#endNow(code);
  }

  /** Ends the connection with all its streams. */
  #endNow(code: ErrorCode): void {
    this.#receiver.isClosed = true;
    this.#goAway(this.#receiver.lastId, code);
    this.#streams.endAll();
    this.#endSoon();
  }

  #endSoon(): void {
    if (this.#isEnding) return;
    this.#finish().catch(() => this.#opened.close());
  }

  /** Sends what is left and shuts the writing side. */
  async #finish(): Promise<void> {
    this.#isEnding = true;
    this.#since = Date.now();
    await this.#output.flush();
    await this.#socket.closeWrite();
  }

  #linger(): Promise<void> {
    return linger(this.#socket, this.#input.bytes, () => this.#isHeard = true);
  }

  /** Reads and handles frames until the client or the connection ends. */
  async #readFrames(): Promise<void> {
    for (;;) {
      this.#isHandling = true;
      this.#handleInput();
      this.#isHandling = false;
      if (this.#isEnding) return;
      if (this.control.isFlooded) {
        return this.#fail(ErrorCode.EnhanceYourCalm);
      }
      this.#flush();
      const turn = this.context.nextTurn();
      if (turn !== undefined) await turn;
      const count = await this.#socket.read(this.#input.room());
      if (this.#isEnding) this.#isHeard = count !== null;
      if (count === null || this.#isEnding) return;
      this.#input.add(count);
    }
  }

  #handleInput(): void {
    const input = this.#input;
    if (!input.hasPreface) {
      if (!input.mayBePreface()) return this.#fail(ErrorCode.ProtocolError);
      if (!input.takePreface()) return;
    }
    const { frame } = input;
    while (input.readHead()) {
      const fault =
        this.#receiver.hasSettings || frame.type === FrameType.Settings
          ? frame.fault()
          : ErrorCode.ProtocolError;
      if (fault !== ErrorCode.NoError) return this.#fail(fault);
      const at = input.takeFrame();
      if (at < 0) return;
      const error = this.#receiver.handle(frame, input.bytes, at);
      if (error !== ErrorCode.NoError) return this.#fail(error);
      if (this.#isEnding) return;
    }
  }
}
