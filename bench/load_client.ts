/**
 * The load that wrk cannot make, as a program of its own so that it can run
 * on the load's core: counts per connection, large answers, idle and slow
 * clients. Takes a {@linkcode Task} as JSON, prints its result as one line.
 *
 * @module
 */

import { askHttp2 } from "./http2_client.ts";

/** What to do. */
export type Task =
  | FairTask
  | StreamTask
  | IdleTask
  | IdleHttp2Task
  | DisturbTask;

/** Many connections, each asking again as soon as it is answered; how many answers does each get? */
export interface FairTask {
  readonly kind: "fair";
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** A request's bytes. */
  readonly request: string;
  /** Bytes of its answer, head and body, the same each time. */
  readonly answerBytes: number;
}

/** What {@linkcode FairTask} finds. */
export interface FairResult {
  /** Answers that came in the time. */
  readonly answers: number;
  /** Those of the connection that got fewest. */
  readonly fewest: number;
  /** Those of the connection that got most. */
  readonly most: number;
  /** Longest time between a request and its answer's last byte, in ms. */
  readonly longest: number;
  /** Connections that broke or were answered with something else. */
  readonly errors: number;
}

/** Some connections, each fetching a large file again and again. */
export interface StreamTask {
  readonly kind: "stream";
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly request: string;
  readonly answerBytes: number;
}

/** What {@linkcode StreamTask} finds. */
export interface StreamResult {
  /** Bytes that came in the time. */
  readonly bytes: number;
  /** How long that was, in s. */
  readonly seconds: number;
  /** Connections that broke. */
  readonly errors: number;
}

/** Connections that ask once each and then stay, until standard input ends. */
export interface IdleTask {
  readonly kind: "idle";
  readonly port: number;
  readonly connections: number;
  readonly request: string;
  readonly answerBytes: number;
}

/** The same over TLS and HTTP/2. */
export interface IdleHttp2Task {
  readonly kind: "idle-http2";
  readonly port: number;
  readonly connections: number;
  /** The certificate of the authority that the server's is signed by. */
  readonly ca: string;
  readonly target: string;
  /** The text that is due. */
  readonly body: string;
}

/** A slow taker, one that stops inside a head, and connections that say nothing, until standard input ends. */
export interface DisturbTask {
  readonly kind: "disturb";
  readonly port: number;
  /** The request whose answer is taken slowly. */
  readonly request: string;
  /** How many bytes of it in each second. */
  readonly bytesPerSecond: number;
  /** How many connections say nothing. */
  readonly idle: number;
}

/** What {@linkcode IdleTask} and {@linkcode DisturbTask} find. */
export interface HeldResult {
  /** Connections that the server has ended. */
  readonly ended: number;
  /** Bytes that the slow taker has got. */
  readonly slowBytes: number;
}

/** The line that tells that all connections of a held task stand. */
export const READY = "ready";

/** How long a fair task runs before it counts, in ms. */
const WARM_MS = 500;

/** How long after the end of the time an answer may still come, in ms. */
const GRACE_MS = 2000;

const ENCODER = new TextEncoder();

/** How many connections are opened at once: more would overrun a server's queue before it has begun to accept. */
const OPENING_MAX = 100;

async function open(port: number, count: number): Promise<Deno.TcpConn[]> {
  const conns: Deno.TcpConn[] = [];
  while (conns.length < count) {
    const batch = Math.min(OPENING_MAX, count - conns.length);
    conns.push(
      ...await Promise.all(
        Array.from({ length: batch }, async () => {
          const conn = await Deno.connect({ hostname: "127.0.0.1", port });
          conn.setNoDelay(true);
          return conn;
        }),
      ),
    );
  }
  return conns;
}

