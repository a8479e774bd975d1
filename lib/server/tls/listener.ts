/**
 * A listener whose connections speak TLS: made of sockets that can be closed
 * at any time, also in the middle of a handshake, and of a key pair that can be
 * changed.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import * as tls from "node:tls";
import { BACKLOG_MAX, type Listener } from "../listener.ts";
import { denoError, PROTOCOLS, TlsConnection } from "./connection.ts";

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The certificate of the server, and those behind it. */
  readonly cert: string;
  /** The private key of the first. */
  readonly key: string;
}

/**
 * Whether the runtime's node:tls can serve over a socket that was accepted already: Deno 2.5 cannot, whose servers of
 * node:tls are Deno's own listeners, and have no such method.
 */
export const CAN_SERVE_TLS: boolean =
  typeof tls.Server.prototype?.setSecureContext === "function";

/** How often a listener is looked after, in ms. */
const LOOK_MS = 500;

/**
 * What begins to listen, also when that has begun. When there is no descriptor for a connection, the runtime tells
 * nobody, and accepts no other until it is told to listen once more.
 */
interface Handle {
  listen?(backlog: number): number;
}

/** Where to listen. */
export interface TlsAddress {
  /** An IP address. */
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Whether others may listen on the same port, if they say so too. */
  readonly reusePort: boolean;
}

/** Accepts TLS connections, as {@linkcode Deno.Listener} does others. */
export class TlsListener implements Listener {
  readonly #server: Server;
  readonly #timer: ReturnType<typeof setInterval>;
  #context: tls.SecureContext;
  /** What has come and nobody has asked for. */
  readonly #arrived: TlsConnection[] = [];
  #accepting: PromiseWithResolvers<TlsConnection> | undefined;
  #isClosed = false;

  private constructor(server: Server, pair: KeyPair) {
    this.#server = server;
    this.#context = contextOf(pair);
    server.on("connection", (socket) => this.#arrive(socket));
    server.on("error", (error) => this.#fail(denoError(error)));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Begins to listen. Rejects as {@linkcode Deno.listen} throws. */
  static async open(
    { hostname, port, reusePort }: TlsAddress,
    pair: KeyPair,
  ): Promise<TlsListener> {
    const server = createServer({ allowHalfOpen: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", (error) => reject(denoError(error)));
    server.listen(
      { host: hostname, port, reusePort, backlog: BACKLOG_MAX },
      resolve,
    );
    await promise;
    server.removeAllListeners("error");
    return new TlsListener(server, pair);
  }

  /** The address that is listened on. */
  get addr(): Deno.NetAddr {
    const { address, port } = this.#server.address() as {
      readonly address: string;
      readonly port: number;
    };
    return { transport: "tcp", hostname: address, port };
  }

  /** The next connection: at once, for nobody waits for its handshake. One call at a time. */
  accept(): Promise<TlsConnection> {
    if (this.#isClosed) return Promise.reject(closedError());
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  /** Shows another certificate to those who come from now on. */
  setKeyPair(pair: KeyPair): void {
    this.#context = contextOf(pair);
  }

  /** Stops listening. Connections that were given out stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#server.close();
    for (const arrived of this.#arrived.splice(0)) arrived.close();
    this.#fail(closedError());
  }

  /** Finds out whether descriptors have run out, and goes on accepting when it had ended for that. */
  #look(): void {
    try {
      const { hostname, port } = this.addr;
      Deno.listen({ hostname, port }).close();
    } catch (error) {
      // That the port is taken is found out only with a descriptor.
      if (!(error instanceof Deno.errors.AddrInUse)) this.#fail(error as Error);
    }
    const { _handle } = this.#server as { readonly _handle?: Handle | null };
    _handle?.listen?.(BACKLOG_MAX);
  }

  #arrive(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy();
    let arrived: TlsConnection;
    try {
      arrived = new TlsConnection(socket, this.#context);
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (this.#accepting === undefined) this.#arrived.push(arrived);
    else this.#accepting.resolve(arrived);
    this.#accepting = undefined;
  }

  /** Tells whoever waits for a connection why there is none; when nobody does, nobody needs to know. */
  #fail(error: Error): void {
    this.#accepting?.reject(error);
    this.#accepting = undefined;
  }
}

/** For how long a listener that another replaces waits for a connection, in ms. */
const REPLACED_MS = 100;

/** A listener of the runtime's own, for where {@linkcode CAN_SERVE_TLS} is false: replaced by another for another pair. */
export class ReplacedListener implements Listener {
  readonly #address: TlsAddress;
  #listener: Deno.TlsListener;
  /** What the listener is replaced by as soon as it has given out a connection: then seldom another waits, and would be lost. */
  #next: Deno.TlsListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins to listen. Throws as {@linkcode Deno.listenTls}. */
  constructor(address: TlsAddress, pair: KeyPair) {
    this.#address = address;
    this.#listener = this.#open(pair, address.port);
  }

  /** The address that is listened on. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  /** The next connection. One call at a time. */
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

  /** Shows another certificate to those who come from now on. Throws where a port cannot be shared. */
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
      alpnProtocols: PROTOCOLS,
    });
  }
}

function contextOf({ cert, key }: KeyPair): tls.SecureContext {
  return tls.createSecureContext({ cert, key, minVersion: "TLSv1.2" });
}

function closedError(): Error {
  return new Deno.errors.BadResource("The listener is closed");
}
