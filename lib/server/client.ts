/**
 * Client: who is at the other end of a connection, as far as is known.
 *
 * @module
 */

/** A connection that was accepted: what is needed of a {@linkcode Deno.Conn}. */
export interface Socket {
  /** The address of the other end. */
  readonly remoteAddr: Deno.Addr;
  /** Reads some bytes and tells how many; null when no more come. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Tells the other end that nothing more comes. */
  closeWrite(): Promise<void>;
  /** Ends the connection, whatever it is at. */
  close(): void;
  /** Is fulfilled when the TLS handshake is done; only with TLS. */
  handshake?(): Promise<unknown>;
  /** Whether small writes are sent at once. Deno's own TLS connections cannot be told so. */
  setNoDelay?(isOn: boolean): void;
}

/** The other end of a connection. */
export interface Client {
  /** Address of the other end of the connection itself, or what the PROXY protocol says of it; "-" when it has none. */
  peer: string;
  /** Address of the client whose request is answered: behind a proxy that is trusted, what the proxy says; else the peer's. */
  address: string;
  /** Whether it speaks TLS. */
  readonly isTls: boolean;
  /**
   * Whether the peer may be whoever writes the requests. Not so behind a PROXY header that names nobody: then the peer
   * is a proxy that passes on what it does not read, and the requests are a stranger's.
   */
  isSender: boolean;
}

/** A connection that is open for requests, as a protocol takes it over. */
export interface OpenedConnection {
  /** The accepted socket. Only {@linkcode OpenedConnection.close} closes it. */
  readonly socket: Socket;
  /** The other end. */
  readonly client: Client;
  /** A buffer from {@linkcode takeInput} for what the client sends; its [start, end) has arrived already. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** See {@linkcode OpenedConnection.input}. */
  readonly start: number;
  /** See {@linkcode OpenedConnection.input}. */
  readonly end: number;
  /** Whether the server is stopping: the first reply is the last. */
  readonly isLast: boolean;
  /** Closes the connection, at any time and any number of times. */
  close(): void;
}

/** The client of a connection that was accepted. */
export function createClient(socket: Socket): Client {
  const { remoteAddr } = socket;
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "-";
  const isTls = "handshake" in socket;
  return { peer, address: peer, isTls, isSender: true };
}
