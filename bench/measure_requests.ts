/**
 * Measuring with wrk: the answers are checked byte by byte, the server is
 * warmed, timed, and checked again.
 *
 * @module
 */

import { gunzipSync } from "node:zlib";
import {
  ask,
  expectAnswer,
  expectStatus,
  isEqual,
  Wire,
  type WireRequest,
  WrongAnswer,
} from "./exchange.ts";
import {
  ABSENT_COUNT,
  absentTarget,
  CROWD_COUNT,
  crowdTarget,
  MANY_COUNT,
  manyTarget,
  randomNumbers,
  RANGES_BYTES,
  TARGETS,
} from "./files.ts";
import {
  checkSizes,
  type LoadOptions,
  runWrk,
  type WrkPlan,
  type WrkResult,
} from "./load.ts";
import {
  type CoreTimes,
  coreTimes,
  cpuSeconds,
  residentBytes,
} from "./proc.ts";
import type { Server } from "./servers.ts";
import type { PairFiles } from "./tls_client.ts";

/** What a measurement has come to, by the name of the figure. */
export type Measures = Record<string, number>;

/** What every measurement is given. */
export interface Run {
  /** The directory that is served. */
  readonly root: string;
  /** How long to load, in whole seconds. */
  readonly seconds: number;
  readonly load: LoadOptions;
  /** What the server serves TLS with; undefined for plain HTTP/1.1. */
  readonly pair: PairFiles | undefined;
  /** Starts the same peer once more; with a file, it writes its access log there. */
  again(logFile?: string): Promise<Server>;
  /** Says what a reader of the figures must know. */
  note(text: string): void;
}

/** Measures one server. Throws a WrongAnswer when it does not answer as it must. */
export type Measure = (server: Server, run: Run) => Promise<Measures>;

/** Requests that are to be timed. */
export interface Subject {
  readonly requests: readonly WireRequest[];
  /** Throws when an answer is not right, byte by byte; returns the bytes of one on the wire. */
  check(): Promise<number>;
  /** The status that all answers must have is 400 or more. */
  readonly isFailure?: boolean;
}

/** How a subject is asked for. */
export interface Manner {
  readonly connections: number;
  /** How many requests are sent at once. */
  readonly depth?: number;
  /** Whether nothing was asked for before: the timing begins with the first visits. */
  readonly isCold?: boolean;
  /** Whether several requests come at random from the first on. */
  readonly isRandom?: boolean;
  /** What is asked for, of this server. */
  subject(server: Server, run: Run): Promise<Subject> | Subject;
}

/** Seconds of load before anything counts. */
export const WARM_SECONDS = 1;

/** How long memory and watches are given to settle, in ms. */
export const SETTLE_MS = 1000;

/** Waits for so many ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What {@linkcode timed} has come to. */
export interface Timing extends WrkResult, CoreShares {
  /** Bytes of one answer on the wire. */
  readonly answerBytes: number;
}

/** What the server's core did meanwhile, in percent of the time; NaN when the server had no core of its own. */
export interface CoreShares {
  /** Nothing: the server waited for the load. */
  readonly idle: number;
  /** Work of other processes. */
  readonly others: number;
  /** Processor time of the server, in seconds; of its own core or not. */
  readonly serverSeconds: number;
}

/** Watches the server's core: what is returned tells what it did in between. */
export function watchCore(server: Server, run: Run): () => CoreShares {
  const { serverCore } = run.load.pinning;
  const look = () => ({
    core: serverCore === undefined ? undefined : coreTimes(serverCore),
    server: cpuSeconds(server.pid),
    now: performance.now() / 1000,
  });
  const before = look();
  return () => {
    const after = look();
    const since = (name: keyof CoreTimes) =>
      (after.core?.[name] ?? NaN) - (before.core?.[name] ?? NaN);
    const percent = 100 / (after.now - before.now);
    const serverSeconds = after.server - before.server;
    const others = since("busy") - serverSeconds;
    return {
      idle: percent * since("idle"),
      others: percent * Math.max(0, others),
      serverSeconds,
    };
  };
}

/** Measures requests with wrk. */
export function measureRequests(manner: Manner): Measure {
  return async (server, run) => {
    const { connections, depth = 1, isCold, isRandom = false } = manner;
    const subject = await subjectFor(server, run, manner.subject);
    const { requests } = subject;
    const plan = { port: server.port, connections, requests, depth, isRandom };
    if (isCold !== true) {
      await subject.check();
      await warm(server, run, plan);
    }
    const timing = await timed(server, run, plan, subject);
    await subject.check();
    return {
      ...measuresOf(timing),
      memory: residentBytes(server.pid) / 2 ** 20,
    };
  };
}

