/**
 * Recorder: measures the exchanges of one connection and passes them on.
 *
 * @module
 */

import { type Reply, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import type { Client } from "./client.ts";
import type { ConnectionContext } from "./context.ts";
import { exchangeOf } from "../observe/exchange.ts";

type RecorderContext = Pick<
  ConnectionContext,
  "record" | "getMisses" | "nextRequestId"
>;

/** Gives requests their ids, and records the exchanges of a connection, if the context has a `record` function. */
export class Recorder {
  readonly #context: RecorderContext;
  readonly #head: RequestHead;
  readonly #client: Client;
  /** The id of the last request; undefined if requests have none. */
  #id: string | undefined;
  /** When it was complete, in ms since the epoch. */
  #time = 0;
  /** The same in ms on the monotonic clock. */
  #began = 0;
  /** How often the site had looked at the disk at that time. */
  #missesBefore = 0;

  /** A recorder for a connection that parses all its requests into `head`. */
  constructor(
    context: RecorderContext,
    head: RequestHead,
    client: Client,
  ) {
    this.#context = context;
    this.#head = head;
    this.#client = client;
  }

  /** Starts the clock: a request is complete. `now` is in ms since the epoch. */
  begin(now: number): void {
    const { record, getMisses, nextRequestId } = this.#context;
    this.#id = nextRequestId?.();
    if (record === undefined) return;
    this.#time = now;
    this.#began = performance.now();
    this.#missesBefore = getMisses?.() ?? 0;
  }

  /** Returns the reply with the id of the request, if there is one, which links it to its line in the log. */
  withId(reply: Reply): Reply {
    const id = this.#id;
    return id === undefined ? reply : withFields(reply, [["X-Request-Id", id]]);
  }

  /** Records the exchange. `written` bytes of the body were sent, Infinity for all. */
  end(reply: Reply, written: number): void {
    const { record, getMisses } = this.#context;
    record?.(exchangeOf(this.#head, reply, {
      client: this.#client,
      time: this.#time,
      duration: performance.now() - this.#began,
      written,
      isCached: (getMisses?.() ?? 0) === this.#missesBefore,
      id: this.#id,
    }));
  }
}
