/**
 * Takes the frames of a client: which are allowed where, header blocks, and
 * what each frame does to the streams (RFC 9113 §6).
 *
 * @module
 */

import { latin1 } from "../../http/ascii.ts";
import {
  PeerSettings,
  pingFrame,
  SETTINGS_ACK,
} from "../../http/http2/control_frames.ts";
import {
  ErrorCode,
  FrameFlag,
  FrameHead,
  FrameType,
  INT31_MAX,
  readUint31,
  readUint32,
} from "../../http/http2/frames.ts";
import {
  HEADER_BLOCK_BYTES_MAX,
  HpackDecoder,
} from "../../http/http2/hpack_decoder.ts";
import { parsePriority } from "../../http/http2/priority.ts";
import { Http2Trailers } from "../../http/http2/request.ts";
import { Field } from "../../http/fields.ts";
import type { Budget } from "./budget.ts";
import type { ControlQueue } from "./control_queue.ts";
import type { Streams } from "./streams.ts";

/** Most CONTINUATION frames of a header block (CVE-2024-27316): it needs one or two. */
const CONTINUATIONS_MAX = 8;

/** What a receiver changes. */
export interface ReceiverDeps {
  readonly streams: Streams;
  readonly control: ControlQueue;
  readonly budget: Budget;
  /** Called with an error code when the client says that it opens no further stream. */
  readonly onGoAway: (code: number) => void;
  /** Called when the client has answered a PING. */
  readonly onPingAck: () => void;
}

/** Handles the frames of one connection, one after the other. */
export class Receiver {
  /** The highest stream that was taken. */
  lastId = 0;
  /** Whether the client has sent its SETTINGS, which come first. */
  hasSettings = false;
  /** Whether it has acknowledged those of skiff. */
  isAcknowledged = false;
  /** Whether streams that begin now are ignored, because the last one was named (RFC 9113 §6.8). */
  isClosed = false;
  /** When the header block began that is incomplete, in ms since the epoch. */
  blockSince = 0;

  /** The highest stream that was ignored: the client may send more of it before it knows. */
  #ignoredId = 0;
  readonly #streams: Streams;
  readonly #control: ControlQueue;
  readonly #budget: Budget;
  readonly #onGoAway: (code: number) => void;
  readonly #onPingAck: () => void;
  readonly #decoder = new HpackDecoder();
  readonly #settings = new PeerSettings();
  /** The frame at hand, and the bytes that it is in. */
  #frame = new FrameHead();
  #input: Uint8Array = new Uint8Array(0);
  /** The header block that is being received. */
  #block: Uint8Array | undefined;
  #blockLength = 0;
  #continuations = 0;
  #blockStream = 0;
  #blockEnds = false;

  /** A receiver for a connection. */
  constructor({ streams, control, budget, onGoAway, onPingAck }: ReceiverDeps) {
    this.#streams = streams;
    this.#control = control;
    this.#budget = budget;
    this.#onGoAway = onGoAway;
    this.#onPingAck = onPingAck;
  }

  /** Whether a header block has begun and not ended. */
  get isInBlock(): boolean {
    return this.#block !== undefined;
  }

