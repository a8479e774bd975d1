/**
 * Recorder: measures the exchanges of one connection and passes them on.
 *
 * @module
 */

import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import type { Client } from "./client.ts";
import type { ConnectionContext } from "./context.ts";
import { exchangeOf } from "../observe/exchange.ts";

/** Records the exchanges of a connection, if the context has a `record` function. */
export class Recorder {
  readonly #context: Pick<ConnectionContext, "record" | "getMisses">;
  readonly #head: RequestHead;
  readonly #client: Client;
  /** When the last request was complete, in ms on the monotonic clock. */
  #began = 0;
  /** How often the site had looked at the disk at that time. */
  #missesBefore = 0;

  /** A recorder for a connection that parses all its requests into `head`. */
  constructor(
    context: Pick<ConnectionContext, "record" | "getMisses">,
    head: RequestHead,
    client: Client,
  ) {
    this.#context = context;
    this.#head = head;
    this.#client = client;
  }

  /** Starts the clock: a request is complete. */
  begin(): void {
    const { record, getMisses } = this.#context;
    if (record === undefined) return;
    this.#began = performance.now();
    this.#missesBefore = getMisses?.() ?? 0;
  }

  /** Records the exchange. `time` is in ms since the epoch; `written` bytes of the body were sent, Infinity for all. */
  end(
    reply: Reply,
    time: number,
    written: number,
    id: string | undefined,
  ): void {
    const { record, getMisses } = this.#context;
    record?.(exchangeOf(this.#head, reply, {
      client: this.#client,
      time,
      duration: performance.now() - this.#began,
      written,
      isCached: (getMisses?.() ?? 0) === this.#missesBefore,
      id,
    }));
  }
}
