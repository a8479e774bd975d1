/**
 * Recorder: takes the time of the exchanges of one connection, and tells of
 * them when they are done.
 *
 * @module
 */

import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import type { Client } from "./client.ts";
import type { ConnectionContext } from "./context.ts";
import { exchangeOf } from "../observe/exchange.ts";

/** Records the exchanges of a connection, if anybody wants to know of them. */
export class Recorder {
  readonly #context: Pick<ConnectionContext, "record" | "getMisses">;
  readonly #head: RequestHead;
  readonly #client: Client;
  /** When the last request was complete, on the clock that durations are taken from, in ms. */
  #began = 0;
  /** How often the site had looked at the disk before. */
  #missesBefore = 0;

  /** A recorder for a connection, whose requests are all read into `head`. */
  constructor(
    context: Pick<ConnectionContext, "record" | "getMisses">,
    head: RequestHead,
    client: Client,
  ) {
    this.#context = context;
    this.#head = head;
    this.#client = client;
  }

  /** A request is complete. */
  begin(): void {
    const { record, getMisses } = this.#context;
    if (record === undefined) return;
    this.#began = performance.now();
    this.#missesBefore = getMisses?.() ?? 0;
  }

  /** Its answer is sent: `written` bytes of the body, Infinity for all. `time`: when it was complete, in ms since the epoch. */
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
