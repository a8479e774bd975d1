/**
 * Client: who is at the other end of a connection, as far as is known.
 *
 * @module
 */

/** The other end of a connection. */
export interface Client {
  /** Address of the other end of the connection itself, or what the PROXY protocol says of it; "-" when it has none. */
  peer: string;
  /** Address of the client whose request is answered: behind a proxy that is trusted, what the proxy says; else the peer's. */
  address: string;
  /** Whether it speaks TLS. */
  readonly isTls: boolean;
}

/** The client of a connection that was accepted. */
export function clientOf(socket: Deno.Conn): Client {
  const { remoteAddr } = socket;
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "-";
  return { peer, address: peer, isTls: "handshake" in socket };
}