  /** Handles a frame whose payload begins at input[at] and is all there. Returns the error with which the connection must end. */
  handle(frame: FrameHead, input: Uint8Array, at: number): ErrorCode {
    this.#frame = frame;
    this.#input = input;
    const isContinuation = frame.type === FrameType.Continuation;
    // Nothing may stand between the frames of a header block (§6.10).
    if (isContinuation !== (this.#block !== undefined)) {
      return ErrorCode.ProtocolError;
    }
    switch (frame.type) {
      case FrameType.Data:
        return this.#takeData(at);
      case FrameType.Headers:
        return this.#takeHeaders(at);
      case FrameType.Continuation:
        return this.#takeBlock(at, at + frame.length);
    }
    if (!this.#budget.spendFrame()) return ErrorCode.EnhanceYourCalm;
    switch (frame.type) {
      case FrameType.ResetStream:
        return this.#takeReset(readUint32(this.#input, at));
      case FrameType.Settings:
        return this.#takeSettings(at);
      case FrameType.Ping:
        this.#takePing(at);
        break;
      case FrameType.GoAway:
        this.#onGoAway(readUint32(this.#input, at + 4));
        break;
      case FrameType.WindowUpdate:
        return this.#takeWindow(readUint31(this.#input, at));
      case FrameType.PriorityUpdate:
        return this.#takePriority(at);
    }
    return ErrorCode.NoError;
  }

  #takeData(at: number): ErrorCode {
    const frame = this.#frame;
    if (this.#isIdle(frame.streamId)) return ErrorCode.ProtocolError;
    if (!frame.findContent(this.#input, at)) return ErrorCode.ProtocolError;
    const content = frame.contentEnd - frame.contentStart;
    const isEnd = frame.has(FrameFlag.EndStream);
    const isFree = content > 0 || isEnd;
    if (!isFree && !this.#budget.spendFrame()) return ErrorCode.EnhanceYourCalm;
    this.#streams.acknowledge(frame.length);
    const stream = this.#streams.open.get(frame.streamId);
    if (stream === undefined) return this.#ignore();
    if (stream.isComplete) return ErrorCode.StreamClosed;
    this.#streams.receive(stream, frame.length, content, isEnd);
    return ErrorCode.NoError;
  }

  /** Whether the client has not begun a stream (RFC 9113 §5.1). */
  #isIdle(id: number): boolean {
    return id > this.lastId && id > this.#ignoredId;
  }

  /** A frame of a stream that has ended: it may have been on its way. */
  #ignore(): ErrorCode {
    return this.#budget.spendFrame()
      ? ErrorCode.NoError
      : ErrorCode.EnhanceYourCalm;
  }

  #takeHeaders(at: number): ErrorCode {
    const frame = this.#frame;
    const id = frame.streamId;
    if (!frame.findContent(this.#input, at) || id % 2 === 0) {
      return ErrorCode.ProtocolError;
    }
    this.#blockStream = id;
    this.#blockEnds = frame.has(FrameFlag.EndStream);
    this.#continuations = 0;
    return this.#takeBlock(frame.contentStart, frame.contentEnd);
  }

  /** Takes a part of a header block, from one frame. */
  #takeBlock(start: number, end: number): ErrorCode {
    const block = this.#block;
    const isWhole = this.#frame.has(FrameFlag.EndHeaders);
    if (block === undefined && isWhole) {
      return this.#decode(this.#input, start, end);
    }
    if (this.#frame.streamId !== this.#blockStream) {
      return ErrorCode.ProtocolError;
    }
    const length = this.#blockLength + end - start;
    const isFlood = length > HEADER_BLOCK_BYTES_MAX ||
      block !== undefined && ++this.#continuations > CONTINUATIONS_MAX;
    if (isFlood) return ErrorCode.EnhanceYourCalm;
    if (block === undefined) this.blockSince = Date.now();
    const larger = new Uint8Array(length);
    if (block !== undefined) larger.set(block);
    larger.set(this.#input.subarray(start, end), this.#blockLength);
    this.#block = isWhole ? undefined : larger;
    this.#blockLength = isWhole ? 0 : length;
    return isWhole ? this.#decode(larger, 0, length) : ErrorCode.NoError;
  }

  /** Decodes a header block: each one, because the decoder must see all (RFC 9113 §4.3). */
  #decode(bytes: Uint8Array, start: number, end: number): ErrorCode {
    const id = this.#blockStream;
    if (id <= this.lastId) return this.#decodeTrailers(bytes, start, end);
    const stream = this.#streams.make(id, Date.now());
    if (!this.#decoder.decode(bytes, start, end, stream.head)) {
      return ErrorCode.CompressionError;
    }
    // Streams beyond the last one that was named are ignored (§6.8).
    if (this.isClosed) {
      this.#ignoredId = Math.max(this.#ignoredId, id);
      return this.#ignore();
    }
    this.lastId = id;
    const { refusal } = this.#streams.open;
    if (refusal !== undefined) {
      this.#streams.refuse(id, refusal);
      return ErrorCode.NoError;
    }
    stream.priority = parsePriority(stream.head.field(Field.Priority));
    this.#streams.begin(stream, this.#blockEnds);
    return ErrorCode.NoError;
  }

  #decodeTrailers(bytes: Uint8Array, start: number, end: number): ErrorCode {
    const trailers = new Http2Trailers();
    if (!this.#decoder.decode(bytes, start, end, trailers)) {
      return ErrorCode.CompressionError;
    }
    const stream = this.#streams.open.get(this.#blockStream);
    if (stream === undefined) return this.#ignore();
    if (stream.isComplete) return ErrorCode.StreamClosed;
    if (trailers.isMalformed || !this.#blockEnds) {
      this.#streams.reject(stream);
    } else this.#streams.complete(stream);
    return ErrorCode.NoError;
  }

  #takeReset(code: number): ErrorCode {
    const id = this.#frame.streamId;
    if (this.#isIdle(id)) return ErrorCode.ProtocolError;
    const stream = this.#streams.open.get(id);
    if (stream !== undefined) this.#streams.onReset(stream, code);
    return ErrorCode.NoError;
  }

  #takeSettings(at: number): ErrorCode {
    const frame = this.#frame;
    if (frame.has(FrameFlag.Ack)) {
      this.isAcknowledged = this.hasSettings;
      return this.hasSettings ? ErrorCode.NoError : ErrorCode.ProtocolError;
    }
    this.hasSettings = true;
    const settings = this.#settings;
    const error = settings.read(this.#input, at, at + frame.length);
    if (error !== ErrorCode.NoError) return error;
    if (!this.#streams.setInitialWindow(settings.initialWindowBytes)) {
      return ErrorCode.FlowControlError;
    }
    this.#control.add(SETTINGS_ACK);
    return ErrorCode.NoError;
  }

  #takePing(at: number): void {
    if (this.#frame.has(FrameFlag.Ack)) return this.#onPingAck();
    const data = this.#input.subarray(at, at + this.#frame.length);
    this.#control.add(pingFrame(data, true));
  }

  /** Takes room that the client has made. Too much of it, or none, is no honest client's (CVE-2025-8671). */
  #takeWindow(increment: number): ErrorCode {
    const id = this.#frame.streamId;
    if (increment === 0 || this.#isIdle(id)) return ErrorCode.ProtocolError;
    const target = id === 0 ? this.#streams : this.#streams.open.get(id);
    if (target === undefined) return ErrorCode.NoError;
    target.window += increment;
    return target.window > INT31_MAX
      ? ErrorCode.FlowControlError
      : ErrorCode.NoError;
  }

  #takePriority(at: number): ErrorCode {
    const id = readUint31(this.#input, at);
    if (id === 0) return ErrorCode.ProtocolError;
    const stream = this.#streams.open.get(id);
    if (stream === undefined) return ErrorCode.NoError;
    const value = latin1(this.#input, at + 4, at + this.#frame.length);
    stream.priority = parsePriority(value);
    return ErrorCode.NoError;
  }
}