function closeAll(conns: readonly Deno.Conn[]): void {
  for (const conn of conns) {
    try {
      conn.close();
    } catch {
      // It was closed already.
    }
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Reads one answer; throws when it does not begin like a success. */
async function readAnswer(
  conn: Deno.TcpConn,
  answerBytes: number,
  buffer: Uint8Array,
): Promise<void> {
  for (let got = 0; got < answerBytes;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Deno.errors.UnexpectedEof();
    // "HTTP/1.1 2…"
    if (got === 0 && (count < 12 || buffer[9] !== 0x32)) throw new Error();
    got += count;
    if (got > answerBytes) throw new Error();
  }
}

async function fair(task: FairTask): Promise<FairResult> {
  const { connections, seconds, answerBytes } = task;
  const request = ENCODER.encode(task.request);
  const counts = new Uint32Array(connections);
  let longest = 0;
  let errors = 0;
  let isCounting = false;
  let isOver = false;
  const conns = await open(task.port, connections);
  const client = async (conn: Deno.TcpConn, number: number) => {
    const buffer = new Uint8Array(Math.min(answerBytes + 1, 65536));
    try {
      while (!isOver) {
        const began = performance.now();
        await writeAll(conn, request);
        await readAnswer(conn, answerBytes, buffer);
        if (!isCounting) continue;
        counts[number]!++;
        longest = Math.max(longest, performance.now() - began);
      }
    } catch {
      errors++;
    }
  };
  const clients = Promise.all(conns.map(client));
  await pause(WARM_MS);
  isCounting = true;
  await pause(seconds * 1000);
  isCounting = false;
  isOver = true;
  const timer = setTimeout(() => closeAll(conns), GRACE_MS);
  await clients;
  clearTimeout(timer);
  closeAll(conns);
  return {
    answers: counts.reduce((sum, count) => sum + count, 0),
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    longest,
    errors,
  };
}

async function stream(task: StreamTask): Promise<StreamResult> {
  const request = ENCODER.encode(task.request);
  const conns = await open(task.port, task.connections);
  let bytes = 0;
  let errors = 0;
  let isOver = false;
  const client = async (conn: Deno.TcpConn) => {
    const buffer = new Uint8Array(1024 * 1024);
    try {
      for (;;) {
        await writeAll(conn, request);
        for (let got = 0; got < task.answerBytes;) {
          const count = await conn.read(buffer);
          if (count === null) throw new Deno.errors.UnexpectedEof();
          got += count;
          bytes += count;
        }
      }
    } catch {
      if (!isOver) errors++;
    }
  };
  const clients = Promise.all(conns.map(client));
  await pause(WARM_MS);
  const bytesBefore = bytes;
  const began = performance.now();
  await pause(task.seconds * 1000);
  const result = {
    bytes: bytes - bytesBefore,
    seconds: (performance.now() - began) / 1000,
    errors,
  };
  isOver = true;
  closeAll(conns);
  await clients;
  return result;
}

async function idle(task: IdleTask): Promise<HeldResult> {
  const request = ENCODER.encode(task.request);
  const conns = await open(task.port, task.connections);
  const buffer = new Uint8Array(65536);
  for (const conn of conns) {
    await writeAll(conn, request);
    await readAnswer(conn, task.answerBytes, buffer);
  }
  return { ended: await hold(conns), slowBytes: 0 };
}

async function idleHttp2(task: IdleHttp2Task): Promise<HeldResult> {
  const { connections, port, target, ca, body } = task;
  const conns: Deno.TlsConn[] = [];
  const ask = async () => {
    const conn = await Deno.connectTls({
      hostname: "127.0.0.1",
      port,
      caCerts: [ca],
      alpnProtocols: ["h2"],
    });
    conns.push(conn);
    if (await askHttp2(conn, port, target) !== body) {
      throw new Error("another body than is due");
    }
  };
  while (conns.length < connections) {
    const batch = Math.min(OPENING_MAX, connections - conns.length);
    await Promise.all(Array.from({ length: batch }, ask));
  }
  return { ended: await hold(conns), slowBytes: 0 };
}

async function disturb(task: DisturbTask): Promise<HeldResult> {
  const conns = await open(task.port, task.idle + 2);
  const [slow, stuck] = conns;
  await writeAll(stuck!, ENCODER.encode("GET / HTTP/1.1\r\nHost: exam"));
  await writeAll(slow!, ENCODER.encode(task.request));
  let slowBytes = 0;
  let isOver = false;
  const taking = (async () => {
    const slice = new Uint8Array(task.bytesPerSecond / 10);
    while (!isOver) {
      await pause(100);
      for (let got = 0; got < slice.length && !isOver;) {
        const count = await slow!.read(slice.subarray(got));
        if (count === null) return;
        got += count;
        slowBytes += count;
      }
    }
  })().catch(() => {});
  const ended = await hold(conns.slice(1));
  isOver = true;
  closeAll([slow!]);
  await taking;
  return { ended, slowBytes };
}

/** Keeps connections until standard input ends; returns how many the server has ended meanwhile. */
async function hold(conns: readonly Deno.Conn[]): Promise<number> {
  let ended = 0;
  let isOver = false;
  const watchers = conns.map(async (conn) => {
    try {
      const buffer = new Uint8Array(512);
      while (await conn.read(buffer) !== null);
    } catch {
      // Reset is an end as well.
    }
    if (!isOver) ended++;
  });
  Deno.stdout.writeSync(ENCODER.encode(`${READY}\n`));
  for await (const _ of Deno.stdin.readable);
  isOver = true;
  closeAll(conns);
  await Promise.all(watchers);
  return ended;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function perform(task: Task): Promise<FairResult | StreamResult | HeldResult> {
  switch (task.kind) {
    case "fair":
      return fair(task);
    case "stream":
      return stream(task);
    case "idle":
      return idle(task);
    case "idle-http2":
      return idleHttp2(task);
    case "disturb":
      return disturb(task);
  }
}

if (import.meta.main) {
  const result = await perform(JSON.parse(Deno.args[0]!));
  Deno.stdout.writeSync(ENCODER.encode(`${JSON.stringify(result)}\n`));
}
