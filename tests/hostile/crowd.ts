/**
 * Many clients at once, and one that sees whether others are still served.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { request, within } from "../helpers.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Connections that are opened at the same time: less than a listener keeps waiting. */
const OPENED_AT_ONCE = 100;

/** Connections to a server on this machine. They are closed when they go out of scope. */
export class Crowd implements Disposable {
  readonly sockets: Deno.TcpConn[] = [];

  /** So many connections to a port. */
  static async gather(port: number, count: number): Promise<Crowd> {
    const crowd = new Crowd();
    while (crowd.sockets.length < count) {
      const missing = count - crowd.sockets.length;
      const length = Math.min(OPENED_AT_ONCE, missing);
      const opened = await Promise.all(Array.from({ length }, () => {
        return Deno.connect({ hostname: "127.0.0.1", port });
      }));
      crowd.sockets.push(...opened);
    }
    return crowd;
  }

  /** Sends a text on each connection. */
  async send(text: string): Promise<void> {
    const bytes = ENCODER.encode(text);
    await Promise.all(this.sockets.map((socket) => socket.write(bytes)));
  }

  /** One read on each connection; "" at its end. */
  async read(): Promise<string[]> {
    return await Promise.all(this.sockets.map(readOnce));
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket.close();
  }
}

/** What comes next; "" at the end, however it came. */
export async function readOnce(socket: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  try {
    const count = await within(socket.read(buffer), "bytes", 15_000);
    return DECODER.decode(buffer.subarray(0, count ?? 0));
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return "";
    throw error;
  }
}

/** Busy clients that ask for a small file again and again for so many ms; returns how long each answer took, in ms, ascending. */
export async function busy(
  port: number,
  target: string,
  clients: number,
  ms: number,
): Promise<Float64Array> {
  using crowd = await Crowd.gather(port, clients);
  const end = performance.now() + ms;
  const times = await Promise.all(crowd.sockets.map(async (socket) => {
    const asked = ENCODER.encode(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const times: number[] = [];
    for (let length = 0; performance.now() < end;) {
      const start = performance.now();
      await socket.write(asked);
      let answer = await readOnce(socket);
      while (answer !== "" && answer.length < length) {
        answer += await readOnce(socket);
      }
      times.push(performance.now() - start);
      assertMatch(answer, /^HTTP\/1\.1 200 /);
      length = answer.length;
    }
    return times;
  }));
  return Float64Array.from(times.flat()).sort();
}

/** The value that so many of all values do not exceed; `values` ascend. */
export function quantile(values: Float64Array, part: number): number {
  return values[Math.min(values.length - 1, Math.ceil(part * values.length))]!;
}

/** How often a probe asks, in ms. */
const PROBE_MS = 50;

/** One more client, who asks for a small file over a new connection all the time. */
export class Probe {
  /** How long the slowest answer took, in ms. */
  worst = 0;
  /** How many answers there were. */
  count = 0;
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(port: number, target: string) {
    this.#running = this.#run(port, target);
    // Whoever ends it is told; until then nobody need be.
    this.#running.catch(() => {});
  }

  async #run(port: number, target: string): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      const { status } = await request(port, "GET", target);
      assertEquals(status, 200);
      this.worst = Math.max(this.worst, performance.now() - start);
      this.count++;
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }

  /** Ends it; fails when any answer was not what it ought to be. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }
}
