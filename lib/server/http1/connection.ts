/**
 * One connection: read → parse → respond → write → again (RFC 9112 §9), with
 * the deadlines that keep it from lasting for ever, and the one catch.
 *
 * @module
 */

import { BodySkipper, CHUNKED, frameBody } from "../../http/http1/body.ts";
import { Field } from "../../http/fields.ts";
import { isPersistent } from "../../http/http1/persistence.ts";
import {
  closing,
  type Reply,
  SourceChanged,
  withId,
} from "../../http/reply.ts";
import { INCOMPLETE, ParsedHead } from "../../http/http1/request.ts";
import { CLOSED, type Entrant } from "../admission.ts";
import { giveInput, INPUT_BYTES, takeInput, withRoom } from "../buffers.ts";
import { type Client, createClient, type Socket } from "../client.ts";
import {
  type ConnectionContext,
  countedPhase,
  parseCause,
  type Phase,
  REPLY_BYTES_MIN,
} from "../context.ts";
import type { MetricPhase } from "../../observe/metric_layout.ts";
import { ReplyTimeout, reportOf, statusFor } from "../errors.ts";
import { Output } from "./output.ts";
import { readProxyHeader } from "../proxy_protocol.ts";
import { Recorder } from "../recorder.ts";

/** Most bytes that are read from a client that has got its last answer, before the connection is closed on it. */
const LINGER_BYTES_MAX = 1024 * 1024;

/** The server's end of one connection. */
export class Connection implements Entrant {
  /** Who is at the other end. */
  readonly client: Client;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #output: Output;
  readonly #head = new ParsedHead();
  readonly #recorder: Recorder;

  /** Whether it begins with a PROXY header. */
  readonly #isProxied: boolean;

  #input: Uint8Array<ArrayBuffer> = takeInput();
  #start = 0;
  #end = 0;

  /** When the last request was complete, its answer was sent, or the connection began, in ms since the epoch. */
  #now: number;
  #phase: Phase = "idle";
  #deadline: number;
  /** What the output had written when the window of the reply phase began. */
  #writtenBefore = 0;
  /** Whether the reply that is being made is the connection's last. */
  #isLast = false;
  /** Stops waiting for a reply, while one is waited for. */
  #giveUp: (() => void) | undefined;
  /** Set when the end of the connection is being written beside a pending read, which is to be the last. */
  #isEnding = false;
  /** Whether something came behind the last answer. */
  #isHeard = false;
  #isClosed = false;

  /** A connection over an accepted socket, which it closes. `now` is in ms since the epoch. */
  constructor(socket: Socket, context: ConnectionContext, now: number) {
    this.#socket = socket;
    this.#context = context;
    this.#output = new Output(socket, context.turn);
    this.#now = now;
    this.#deadline = now + context.deadlines.idle;
    this.client = createClient(socket);
    this.#recorder = new Recorder(context, this.#head, this.client);
    this.#isProxied = context.isProxy?.(this.client.peer) === true;
  }

