/**
 * A client for HTTP/2 by prior knowledge: obeys the protocol for requests, and
 * sends any frame that a test makes.
 *
 * @module
 */

import {
  Http2Setting,
  settingsFrame,
  type SettingValue,
} from "../lib/http/http2/control_frames.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameHead,
  FrameType,
  INT31_MAX,
  PREFACE,
  readUint31,
  readUint32,
  writeFrameHead,
  writeUint32,
} from "../lib/http/http2/frames.ts";
import { HpackDecoder } from "../lib/http/http2/hpack_decoder.ts";
import type { HeaderField } from "../lib/http/http2/hpack_tables.ts";
import { bytesOf, type Response, within, writeAll } from "./helpers.ts";
import { HpackEncoder, type Line } from "./hpack_encoder.ts";
import { linesOf, responseOf, StreamEnded } from "./http2_messages.ts";

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** How a client is to behave. */
export interface ClientOptions {
  /** Settings that it sends first. Unless they have another window, each stream may receive as much as there is. */
  readonly settings?: readonly SettingValue[];
  /** Whether it takes what comes: opens its windows, acknowledges settings and answers pings. */
  readonly isHonest?: boolean;
}

/** What has come of a response. */
interface Stream {
  readonly lines: [name: string, value: string][];
  readonly body: Uint8Array[];
  readonly done: PromiseWithResolvers<Response>;
}

/** One connection. It reads all the time; dispose of it, and wait for that. */
export class Http2Client implements AsyncDisposable {
  /** All frames that came, in their order. */
  readonly frames: Frame[] = [];
  /** Whether the server has ended the connection. */
  isEnded = false;

  readonly #socket: Deno.Conn;
  readonly #isHonest: boolean;
  readonly #encoder = new HpackEncoder();
  readonly #decoder = new HpackDecoder();
  readonly #streams = new Map<number, Stream>();
  #block: Uint8Array[] = [];
  #lastId = -1;
  #pings = 0;
  #came = Promise.withResolvers<void>();
  #sending: Promise<void> = Promise.resolve();
  readonly #reading: Promise<void>;

  private constructor(socket: Deno.Conn, { isHonest = true }: ClientOptions) {
    this.#socket = socket;
    this.#isHonest = isHonest;
    this.#reading = this.#read();
  }

  /** Bytes of header lines that the server has put into the dynamic table. */
  get tableBytes(): number {
    return this.#decoder.tableBytes;
  }

