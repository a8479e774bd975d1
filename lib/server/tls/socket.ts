/**
 * A TLS socket of node:tls without the queues of node:stream, which cost more
 * than a small answer and are of no use here: skiff reads whatever comes, and
 * writes one thing at a time.
 *
 * @module
 */

import type { Socket as NetSocket } from "node:net";
import { TLSSocket, type TLSSocketOptions } from "node:tls";

/** Takes what arrives. */
export interface SocketReceiver {
  /** Called with decrypted bytes, which stay as they are. */
  receive(bytes: Uint8Array): void;
  /** Called when the client sends no more. */
  end(): void;
}

/** A TLS socket that passes on at once what arrives and what is written. Events are those of {@linkcode TLSSocket}, without "data" and "end". */
export class UnqueuedSocket extends TLSSocket {
  readonly #receiver: SocketReceiver;

  /** Takes over an accepted socket. */
  constructor(
    socket: NetSocket,
    options: TLSSocketOptions,
    receiver: SocketReceiver,
  ) {
    super(socket, options);
    this.#receiver = receiver;
  }

  /** Called by the runtime with what arrives, and with null at the end. Returns whether it may go on. */
  override push(bytes: Uint8Array | null): boolean {
    if (bytes === null) this.#receiver.end();
    else this.#receiver.receive(bytes);
    return true;
  }

  /** Writes the bytes. Call it again only after `onWritten` was called. */
  writeNow(
    bytes: Uint8Array,
    onWritten: (error?: Error | null) => void,
  ): void {
    // How node:stream marks what needs no conversion.
    this._write(bytes, "buffer" as BufferEncoding, onWritten);
  }
}
