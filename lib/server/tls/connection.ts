/**
 * The server's end of a TLS connection. Unlike Deno's own, it can be closed at
 * any time, even during the handshake or a write.
 *
 * @module
 */

import type { Socket as NetSocket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Socket } from "../client.ts";

/** The protocols that skiff offers by ALPN (RFC 7301). The handshake fails with clients that offer only others. */
export const PROTOCOLS: string[] = ["http/1.1"];

/**
 * Most bytes written at once: no more than a record holds (RFC 8446 §5.1). For longer writes the runtime makes a
 * buffer that the allocator returns to the system each time (100 KB to 64 clients: 6,300 per CPU second with 64 KiB,
 * 13,600 with this).
 */
const WRITE_BYTES_MAX = 16 * 1024;

/** Most received bytes that wait to be read, beside one read of the runtime (64 KiB). Then the client has to wait. */
const UNREAD_BYTES_MAX = 16 * 1024;

/**
 * Starts and stops reading from a socket. When node:tls is told to pause, the runtime goes on reading and keeps
 * whatever the client sends (500 MB within a second).
 */
interface ReadHandle {
  readStart?(): number;
  readStop?(): number;
}

/** System errors of connections and addresses, and the classes that Deno has for them. */
const ERRORS: Readonly<Record<string, new (message: string) => Error>> = {
  EACCES: Deno.errors.PermissionDenied,
  EADDRINUSE: Deno.errors.AddrInUse,
  EADDRNOTAVAIL: Deno.errors.AddrNotAvailable,
  ECANCELED: Deno.errors.Interrupted,
  ECONNABORTED: Deno.errors.ConnectionAborted,
  ECONNRESET: Deno.errors.ConnectionReset,
  ENOTCONN: Deno.errors.NotConnected,
  EPIPE: Deno.errors.BrokenPipe,
  ERR_STREAM_DESTROYED: Deno.errors.BadResource,
  ERR_STREAM_WRITE_AFTER_END: Deno.errors.BrokenPipe,
  ETIMEDOUT: Deno.errors.TimedOut,
};

/** Converts an error of node:net or node:tls to the one that Deno's own sockets throw. */
export function denoError(error: Error & { readonly code?: unknown }): Error {
  const code = String(error.code);
  // The client does not speak TLS, or not correctly.
  if (code.startsWith("ERR_SSL_")) {
    return new Deno.errors.InvalidData(error.message);
  }
  const kind = ERRORS[code];
  return kind === undefined ? error : new kind(error.message);
}

/** A pending read. */
interface Reading extends PromiseWithResolvers<number | null> {
  readonly into: Uint8Array;
}

/**
 * The server's end of a TLS connection, with the contract of {@linkcode Deno.TlsConn}. One read and one write at a
 * time. The handshake needs no call to proceed.
 */
export class TlsConnection implements Socket {
  readonly remoteAddr: Deno.NetAddr;
  readonly #handle: ReadHandle | undefined;
  readonly #socket: TLSSocket;
  readonly #secured: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What was received and not read yet. */
  #unread: Uint8Array | undefined;
  /** Whether reading from the socket is stopped. */
  #isHeld = false;
  #reading: Reading | undefined;
  #writing: PromiseWithResolvers<number> | undefined;
  #writingBytes = 0;
  #closingWrite: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;
  #failure: Error | undefined;

  /** Takes over a socket that was just accepted. Throws NotConnected if the client has left. */
  constructor(socket: NetSocket, secureContext: SecureContext) {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      throw new Deno.errors.NotConnected("The client has left");
    }
    this.remoteAddr = {
      transport: "tcp",
      hostname: remoteAddress,
      port: remotePort,
    };
    this.#handle = (socket as { readonly _handle?: ReadHandle })._handle;
    this.#secured.promise.catch(() => {});
    const options = {
      isServer: true,
      secureContext,
      ALPNProtocols: PROTOCOLS,
    };
    this.#socket = new TLSSocket(socket, options);
    const fail = (error: Error) => this.#fail(denoError(error));
    this.#socket
      .on("secure", this.#secured.resolve)
      .on("data", (bytes: Uint8Array) => this.#receive(bytes))
      .on("end", () => this.#end())
      .on("error", fail)
      // TLS errors after the handshake. Without a server of node:tls they are not "error" events.
      .on("_tlsError", fail)
      .on("close", () => this.close());
  }

  /** Resolves when the handshake is complete. */
  handshake(): Promise<void> {
    return this.#secured.promise;
  }

  /** Reads some bytes and returns their number; null at the end. */
  read(into: Uint8Array): Promise<number | null> {
    if (this.#unread !== undefined) return Promise.resolve(this.#take(into));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#hasEnded) return Promise.resolve(null);
    const reading = { into, ...Promise.withResolvers<number | null>() };
    this.#reading = reading;
    return reading.promise;
  }

  /** Writes some of the bytes. Resolves with their number when the system has taken them. */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return Promise.resolve(0);
    const piece = bytes.length <= WRITE_BYTES_MAX
      ? bytes
      : bytes.subarray(0, WRITE_BYTES_MAX);
    this.#writing = Promise.withResolvers();
    this.#writingBytes = piece.length;
    this.#socket.write(piece, this.#wrote);
    return this.#writing.promise;
  }

  readonly #wrote = (error?: Error | null): void => {
    const writing = this.#writing;
    this.#writing = undefined;
    if (error) writing?.reject(denoError(error));
    else writing?.resolve(this.#writingBytes);
  };

  /** Shuts the writing side. */
  closeWrite(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const closing = this.#closingWrite = Promise.withResolvers();
    this.#socket.end((error?: Error | null) => {
      if (error) closing.reject(denoError(error));
      else closing.resolve();
    });
    return closing.promise;
  }

  /** Turns Nagle's algorithm off or on. */
  setNoDelay(isOn: boolean = true): void {
    this.#socket.setNoDelay(isOn);
  }

  /** Closes the connection now, whatever it is doing. */
  close(): void {
    this.#fail(new Deno.errors.BadResource("The connection is closed"));
  }

  #receive(bytes: Uint8Array): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined && bytes.length <= reading.into.length) {
      reading.into.set(bytes);
      return reading.resolve(bytes.length);
    }
    this.#unread = this.#unread === undefined
      ? bytes
      : joined(this.#unread, bytes);
    reading?.resolve(this.#take(reading.into));
    const isMuch = (this.#unread?.length ?? 0) > UNREAD_BYTES_MAX;
    if (!isMuch || this.#isHeld) return;
    this.#isHeld = true;
    this.#handle?.readStop?.();
  }

  #take(into: Uint8Array): number {
    const unread = this.#unread!;
    const taken = unread.subarray(0, into.length);
    into.set(taken);
    this.#unread = taken.length < unread.length
      ? unread.subarray(taken.length)
      : undefined;
    if (this.#isHeld && this.#unread === undefined) {
      this.#isHeld = false;
      this.#handle?.readStart?.();
    }
    return taken.length;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#secured.reject(new Deno.errors.UnexpectedEof("No handshake"));
    this.#reading?.resolve(null);
    this.#reading = undefined;
  }

  #fail(failure: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#unread = undefined;
    this.#secured.reject(failure);
    // A client that has ended its input may leave.
    if (this.#hasEnded) this.#reading?.resolve(null);
    else this.#reading?.reject(failure);
    this.#reading = undefined;
    this.#writing?.reject(failure);
    this.#writing = undefined;
    this.#closingWrite?.reject(failure);
    this.#socket.destroy();
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
