/**
 * A client of the soak test: a connection that asks, reads, and believes
 * nothing that it has not checked.
 *
 * @module
 */

/** A response whose head has been read. */
export interface SoakResponse {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  /** The body, complete. */
  readonly body: Uint8Array;
  /** When its request was sent, in ms since the epoch. */
  readonly askedAt: number;
}

/** The server has ended the connection, as it may. */
export class Ended extends Error {}

/** The server has said something that is not HTTP, or not true. */
export class Wrong extends Error {}

const DECODER = new TextDecoder("latin1");
const ENCODER = new TextEncoder();

/** A connection that is used for many requests. */
export class SoakClient {
  readonly #socket: Deno.TcpConn;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(64 * 1024);
  #length = 0;
  #askedAt = 0;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects to a port of this machine. */
  static async connect(port: number): Promise<SoakClient> {
    return new SoakClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends text. */
  async send(text: string): Promise<void> {
    this.#askedAt = Date.now();
    const bytes = ENCODER.encode(text);
    for (let at = 0; at < bytes.length;) {
      at += await this.#socket.write(bytes.subarray(at));
    }
  }

  /** Reads the response to a request with the method. Throws Ended or Wrong. */
  async read(method: string): Promise<SoakResponse> {
    const headEnd = await this.#findHeadEnd();
    const text = DECODER.decode(this.#buffer.subarray(0, headEnd));
    const [statusLine = "", ...lines] = text.split("\r\n");
    const match = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine);
    if (match === null) throw new Wrong(`Status line: ${statusLine}`);
    const fields = new Map(lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }));
    this.#drop(headEnd + 4);
    const status = Number(match[1]);
    const isBodyless = method === "HEAD" || status === 204 || status === 304;
    const length = isBodyless ? 0 : Number(fields.get("content-length"));
    if (!Number.isInteger(length)) throw new Wrong("No Content-Length");
    const body = await this.#take(length);
    return { status, fields, body, askedAt: this.#askedAt };
  }

  /** Ends the connection, with or without unread bytes. */
  close(): void {
    this.#socket.close();
  }

  async #findHeadEnd(): Promise<number> {
    for (;;) {
      const text = DECODER.decode(
        this.#buffer.subarray(0, Math.min(this.#length, 64 * 1024)),
      );
      const end = text.indexOf("\r\n\r\n");
      if (end !== -1) return end;
      if (text.length === 64 * 1024) throw new Wrong("Endless head");
      await this.#receive();
    }
  }

  async #receive(): Promise<void> {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const room = this.#buffer.subarray(this.#length);
    const count = await this.#socket.read(room);
    if (count === null) throw new Ended("The server has ended the connection");
    this.#length += count;
  }

  async #take(length: number): Promise<Uint8Array> {
    while (this.#length < length) await this.#receive();
    const body = this.#buffer.slice(0, length);
    this.#drop(length);
    return body;
  }

  #drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
