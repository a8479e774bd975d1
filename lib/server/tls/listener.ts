/**
 * A TLS listener whose connections can be closed at any time, even during the
 * handshake, and whose key pair can be replaced.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import * as tls from "node:tls";
import { BACKLOG_MAX, type Listener } from "../listener.ts";
import { denoError, type Protocol, TlsConnection } from "./connection.ts";
import { keepFreedMemory } from "./heap.ts";

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The certificate of the server, followed by the rest of its chain. */
  readonly cert: string;
  /** The private key of the first certificate. */
  readonly key: string;
}

/** Whether node:tls can take over an accepted socket. Deno 2.5 cannot; its class lacks this method. */
export const CAN_SERVE_TLS: boolean =
  typeof tls.Server.prototype?.setSecureContext === "function";

/** What a listener offers by ALPN unless told otherwise. */
const HTTP1_ONLY: readonly Protocol[] = ["http/1.1"];

/** How often a listener checks whether it still accepts connections, in ms. */
const CHECK_MS = 500;

/**
 * How soon it does after connections have arrived, and while no descriptor is left, in ms. The runtime accepts until
 * none is left and then stops, so each check lets in only as many of those that wait as descriptors are free.
 */
const CHECK_SOON_MS = 50;

/**
 * Starts to listen, or resumes it. When no descriptor is left for a connection, the runtime emits no event and
 * accepts no further connection until `listen()` is called again.
 */
interface ListenHandle {
  listen?(backlog: number): number;
}

/** Where to listen. */
export interface TlsAddress {
  /** An IP address. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** Whether other listeners may share the port if they set this as well. */
  readonly reusePort: boolean;
}

/** Accepts TLS connections, with the contract of {@linkcode Deno.Listener}. */
export class TlsListener implements Listener {
  readonly #server: Server;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Checks before that; undefined if there is no reason to. */
  #soon: ReturnType<typeof setTimeout> | undefined;
  readonly #protocols: readonly Protocol[];
  #context: tls.SecureContext;
  /** Connections that no accept() has taken yet. */
  readonly #arrived: TlsConnection[] = [];
  #accepting: PromiseWithResolvers<TlsConnection> | undefined;
  #isClosed = false;

  private constructor(
    server: Server,
    pair: KeyPair,
    protocols: readonly Protocol[],
  ) {
    this.#server = server;
    this.#protocols = protocols;
    this.#context = contextOf(pair);
    server.on("connection", (socket) => this.#arrive(socket));
    server.on("error", (error) => this.#fail(denoError(error)));
    this.#timer = setInterval(() => this.#checkDescriptors(), CHECK_MS);
  }

  /**
   * Starts to listen. `protocols` are offered by ALPN, in order of preference. Rejects with the errors of
   * {@linkcode Deno.listen}.
   */
  static async open(
    { hostname, port, reusePort }: TlsAddress,
    pair: KeyPair,
    protocols: readonly Protocol[] = HTTP1_ONLY,
  ): Promise<TlsListener> {
    keepFreedMemory();
    const server = createServer({ allowHalfOpen: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", (error) => reject(denoError(error)));
    server.listen(
      { host: hostname, port, reusePort, backlog: BACKLOG_MAX },
      resolve,
    );
    await promise;
    server.removeAllListeners("error");
    return new TlsListener(server, pair, protocols);
  }

  /** The address of the listener. */
  get addr(): Deno.NetAddr {
    const { address, port } = this.#server.address() as {
      readonly address: string;
      readonly port: number;
    };
    return { transport: "tcp", hostname: address, port };
  }

  /** Resolves with the next connection at once, without waiting for its handshake. One call at a time. */
  accept(): Promise<TlsConnection> {
    if (this.#isClosed) return Promise.reject(closedError());
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  /** Uses another key pair for new connections. */
  setKeyPair(pair: KeyPair): void {
    this.#context = contextOf(pair);
  }

  /** Stops listening. Connections that were accepted stay open. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#server.close();
    for (const arrived of this.#arrived.splice(0)) arrived.close();
    this.#fail(closedError());
  }

  /** Checks whether descriptors have run out, and resumes accepting in case it stopped for that reason. */
  #checkDescriptors(): void {
    try {
      const { hostname, port } = this.addr;
      Deno.listen({ hostname, port }).close();
    } catch (error) {
      // With a free descriptor the error is that the port is taken.
      if (!(error instanceof Deno.errors.AddrInUse)) {
        this.#fail(error as Error);
        this.#checkSoon();
      }
    }
    const { _handle } = this.#server as {
      readonly _handle?: ListenHandle | null;
    };
    _handle?.listen?.(BACKLOG_MAX);
  }

  #checkSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#checkDescriptors();
    }, CHECK_SOON_MS);
  }

  #arrive(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy();
    this.#checkSoon();
    let arrived: TlsConnection;
    try {
      arrived = new TlsConnection(socket, this.#context, this.#protocols);
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (this.#accepting === undefined) this.#arrived.push(arrived);
    else this.#accepting.resolve(arrived);
    this.#accepting = undefined;
  }

  /** Rejects the pending accept(), if any. */
  #fail(error: Error): void {
    this.#accepting?.reject(error);
    this.#accepting = undefined;
  }
}

/** How long a replaced listener waits for one more connection, in ms. */
const REPLACED_MS = 100;

/** A listener of Deno's own, for when {@linkcode CAN_SERVE_TLS} is false. A new one replaces it for a new key pair. */
export class ReplacedListener implements Listener {
  readonly #address: TlsAddress;
  #listener: Deno.TlsListener;
  /** Replaces the listener once that has returned a connection: then few others are pending, which would be lost. */
  #next: Deno.TlsListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts to listen. Throws the errors of {@linkcode Deno.listenTls}. */
  constructor(address: TlsAddress, pair: KeyPair) {
    this.#address = address;
    this.#listener = this.#open(pair, address.port);
  }

  /** The address of the listener. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  /** Resolves with the next connection. One call at a time. */
  async accept(): Promise<Deno.TlsConn> {
    for (;;) {
      const listener = this.#listener;
      try {
        const connection = await listener.accept();
        this.#replace();
        return connection;
      } catch (error) {
        if (listener === this.#listener) throw error;
      }
    }
  }

  /** Uses another key pair for new connections. Throws on systems where listeners cannot share a port. */
  setKeyPair(pair: KeyPair): void {
    const next = this.#open(pair, this.addr.port);
    this.#replace();
    this.#next = next;
    this.#timer = setTimeout(() => this.#replace(), REPLACED_MS);
  }

  /** Stops listening. */
  close(): void {
    this.#replace();
    this.#listener.close();
  }

  #replace(): void {
    clearTimeout(this.#timer);
    if (this.#next === undefined) return;
    const before = this.#listener;
    this.#listener = this.#next;
    this.#next = undefined;
    before.close();
  }

  #open({ cert, key }: KeyPair, port: number): Deno.TlsListener {
    const { hostname, reusePort } = this.#address;
    return Deno.listenTls({
      hostname,
      port,
      reusePort,
      tcpBacklog: BACKLOG_MAX,
      cert,
      key,
      alpnProtocols: [...HTTP1_ONLY],
    });
  }
}

function contextOf({ cert, key }: KeyPair): tls.SecureContext {
  return tls.createSecureContext({ cert, key, minVersion: "TLSv1.2" });
}

function closedError(): Error {
  return new Deno.errors.BadResource("The listener is closed");
}
