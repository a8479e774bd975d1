/**
 * A connection that speaks HTTP/1.1: read → parse → respond → write → again
 * (RFC 9112 §9), with a deadline for each phase.
 *
 * @module
 */

import { CHUNKED, frameBody } from "../../http/http1/body.ts";
import { Field } from "../../http/fields.ts";
import { isPersistent } from "../../http/http1/persistence.ts";
import {
  closing,
  hasEvents,
  type Reply,
  SourceChanged,
  withoutBody,
} from "../../http/reply.ts";
import { INCOMPLETE, ParsedHead } from "../../http/http1/request.ts";
import { connectionLine } from "../../http/http1/response.ts";
import { SMALL_BYTES } from "../buffers.ts";
import type { Client, OpenedConnection, Socket } from "../client.ts";
import {
  type ConnectionContext,
  parseCause,
  REPLY_BYTES_MIN,
} from "../context.ts";
import type { Phase } from "../../observe/metric_layout.ts";
import { ReplyTimeout, reportOf, statusFor } from "../errors.ts";
import { linger } from "../linger.ts";
import { discardBody } from "./discard_body.ts";
import { EventOutput } from "./event_output.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import { Recorder } from "../recorder.ts";

/** The server's end of a connection that speaks HTTP/1.1. */
export class Http1Connection {
  readonly #opened: OpenedConnection;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #output: Output;
  readonly #head = new ParsedHead();
  readonly #recorder: Recorder;
  readonly #input: Input;
  /** When the connection was opened, the last request was complete, or its response was sent, in ms since the epoch. */
  #now: number;
  #phase: Phase = "idle";
  #deadline: number;
  /** How many bytes the output had written when the current window of the reply phase began. */
  #writtenBefore = 0;
  /** Whether the current or next reply is the connection's last. */
  #isLast: boolean;
  /** Stops waiting for a reply, in the phase "waiting". */
  #giveUp: (() => void) | undefined;
  /** Set when skiff ends the connection, perhaps during a read, which is then the last one. */
  #isEnding = false;
  /** Sends the last reply, in the phase "events". */
  #events: EventOutput | undefined;
  /** Whether Nagle's algorithm is off. */
  #isPrompt = false;
  /** Whether the client sent something after its last response. */
  #isHeard = false;

  /** Takes over a connection that is open. `now` is in ms since the epoch. */
  constructor(
    opened: OpenedConnection,
    context: ConnectionContext,
    now: number,
  ) {
    const { socket, client, received, isLast } = opened;
    this.#opened = opened;
    this.#socket = socket;
    this.#client = client;
    this.#context = context;
    this.#input = new Input(received);
    this.#isLast = isLast;
    this.#output = new Output(socket, context.nextTurn);
    this.#recorder = new Recorder(context, this.#head, client);
    this.#now = now;
    this.#deadline = now + context.deadlines.idle;
  }

  /** What the connection is doing. */
  get phase(): Phase {
    return this.#phase;
  }

  /** When the phase began, in ms since the epoch. */
  get since(): number {
    return this.#deadline - this.#context.deadlines[this.#phase];
  }

  /** Whether the server waits for the client, with no request to answer. */
  get awaitsClient(): boolean {
    const phase = this.#phase;
    return phase !== "waiting" && phase !== "reply" && phase !== "body";
  }

  /** How many event streams are open: 0 or 1. */
  get eventStreams(): number {
    return this.#phase === "events" ? 1 : 0;
  }

