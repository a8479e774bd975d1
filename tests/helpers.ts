/**
 * What several test files need: temporary sites, waiting, and a client that
 * sends bytes as they are. It imports nothing of skiff, because each test file
 * loads all of its modules again.
 *
 * @module
 */

import { join } from "@std/path";
import { Buffer } from "node:buffer";

function isGranted(...names: Deno.PermissionName[]): boolean {
  return names.every((name) =>
    Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state ===
      "granted"
  );
}

/** Whether this run of the tests may read and write files. */
export const HAS_FILES: boolean = isGranted("read", "write");
/** Whether it may use the network as well. */
export const HAS_NETWORK: boolean = HAS_FILES && isGranted("net");
/** Whether it may start other programs as well. */
export const HAS_PROGRAMS: boolean = HAS_NETWORK && isGranted("run");

/** A number from an environment variable, if the tests may read it and it is set. */
export function numberFrom(
  variable: string,
  fallback: number,
): number {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  const value = state === "granted" ? Deno.env.get(variable) : undefined;
  return value === undefined ? fallback : Number(value);
}

/** A test that is reported as ignored where it may not do what it needs. */
export function testWith(
  isPossible: boolean,
  name: string,
  fn: (context: Deno.TestContext) => void | Promise<void>,
): void {
  Deno.test({ name, ignore: !isPossible, fn });
}

/** Files of a site by path: text or bytes. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A directory that is gone when it goes out of scope. */
export class TemporaryDirectory implements Disposable {
  /** Absolute, real path. */
  readonly path: string;

  constructor(files: Files = {}) {
    this.path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "skiff-" }));
    for (const [name, content] of Object.entries(files)) {
      this.write(name, content);
    }
  }

  /** Writes a file, making the directories on its way. */
  write(name: string, content: string | Uint8Array): void {
    const path = this.join(name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  }

  /** The absolute path of something in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** How long something may take that should come at once, in ms. */
const PATIENCE_MS = 20_000;

/** What a promise comes to; a failure that says what was waited for when it takes too long. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  ms: number = PATIENCE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`Waited ${ms} ms in vain: ${what}`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns as soon as the condition holds, for things that nothing tells of when they happen. */
export async function until(
  condition: () => boolean,
  what: string,
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Resolves once the runtime has collected all values: nothing holds them any more. */
export async function untilCollected(
  values: readonly WeakRef<object>[],
): Promise<void> {
  const held: Uint8Array[] = [];
  let collected = 0;
  // To look at a value while the runtime marks what is in use would keep it.
  const registry = new FinalizationRegistry(() => collected++);
  values.forEach((value) => registry.register(value.deref()!, undefined));
  await until(() => {
    // Memory pressure that lasts, so that the runtime collects more than what is new.
    held.push(new Uint8Array(16 * 1024 * 1024).fill(1));
    if (held.length === 16) held.length = 0;
    return collected === values.length;
  }, "collection");
}

/** How many files and sockets this process has open, for tests of the night: no other test runs beside them. */
export function descriptors(): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** How many files below a directory this process has open; undefined where the system does not tell. */
export function openIn({ path }: TemporaryDirectory): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith(path);
    } catch {
      // Closed meanwhile, such as the descriptor that lists them.
      return false;
    }
  }).length;
}

/**
 * How many connections this process has open at a port of its own; undefined where the system does not tell. Does not
 * count their other ends.
 */
export function openConnections(port: number): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["tcp", "tcp6"].flatMap((family) =>
    Deno.readTextFileSync(`/proc/self/net/${family}`).split("\n")
  ).filter((line) => {
    const [, from, , state, , , , , , inode] = line.trim().split(/\s+/);
    // A socket that no process holds any more has no inode.
    return from?.endsWith(local) && state !== LISTENING && inode !== "0";
  }).length;
}

/** The state of a listening socket in the system's table. */
const LISTENING = "0A";

/** Numbers that look random, and are the same in every run (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % end;
  }

  /** So many bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

const ENCODER = new TextEncoder();

/** Bytes of a text in which every character is a byte. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** The text of bytes, a character each. */
export function textOf(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** Everything that comes from a connection until its end. */
export async function readToEnd(socket: Deno.Conn): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await socket.read(buffer);
    if (count === null) break;
    pieces.push(buffer.slice(0, count));
  }
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Sends bytes in pieces of the given size, and returns everything that comes back until the server closes. */
export async function exchange(
  port: number,
  request: string | Uint8Array,
  pieceBytes: number = Infinity,
): Promise<string> {
  const bytes = typeof request === "string" ? bytesOf(request) : request;
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  socket.setNoDelay(true);
  const answer = readToEnd(socket);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await writeAll(socket, bytes.subarray(at, at + pieceBytes));
  }
  return textOf(await answer);
}

/** Writes all bytes. */
export async function writeAll(
  socket: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await socket.write(bytes.subarray(at));
  }
}

/** A response as a client that does not trust the server reads it. */
export interface Response {
  readonly status: number;
  /** What stands behind the status code. */
  readonly reason: string;
  /** Fields by lower-case name; values of repeated ones joined with ", ". */
  readonly fields: ReadonlyMap<string, string>;
  /** The body, a character for each byte. */
  readonly body: string;
}

// deno-lint-ignore no-control-regex
const FIELD_LINE = /^([!#$%&'*+.^_`|~\w-]+): ([^\0-\x08\x0a-\x1f\x7f]*)$/;

/**
 * Splits what came from a connection into responses, by Content-Length alone. `methods` are those of
 * the requests, because a response to HEAD has no body. Throws when something is left over or missing.
 */
export function parseResponses(
  text: string,
  methods: readonly string[],
): Response[] {
  const responses: Response[] = [];
  let at = 0;
  for (const method of methods) {
    const headEnd = text.indexOf("\r\n\r\n", at);
    if (headEnd === -1) {
      throw new Error(`No response head at ${at}: ${text.slice(at, at + 200)}`);
    }
    const [statusLine, ...lines] = text.slice(at, headEnd).split("\r\n");
    const status = /^HTTP\/1\.1 (\d{3}) ([ -~]+)$/.exec(statusLine!);
    if (status === null) {
      throw new Error(`Not a status line: ${statusLine!.slice(0, 200)}`);
    }
    const fields = new Map<string, string>();
    for (const line of lines) {
      const field = FIELD_LINE.exec(line);
      if (field === null) throw new Error(`Not a field line: ${line}`);
      const name = field[1]!.toLowerCase();
      const before = fields.get(name);
      fields.set(
        name,
        before === undefined ? field[2]! : `${before}, ${field[2]}`,
      );
    }
    const code = Number(status[1]);
    const hasBody = method !== "HEAD" && code !== 204 && code !== 304;
    const length = hasBody ? Number(fields.get("content-length")) : 0;
    const bodyStart = headEnd + 4;
    at = bodyStart + length;
    if (!(at <= text.length)) {
      throw new Error(`Body of ${length} bytes is cut short`);
    }
    responses.push({
      status: code,
      reason: status[2]!,
      fields,
      body: text.slice(bodyStart, at),
    });
  }
  if (at !== text.length) {
    throw new Error(`Left over: ${text.slice(at, at + 200)}`);
  }
  return responses;
}

/** One request on a connection of its own, and its response. */
export async function request(
  port: number,
  method: string,
  target: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const text = await exchange(
    port,
    `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${
      lines.join("")
    }\r\n`,
  );
  return parseResponses(text, [method])[0]!;
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}
