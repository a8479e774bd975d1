/**
 * The accept loop: listener → connections, how many there may be, and their end.
 *
 * @module
 */

import { errorReply, type Reply } from "../http/reply.ts";
import { Acceptor, type Listener } from "./listener.ts";
import type { Socket } from "./client.ts";
import {
  type AddressRules,
  Admission,
  CLOSED,
  CONNECTIONS_MAX,
  OPENING_MAX,
} from "./admission.ts";
import { Connection } from "./connection.ts";
import {
  type ConnectionContext,
  type Counters,
  DEADLINES,
  type Deadlines,
  type Handler,
} from "./context.ts";
import { PHASES } from "../observe/metric_layout.ts";
import type { Rounds } from "./rounds.ts";

/** How often deadlines are looked at, in ms: how late they may be. */
const SWEEP_MS = 500;

/** While a server stops: how often it looks for clients that have their last answer, and for how long they are silent then, in ms. */
const SILENCE_MS = 25;

/** For how many ms connections may take to notice that they were closed. Deno 2.5 does not interrupt a write: one that stands still never does. */
const CLOSE_MS = 1000;

/** What of a connection's surroundings is given as it is. */
export type GivenContext = Pick<
  ConnectionContext,
  | "record"
  | "isProxy"
  | "nextRequestId"
  | "getMisses"
  | "counters"
>;

/** How a {@linkcode Server} serves. */
export interface ServerOptions extends Partial<GivenContext> {
  /** Makes the replies. */
  readonly respond: Handler;
  /** The answer for an error that is found before there is a request to respond to; the built-in page unless said otherwise. */
  readonly refusal?: (status: number) => Reply;
  /** Sees to it that no connection starves; undefined where that cannot be had. */
  readonly rounds?: Rounds | undefined;
  /** Is told of failures that are the server's own. */
  readonly report: (error: unknown) => void;
  /** Gives up descriptors that are held only for speed; called when there are none for connections. */
  readonly closeSpareFiles?: () => void;
  /** How long things may take. */
  readonly deadlines?: Deadlines;
  /** What is known of addresses; nothing unless given. */
  readonly addresses?: AddressRules;
  /** Most connections at once. */
  readonly connectionsMax?: number;
  /** Most of them whose TLS handshake or PROXY header is not done. */
  readonly openingMax?: number;
}

/** Serves the connections of a listener. */
export class Server {
  readonly #acceptor: Acceptor;
  readonly #context: ConnectionContext;
  readonly #admission: Admission;
  readonly #rounds: Rounds | undefined;
  readonly #connections = new Map<Connection, Promise<void>>();
  #isStopping = false;
  #isDraining = false;
  #stopped: Promise<void> | undefined;

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
      admission: this.#admission,
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

  /** Accepts connections until {@linkcode Server.stop}; is fulfilled when the last one has ended. */
  async serve(): Promise<void> {
    const sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    try {
      await this.#acceptor.run();
      await this.#stopped;
    } finally {
      clearInterval(sweeper);
      this.#rounds?.close();
    }
  }

  /** Makes every reply from now on the last of its connection, so that clients go elsewhere before the server stops. */
  drain(): void {
    this.#isDraining = true;
  }

  #sweep(): void {
    const now = Date.now();
    const counts = Object.fromEntries(PHASES.map((phase) => [phase, 0]));
    for (const connection of this.#connections.keys()) {
      connection.sweep(now);
      counts[connection.phase]!++;
    }
    this.#context.counters?.setConnections(
      counts as Parameters<Counters["setConnections"]>[0],
    );
  }

  /** Stops accepting; lets replies that are being made finish, for so many ms at most. */
  stop(graceMs: number): Promise<void> {
    return this.#stopped ??= this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#acceptor.close();
    for (const connection of this.#connections.keys()) connection.stop();
    this.#sweep();
    const closer = setInterval(() => this.#closeSilent(), SILENCE_MS);
    await this.#allEnded(graceMs);
    clearInterval(closer);
    for (const connection of this.#connections.keys()) connection.close();
    await this.#allEnded(CLOSE_MS);
  }

  #closeSilent(): void {
    const before = Date.now() - SILENCE_MS;
    for (const connection of this.#connections.keys()) {
      connection.closeIfSilent(before);
    }
    // Whoever asks what is waited for is told how it is now.
    this.#sweep();
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

  #accept(socket: Socket): void {
    // Accepted in the moment of stopping, when nobody would tell the connection any more.
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
    // Otherwise a reply of several writes waits for the client's acknowledgements.
    if (refusal !== CLOSED) socket.setNoDelay?.(true);
    const served = connection.serve(refusal).then(() => {
      this.#connections.delete(connection);
    });
    this.#connections.set(connection, served);
  }
}
