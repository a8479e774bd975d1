/**
 * A stream: one request and its answer on an HTTP/2 connection (RFC 9113 §5).
 *
 * @module
 */

import { Field } from "../../http/fields.ts";
import { DEFAULT_PRIORITY, type Priority } from "../../http/http2/priority.ts";
import { Http2Head } from "../../http/http2/request.ts";
import { hasEvents, type Reply, reply } from "../../http/reply.ts";
import type { Client } from "../client.ts";
import type { ConnectionContext } from "../context.ts";
import { Recorder } from "../recorder.ts";
import { EventBody } from "../event_body.ts";
import { type Body, SegmentBody } from "./body.ts";

/** What a stream is doing. */
export type StreamPhase = "body" | "waiting" | "reply" | "events";

/** A request and its answer. Head and client are its own: they live as long as the answer is awaited. */
export class Stream {
  readonly id: number;
  readonly head = new Http2Head();
  readonly client: Client;
  readonly recorder: Recorder;
  /** What comes first when several streams can send. */
  priority: Priority = DEFAULT_PRIORITY;
  phase: StreamPhase = "body";
  /** When the phase began, in ms since the epoch. */
  since: number;
  /** Bytes that the client allows to send; negative after it has made its windows smaller (RFC 9113 §6.9.2). */
  window: number;

  /** Bytes of the request's body that are to come; -1 if the client has not said. */
  expected = -1;
  /** Bytes of it that have come. */
  received = 0;
  /** Bytes that came and for which the client has no room yet. */
  unacknowledged = 0;
  /** Whether the request is complete. */
  isComplete = false;

  /** The answer, once there is one. */
  reply: Reply | undefined;
  body: Body | undefined;
  /** The body, if it has no known end. */
  events: EventBody | undefined;
  hasHead = false;
  /** Bytes of the answer's body that were passed on. */
  sent = 0;
  /**
   * Since when its window holds it up, in ms since the epoch, and how much had been passed on then; 0 if it does not.
   */
  heldUpSince = 0;
  sentBefore = 0;
  /** Whether a source that changed was already answered again. */
  isSecond = false;
  /** Whether the handler's promise is not settled, also when the client already got another answer. */
  isAwaited = false;
  /** Ends the wait for the handler's promise, which goes on without effect. */
  isDone = false;

  /** A stream that begins. `now` is in ms since the epoch. */
  constructor(
    id: number,
    client: Client,
    context: ConnectionContext,
    window: number,
    now: number,
  ) {
    this.id = id;
    this.client = { ...client };
    this.recorder = new Recorder(context, this.head, this.client);
    this.window = window;
    this.since = now;
  }

  /** Whether its last frame is in a buffer: the client may have it, and begin another stream, before the write ends. */
  get isFilled(): boolean {
    return this.hasHead && this.body!.isComplete;
  }

  /** Whether the stream has something that it may send, with a connection window above 0 or none needed. */
  canSend(connectionWindow: number): boolean {
    if (this.reply === undefined) return false;
    if (!this.hasHead || this.body!.isComplete) return true;
    return this.window > 0 && connectionWindow > 0 && this.body!.left > 0;
  }

  /** The 103 to send before the answer, for a client that opens a page (RFC 8297 §2); undefined for none. */
  get earlyHints(): Reply | undefined {
    const hints = this.reply?.earlyHints;
    const isWanted = hints !== undefined && this.head.method === "GET" &&
      this.head.field(Field.SecFetchMode) === "navigate";
    return isWanted ? reply(103, hints) : undefined;
  }

  /** Takes the answer, and returns the phase that begins with it. `onReady` is called when there is more to send. */
  answer(reply: Reply, now: number, onReady: () => void): StreamPhase {
    this.reply = reply;
    this.since = now;
    if (hasEvents(reply, this.head)) {
      this.body = this.events = new EventBody(reply.events!, onReady, now);
      return "events";
    }
    const isHead = this.head.method === "HEAD";
    this.body = new SegmentBody(isHead ? [] : reply.body);
    return "reply";
  }

  /** Ends the stream: nothing more is sent, and nothing stays open. */
  end(): void {
    this.isDone = true;
    if (this.phase === "waiting") this.head.isCancelled = true;
    this.body?.close();
  }
}

/** Longest rest of an answer that goes before longer ones of the same urgency, in bytes. */
const SMALL_BYTES = 16 * 1024;

/**
 * Compares streams that can send: urgent ones first, then those with little left, then the one that has waited for
 * its turn. A client that requests one after another gets them in the order of its requests (RFC 9218 §10).
 */
export function byTurn(a: Stream, b: Stream): number {
  const urgency = a.priority.urgency - b.priority.urgency;
  if (urgency !== 0) return urgency;
  const size = Number(isLong(a)) - Number(isLong(b));
  if (size !== 0) return size;
  const isInTurns = takesTurns(a) || takesTurns(b);
  return (isInTurns ? a.sent - b.sent : 0) || a.id - b.id;
}

/** Whether a stream shares the connection with others. By default it does, so that no download delays a page. */
function takesTurns({ priority }: Stream): boolean {
  return priority.incremental || priority === DEFAULT_PRIORITY;
}

function isLong({ body }: Stream): boolean {
  return body!.left > SMALL_BYTES;
}
