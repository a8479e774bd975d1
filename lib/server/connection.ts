/**
 * One connection: read → parse → respond → write → again (RFC 9112 §9), with
 * the deadlines that keep it from lasting for ever, and the one catch.
 *
 * @module
 */

import { BodySkipper, CHUNKED, frameBody } from "../http/body.ts";
import { Field } from "../http/fields.ts";
import { isPersistent } from "../http/persistence.ts";
import { closing, type Reply, SourceChanged } from "../http/reply.ts";
import {
  HEAD_BYTES_MAX,
  INCOMPLETE,
  parseRequest,
  RequestHead,
} from "../http/request.ts";
import { giveInput, INPUT_BYTES, takeInput } from "./buffers.ts";
import type { Exchange } from "./exchange.ts";
import { bodyLength, Output } from "./output.ts";

/** Most bytes that are read from a client that has got its last answer, before the connection is closed on it. */
const LINGER_BYTES_MAX = 1024 * 1024;

/** How long things may take, in ms. */
export interface Deadlines {
  /** From the first byte of a head to its last, however slowly they drip. */
  readonly head: number;
  /** Between two requests. */
  readonly idle: number;
  /** For a body that is discarded. */
  readonly body: number;
  /** In such a window a client must take {@linkcode REPLY_BYTES_MIN} bytes per second of a reply. */
  readonly reply: number;
  /** From the last answer to the client's own closing. */
  readonly linger: number;
}

/** Deadlines that do not hurt a person with a bad line. */
export const DEADLINES: Deadlines = {
  head: 10_000,
  idle: 60_000,
  body: 10_000,
  reply: 30_000,
  linger: 2_000,
};

/** Slowest reading of a reply that is put up with, in bytes per second over a window. */
export const REPLY_BYTES_MIN = 1024;

/** Makes a reply of a head. `now` is the time in ms since the epoch. */
export type Responder = (
  head: RequestHead,
  now: number,
) => Reply | Promise<Reply>;

/** What all connections of a server share. */
export interface ConnectionContext {
  /** Makes the replies. */
  readonly respond: Responder;
  /** The answer for an error that is found before there is a request to respond to. */
  readonly refusal: (status: number) => Reply;
  /** How long things may take. */
  readonly deadlines: Deadlines;
  /** When a connection that was served may read again; undefined when at once. */
  readonly turn: () => Promise<void> | undefined;
  /** Is told of every exchange; undefined when nobody wants to know. */
  readonly record: ((exchange: Exchange) => void) | undefined;
  /** Is told of failures that are the server's own. */
  readonly report: (error: unknown) => void;
}

/** What a connection is doing, and so what its deadline means. */
type Phase = "idle" | "head" | "body" | "reply" | "linger";

/** The server's end of one connection. */
export class Connection {
  readonly #socket: Deno.Conn;
  readonly #context: ConnectionContext;
  readonly #remote: string;
  readonly #output: Output;
  readonly #head = new RequestHead();

  #input: Uint8Array<ArrayBuffer> = takeInput();
  #start = 0;
  #end = 0;

  /** When the last request was complete, or the connection began, in ms since the epoch. */
  #now: number;
  #phase: Phase = "idle";
  #deadline: number;
  /** What the output had written when the window of the reply phase began. */
  #writtenBefore = 0;
  /** Whether the reply that is being made is the connection's last. */
  #isLast = false;
  /** Set when a deadline has passed and its answer is being sent beside a pending read. */
  #hasExpired = false;
  /** Whether a reply has begun and is not complete. */
  #isSending = false;
  #isClosed = false;

  /** A connection over an accepted socket, which it closes. `now` is in ms since the epoch. */
  constructor(socket: Deno.Conn, context: ConnectionContext, now: number) {
    this.#socket = socket;
    this.#context = context;
    this.#output = new Output(socket);
    this.#now = now;
    this.#deadline = now + context.deadlines.idle;
    const address = socket.remoteAddr;
    this.#remote = "hostname" in address ? address.hostname : "-";
  }

  /** Answers requests until the connection ends, for whatever reason. Closes the socket; never rejects. */
  serve(): Promise<void> {
    return this.#run();
  }