  /** What it is doing. */
  get phase(): MetricPhase {
    return countedPhase(this.#phase);
  }

  /** When it began what it is doing now, in ms since the epoch. */
  get since(): number {
    return this.#deadline - this.#context.deadlines[this.phase];
  }

  /** Whether it waits for its client, and neither answers nor reads what will be answered. */
  get isWaiting(): boolean {
    const phase = this.#phase;
    return phase !== "waiting" && phase !== "reply" && phase !== "body";
  }

  /** Whether there is something to do before its first request. */
  get isOpening(): boolean {
    return this.client.isTls || this.#isProxied;
  }

  /**
   * Answers requests until the connection ends, for whatever reason; `refusal` instead, if that is a status, before
   * anything was asked. Closes the socket; never rejects.
   */
  async serve(refusal: number): Promise<void> {
    const { admission } = this.#context;
    try {
      const status = refusal === CLOSED
        ? CLOSED
        : await this.#open() || refusal;
      if (status === CLOSED) return;
      admission.opened(this);
      await (status === 0 ? this.#serveRequests() : this.#refuse(status));
      if (this.#isEnding) await this.#linger();
    } catch (error) {
      const report = reportOf(error, this.#output.isInside);
      if (report !== undefined) this.#context.report(report);
      const status = this.#statusAfter(error);
      if (status !== 0) await this.#refuse(status).catch(() => {});
    } finally {
      this.close();
      admission.leave(this);
      giveInput(this.#input);
    }
  }

  /** The status to answer an error with; 0 where nothing but the connection's end tells the truth. */
  #statusAfter(error: unknown): number {
    return this.#output.isInside ? 0 : statusFor(error);
  }

  /**
   * What comes before the first request: the TLS handshake, and what a proxy says of the client. Returns 0, the status
   * to refuse the client with, or {@linkcode CLOSED}.
   */
  async #open(): Promise<number> {
    if (!this.isOpening) return 0;
    this.#enter("opening", this.#now);
    await this.#socket.handshake?.();
    const status = this.#isProxied ? await this.#readProxyHeader() : 0;
    this.#enter("idle", Date.now());
    return status;
  }

  async #readProxyHeader(): Promise<number> {
    const { admission, counters } = this.#context;
    const header = await readProxyHeader(this.#socket, this.#input);
    if (header === undefined) {
      counters?.countRefusal("proxy_header");
      return CLOSED;
    }
    this.#start = header.length;
    this.#end = header.end;
    if (header.address === undefined) {
      this.client.isSender = false;
      return 0;
    }
    this.client.peer = this.client.address = header.address;
    return admission.named(this);
  }

  /** Ends the connection when it is idle; else after the reply that it is at. See also {@linkcode Connection.closeIfSilent}. */
  stop(): void {
    this.#isLast = true;
    if (this.#phase !== "idle" || this.#start !== this.#end) return;
    // A request may be on its way: to close on it would be a reset, which balancers do not take for "ask another one".
    this.#isEnding = true;
    this.#finish().catch(() => this.close());
  }

  /** Closes the connection if it has waited since `before`, in ms since the epoch, for a client that sends nothing and is owed no answer. */
  closeIfSilent(before: number): void {
    const isOwed = this.#phase !== "linger" && this.#phase !== "opening";
    if (!isOwed && !this.#isHeard && this.since <= before) this.close();
  }

  /** Ends the connection now. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Ends what has passed its deadline. To be called now and then. */
  sweep(now: number): void {
    if (now < this.#deadline || this.#isClosed) return;
    if (this.#phase === "reply") {
      const window = this.#context.deadlines.reply;
      const written = this.#output.written - this.#writtenBefore;
      const isTaken = written >= REPLY_BYTES_MIN * window / 1000;
      if (isTaken) return this.#enter("reply", now);
    }
    this.#context.counters?.countTimeout(countedPhase(this.#phase));
    if (this.#phase === "waiting") return this.#giveUp?.();
    if (this.#phase !== "head" && this.#phase !== "body") return this.close();
    this.#isEnding = true;
    this.#refuse(408).catch(() => this.close());
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#deadline = now + this.#context.deadlines[countedPhase(phase)];
    if (phase === "reply") this.#writtenBefore = this.#output.written;
  }

  async #serveRequests(): Promise<void> {
    const head = this.#head;
    for (;;) {
      const next = head.parse(this.#input, this.#start, this.#end);
      if (next === INCOMPLETE) {
        if (this.#phase === "reply") {
          const writing = this.#output.beginFlush();
          const rest = writing && this.#output.endFlush(await writing);
          if (rest !== undefined) await rest;
          const turn = this.#output.turn();
          if (turn !== undefined) await turn;
          // However long the answer took to send, nobody was idle.
          this.#now = Date.now();
        }
        if (this.#isLast && this.#start === this.#end) {
          return await this.#finish();
        }
        const count = await this.#socket.read(this.#roomForInput());
        if (this.#isEnding) this.#isHeard = count !== null;
        if (count === null || this.#isEnding) return;
        this.#end += count;
        continue;
      }
      if (next < 0) return await this.#refuseUnread(-next);
      this.#start = next;
      const framing = frameBody(head);
      const failure = framing === 0 ? 0 : await this.#takeBody(framing);
      if (failure !== 0) return await this.#refuseUnread(failure);
      if (this.#isEnding) return;

      const now = this.#now = Date.now();
      this.#enter("reply", now);
      this.#recorder.begin();
      const answer = this.#context.respond(head, now, this.client);
      const reply = answer instanceof Promise
        ? await this.#awaitReply(answer)
        : answer;
      const isLast = this.#isLast || reply.close || !isPersistent(head) ||
        this.#context.isDraining();
      try {
        const sending = this.#send(reply, isLast, now);
        if (sending !== undefined) await sending;
      } catch (error) {
        await this.#sendAnew(error, isLast, now);
      }
      head.reset();
      // Whose the next request is shows when it is read.
      this.client.address = this.client.peer;
      if (isLast) return await this.#finish();
    }
  }

  /** Waits for a reply, after sending those that are ready. Rejects with a {@linkcode ReplyTimeout} at the deadline. */
  async #awaitReply(answer: Promise<Reply>): Promise<Reply> {
    // Rejected during the flush, it is handled below.
    answer.catch(() => {});
    await this.#output.flush();
    this.#enter("waiting", Date.now());
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = () => reject(new ReplyTimeout());
    try {
      return await Promise.race([answer, promise]);
    } finally {
      this.#enter("reply", Date.now());
    }
  }

  /** Hands a reply to the output; a promise when that takes longer than a moment. */
  #send(reply: Reply, isLast: boolean, now: number): Promise<void> | undefined {
    const head = this.#head;
    const isBodyless = head.method === "HEAD";
    const connection = isLast
      ? "close"
      : head.version === "HTTP/1.0"
      ? "keepAlive"
      : "persistent";
    const id = this.#context.nextRequestId?.();
    const sent = id === undefined ? reply : withId(reply, id);
    const rest = this.#output.append(sent, isBodyless, connection, now);
    if (rest !== undefined) return this.#sendRest(rest, sent, now, id);
    if (this.#context.record !== undefined) {
      this.#recorder.end(sent, now, Infinity, id);
    }
    return undefined;
  }

  /** A file that has changed before a byte of it was sent is another one by now, which is sent. Throws any other error. */
  async #sendAnew(error: unknown, isLast: boolean, now: number): Promise<void> {
    if (!(error instanceof SourceChanged) || this.#output.isInside) throw error;
    const reply = await this.#context.respond(this.#head, now, this.client);
    await this.#send(reply, isLast, now);
  }

  async #sendRest(
    rest: Promise<void>,
    reply: Reply,
    now: number,
    id: string | undefined,
  ): Promise<void> {
    try {
      await rest;
    } catch (error) {
      // Where another answer takes its place, that is the one to be recorded.
      if (this.#statusAfter(error) === 0) {
        this.#recorder.end(reply, now, this.#output.bodyWritten, id);
      }
      throw error;
    }
    this.#recorder.end(reply, now, Infinity, id);
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

  /** Makes sure that something can be read to input[end…]. */
  #makeRoom(): void {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      if (this.#input.length > INPUT_BYTES) this.#input = takeInput();
      return;
    }
    if (this.#end < this.#input.length) return;
    this.#input = withRoom(this.#input, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
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
      if (this.#isEnding) return 0;
      this.#end = count;
    }
  }

  /** Answers to what cannot be read, and ends the connection. */
  #refuseUnread(status: number): Promise<void> {
    this.#context.counters?.countRefusal(parseCause(status));
    return this.#refuse(status);
  }

  /** Answers with an error, and ends the connection. */
  async #refuse(status: number): Promise<void> {
    const now = Date.now();
    this.#enter("reply", now);
    this.#recorder.begin();
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
    if (!this.#isEnding) await this.#linger();
  }

  async #linger(): Promise<void> {
    for (let total = 0; total < LINGER_BYTES_MAX;) {
      const count = await this.#socket.read(this.#input);
      if (count === null) return;
      this.#isHeard = true;
      total += count;
    }
  }
}
