/**
 * One listener's accept loop: it goes on whatever happens, until it is closed.
 *
 * @module
 */

import type { Socket } from "./client.ts";
import { errorMessage } from "../observe/error_text.ts";

/**
 * How many connections may wait until they are accepted; the system has a bound of its own, 4,096 on Linux. Those
 * that find no room try again after a second: the runtime's 511 is less than a thousand clients at once need.
 */
export const BACKLOG_MAX = 4096;

/** How long accepting pauses when the system cannot give another descriptor, in ms. */
const ACCEPT_PAUSE_MS = 250;

/** How often a failure to accept is reported, in ms. */
const COMPLAINT_MS = 10_000;

/** Where connections come from: what is needed of a {@linkcode Deno.Listener}. */
export interface Listener {
  /** The next connection. One call at a time. */
  accept(): Promise<Socket>;
  /** Ends it, and with it the call that waits. */
  close(): void;
}

/** What an acceptor tells of. */
export interface AcceptorOptions {
  /** Takes a connection. */
  readonly onConnection: (socket: Socket) => void;
  /** Gives up descriptors that are held only for speed. */
  readonly onExhausted: () => void;
  /** Is told why connections cannot be accepted, once in a while. */
  readonly report: (text: string) => void;
}

/** Accepts the connections of a listener, which it closes. */
export class Acceptor {
  readonly #listener: Listener;
  readonly #options: AcceptorOptions;
  #complainedAt = -Infinity;
  #isClosed = false;

  /** An acceptor for a listener. */
  constructor(listener: Listener, options: AcceptorOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Accepts until {@linkcode Acceptor.close}. Never rejects. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#options.onConnection(await this.#listener.accept());
      } catch (error) {
        if (this.#isClosed) return;
        if (!hasLeft(error)) await this.#pause(error);
      }
    }
  }

  /** Ends it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
  }

  /** Most likely descriptors have run out; said once in a while, because it goes on until clients leave. */
  async #pause(error: unknown): Promise<void> {
    const now = Date.now();
    if (now - this.#complainedAt >= COMPLAINT_MS) {
      this.#complainedAt = now;
      const reason = errorMessage(error);
      this.#options.report(
        `Cannot accept connections for the moment: ${reason}`,
      );
    }
    this.#options.onExhausted();
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
  }
}

/** Whether an error says that a client has gone before it was accepted, which is nobody's fault. */
function hasLeft(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
