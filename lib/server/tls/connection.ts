/**
 * The server's end of a TLS connection. Unlike Deno's own, it can be closed at
 * any time, even during the handshake or a write.
 *
 * @module
 */

import type { Socket as NetSocket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Socket } from "../client.ts";
import { UnqueuedSocket } from "./socket.ts";

/** A protocol that ALPN can choose (RFC 7301 §6, RFC 9113 §3.2). */
export type Protocol = "h2" | "http/1.1";

/**
 * Most bytes passed to the runtime at once while few are under way: three records, all that it encrypts at once. Of
 * more it makes a copy first (CPU time of 100 KiB in pieces of 16, 32, 48, 64, 128 KiB: 1.28, 1.10, 1, 1.06, 1.01 with
 * 64 clients, 1.20, 1.03, 1, 1.04, 1.06 with 16).
 */
const LARGE_PIECE_BYTES = 48 * 1024;

/** Most bytes passed to it at once while many are under way: what a record holds (RFC 8446 §5.1). */
const PIECE_BYTES = 16 * 1024;

/**
 * Bytes under way, on all connections of the isolate, up to which pieces are large. The runtime keeps encrypted what
 * the system has not taken, so beyond this a client that does not read costs one record.
 */
const LARGE_PIECES_BYTES_MAX = 8 * 1024 * 1024;

/**
 * A write that has lasted this long, in ms, resolves with what is written, so that the caller sees that it proceeds.
 */
const WRITE_MS_MAX = 1000;

/** Bytes that were passed to the runtime and that the system has not taken, on all connections of this isolate. */
let underWay = 0;

/** Most received bytes that wait to be read, beside one read of the runtime (64 KiB). Then the client has to wait. */
const UNREAD_BYTES_MAX = 16 * 1024;

/**
 * Starts and stops reading from a socket. When node:tls pauses a socket, the runtime goes on reading and keeps
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
  EBADF: Deno.errors.BadResource,
  ECANCELED: Deno.errors.Interrupted,
  ECONNABORTED: Deno.errors.ConnectionAborted,
  ECONNRESET: Deno.errors.ConnectionReset,
  ENOTCONN: Deno.errors.NotConnected,
  EPIPE: Deno.errors.BrokenPipe,
  ERR_SOCKET_CLOSED: Deno.errors.BadResource,
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
interface PendingRead extends PromiseWithResolvers<number | null> {
  readonly into: Uint8Array;
}

/**
 * The server's end of a TLS connection, with the contract of {@linkcode Deno.TlsConn}. One read and one write at a
 * time. The handshake needs no call to proceed.
 */
export class TlsConnection implements Socket {
  /** See {@linkcode Socket.joinsContent}. */
  readonly joinsContent = true;
  readonly remoteAddr: Deno.NetAddr;
  readonly #handle: ReadHandle | undefined;
  readonly #socket: UnqueuedSocket;
  readonly #secured: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What was received and not read yet. */
  #unread: Uint8Array | undefined;
  /** Whether reading from the socket is stopped. */
  #isHeld = false;
  #reading: PendingRead | undefined;
  #writing: PromiseWithResolvers<number> | undefined;
  /** What is being written, how much of it the system has taken, and since when, in ms since the epoch. */
  #bytes: Uint8Array | undefined;
  #written = 0;
  #writingSince = 0;
  /** Bytes of the piece that is under way. */
  #pieceBytes = 0;
  #closingWrite: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;
  #failure: Error | undefined;

  /**
   * Takes over a socket that was just accepted. `protocols` are offered by ALPN, in order of preference; the handshake
   * fails with clients that offer only others. Throws NotConnected if the client has left.
   */
  constructor(
    socket: NetSocket,
    secureContext: SecureContext,
    protocols: readonly Protocol[],
  ) {
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
      ALPNProtocols: [...protocols],
    };
    this.#socket = new UnqueuedSocket(socket, options, {
      receive: (bytes) => this.#receive(bytes),
      end: () => this.#end(),
    });
    const fail = (error: Error) => this.#fail(denoError(error));
    this.#socket
      .on("secure", this.#secured.resolve)
      .on("error", fail)
      // TLS errors after the handshake. Without a server of node:tls they are not "error" events.
      .on("_tlsError", fail)
      .on("close", () => this.close());
  }

  /** Resolves when the handshake is complete. */
  handshake(): Promise<void> {
    return this.#secured.promise;
  }

  /** The protocol that ALPN chose; undefined before the handshake, and for a client without ALPN. */
  get protocol(): Protocol | undefined {
    return this.#socket.alpnProtocol as Protocol | false | null || undefined;
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

  /**
   * Writes the bytes. Resolves with how many the system has taken: all, unless that lasts long or the connection is
   * closed.
   */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return Promise.resolve(0);
    // A write that fails at once is over before it is returned.
    const { promise } = this.#writing = Promise.withResolvers();
    this.#bytes = bytes;
    this.#written = 0;
    this.#writingSince = Date.now();
    this.#writePiece(bytes);
    return promise;
  }

  /** Passes the next piece of what is being written to the runtime. */
  #writePiece(bytes: Uint8Array): void {
    const rest = bytes.length - this.#written;
    const most = underWay < LARGE_PIECES_BYTES_MAX
      ? LARGE_PIECE_BYTES
      : PIECE_BYTES;
    const length = Math.min(rest, most);
    this.#pieceBytes = length;
    underWay += length;
    const piece = length === bytes.length
      ? bytes
      : bytes.subarray(this.#written, this.#written + length);
    this.#socket.writeNow(piece, this.#wrote);
  }

  /** Called when the system has taken a piece: goes on without a promise for each. */
  readonly #wrote = (error?: Error | null): void => {
    const bytes = this.#bytes;
    // The connection was closed in the meantime.
    if (bytes === undefined) return;
    this.#written += this.#endPiece();
    const lasted = Date.now() - this.#writingSince;
    const isDone = this.#written === bytes.length;
    if (!error && !isDone && lasted < WRITE_MS_MAX) {
      return this.#writePiece(bytes);
    }
    const writing = this.#writing;
    this.#writing = this.#bytes = undefined;
    if (error) writing?.reject(denoError(error));
    else writing?.resolve(this.#written);
  };

  /** Counts the piece as no longer under way, and returns its length. */
  #endPiece(): number {
    const length = this.#pieceBytes;
    this.#pieceBytes = 0;
    underWay -= length;
    return length;
  }

  /** Shuts the writing side. Cuts off a write under way, so the caller awaits that first. */
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
    this.#endPiece();
    // What the system has taken counts, as after an interrupted write(2). The next write rejects.
    if (this.#written > 0) this.#writing?.resolve(this.#written);
    else this.#writing?.reject(failure);
    this.#writing = this.#bytes = undefined;
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
