/**
 * The other end of a connection: its socket, and the address of the client.
 *
 * @module
 */

/** An accepted connection: the part of {@linkcode Deno.Conn} that skiff needs. */
export interface Socket {
  /** The address of the other end. */
  readonly remoteAddr: Deno.Addr;
  /** Reads some bytes and returns their number; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and returns their number. */
  write(bytes: Uint8Array): Promise<number>;
  /** Shuts the writing side, once no write is under way. */
  closeWrite(): Promise<void>;
  /** Closes the connection, even during a read, a write or the handshake. */
  close(): void;
  /** Resolves when the TLS handshake is complete. Only TLS sockets have it. */
  handshake?(): Promise<unknown>;
  /** The protocol that ALPN chose, after the handshake. Only TLS sockets have it. */
  readonly protocol?: string | undefined;
  /** Whether a write costs more than copying, so that content is best joined to its head. */
  readonly joinsContent?: boolean;
  /** Turns Nagle's algorithm off or on. Deno's own TLS connections lack it. */
  setNoDelay?(isOn: boolean): void;
}

/** The other end of a connection. */
export interface Client {
  /** Address of the other end, or the one that a PROXY header names; "-" for a Unix socket. */
  peer: string;
  /** Address of the client that sent the current request: what a trusted proxy says, otherwise the peer's. */
  address: string;
  /** Whether the connection uses TLS. */
  readonly isTls: boolean;
  /**
   * Whether the peer itself may have written the requests. False behind a PROXY header that names no client: the peer
   * is then a proxy that passes on bytes it does not read, so its trust does not extend to them.
   */
  isSender: boolean;
}

/** A connection that is open for requests, as a protocol takes it over. */
export interface OpenedConnection {
  /** The accepted socket. Only {@linkcode OpenedConnection.close} closes it. */
  readonly socket: Socket;
  /** The other end. */
  readonly client: Client;
  /** What arrived together with the PROXY header: at most INPUT_BYTES. */
  readonly received: Uint8Array | undefined;
  /** Whether the first reply is the last, because the server is stopping. */
  readonly isLast: boolean;
  /** Closes the connection. Further calls have no effect. */
  close(): void;
}

/** The client of an accepted connection. */
export function createClient(socket: Socket): Client {
  const { remoteAddr } = socket;
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "-";
  const isTls = "handshake" in socket;
  return { peer, address: peer, isTls, isSender: true };
}