/** Loads a server without looking. */
export async function warm(
  _server: Server,
  run: Run,
  plan: Omit<WrkPlan, "seconds">,
): Promise<void> {
  await runWrk({ ...plan, seconds: WARM_SECONDS }, run.load);
}

/** Times one load, and checks that the answers were of the right number of bytes. */
export async function timed(
  server: Server,
  run: Run,
  plan: Omit<WrkPlan, "seconds">,
  subject: Subject,
): Promise<Timing> {
  const answerBytes = await subject.check();
  const whole = { ...plan, seconds: run.seconds };
  const shares = watchCore(server, run);
  const result = await runWrk(whole, run.load);
  const coreShares = shares();
  checkSizes(whole, result, answerBytes);
  if (subject.isFailure !== true && result.failures > 0) {
    throw new WrongAnswer(`${result.failures} failures under load`);
  }
  if (result.errors > 0) {
    run.note(`${server.peer.name}: ${result.errors} broken connections`);
  }
  return { ...result, ...coreShares, answerBytes };
}

/** The figures of a timing. */
export function measuresOf(timing: Timing): Measures {
  const { rate, p50, p99, timeouts, errors, idle, others } = timing;
  const { answerBytes, requests, serverSeconds } = timing;
  // Tells something even where the server had to share its core.
  const perCpuSecond = requests / serverSeconds;
  const cpu = 10_000 / perCpuSecond;
  return {
    ...{ rate, p50, p99, timeouts, errors, answerBytes },
    ...{ perCpuSecond, cpu, idle, others },
  };
}

/** A file, asked for as it is. */
export function file(target: string): Manner["subject"] {
  return (server, run) => {
    const request = { target };
    const body = Deno.readFileSync(run.root + target);
    return {
      requests: [request],
      async check() {
        const answer = await ask(server.port, request);
        expectAnswer(answer, 200, body);
        return answer.wireBytes;
      },
    };
  };
}

/** What is asked for of a server; of one that knows one answer, that. */
export function subjectFor(
  server: Server,
  run: Run,
  subject: Manner["subject"],
): Promise<Subject> | Subject {
  return server.peer.isCanned ? cannedSubject(server) : subject(server, run);
}

/** The one answer of a server that knows no other, which has the bytes of skiff's. */
function cannedSubject(server: Server): Subject {
  const request = { target: TARGETS.small };
  return {
    requests: [request],
    async check() {
      const answer = await ask(server.port, request);
      expectStatus(answer, 200);
      return answer.wireBytes;
    },
  };
}

/** All of the many files. */
export const manyFiles = filesOf(MANY_COUNT, manyTarget, 100);

/** All of the many files, of which only one is looked at before they are timed. */
export const unseenFiles = filesOf(MANY_COUNT, manyTarget, MANY_COUNT);

/** All of the crowd. */
export const crowdFiles = filesOf(CROWD_COUNT, crowdTarget, 1000);

/** Numbered files, of which one in `every` is compared with what is on disk. */
function filesOf(
  count: number,
  targetOf: (number: number) => string,
  every: number,
): (server: Server, run: Run) => Subject {
  const numbers = Array.from({ length: count }, (_, number) => number);
  return (server, run) => ({
    requests: numbers.map((number) => ({ target: targetOf(number) })),
    async check() {
      using wire = await Wire.open(server.port);
      let wireBytes = 0;
      for (const number of numbers.filter((number) => number % every === 37)) {
        const target = targetOf(number);
        await wire.send({ target });
        const answer = await wire.receive();
        expectAnswer(answer, 200, Deno.readFileSync(run.root + target));
        wireBytes = answer.wireBytes;
      }
      return wireBytes;
    },
  });
}

