/**
 * A client that keeps its connection: sends bytes as they are, and reads one
 * response after the other.
 *
 * @module
 */

import {
  bytesOf,
  parseResponses,
  type Response,
  within,
  writeAll,
} from "./helpers.ts";

/** One connection to a server on this machine. Closes when it goes out of scope. */
export class Client implements Disposable {
  readonly #socket: Deno.Conn;
  readonly #buffer = new Uint8Array(64 * 1024);
  #text = "";
  #isClosed = false;
  #wasReset = false;

  private constructor(socket: Deno.Conn) {
    this.#socket = socket;
  }

  /** Connects to a port. */
  static async connect(port: number): Promise<Client> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    return new Client(socket);
  }

  /** A client over a connection that is there already, and is its own from then on. */
  static over(socket: Deno.Conn): Client {
    return new Client(socket);
  }

  /** The port on this side: what the server knows the client by. */
  get localPort(): number {
    return (this.#socket.localAddr as Deno.NetAddr).port;
  }

  /** Whether the server has ended the connection in a way that may cost the client what it has not read yet. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** Sends all bytes. */
  async send(data: string | Uint8Array): Promise<void> {
    await writeAll(
      this.#socket,
      typeof data === "string" ? bytesOf(data) : data,
    );
  }

  /** Sends the head of a GET request that is complete but for what `fields` add. */
  async get(target: string, fields: string = ""): Promise<void> {
    await this.send(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`,
    );
  }

  /** Says that nothing more will be sent, and goes on reading. */
  async endSending(): Promise<void> {
    await this.#socket.closeWrite();
  }

  /** Takes what the system has of what the server sent; false at the end, however it came. */
  async #receive(): Promise<boolean> {
    const count = await this.readSome(this.#buffer);
    if (count === undefined) return false;
    for (let at = 0; at < count; at += 4096) {
      const piece = this.#buffer.subarray(at, Math.min(count, at + 4096));
      this.#text += String.fromCharCode(...piece);
    }
    return true;
  }

  /** Reads past everything that this class keeps; undefined at the end, be it an orderly one or a reset. */
  async readSome(into: Uint8Array): Promise<number | undefined> {
    try {
      const count = await within(this.#socket.read(into), "bytes to read");
      return count ?? undefined;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      this.#wasReset = true;
      return undefined;
    }
  }

  /** The next response; fails when the connection ends before its last byte. `method` is that of its request. */
  async response(method: string = "GET"): Promise<Response> {
    return parseResponses(await this.raw(method), [method])[0]!;
  }

  /** The next response as it came. */
  async raw(method: string = "GET"): Promise<string> {
    const headEnd = await this.#find("\r\n\r\n") + 4;
    const [head] = parseResponses(this.#text.slice(0, headEnd), ["HEAD"]);
    const isBodyless = method === "HEAD" || head!.status === 204 ||
      head!.status === 304;
    const end = isBodyless
      ? headEnd
      : headEnd + Number(head!.fields.get("content-length"));
    while (this.#text.length < end) {
      if (!await this.#receive()) throw new Error("Body is cut short");
    }
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return text;
  }

  /** The head of the next response alone; its body remains to be read. */
  async head(): Promise<Response> {
    const headEnd = await this.#find("\r\n\r\n") + 4;
    const [head] = parseResponses(this.#text.slice(0, headEnd), ["HEAD"]);
    this.#text = this.#text.slice(headEnd);
    return head!;
  }

  async #find(end: string): Promise<number> {
    for (;;) {
      const at = this.#text.indexOf(end);
      if (at !== -1) return at;
      if (!await this.#receive()) {
        throw new Error(`No response, but "${this.#text}" and the end`);
      }
    }
  }

  /** Everything more that comes, until the server ends the connection. */
  async rest(): Promise<string> {
    while (await this.#receive());
    const text = this.#text;
    this.#text = "";
    return text;
  }

  /** So many bytes, taken in pieces of so many at most; fewer when the connection ends before. */
  async bytes(
    length: number,
    pieceBytes: number = length,
  ): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    const known = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    bytes.set(bytesOf(known));
    let at = known.length;
    while (at < length) {
      const count = await this.readSome(bytes.subarray(at, at + pieceBytes));
      if (count === undefined) break;
      at += count;
    }
    return bytes.subarray(0, at);
  }

  /** Ends the connection. With bytes that were not read the other side sees a reset. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
