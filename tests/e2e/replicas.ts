/**
 * Replicas behind a balancer: several skiffs, the balancer in front of them, and
 * a load that forgives nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  bytesOf,
  parseResponses,
  type Response,
  TemporaryDirectory,
  textOf,
  until,
  within,
  writeAll,
} from "../helpers.ts";
import { Daemon, deployed, replaced } from "./daemon.ts";
import { Skiff } from "../skiff.ts";

/** The host that everything is asked for. */
export const HOST = "example.org";

/** A client with one connection, over a socket in the file system or to a port. It believes nothing. */
export class StrictClient implements Disposable {
  readonly #socket: Deno.Conn;
  readonly #buffer = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;

  private constructor(socket: Deno.Conn) {
    this.#socket = socket;
  }

  /** Connects to a path or a port of this machine. */
  static async connect(to: string | number): Promise<StrictClient> {
    return new StrictClient(
      typeof to === "string"
        ? await Deno.connect({ transport: "unix", path: to })
        : await Deno.connect({ hostname: "127.0.0.1", port: to }),
    );
  }

  /** Sends what a balancer in front of this one would. */
  async send(text: string): Promise<void> {
    await writeAll(this.#socket, bytesOf(text));
  }

  /** Sends a request, and returns the head of its answer. */
  async ask(
    target: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const lines = Object.entries({ Host: HOST, ...fields })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await this.send(`GET ${target} HTTP/1.1\r\n${lines}\r\n`);
    let head = "";
    while (!head.endsWith("\r\n\r\n")) {
      if (this.#start === this.#end && !await this.#receive()) {
        throw new Error(`No answer, but "${head}" and the end`);
      }
      head += String.fromCharCode(this.#buffer[this.#start++]!);
    }
    return parseResponses(head, ["HEAD"])[0]!;
  }

  /** Takes so many bytes of the body of the answer; fails when there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (this.#start === this.#end && !await this.#receive()) {
        throw new Error(`A body is cut short after ${at} of ${length} bytes`);
      }
      const piece = this.#buffer.subarray(
        this.#start,
        Math.min(this.#end, this.#start + length - at),
      );
      bytes.set(piece, at);
      at += piece.length;
      this.#start += piece.length;
    }
    return bytes;
  }

  /** A whole answer, with its body. */
  async get(
    target: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const head = await this.ask(target, fields);
    return { ...head, body: textOf(await this.take(lengthOf(head))) };
  }

  async #receive(): Promise<boolean> {
    const count = await within(this.#socket.read(this.#buffer), "an answer");
    this.#start = 0;
    this.#end = count ?? 0;
    return count !== null;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** How many bytes follow the head of an answer to GET. */
export function lengthOf({ status, fields }: Response): number {
  return status === 304 ? 0 : Number(fields.get("content-length"));
}

/** One answer on a connection of its own. */
export async function getOnce(
  to: string | number,
  target: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Response> {
  using client = await StrictClient.connect(to);
  return await client.get(target, fields);
}

/** One of several skiffs over copies of a site. It says who it is in the field X-Replica. */
export class Replica implements AsyncDisposable {
  /** Its name, from 1. */
  readonly name: string;
  /** Where its site is to be had. */
  port = 0;
  /** Where its health is to be had. */
  adminPort = 0;
  #skiff: Skiff;
  readonly #args: readonly string[];

  private constructor(name: string, args: readonly string[]) {
    this.name = name;
    this.#args = args;
    this.#skiff = this.#begin();
  }

  /** Starts one over a directory. */
  static async start(
    name: string,
    root: string,
    args: readonly string[],
  ): Promise<Replica> {
    const all = [root, "--header", `X-Replica: ${name}`, ...args];
    const replica = new Replica(name, all);
    await replica.#listening();
    return replica;
  }

  #begin(): Skiff {
    const { port, adminPort } = this;
    const ports = [`--port=${port}`, `--admin=127.0.0.1:${adminPort}`];
    return new Skiff([...this.#args, ...ports]);
  }

  async #listening(): Promise<void> {
    this.port = await this.#skiff.listening();
    const line = /^Metrics and health on http:\/\/127\.0\.0\.1:(\d+)\/$/m;
    this.adminPort = Number(line.exec(this.#skiff.stderr)![1]);
  }

  /** The program. */
  get skiff(): Skiff {
    return this.#skiff;
  }

  /** Starts it anew, once it has ended, on the ports that it had. */
  async restart(): Promise<void> {
    this.#skiff = this.#begin();
    await this.#listening();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#skiff[Symbol.asyncDispose]();
  }
}

/** Where the balancer takes requests, in its folder. */
const SOCKET = "web.sock";

/** HAProxy with the configuration that the document shows. */
export class Balancer implements AsyncDisposable {
  /** The socket on which it takes requests. */
  path = "";
  readonly #folder: TemporaryDirectory;
  readonly #daemon: Daemon;

  private constructor(program: string, config: string) {
    this.#folder = new TemporaryDirectory();
    // Named without the folder that it runs in, whose path may have spaces and quotes in it.
    const file = "haproxy.cfg";
    this.#folder.write(file, replaced(config, "BIND", `unix@${SOCKET}`));
    this.#daemon = new Daemon(program, ["-db", "-f", file], this.#folder.path);
  }

  /** Starts it over replicas. `change` may alter the configuration. */
  static async start(
    program: string,
    replicas: readonly Replica[],
    change: (config: string) => string = (config) => config,
  ): Promise<Balancer> {
    let config = deployed("haproxy.cfg");
    // A socket in the file system needs no free port. TLS is the balancer's own affair.
    config = replaced(config, /^ +bind :443 .*\n/gm, "");
    config = replaced(config, /^ +http-request redirect .*\n/gm, "");
    config = replaced(config, "bind :80\n", "bind BIND\n");
    for (const { name, port, adminPort } of replicas) {
      const server = new RegExp(
        `server skiff${name} [\\d.]+:8080 check port 9000`,
        "g",
      );
      const here = `server skiff${name} 127.0.0.1:${port}`;
      config = replaced(config, server, `${here} check port ${adminPort}`);
    }
    const balancer = new Balancer(program, change(config));
    try {
      balancer.path = await balancer.#daemon.listensAt(SOCKET);
    } catch (error) {
      await balancer[Symbol.asyncDispose]();
      throw error;
    }
    return balancer;
  }

  /** Is fulfilled when it has noticed that a replica is there, or is not there. */
  async notices(replica: Replica, state: "UP" | "DOWN"): Promise<void> {
    await this.#daemon.says(
      new RegExp(`Server skiff/skiff${replica.name} is ${state}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** A request that was not answered as it must be. */
export interface Failure {
  /** When it was begun, on the clock of `performance`. */
  readonly begun: number;
  /** What was wrong. */
  readonly error: unknown;
}

/** A file, and the tag that all replicas must send with it. */
export interface Known {
  readonly target: string;
  readonly body: string;
  readonly etag: string;
}

/** Requests without pause, on several connections, each looked at. */
export class Load {
  /** How many were answered, by the replica that did. */
  readonly answered: Record<string, number> = {};
  /** All that were not. */
  readonly failures: Failure[] = [];
  #isOver = false;
  readonly #clients: Promise<unknown>;

  /** Begins. */
  constructor(to: string, files: readonly Known[], clients: number) {
    this.#clients = Promise.all(
      Array.from({ length: clients }, (_, at) => this.#run(to, files, at)),
    );
  }

  /** How many were answered. */
  get total(): number {
    return Object.values(this.answered).reduce((sum, count) => sum + count, 0);
  }

  /** Is fulfilled when so many more are answered. */
  async goesOn(more: number): Promise<void> {
    const end = this.total + more;
    await until(() => this.total >= end, `${more} more answers`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#clients;
  }

  async #run(to: string, files: readonly Known[], at: number): Promise<void> {
    let client: StrictClient | undefined;
    for (let step = at; !this.#isOver; step++) {
      const begun = performance.now();
      try {
        client ??= await StrictClient.connect(to);
        const by = await check(client, files[step % files.length]!, step % 3);
        this.answered[by] = (this.answered[by] ?? 0) + 1;
      } catch (error) {
        this.failures.push({ begun, error });
        client?.[Symbol.dispose]();
        client = undefined;
      }
    }
    client?.[Symbol.dispose]();
  }
}

/** Asks for a file in one of three ways, and looks at everything that comes. Returns who has answered. */
async function check(
  client: StrictClient,
  { target, body, etag }: Known,
  way: number,
): Promise<string> {
  const half = body.length >> 1;
  const [status, part, fields] = [
    [200, body, {}] as const,
    [304, "", { "If-None-Match": etag }] as const,
    [206, body.slice(half), { Range: `bytes=${half}-`, "If-Range": etag }],
  ][way] as [number, string, Record<string, string>];
  const response = await client.get(target, fields);
  assertEquals(response.status, status, target);
  assertEquals(response.fields.get("etag"), etag, target);
  if (response.body !== part) throw new Error(`Another body of ${target}`);
  return response.fields.get("x-replica")!;
}