  /** Connects to a port, and sends preface and settings. */
  static async connect(
    port: number,
    options: ClientOptions = {},
  ): Promise<Http2Client> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    return await Http2Client.over(socket, options);
  }

  /** A client over a connection that is there already, and is its own from then on. */
  static async over(
    socket: Deno.Conn,
    options: ClientOptions = {},
  ): Promise<Http2Client> {
    const client = new Http2Client(socket, options);
    const { isHonest = true, settings = [] } = options;
    const values: SettingValue[] = isHonest
      ? [[Http2Setting.InitialWindowSize, INT31_MAX], ...settings]
      : [...settings];
    await client.send(bytesOf(PREFACE));
    await client.send(settingsFrame(values));
    if (isHonest) await client.openWindow(0, INT31_MAX - 65_535);
    return client;
  }

  /** A client that sends nothing of itself, not even the preface; acknowledgements only if it is honest. */
  static listen(socket: Deno.Conn, options: ClientOptions = {}): Http2Client {
    return new Http2Client(socket, options);
  }

  /** Sends bytes as they are, behind all that was sent before. */
  send(bytes: Uint8Array): Promise<void> {
    const sent = this.#sending.then(() => writeAll(this.#socket, bytes));
    // A later call is not to fail because of this one.
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** Sends a frame. */
  sendFrame(
    type: number,
    flags: number,
    streamId: number,
    payload: Uint8Array | readonly number[] = [],
  ): Promise<void> {
    const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
    writeFrameHead(bytes, 0, payload.length, type, flags, streamId);
    bytes.set(payload, FRAME_HEAD_BYTES);
    return this.send(bytes);
  }

  /** Lets the server send more on a stream, or in all with stream 0. */
  openWindow(streamId: number, bytes: number): Promise<void> {
    const payload = new Uint8Array(4);
    writeUint32(payload, 0, bytes);
    return this.sendFrame(FrameType.WindowUpdate, 0, streamId, payload);
  }

  /** Takes a request back. */
  reset(streamId: number): Promise<void> {
    return this.sendFrame(FrameType.ResetStream, 0, streamId, [0, 0, 0, 8]);
  }

  /** Resolves when the server has handled all that was sent before. */
  async ping(): Promise<void> {
    const data = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, ++this.#pings);
    await this.sendFrame(FrameType.Ping, 0, 0, data);
    await this.frame(
      ({ type, payload }) => type === FrameType.Ping && payload[7] === data[7],
      "the answer to PING",
    );
  }

  /** Begins a stream with a header block of these lines, in frames of so many bytes; returns its id. */
  async begin(
    lines: readonly Line[],
    isLast: boolean = true,
    pieceBytes: number = FRAME_BYTES_MAX,
  ): Promise<number> {
    const id = this.#lastId += 2;
    const stream = {
      lines: [],
      body: [],
      done: Promise.withResolvers<Response>(),
    };
    // Nobody need wait for the response.
    stream.done.promise.catch(() => {});
    this.#streams.set(id, stream);
    const block = this.#encoder.encode(lines);
    await this.sendBlock(id, block, isLast, pieceBytes);
    return id;
  }

  /** Sends a header block in as many frames as it needs. */
  async sendBlock(
    streamId: number,
    block: Uint8Array,
    isLast: boolean,
    pieceBytes: number = FRAME_BYTES_MAX,
  ): Promise<void> {
    const flags = isLast ? FrameFlag.EndStream : 0;
    for (let at = 0; at === 0 || at < block.length; at += pieceBytes) {
      const isEnd = at + pieceBytes >= block.length;
      await this.sendFrame(
        at === 0 ? FrameType.Headers : FrameType.Continuation,
        (at === 0 ? flags : 0) | (isEnd ? FrameFlag.EndHeaders : 0),
        streamId,
        block.subarray(at, at + pieceBytes),
      );
    }
  }

  /** Encodes lines as the next block of the connection. */
  encode(lines: readonly Line[]): Uint8Array<ArrayBuffer> {
    return this.#encoder.encode(lines);
  }

  /** The response on a stream, after `ms` at most. Rejects with {@linkcode StreamEnded} if there is none. */
  response(streamId: number, ms?: number): Promise<Response> {
    const { promise } = this.#streams.get(streamId)!.done;
    return within(promise, `a response on stream ${streamId}`, ms);
  }

  /** One request and its response. */
  async request(
    method: string,
    target: string,
    fields: Readonly<Record<string, string>> = {},
    body: Uint8Array = new Uint8Array(),
  ): Promise<Response> {
    return await this.ask(linesOf(method, target, fields), body);
  }

  /** The response to a request of these lines. */
  async ask(
    lines: readonly Line[],
    body: Uint8Array = new Uint8Array(),
  ): Promise<Response> {
    const id = await this.begin(lines, body.length === 0);
    for (let at = 0; at < body.length; at += FRAME_BYTES_MAX) {
      const piece = body.subarray(at, at + FRAME_BYTES_MAX);
      const isLast = at + piece.length === body.length;
      const flags = isLast ? FrameFlag.EndStream : 0;
      await this.sendFrame(FrameType.Data, flags, id, piece);
    }
    return await this.response(id);
  }

  /** The first frame that is as wanted, of those that came and those that come. */
  frame(isWanted: (frame: Frame) => boolean, what: string): Promise<Frame> {
    return within(this.#first(isWanted, what), what);
  }

  async #first(
    isWanted: (frame: Frame) => boolean,
    what: string,
  ): Promise<Frame> {
    for (;;) {
      const frame = this.frames.find(isWanted);
      if (frame !== undefined) return frame;
      if (this.isEnded) throw new Error(`The end of the connection: ${what}`);
      await this.#came.promise;
    }
  }

  /** The error code of the RST_STREAM with which the server ends a stream. */
  async resetCode(id: number): Promise<number> {
    const { payload } = await this.frame(
      ({ type, streamId }) => type === FrameType.ResetStream && streamId === id,
      "RST_STREAM",
    );
    return readUint32(payload, 0);
  }

  /** The error code of the server's last GOAWAY, as soon as it has ended the connection; undefined if there is none. */
  async goAway(): Promise<number | undefined> {
    await within(this.#reading, "the end of the connection");
    const last = this.frames.findLast(({ type }) => type === FrameType.GoAway);
    return last === undefined ? undefined : readUint32(last.payload, 4);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isEnded) this.#socket.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      await this.#readFrames();
    } catch (error) {
      const isEnd = error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted ||
        error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.UnexpectedEof;
      if (isEnd) return;
      this.#endStreams(0, error as Error);
      throw error;
    } finally {
      this.isEnded = true;
      try {
        this.#socket.close();
      } catch {
        // The test has closed it.
      }
      this.#came.resolve();
      this.#endStreams(0, new StreamEnded("the end of the connection"));
    }
  }

  async #readFrames(): Promise<void> {
    // A server's frame is no longer than that, as nothing else was agreed.
    const bytes = new Uint8Array(8 * FRAME_BYTES_MAX);
    const head = new FrameHead();
    for (let length = 0;;) {
      const count = await this.#socket.read(bytes.subarray(length));
      if (count === null) return;
      length += count;
      let at = 0;
      while (length - at >= FRAME_HEAD_BYTES) {
        head.read(bytes, at);
        const start = at + FRAME_HEAD_BYTES;
        if (length < start + head.length) break;
        at = start + head.length;
        this.#take(head, bytes.slice(start, at));
      }
      bytes.copyWithin(0, at, length);
      length -= at;
    }
  }

  /** Takes a frame. A server's must always be sound. */
  #take(head: FrameHead, payload: Uint8Array<ArrayBuffer>): void {
    const { type, flags, streamId } = head;
    if (head.fault() !== 0) throw new Error(`Faulty frame of type ${type}`);
    this.frames.push({ type, flags, streamId, payload });
    this.#came.resolve();
    this.#came = Promise.withResolvers();
    const isAck = head.has(FrameFlag.Ack);
    switch (type) {
      case FrameType.Settings:
        if (!isAck) this.#obey(type, []);
        break;
      case FrameType.Ping:
        if (!isAck) this.#obey(type, payload);
        break;
      case FrameType.Headers:
      case FrameType.Continuation:
        this.#takeHeaders(head, payload);
        break;
      case FrameType.Data:
        this.#streams.get(streamId)?.body.push(payload);
        break;
      case FrameType.ResetStream:
        this.#fail(
          streamId,
          new StreamEnded("RST_STREAM", readUint32(payload, 0)),
        );
        break;
      case FrameType.GoAway:
        this.#endStreams(
          readUint31(payload, 0),
          new StreamEnded("GOAWAY", readUint32(payload, 4)),
        );
    }
    const endsStream = type === FrameType.Data || type === FrameType.Headers;
    if (endsStream && head.has(FrameFlag.EndStream)) this.#finish(streamId);
  }

  /** Acknowledges, as an honest client does. */
  #obey(type: number, payload: Uint8Array | readonly number[]): void {
    if (!this.#isHonest) return;
    // The server may have gone, which shows elsewhere.
    this.sendFrame(type, FrameFlag.Ack, 0, payload).catch(() => {});
  }

  #takeHeaders(head: FrameHead, payload: Uint8Array): void {
    this.#block.push(payload);
    if (!head.has(FrameFlag.EndHeaders)) return;
    const block = new Uint8Array(this.#block.flatMap((piece) => [...piece]));
    this.#block = [];
    const lines = this.#streams.get(head.streamId)?.lines;
    const sink = {
      add: ({ name, value }: HeaderField) => void lines?.push([name, value]),
    };
    if (!this.#decoder.decode(block, 0, block.length, sink)) {
      throw new Error("The server's header block is faulty");
    }
    // Of interim responses only their frames are kept (RFC 9113 §8.1).
    if (lines?.[0]?.[1].startsWith("1")) lines.length = 0;
  }

  #finish(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    try {
      stream.done.resolve(responseOf(stream.lines, stream.body));
    } catch (error) {
      stream.done.reject(error);
    }
  }

  #fail(streamId: number, error: Error): void {
    this.#streams.get(streamId)?.done.reject(error);
  }

  /** Ends all streams above an id, which is that of the last that the server answers. */
  #endStreams(lastId: number, error: Error): void {
    for (const id of this.#streams.keys()) {
      if (id > lastId) this.#fail(id, error);
    }
  }
}
