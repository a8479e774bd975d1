/**
 * The streams that are open on an HTTP/2 connection: what they are doing, and
 * whether there is room for another.
 *
 * @module
 */

import type { RefusalCause } from "../../observe/metric_layout.ts";
import {
  type StreamQuota,
  STREAMS_MAX,
  type StreamShare,
} from "../stream_quota.ts";
import type { Stream, StreamPhase } from "./stream.ts";

/** What streams are doing together: the first of these that any of them does. */
const BY_RANK: readonly StreamPhase[] = ["reply", "waiting", "body", "events"];

/** Keeps the streams of one connection. */
export class OpenStreams {
  readonly #byId = new Map<number, Stream>();
  readonly #counts = { body: 0, waiting: 0, reply: 0, events: 0 };
  /** Streams that have ended while their answer is still being made. */
  #orphans = 0;
  readonly #quota: StreamQuota;
  readonly #share: StreamShare;

  /** No streams yet, which count for a client; undefined for the connection alone. */
  constructor(quota: StreamQuota, subject: string | undefined) {
    this.#quota = quota;
    this.#share = quota.join(subject);
  }

  /** How many streams are open. */
  get size(): number {
    return this.#byId.size;
  }

  /** How many of them send events. */
  get eventStreams(): number {
    return this.#counts.events;
  }

  /** What the streams are doing together. */
  get phase(): StreamPhase | "idle" {
    return BY_RANK.find((phase) => this.#counts[phase] > 0) ?? "idle";
  }

  /** Why no further stream may begin; undefined if one may. */
  get refusal(): RefusalCause | undefined {
    if (this.#isFull()) return "http2_streams";
    return this.#quota.hasRoom(this.#share) ? undefined : "too_many_streams";
  }

  /** All streams, in the order in which they began. */
  values(): Iterable<Stream> {
    return this.#byId.values();
  }

  /** The open stream with an id. */
  get(id: number): Stream | undefined {
    return this.#byId.get(id);
  }

  /** Adds a stream that begins. */
  add(stream: Stream): void {
    this.#byId.set(stream.id, stream);
    this.#counts[stream.phase]++;
    this.#quota.take(this.#share);
  }

  /** Moves a stream to another phase. */
  move(stream: Stream, phase: StreamPhase): void {
    this.#counts[stream.phase]--;
    this.#counts[phase]++;
    stream.phase = phase;
  }

  /** Removes a stream that has ended. If its answer is awaited, it counts until {@linkcode OpenStreams.forget}. */
  remove(stream: Stream): void {
    this.#byId.delete(stream.id);
    this.#counts[stream.phase]--;
    if (stream.isAwaited) this.#orphans++;
    else this.#quota.give(this.#share);
  }

  /** Stops counting a stream that ended while its answer was awaited, which has come now. */
  forget(): void {
    this.#orphans--;
    this.#quota.give(this.#share);
  }

  /** Takes no further stream: the connection has ended. */
  close(): void {
    this.#quota.leave(this.#share);
  }

  #isFull(): boolean {
    if (this.size + this.#orphans < STREAMS_MAX) return false;
    let count = this.#orphans;
    for (const stream of this.values()) if (!stream.isFilled) count++;
    return count >= STREAMS_MAX;
  }
}
