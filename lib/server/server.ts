/**
 * A server: the connections of one listener, their deadlines and their end.
 *
 * @module
 */

import { errorReply } from "../http/reply.ts";
import { Acceptor, type Listener } from "./listener.ts";
import type { Socket } from "./client.ts";
import {
  type AddressRules,
  Admission,
  CONNECTIONS_MAX,
  OPENING_MAX,
} from "./admission.ts";
import { Connection } from "./connection.ts";
import { type ConnectionContext, DEADLINES } from "./context.ts";
import { type Phase, PHASES } from "../observe/metric_layout.ts";
import { Roster } from "./roster.ts";
import type { Rounds } from "./rounds.ts";
import { ALL_STREAMS_MAX, StreamQuota } from "./stream_quota.ts";

/** How often the server checks deadlines, in ms: how late they may take effect. */
const SWEEP_MS = 500;

/** While stopping: how often the server looks for silent clients that have their last answer, and how long they may be silent, in ms. */
const SILENCE_MS = 25;

/** How long closed connections get to end, in ms. Deno 2.5 does not interrupt a write, so a stalled one never ends. */
const CLOSE_MS = 1000;

/** How a {@linkcode Server} serves. */
export interface ServerOptions
  extends
    Pick<ConnectionContext, "respond" | "report">,
    Partial<
      Pick<
        ConnectionContext,
        | "refusal"
        | "deadlines"
        | "record"
        | "isProxy"
        | "acceptsH2c"
        | "nextRequestId"
        | "getMisses"
        | "counters"
      >
    > {
  /** Gives busy connections turns, so that none starves; undefined where no loopback connection is possible. */
  readonly rounds?: Rounds | undefined;
  /** Closes files that are kept open only for speed. Called when descriptors run out. */
  readonly closeSpareFiles?: () => void;
  /** How to treat client addresses; by default each is a client, and none a trusted proxy. */
  readonly addresses?: AddressRules;
  /** Most connections at once. */
  readonly connectionsMax?: number;
  /** Most of them that have not completed their TLS handshake or PROXY header. */
  readonly openingMax?: number;
  /** Most streams at once on all HTTP/2 connections. */
  readonly streamsMax?: number;
}

/** Serves the connections of a listener. */
export class Server {
  readonly #acceptor: Acceptor;
  readonly #context: ConnectionContext;
  readonly #admission: Admission;
  readonly #rounds: Rounds | undefined;
  readonly #connections = new Roster<Connection>();
  #isStopping = false;
  #isDraining = false;
  #stopped: Promise<void> | undefined;
  #sweeper: ReturnType<typeof setInterval> | undefined;
  /** Called when the last connection has ended. */
  #onEmpty: (() => void) | undefined;

  /** A server for the listener, which it closes. */
  constructor(listener: Listener, options: ServerOptions) {
    const { counters } = options;
    this.#admission = new Admission(
      {
        connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
        openingMax: options.openingMax ?? OPENING_MAX,
      },
      options.addresses,
      (cause) => counters?.countRefusal(cause),
    );
    this.#rounds = options.rounds;
    this.#context = {
      nextTurn: () => this.#rounds?.next(this.#connections.size),
      respond: options.respond,
      refusal: options.refusal ?? errorReply,
      record: options.record,
      report: options.report,
      deadlines: options.deadlines ?? DEADLINES,
      isDraining: () => this.#isDraining,
      isProxy: options.isProxy,
      acceptsH2c: options.acceptsH2c,
      admission: this.#admission,
      streamQuota: new StreamQuota(options.streamsMax ?? ALL_STREAMS_MAX),
      nextRequestId: options.nextRequestId,
      getMisses: options.getMisses,
      counters,
    };
    this.#acceptor = new Acceptor(listener, {
      onConnection: (socket) => this.#accept(socket),
      onExhausted: () => {
        options.closeSpareFiles?.();
        this.#admission.makeRoom(Date.now());
      },
      report: options.report,
    });
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Accepts connections until {@linkcode Server.stop}; resolves when the last one has ended. */
  async serve(): Promise<void> {
    try {
      await this.#acceptor.run();
      await this.#stopped;
    } finally {
      clearInterval(this.#sweeper);
      this.#rounds?.close();
    }
  }

  /** Ends each connection with its next reply, so that clients go elsewhere before the server stops. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Ends connections that are overdue, and updates the counts. Rests while there are none: an idle server sleeps. */
  #sweep(): void {
    if (this.#connections.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
    const now = Date.now();
    const counts = Object.fromEntries(
      PHASES.map((phase) => [phase, 0]),
    ) as Record<Phase, number>;
    const http2 = { connections: 0, streams: 0 };
    let eventStreams = 0;
    for (const connection of this.#connections.all()) {
      connection.sweep(now);
      counts[connection.phase]++;
      eventStreams += connection.eventStreams;
      const { streams } = connection;
      if (streams === undefined) continue;
      http2.connections++;
      http2.streams += streams;
    }
    this.#context.counters?.setConnections(counts, eventStreams);
    this.#context.counters?.setHttp2(http2);
  }

  /** Stops accepting, gives current replies up to `graceMs` milliseconds to finish, and closes all connections. */
  stop(graceMs: number): Promise<void> {
    return this.#stopped ??= this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#acceptor.close();
    for (const connection of this.#connections.all()) connection.stop();
    this.#sweep();
    const closer = setInterval(() => this.#closeSilent(), SILENCE_MS);
    await this.#allEnded(graceMs);
    clearInterval(closer);
    for (const connection of this.#connections.all()) connection.close();
    await this.#allEnded(CLOSE_MS);
  }

  #closeSilent(): void {
    const before = Date.now() - SILENCE_MS;
    for (const connection of this.#connections.all()) {
      connection.closeIfSilent(before);
    }
    // Updates the counts, from which the program says what a stop is waiting for.
    this.#sweep();
  }

  /** Resolves when all connections have ended, after `ms` milliseconds at the latest. */
  async #allEnded(ms: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    // Accepted while stopping: stop() has already gone through the connections.
    if (this.#isStopping) return socket.close();
    this.#context.counters?.countConnection();
    const now = Date.now();
    const connection = new Connection(socket, this.#context, now);
    const refusal = this.#admission.enter(
      connection,
      connection.isOpening,
      this.#connections.size,
      now,
    );
    this.#connections.add(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
    connection.serve(refusal).then(() => this.#leave(connection));
  }

  #leave(connection: Connection): void {
    this.#admission.leave(connection);
    this.#connections.remove(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }
}
