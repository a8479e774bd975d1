/**
 * A client that shows answers as they are on the wire, to check them before
 * and after they are timed. Slow and exact.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** How long a server may say nothing while nothing else goes on, in ms. */
const SILENCE_MS = 5000;

/** A request that is sent as it is. */
export interface WireRequest {
  /** GET unless said otherwise. */
  readonly method?: "GET" | "HEAD";
  /** The request-target. */
  readonly target: string;
  /** Fields beside Host. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** An answer. */
export interface WireAnswer {
  /** The status code. */
  readonly status: number;
  /** Field values by lower-case name; of a repeated field the last. */
  readonly fields: ReadonlyMap<string, string>;
  /** The body without its transfer coding; empty when it went to a sink. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes on the wire, head and body. */
  readonly wireBytes: number;
}

/** Thrown when an answer is not the one that is due. */
export class WrongAnswer extends Error {
  /** Its name. */
  override name = "WrongAnswer";
}

/** The bytes of a request's head. */
export function requestText(request: WireRequest, port: number): string {
  let text = `${request.method ?? "GET"} ${request.target} HTTP/1.1\r\n` +
    `Host: 127.0.0.1:${port}\r\n`;
  for (const [name, value] of Object.entries(request.fields ?? {})) {
    text += `${name}: ${value}\r\n`;
  }
  return text + "\r\n";
}

/** A connection to a server on this machine. */
export class Wire implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #port: number;
  #input = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;
  #isClosed = false;

  private constructor(conn: Deno.TcpConn, port: number) {
    this.#conn = conn;
    this.#port = port;
  }

  /** Connects. */
  static async open(port: number): Promise<Wire> {
    return new Wire(await Deno.connect({ hostname: "127.0.0.1", port }), port);
  }

  /** Sends requests, all at once. */
  async send(...requests: WireRequest[]): Promise<void> {
    const text = requests.map((one) => requestText(one, this.#port)).join("");
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /** Receives one answer. A sink takes the body's bytes in pieces, each good only until it returns. */
  async receive(
    method: "GET" | "HEAD" = "GET",
    sink?: (piece: Uint8Array<ArrayBuffer>) => void,
  ): Promise<WireAnswer> {
    try {
      return await this.#receive(method, sink);
    } catch (error) {
      if (this.#isClosed) throw new WrongAnswer("no complete answer in time");
      throw error;
    }
  }

  /** Whether the server ends the connection now, without another byte. */
  async isEnded(): Promise<boolean> {
    try {
      return this.#start === this.#end && !await this.#fill();
    } catch {
      return !this.#isClosed;
    }
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #receive(
    method: string,
    sink?: (piece: Uint8Array<ArrayBuffer>) => void,
  ): Promise<WireAnswer> {
    const statusLine = await this.#line();
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
    if (!status) throw new WrongAnswer(`status line "${statusLine}"`);
    let wireBytes = statusLine.length + 2;
    const fields = new Map<string, string>();
    for (;;) {
      const line = await this.#line();
      wireBytes += line.length + 2;
      if (line === "") break;
      const colon = line.indexOf(":");
      const value = line.slice(colon + 1).trim();
      fields.set(line.slice(0, colon).toLowerCase(), value);
    }
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const take = sink ?? ((piece) => pieces.push(piece.slice()));
    if (method !== "HEAD" && status !== 304 && status !== 204) {
      wireBytes += await this.#body(fields, take);
    }
    const body = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return { status, fields, body, wireBytes };
  }

  /** Receives a body; returns its bytes on the wire. */
  async #body(
    fields: ReadonlyMap<string, string>,
    take: (piece: Uint8Array<ArrayBuffer>) => void,
  ): Promise<number> {
    if (!/chunked/i.test(fields.get("transfer-encoding") ?? "")) {
      const length = Number(fields.get("content-length") ?? NaN);
      if (Number.isNaN(length)) throw new WrongAnswer("no Content-Length");
      await this.#take(length, take);
      return length;
    }
    for (let wireBytes = 0;;) {
      const line = await this.#line();
      const length = parseInt(line, 16);
      if (Number.isNaN(length)) throw new WrongAnswer(`chunk "${line}"`);
      await this.#take(length, take);
      await this.#line();
      wireBytes += line.length + 2 + length + 2;
      if (length === 0) return wireBytes;
    }
  }

  async #take(
    length: number,
    take: (piece: Uint8Array<ArrayBuffer>) => void,
  ): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#start === this.#end && !await this.#fill()) {
        throw new WrongAnswer(`the body ends ${left} bytes early`);
      }
      const end = Math.min(this.#end, this.#start + left);
      take(this.#input.subarray(this.#start, end));
      left -= end - this.#start;
      this.#start = end;
    }
  }

  /** The next line without its CRLF. */
  async #line(): Promise<string> {
    for (let from = this.#start;;) {
      const at = this.#input.subarray(0, this.#end).indexOf(0x0a, from);
      if (at !== -1) {
        const bytes = this.#input.subarray(this.#start, at);
        this.#start = at + 1;
        return new TextDecoder().decode(bytes).replace(/\r$/, "");
      }
      from = this.#end - this.#start;
      if (!await this.#fill()) throw new WrongAnswer("the connection ended");
    }
  }

  /** Reads more behind what there is. */
  async #fill(): Promise<boolean> {
    this.#input.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    if (this.#end === this.#input.length) throw new WrongAnswer("a huge line");
    const timer = setTimeout(() => this[Symbol.dispose](), SILENCE_MS);
    try {
      const count = await this.#conn.read(this.#input.subarray(this.#end));
      this.#end += count ?? 0;
      return count !== null;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Sends one request on a connection of its own and receives the answer. */
export async function ask(
  port: number,
  request: WireRequest,
): Promise<WireAnswer> {
  using wire = await Wire.open(port);
  await wire.send(request);
  return await wire.receive(request.method);
}

/** Throws unless the answer has this status and exactly these bytes as its body, and says so. */
export function expectAnswer(
  answer: WireAnswer,
  status: number,
  body: Uint8Array,
): void {
  expectStatus(answer, status);
  if (answer.body.length !== body.length) {
    throw new WrongAnswer(
      `${answer.body.length} bytes where ${body.length} are due`,
    );
  }
  if (!isEqual(answer.body, body)) throw new WrongAnswer("wrong bytes");
}

/** Throws unless the answer has this status. */
export function expectStatus(answer: WireAnswer, status: number): void {
  if (answer.status !== status) {
    throw new WrongAnswer(`status ${answer.status} where ${status} is due`);
  }
}

/** Whether two runs of bytes are the same. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
