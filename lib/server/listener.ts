/**
 * The accept loop of one listener. Errors do not end it; only closing does.
 *
 * @module
 */

import { errorMessage } from "../observe/error_text.ts";
import type { Socket } from "./client.ts";

/**
 * Most connections that wait to be accepted. The system has a bound of its own, 4,096 on Linux. Clients that find the
 * queue full retry after a second, and the runtime's default of 511 is too small for a thousand clients at once.
 */
export const BACKLOG_MAX = 4096;

/** Pause after the system had no descriptor for another connection, in ms. */
const ACCEPT_PAUSE_MS = 250;

/** Least time between two reports that accepting fails, in ms. */
const REPORT_MS = 10_000;

/** A source of connections: the part of {@linkcode Deno.Listener} that skiff needs. */
export interface Listener {
  /** Resolves with the next connection. One call at a time. */
  accept(): Promise<Socket>;
  /** Stops listening and rejects the pending accept(). */
  close(): void;
}

/** The callbacks of an {@linkcode Acceptor}. */
export interface AcceptorOptions {
  /** Called with each connection. */
  readonly onConnection: (socket: Socket) => void;
  /** Called when the system has no descriptor for another connection: should free some. */
  readonly onExhausted: () => void;
  /** Called, from time to time, with the reason why accepting fails. */
  readonly report: (text: string) => void;
}

/** Accepts the connections of a listener, and closes the listener. */
export class Acceptor {
  readonly #listener: Listener;
  readonly #options: AcceptorOptions;
  #reportedAt = -Infinity;
  #isClosed = false;

  constructor(listener: Listener, options: AcceptorOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Accepts connections until {@linkcode Acceptor.close}. Never rejects. */
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

  /** Closes the listener. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
  }

  /** Most likely descriptors have run out. That lasts until clients leave, so it is not reported each time. */
  async #pause(error: unknown): Promise<void> {
    const now = Date.now();
    if (now - this.#reportedAt >= REPORT_MS) {
      this.#reportedAt = now;
      this.#options.report(
        `Cannot accept connections for the moment: ${errorMessage(error)}`,
      );
    }
    this.#options.onExhausted();
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
  }
}

/** Whether the client closed its connection before skiff accepted it, which is no failure. */
function hasLeft(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
