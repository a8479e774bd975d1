/**
 * Both ends of a TLS connection, for the tests of the server's end.
 *
 * @module
 */

import {
  CAN_SERVE_TLS,
  TlsListener,
} from "../../../lib/server/tls/listener.ts";
import type { TlsConnection } from "../../../lib/server/tls/connection.ts";
import { FIRST_PAIR } from "../../certificates.ts";
import { HAS_NETWORK, testWith } from "../../helpers.ts";
import * as pairs from "../../service/pairs.ts";

/** A test of the listener on node:tls, which not all runtimes can be. */
export function testTls(name: string, fn: () => Promise<void>): void {
  testWith(
    HAS_NETWORK && CAN_SERVE_TLS,
    CAN_SERVE_TLS ? name : `${name} (needs servers of node:tls)`,
    fn,
  );
}

/** A listener with the first pair, on a port of its own. */
export function openTls(): Promise<TlsListener> {
  const address = { hostname: "127.0.0.1", port: 0, reusePort: false };
  return TlsListener.open(address, FIRST_PAIR);
}

/** Both ends of a connection. They are closed when it goes out of scope. */
export class TlsPair<Client extends Deno.Conn> implements Disposable {
  readonly client: Client;
  readonly server: TlsConnection;

  constructor(client: Client, server: TlsConnection) {
    this.client = client;
    this.server = server;
  }

  [Symbol.dispose](): void {
    this.client.close();
    this.server.close();
  }
}

/** A connection to a listener that has not begun its handshake: it is the client's turn. */
export async function rawPair(
  listener: TlsListener,
): Promise<TlsPair<Deno.TcpConn>> {
  const { port } = listener.addr;
  const [client, server] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  return new TlsPair(client, server);
}

/** A connection to a listener whose handshake is done. */
export async function tlsPair(
  listener: TlsListener,
): Promise<TlsPair<Deno.TlsConn>> {
  const { port } = listener.addr;
  const [client, server] = await Promise.all([
    Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [pairs.CA] }),
    listener.accept(),
  ]);
  await Promise.all([client.handshake(), server.handshake()]);
  return new TlsPair(client, server);
}