  /** Responds to requests until the connection ends; only with `refusal` if that is not 0. Never rejects. */
  async serve(refusal: number): Promise<void> {
    try {
      await (refusal === 0 ? this.#serveRequests() : this.#refuse(refusal));
      if (this.#isEnding) await this.#linger();
    } catch (error) {
      const report = reportOf(error, this.#output.isInside);
      if (report !== undefined) this.#context.report(report);
      const status = this.#statusAfter(error);
      if (status !== 0) await this.#refuse(status).catch(() => {});
    } finally {
      this.#opened.close();
      this.#input.close();
      this.#output.close();
    }
  }

  /** Returns the status to respond with to an error; 0 if closing the connection is all that skiff can do. */
  #statusAfter(error: unknown): number {
    return this.#output.isInside ? 0 : statusFor(error);
  }

  /** Ends the connection at once if it is idle, otherwise after the current reply. */
  stop(): void {
    this.#isLast = true;
    this.#events?.end();
    if (this.#phase !== "idle" || !this.#input.isEmpty) return;
    // A request may be on its way. Closing now would reset the connection, and balancers do not retry after a reset.
    this.#isEnding = true;
    this.#finish().catch(() => this.#opened.close());
  }

  /** Closes the connection if the client has its last response and sent nothing since `before`, in ms since the epoch. */
  closeIfSilent(before: number): void {
    const isSilent = this.#phase === "linger" && !this.#isHeard;
    if (isSilent && this.since <= before) this.#opened.close();
  }

  /** Enforces the deadline of the phase. The server calls this regularly, with `now` in ms since the epoch. */
  sweep(now: number): void {
    if (this.#events !== undefined && this.#phase === "events") {
      if (this.#context.isDraining()) this.#events.end();
      if (!this.#events.sweep(now)) return;
    } else if (now < this.#deadline) return;
    if (this.#phase === "reply") {
      const window = this.#context.deadlines.reply;
      const written = this.#output.written - this.#writtenBefore;
      const isTaken = written >= REPLY_BYTES_MIN * window / 1000;
      if (isTaken) return this.#enter("reply", now);
    }
    this.#context.counters?.countTimeout(this.#phase);
    if (this.#phase === "waiting") return this.#giveUp?.();
    if (this.#phase !== "head" && this.#phase !== "body") {
      return this.#opened.close();
    }
    this.#isEnding = true;
    this.#refuse(408).catch(() => this.#opened.close());
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#deadline = now + this.#context.deadlines[phase];
    if (phase === "reply") this.#writtenBefore = this.#output.written;
  }

  async #serveRequests(): Promise<void> {
    const head = this.#head;
    const input = this.#input;
    for (;;) {
      const next = head.parse(input.bytes, input.start, input.end);
      if (next < 0) return await this.#refuseMalformed(-next);
      if (next === INCOMPLETE) {
        if (this.#phase === "reply") {
          await this.#output.flush();
          const turn = this.#output.turn();
          if (turn !== undefined) await turn;
          // The idle time starts when the reply is sent, however long that took.
          this.#now = Date.now();
        }
        if (this.#isLast && input.isEmpty) return await this.#finish();
        const count = await this.#socket.read(this.#roomForInput());
        if (this.#isEnding) this.#isHeard = count !== null;
        if (count === null || this.#isEnding) return;
        input.add(count);
        continue;
      }
      input.start = next;
      const framing = frameBody(head);
      if (framing !== 0 && !await this.#discardBody(framing)) return;

      this.#begin();
      const answer = this.#context.respond(head, this.#now, this.#client);
      const isLate = answer instanceof Promise;
      const reply = isLate ? await this.#awaitReply(answer) : answer;
      if (hasEvents(reply, head)) return await this.#sendEvents(reply);
      const isLast = this.#isLast || reply.close || !isPersistent(head) ||
        this.#context.isDraining();
      try {
        const sending = this.#send(reply, isLast);
        if (sending !== undefined) await sending;
      } catch (error) {
        await this.#sendAgain(error, isLast);
      }
      if (isLast) {
        await this.#output.flush();
        return this.#isLeaving ? undefined : await this.#finish();
      }
      head.reset();
      // A trusted proxy may send another client's request next.
      this.#client.address = this.#client.peer;
    }
  }

  /** Begins to respond to a request. */
  #begin(): void {
    this.#now = Date.now();
    this.#enter("reply", this.#now);
    this.#recorder.begin(this.#now);
  }

  /** Sends the replies that are ready, then waits for this one. Rejects with a {@linkcode ReplyTimeout} at the deadline. */
  async #awaitReply(answer: Promise<Reply>): Promise<Reply> {
    // A rejection during the flush is handled by the race below.
    answer.catch(() => {});
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = () => reject(new ReplyTimeout());
    try {
      await this.#output.flush();
      this.#enter("waiting", Date.now());
      return await Promise.race([answer, promise]);
    } catch (error) {
      // The code that still makes the reply may read the head, so this input never gets other bytes.
      this.#input.replace();
      throw error;
    } finally {
      this.#enter("reply", Date.now());
    }
  }

  /** Passes a reply to the output. Returns a promise only if the reply cannot wait there for the next flush. */
  #send(reply: Reply, isLast: boolean): Promise<void> | undefined {
    const sent = this.#recorder.withId(reply);
    const rest = this.#append(sent, isLast);
    if (!this.#isPrompt && (!isLast || rest !== undefined)) {
      this.#sendPromptly();
    }
    if (this.#context.record === undefined) return rest;
    if (rest !== undefined) return this.#sendRest(rest, sent);
    this.#recorder.end(sent, Infinity);
    return undefined;
  }

  #append(reply: Reply, isLast: boolean): Promise<void> | undefined {
    const { method, version } = this.#head;
    const sent = method === "HEAD" ? withoutBody(reply) : reply;
    return this.#output.append(
      sent,
      connectionLine(version, isLast),
      this.#now,
    );
  }

  /**
   * Turns off Nagle's algorithm, with which a reply of several writes, and the next of several replies, would wait for
   * an acknowledgement. A connection that ends after one write does not need this: its end sends everything.
   */
  #sendPromptly(): void {
    this.#isPrompt = true;
    this.#socket.setNoDelay?.(true);
  }

  /** Responds again if a file changed before the first byte was sent. Throws any other error. */
  async #sendAgain(error: unknown, isLast: boolean): Promise<void> {
    if (!(error instanceof SourceChanged) || this.#output.isInside) throw error;
    const answer = this.#context.respond(this.#head, this.#now, this.#client);
    const isLate = answer instanceof Promise;
    const reply = isLate ? await this.#awaitReply(answer) : answer;
    await this.#send(reply, isLast);
  }

  async #sendRest(rest: Promise<void>, reply: Reply): Promise<void> {
    try {
      await rest;
    } catch (error) {
      // If another reply takes the place of this one, only that one is recorded.
      if (this.#statusAfter(error) === 0) {
        this.#recorder.end(reply, this.#output.bodyWritten);
      }
      throw error;
    }
    this.#recorder.end(reply, Infinity);
  }

  /** Sends a reply with events, the last of the connection, and ignores what the client sends in the meantime. */
  async #sendEvents(reply: Reply): Promise<void> {
    const line = connectionLine(this.#head.version, true, true);
    const sent = this.#recorder.withId(reply);
    this.#sendPromptly();
    await this.#output.append(sent, line, this.#now);
    await this.#output.flush();
    this.#enter("events", this.#now);
    const events = new EventOutput(this.#socket, this.#context, sent, line);
    this.#events = events;
    // The record still reads the head, so its input never gets other bytes.
    this.#input.replace();
    const leaving = this.#linger().catch(() => {});
    try {
      await events.run(leaving);
      this.#isEnding = true;
      await this.#finish();
    } catch (error) {
      this.#opened.close();
      throw error;
    } finally {
      this.#recorder.end(sent, events.bodyWritten);
      await leaving;
    }
  }

  /** Returns the space for the next read, and enters the phase "idle", or "head" if a request has begun. */
  #roomForInput(): Uint8Array<ArrayBuffer> {
    if (this.#input.isEmpty) this.#enter("idle", this.#now);
    else if (this.#phase !== "head") this.#enter("head", Date.now());
    return this.#input.room();
  }

  /** Discards the body of the request. Returns whether to answer it; refuses it if the body is malformed. */
  async #discardBody(framing: number): Promise<boolean> {
    const failure = await this.#passBody(framing);
    if (failure !== 0) await this.#refuseMalformed(failure);
    return failure === 0 && !this.#isEnding;
  }

  /** Reads to the end of the body. Returns 0, or the status to refuse the request with. */
  async #passBody(framing: number): Promise<number> {
    if (framing < 0 && framing !== CHUNKED) return -framing;
    // A client that waits for 100 may or may not send its body after a final response. Only closing is unambiguous (RFC
    // 9110 §10.1.1).
    if (this.#head.has(Field.Expect)) {
      this.#isLast = true;
      return 0;
    }
    await this.#output.flush();
    this.#enter("body", Date.now());
    return await discardBody(
      framing,
      this.#input,
      this.#socket,
      () => this.#isEnding,
    );
  }

  /** Counts a request that cannot be parsed, responds with an error and ends the connection. */
  #refuseMalformed(status: number): Promise<void> {
    this.#context.counters?.countRefusal(parseCause(status));
    return this.#refuse(status);
  }

  /** Sends an error and ends the connection. */
  async #refuse(status: number): Promise<void> {
    this.#begin();
    await this.#send(closing(this.#context.refusal(status)), true);
    await this.#finish();
  }

  /** Whether the client has asked for the end, and nothing that it has sent is unread: then it needs no `#finish()`. */
  get #isLeaving(): boolean {
    const head = this.#head;
    return !isPersistent(head) && frameBody(head) === 0 && this.#input.isAll &&
      !this.#client.isTls && this.#output.written <= SMALL_BYTES;
  }

  /**
   * Ends the connection so that the client gets the last response: shuts the writing side, then reads for a while what
   * the client still sends. Closing with unread input would reset the connection and could lose the response (RFC 9112
   * §9.6). A client that asked for the end may not send anything else; if it does, all that fits into a first
   * congestion window is on its way to it before the reset. A TLS client still answers the close_notify.
   */
  async #finish(): Promise<void> {
    await this.#output.flush();
    this.#enter("linger", Date.now());
    await this.#socket.closeWrite();
    if (!this.#isEnding) await this.#linger();
  }

  #linger(): Promise<void> {
    return linger(this.#socket, this.#input.bytes, () => this.#isHeard = true);
  }
}