  /** Answers with an error before anything was asked, and ends the connection. Closes the socket; never rejects. */
  turnAway(status: number): Promise<void> {
    return this.#run(status);
  }

  async #run(refusal?: number): Promise<void> {
    try {
      await (refusal === undefined
        ? this.#serveRequests()
        : this.#refuse(refusal));
      if (this.#hasExpired) await this.#linger();
    } catch (error) {
      if (isServerFault(error)) {
        this.#context.report(error);
        // Inside a reply that has begun, nothing but the connection's end tells the truth.
        if (!this.#isSending) await this.#refuse(500).catch(() => {});
      }
    } finally {
      this.close();
      giveInput(this.#input);
    }
  }

  /** Ends the connection when it is idle; else after the reply that it is at. */
  stop(): void {
    this.#isLast = true;
    if (this.#phase === "idle" && this.#start === this.#end) this.close();
  }

  /** Ends the connection now. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Looks whether the deadline has passed, and does what is due then. To be called now and then. */
  sweep(now: number): void {
    if (now < this.#deadline || this.#isClosed) return;
    switch (this.#phase) {
      case "idle":
      case "linger":
        return this.close();
      case "head":
      case "body":
        this.#hasExpired = true;
        this.#refuse(408).catch(() => this.close());
        return;
      case "reply": {
        const window = this.#context.deadlines.reply;
        const written = this.#output.written - this.#writtenBefore;
        if (written < REPLY_BYTES_MIN * window / 1000) return this.close();
        this.#enter("reply", now);
      }
    }
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#deadline = now + this.#context.deadlines[phase];
    if (phase === "reply") this.#writtenBefore = this.#output.written;
  }

  async #serveRequests(): Promise<void> {
    const head = this.#head;
    for (;;) {
      const next = parseRequest(this.#input, this.#start, this.#end, head);
      if (next === INCOMPLETE) {
        if (this.#phase === "reply") {
          const writing = this.#output.beginFlush();
          const rest = writing && this.#output.endFlush(await writing);
          if (rest !== undefined) await rest;
          const turn = this.#context.turn();
          if (turn !== undefined) await turn;
        }
        if (this.#isLast && this.#start === this.#end) {
          return await this.#finish();
        }
        const count = await this.#socket.read(this.#roomForInput());
        if (count === null || this.#hasExpired) return;
        this.#end += count;
        continue;
      }
      if (next < 0) return await this.#refuse(-next);
      this.#start = next;
      const framing = frameBody(head);
      const failure = framing === 0 ? 0 : await this.#takeBody(framing);
      if (failure !== 0) return await this.#refuse(failure);
      if (this.#hasExpired) return;

      const now = this.#now = Date.now();
      this.#enter("reply", now);
      const answer = this.#context.respond(head, now);
      const reply = answer instanceof Promise
        ? await this.#awaitReply(answer)
        : answer;
      const isLast = this.#isLast || reply.close || !isPersistent(head);
      const sending = this.#send(reply, isLast, now);
      if (sending !== undefined) await sending;
      head.reset();
      if (isLast) return await this.#finish();
    }
  }

  /** What is answered already need not wait for a reply that takes long. */
  async #awaitReply(answer: Promise<Reply>): Promise<Reply> {
    await this.#output.flush();
    return await answer;
  }

  /** Hands a reply to the output; a promise when that takes longer than a moment. */
  #send(reply: Reply, isLast: boolean, now: number): Promise<void> | undefined {
    const head = this.#head;
    const isBodyless = head.method === "HEAD";
    const connection = isLast
      ? "close"
      : head.minor === 0
      ? "keepAlive"
      : "persistent";
    this.#isSending = true;
    const rest = this.#output.append(reply, isBodyless, connection, now);
    if (rest !== undefined) return this.#sendRest(rest, reply, now);
    this.#isSending = false;
    this.#record(reply, now, Infinity);
    return undefined;
  }

  async #sendRest(
    rest: Promise<void>,
    reply: Reply,
    now: number,
  ): Promise<void> {
    const before = this.#output.written;
    try {
      await rest;
      this.#isSending = false;
    } finally {
      const written = this.#output.written - before;
      this.#record(reply, now, this.#isSending ? written : Infinity);
    }
  }

  #record(reply: Reply, time: number, written: number): void {
    const { record } = this.#context;
    if (record === undefined) return;
    const { method, target, minor } = this.#head;
    const length = method === "HEAD" ? 0 : bodyLength(reply);
    record({
      remote: this.#remote,
      time,
      requestLine: target === ""
        ? undefined
        : `${method} ${target} HTTP/1.${minor}`,
      status: reply.status,
      bodyBytes: Math.min(length, written),
    });
  }

  /** Where more input is to be read to. What is waited for, a request or the rest of one, decides how long. */
  #roomForInput(): Uint8Array<ArrayBuffer> {
    this.#makeRoom();
    if (this.#start === this.#end) {
      this.#enter("idle", this.#now);
      return this.#input;
    }
    if (this.#phase !== "head") this.#enter("head", Date.now());
    return this.#input.subarray(this.#end);
  }

  /** Makes sure that something can be read to input[end…]. The parser's limits keep a head from outgrowing HEAD_BYTES_MAX. */
  #makeRoom(): void {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      if (this.#input.length > INPUT_BYTES) this.#input = takeInput();
      return;
    }
    if (this.#end < this.#input.length) return;
    const pending = this.#input.subarray(this.#start, this.#end);
    if (pending.length > this.#input.length / 2) {
      this.#input = new Uint8Array(
        Math.min(2 * this.#input.length, HEAD_BYTES_MAX + 1),
      );
    }
    this.#input.set(pending);
    this.#start = 0;
    this.#end = pending.length;
  }

  /** Discards the body that came with the request. Returns 0, or the status that says why that cannot be done. */
  async #takeBody(framing: number): Promise<number> {
    if (framing < 0 && framing !== CHUNKED) return -framing;
    // Whoever waits for a 100 may or may not send the body after a final answer: only the end of the connection is clear (RFC 9110 §10.1.1).
    if (this.#head.has(Field.Expect)) {
      this.#isLast = true;
      return 0;
    }
    await this.#output.flush();
    this.#enter("body", Date.now());
    const skipper = new BodySkipper(framing);
    const headInput = this.#input;
    for (;;) {
      this.#start = skipper.skip(this.#input, this.#start, this.#end);
      if (skipper.done || skipper.failure !== 0) return skipper.failure;
      // The head is still to be answered, and its fields are read from where they came.
      if (this.#input === headInput) this.#input = takeInput();
      this.#start = this.#end = 0;
      const count = await this.#socket.read(this.#input);
      if (count === null) throw new Deno.errors.UnexpectedEof();
      if (this.#hasExpired) return 0;
      this.#end = count;
    }
  }

  /** Answers with an error, and ends the connection. */
  async #refuse(status: number): Promise<void> {
    const now = Date.now();
    this.#enter("reply", now);
    await this.#send(closing(this.#context.refusal(status)), true, now);
    await this.#finish();
  }

  /**
   * Ends the connection so that the client sees the last answer: the writing side is shut, and what the
   * client still sends is read for a while, because closing on unread bytes resets the connection and may
   * take the answer with it (RFC 9112 §9.6).
   */
  async #finish(): Promise<void> {
    await this.#output.flush();
    this.#enter("linger", Date.now());
    await this.#socket.closeWrite();
    if (!this.#hasExpired) await this.#linger();
  }

  async #linger(): Promise<void> {
    for (let total = 0; total < LINGER_BYTES_MAX;) {
      const count = await this.#socket.read(this.#input);
      if (count === null) return;
      total += count;
    }
  }
}

/** Whether an error says something of this server, rather than of the client's or the file's being gone. */
function isServerFault(error: unknown): boolean {
  return !(error instanceof SourceChanged ||
    DISCONNECTS.some((disconnect) => error instanceof disconnect));
}

/** What reading from and writing to a socket ends with when the other side, or a deadline, has ended it. */
const DISCONNECTS = [
  Deno.errors.BadResource,
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
  Deno.errors.Interrupted,
  Deno.errors.NotConnected,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
];
