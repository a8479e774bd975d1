/**
 * The accept loop: listener → connections, how many there may be, and their end.
 *
 * @module
 */

import { errorReply, type Reply } from "../http/reply.ts";
import {
  Connection,
  type ConnectionContext,
  DEADLINES,
  type Deadlines,
  type Responder,
} from "./connection.ts";
import type { Exchange } from "./exchange.ts";
import type { Rounds } from "./rounds.ts";

/** Most connections at once. Each takes a file descriptor and some KiB; beyond, 503. */
export const CONNECTIONS_MAX = 10_000;

/** Most connections at once beyond those, each told 503; further ones are closed without a word. */
const TURNED_AWAY_MAX = 256;

/** How often deadlines are looked at, in ms: how late they may be. */
const SWEEP_MS = 500;

/** How long accepting pauses when the system cannot give another descriptor, in ms. */
const ACCEPT_PAUSE_MS = 250;

/** How often a failure to accept is reported, in ms. */
const COMPLAINT_MS = 10_000;

/** For how many ms connections may take to notice that they were closed. Deno 2.5 does not interrupt a write: one that stands still never does. */
const CLOSE_MS = 1000;

/** How a {@linkcode Server} serves. */
export interface ServerOptions {
  /** Makes the replies. */
  readonly respond: Responder;
  /** The answer for an error that is found before there is a request to respond to; the built-in page unless said otherwise. */
  readonly refusal?: (status: number) => Reply;
  /** Sees to it that no connection starves; undefined where that cannot be had. */
  readonly rounds?: Rounds | undefined;
  /** Is told of every exchange. */
  readonly record?: ((exchange: Exchange) => void) | undefined;
  /** Is told of failures that are the server's own. */
  readonly report: (error: unknown) => void;
  /** Gives up descriptors that are held only for speed; called when there are none for connections. */
  readonly relieve?: () => void;
  /** How long things may take. */
  readonly deadlines?: Deadlines;
  /** Most connections at once. */
  readonly connectionsMax?: number;
}

/** Serves the connections of a listener. */
export class Server {
  readonly #listener: Deno.Listener;
  readonly #context: ConnectionContext;
  readonly #connectionsMax: number;
  readonly #rounds: Rounds | undefined;
  readonly #report: (error: unknown) => void;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #relieve: () => void;
  #complainedAt = -Infinity;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  /** A server for the listener, which it closes. */
  constructor(listener: Deno.Listener, options: ServerOptions) {
    this.#listener = listener;
    this.#report = options.report;
    this.#connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#rounds = options.rounds;
    this.#relieve = options.relieve ?? (() => {});
    this.#context = {
      turn: () => this.#rounds?.next(this.#connections.size),
      respond: options.respond,
      refusal: options.refusal ?? errorReply,
      record: options.record,
      report: options.report,
      deadlines: options.deadlines ?? DEADLINES,
    };
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Accepts connections until {@linkcode Server.stop}; is fulfilled when the last one has ended. */
  async serve(): Promise<void> {
    const sweeper = setInterval(() => {
      const now = Date.now();
      for (const connection of this.#connections.keys()) connection.sweep(now);
    }, SWEEP_MS);
    try {
      while (!this.#isStopping) await this.#acceptOne();
      await this.#stopped;
    } finally {
      clearInterval(sweeper);
      this.#rounds?.close();
    }
  }

  /** Stops accepting; lets replies that are being made finish, for so many ms at most. */
  stop(graceMs: number): Promise<void> {
    return this.#stopped ??= this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#listener.close();
    for (const connection of this.#connections.keys()) connection.stop();
    await this.#allEnded(graceMs);
    for (const connection of this.#connections.keys()) connection.close();
    await this.#allEnded(CLOSE_MS);
  }

  /** Is fulfilled when all connections have ended, or when so many ms have passed. */
  async #allEnded(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(this.#connections.values()), late]);
    clearTimeout(timer);
  }

  async #acceptOne(): Promise<void> {
    try {
      this.#welcome(await this.#listener.accept());
    } catch (error) {
      if (this.#isStopping) return;
      // A client that has gone before it was accepted is nobody's fault.
      if (error instanceof Deno.errors.ConnectionAborted) return;
      if (error instanceof Deno.errors.ConnectionReset) return;
      if (error instanceof Deno.errors.NotConnected) return;
      await this.#pauseAccepting(error);
    }
  }

  /** Most likely descriptors have run out; said once in a while, because it goes on until clients leave. */
  async #pauseAccepting(error: unknown): Promise<void> {
    const now = Date.now();
    if (now - this.#complainedAt >= COMPLAINT_MS) {
      this.#complainedAt = now;
      const reason = error instanceof Error ? error.message : String(error);
      this.#report(`Cannot accept connections for the moment: ${reason}`);
    }
    this.#relieve();
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
  }

  #welcome(socket: Deno.Conn): void {
    // Accepted in the moment of stopping, when nobody would tell the connection any more.
    if (this.#isStopping) return socket.close();
    const excess = this.#connections.size - this.#connectionsMax;
    if (excess >= TURNED_AWAY_MAX) return socket.close();
    // Otherwise a reply of several writes waits for the client's acknowledgements.
    if ("setNoDelay" in socket) (socket as Deno.TcpConn).setNoDelay(true);
    const connection = new Connection(socket, this.#context, Date.now());
    const serving = excess < 0 ? connection.serve() : connection.turnAway(503);
    const served = serving.then(() => {
      this.#connections.delete(connection);
    });
    this.#connections.set(connection, served);
  }
}