/** A file that the client has already, told by the server's own ETag. */
export async function notModified(server: Server, run: Run): Promise<Subject> {
  const plain = { target: TARGETS.small };
  const body = Deno.readFileSync(run.root + plain.target);
  const first = await ask(server.port, plain);
  expectAnswer(first, 200, body);
  const etag = first.fields.get("etag");
  if (etag === undefined) throw new WrongAnswer("no ETag");
  const request = { ...plain, fields: { "If-None-Match": etag } };
  return {
    requests: [request],
    async check() {
      using wire = await Wire.open(server.port);
      // What follows a 304 shows that it really had no body.
      await wire.send(request);
      const answer = await wire.receive();
      expectStatus(answer, 304);
      await wire.send(plain);
      expectAnswer(await wire.receive(), 200, body);
      return answer.wireBytes;
    },
  };
}

/** Names that are not there. */
export function absent(server: Server): Subject {
  const requests = Array.from(
    { length: ABSENT_COUNT },
    (_, number) => ({ target: absentTarget(number) }),
  );
  return {
    requests,
    async check() {
      const answer = await ask(server.port, requests.at(-1)!);
      expectStatus(answer, 404);
      return answer.wireBytes;
    },
    isFailure: true,
  };
}

const RANGE_BYTES = 4096;
const RANGE_COUNT = 10_000;

/** Ranges of a large file, at random places. */
export function someRanges(server: Server, run: Run): Subject {
  const target = TARGETS.ranges;
  const next = randomNumbers(6);
  const starts = Array.from(
    { length: RANGE_COUNT },
    () => next() % (RANGES_BYTES - RANGE_BYTES),
  );
  const request = (start: number): WireRequest => {
    const end = start + RANGE_BYTES - 1;
    return { target, fields: { Range: `bytes=${start}-${end}` } };
  };
  return {
    requests: starts.map(request),
    async check() {
      using wire = await Wire.open(server.port);
      using file = Deno.openSync(run.root + target);
      const due = new Uint8Array(RANGE_BYTES);
      let wireBytes = 0;
      for (const start of starts.slice(0, 50)) {
        await wire.send(request(start));
        const answer = await wire.receive();
        file.seekSync(start, Deno.SeekMode.Start);
        file.readSync(due);
        expectAnswer(answer, 206, due);
        const place = `bytes ${start}-${
          start + RANGE_BYTES - 1
        }/${RANGES_BYTES}`;
        if (answer.fields.get("content-range") !== place) {
          throw new WrongAnswer(`not Content-Range: ${place}`);
        }
        wireBytes += answer.wireBytes / 50;
      }
      return wireBytes;
    },
  };
}

/** A file, asked for several times before the first answer. */
export function pipelined(target: string, depth: number): Manner["subject"] {
  return (server, run) => {
    const request = { target };
    const body = Deno.readFileSync(run.root + target);
    return {
      requests: [request],
      async check() {
        using wire = await Wire.open(server.port);
        await wire.send(...Array.from({ length: depth }, () => request));
        let wireBytes = 0;
        for (let i = 0; i < depth; i++) {
          const answer = await wire.receive();
          expectAnswer(answer, 200, body);
          wireBytes = answer.wireBytes;
        }
        return wireBytes;
      },
    };
  };
}

/** A file on a connection that serves for it alone. */
export function lastOfConnection(target: string): Manner["subject"] {
  return (server, run) => {
    const request = { target, fields: { Connection: "close" } };
    const body = Deno.readFileSync(run.root + target);
    return {
      requests: [request],
      async check() {
        using wire = await Wire.open(server.port);
        await wire.send(request);
        const answer = await wire.receive();
        expectAnswer(answer, 200, body);
        if (await wire.isEnded()) return answer.wireBytes;
        throw new WrongAnswer("the connection was not closed");
      },
    };
  };
}

/** How long a server may take until it has a text compressed, in ms. */
const COMPRESSION_MS = 3000;

/** A text with gzip, once the server has it compressed. */
export async function gzipped(server: Server, run: Run): Promise<Subject> {
  const target = server.peer.textTarget;
  const request = { target, fields: { "Accept-Encoding": "gzip" } };
  const text = Deno.readFileSync(run.root + target);
  const check = async () => {
    const answer = await ask(server.port, request);
    expectStatus(answer, 200);
    const coding = answer.fields.get("content-encoding") ?? "none";
    if (coding !== "gzip") throw new WrongAnswer(`content coding: ${coding}`);
    if (!isEqual(new Uint8Array(gunzipSync(answer.body)), text)) {
      throw new WrongAnswer("other text when decoded");
    }
    return answer.wireBytes;
  };
  const deadline = performance.now() + COMPRESSION_MS;
  for (;;) {
    try {
      await check();
      return { requests: [request], check };
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(50);
  }
}
