/**
 * A server of plain sockets, for the tests of clients: it sends what a test
 * wants, however wrong.
 *
 * @module
 */

/** Serves one connection. What it throws counts as its end. */
export type Serve = (socket: Deno.Conn) => Promise<void>;

/** A server whose connections are closed at its end. */
export class SocketServer implements AsyncDisposable {
  readonly #listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn, Deno.NetAddr>;
  readonly #sockets = new Set<Deno.Conn>();
  readonly #serving: Promise<void>[] = [];
  readonly #accepting: Promise<void>;
  /** How many connections there were. */
  connections = 0;

  /** Starts to listen. `serve` returns what serves a connection, by how many came before. */
  constructor(
    serve: (count: number) => Serve,
    listener: Deno.TcpListener | Deno.TlsListener = Deno.listen({
      hostname: "127.0.0.1",
      port: 0,
    }),
  ) {
    this.#listener = listener;
    this.#accepting = (async () => {
      for await (const socket of listener) {
        this.#sockets.add(socket);
        this.#serving.push(this.#serve(serve(this.connections++), socket));
      }
    })();
  }

  async #serve(serve: Serve, socket: Deno.Conn): Promise<void> {
    await serve(socket).catch(() => {});
    if (this.#sockets.delete(socket)) socket.close();
  }

  /** Its port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Closes everything, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
    await this.#accepting.catch(() => {});
    await Promise.all(this.#serving);
  }
}
