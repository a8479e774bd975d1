/**
 * Measuring what wrk alone cannot: fairness between connections, large files,
 * disturbers, memory, the start, and how skiff compares with itself.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import {
  expectStatus,
  isEqual,
  requestText,
  Wire,
  type WireRequest,
  WrongAnswer,
} from "./exchange.ts";
import { LARGE_BYTES, TARGETS } from "./files.ts";
import { browserFields } from "./heads.ts";
import { HeldClients, runClient, startLoad } from "./load.ts";
import type { StreamResult } from "./load_client.ts";
import {
  file,
  type Measure,
  type Measures,
  measuresOf,
  pause,
  type Run,
  SETTLE_MS,
  type Subject,
  subjectFor,
  timed,
  type Timing,
  warm,
  watchCore,
} from "./measure_requests.ts";
import { peakBytes, resetPeak, residentBytes } from "./proc.ts";
import type { Server } from "./servers.ts";
import { median } from "./statistics.ts";

const MIB = 1024 * 1024;
const KIB = 1024;

/** Many connections: time, time-outs, and for some servers how evenly the connections are served. */
export function measureConnections(connections: number): Measure {
  return async (server, run) => {
    const subject = await subjectFor(server, run, file(TARGETS.small));
    const { requests } = subject;
    const plan = { port: server.port, connections, requests };
    await warm(server, run, plan);
    const measures = measuresOf(await timed(server, run, plan, subject));
    if (server.peer.isSkiff || server.peer.name === "nginx") {
      Object.assign(measures, await fairness(server, run, plan, subject));
    }
    await subject.check();
    return measures;
  };
}

async function fairness(
  server: Server,
  run: Run,
  plan: { connections: number; requests: readonly WireRequest[] },
  subject: Subject,
): Promise<Measures> {
  const { port, peer } = server;
  const result = await runClient({
    kind: "fair",
    port,
    connections: plan.connections,
    seconds: run.seconds,
    request: requestText(plan.requests[0]!, port),
    answerBytes: await subject.check(),
  }, run.load);
  if (result.errors > 0) {
    run.note(`${peer.name}: ${result.errors} of the counted connections broke`);
  }
  const mean = result.answers / plan.connections;
  return { fairness: result.fewest / mean, longest: result.longest };
}

/** Who reads a large file. */
export type Reader = "client" | "curl" | "discard";

/** A large file on so many connections: bytes per second, and memory above what it was when idle. */
export function measureStreams(connections: number, reader: Reader): Measure {
  return async (server, run) => {
    const { pid, peer } = server;
    const idleBytes = residentBytes(pid);
    resetPeak(pid);
    const answerBytes = await checkLarge(server, run);
    const read = READERS[reader];
    const shares = watchCore(server, run);
    const result = await read(server, run, answerBytes, connections);
    const { idle, others, serverSeconds } = shares();
    if (result.errors > 0) {
      run.note(`${peer.name}: ${result.errors} large answers broke off`);
    }
    return {
      megabytes: result.bytes / result.seconds / 1e6,
      cpu: serverSeconds / (result.bytes / (MIB * KIB)),
      memory: (peakBytes(pid) - idleBytes) / MIB,
      idle,
      others,
    };
  };
}

/** How often a reader that is a program of its own fetches the large file. */
const DOWNLOADS = 3;

const READERS: Readonly<
  Record<
    Reader,
    (
      server: Server,
      run: Run,
      answerBytes: number,
      connections: number,
    ) => Promise<StreamResult>
  >
> = {
  client: ({ port }, { load, seconds }, answerBytes, connections) =>
    runClient({
      kind: "stream",
      port,
      connections,
      seconds,
      request: requestText({ target: TARGETS.large }, port),
      answerBytes,
    }, load),
  async curl({ port }, { load }) {
    const url = `http://127.0.0.1:${port}${TARGETS.large}`;
    const download = ["-o", "/dev/null", url];
    const downloads = Array.from({ length: DOWNLOADS }, () => download).flat();
    const format = "%{http_code} %{size_download}\\n";
    const began = performance.now();
    const text = await startLoad(
      ["curl", "--silent", "--write-out", format, ...downloads],
      load,
    ).finish();
    const seconds = (performance.now() - began) / 1000;
    if (text !== `200 ${LARGE_BYTES}\n`.repeat(DOWNLOADS)) {
      throw new WrongAnswer(`curl got: ${text}`);
    }
    return { bytes: DOWNLOADS * LARGE_BYTES, seconds, errors: 0 };
  },
  async discard({ port }, { load }) {
    const script = fromFileUrl(new URL("./discard.py", import.meta.url));
    const request = requestText({ target: TARGETS.large }, port);
    const counts = [String(LARGE_BYTES), String(DOWNLOADS)];
    const began = performance.now();
    const text = await startLoad(
      ["python3", script, String(port), request, ...counts],
      load,
    ).finish();
    const seconds = (performance.now() - began) / 1000;
    if (Number(text) !== DOWNLOADS * LARGE_BYTES) {
      throw new WrongAnswer(`the reader got: ${text}`);
    }
    return { bytes: DOWNLOADS * LARGE_BYTES, seconds, errors: 0 };
  },
};

/** Compares a whole large answer with the file; returns its bytes on the wire. */
async function checkLarge(server: Server, run: Run): Promise<number> {
  using onDisk = Deno.openSync(run.root + TARGETS.large);
  const due = new Uint8Array(64 * KIB);
  let length = 0;
  using wire = await Wire.open(server.port);
  await wire.send({ target: TARGETS.large });
  const answer = await wire.receive("GET", (piece) => {
    const expected = due.subarray(0, piece.length);
    for (let at = 0; at < expected.length;) {
      at += onDisk.readSync(expected.subarray(at)) ?? Infinity;
    }
    if (!isEqual(piece, expected)) throw new WrongAnswer("wrong bytes");
    length += piece.length;
  });
  expectStatus(answer, 200);
  if (length !== LARGE_BYTES) {
    throw new WrongAnswer(`${length} bytes where ${LARGE_BYTES} are due`);
  }
  return answer.wireBytes;
}

/** What the disturbers do: one takes a large file slowly, one stops inside a head, the others say nothing. */
const DISTURBERS = { bytesPerSecond: 200_000, idle: 200 };

/** 64 connections, with disturbers and, before and after, without. */
export const measureDisturbed: Measure = async (server, run) => {
  const { port } = server;
  const load = await smallLoad(server, run, { target: TARGETS.small });
  const before = await load();
  const request = requestText({ target: TARGETS.large }, port);
  const task = { kind: "disturb", port, request, ...DISTURBERS } as const;
  const began = performance.now();
  const disturbers = await HeldClients.open(task, run.load);
  const meanwhile = await load().finally(async () => {
    const { slowBytes } = await disturbers.release();
    const seconds = (performance.now() - began) / 1000;
    if (slowBytes < DISTURBERS.bytesPerSecond * seconds / 2) {
      const kilobytes = Math.round(slowBytes / seconds / 1000);
      run.note(`${server.peer.name}: slow client got ${kilobytes} kB/s`);
    }
  });
  return shareKept(before, meanwhile, await load());
};

/** A head as browsers send it, against wrk's own short one. */
export const measureBrowserHead: Measure = async (server, run) => {
  const { port } = server;
  const short = { target: TARGETS.smallImage };
  const long = { ...short, fields: browserFields(short, port) };
  const loadShort = await smallLoad(server, run, short);
  const loadLong = await smallLoad(server, run, long);
  const before = await loadShort();
  const meanwhile = await loadLong();
  return shareKept(before, meanwhile, await loadShort());
};

/** The access log, written to a file, against none. */
export const measureLog: Measure = async (server, run) => {
  const request = { target: TARGETS.small };
  const logFile = `${run.load.directory}/access.log`;
  const loadSilent = await smallLoad(server, run, request);
  const before = await loadSilent();
  const logging = await run.again(logFile);
  let meanwhile: Timing;
  try {
    meanwhile = await (await smallLoad(logging, run, request))();
  } finally {
    await logging.stop();
  }
  const lines = await countLines(logFile);
  Deno.removeSync(logFile);
  const due = meanwhile.requests;
  if (lines < due) run.note(`${lines} lines in the log for ${due} answers`);
  return shareKept(before, meanwhile, await loadSilent());
};

/** What each measurement of the start does over, because one start tells little. */
const STARTS = 3;

/** Connections that idle at once, if there are descriptors enough. */
const IDLE_CONNECTIONS = 5000;

/** From the start to the first answer; memory when idle, and of idle connections. */
export const measureStart: Measure = async (server, run) => {
  const { port, pid } = server;
  const starts: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const another = await run.again();
    starts.push(another.startMs);
    await another.stop();
  }
  await pause(SETTLE_MS);
  const idleBytes = residentBytes(pid);
  const subject = await file(TARGETS.small)(server, run);
  const descriptors = run.load.descriptors - 1000;
  const connections = Math.min(IDLE_CONNECTIONS, descriptors);
  if (connections < IDLE_CONNECTIONS) {
    run.note(`only ${connections} idle connections: too few descriptors`);
  }
  const clients = await HeldClients.open({
    kind: "idle",
    port,
    connections,
    request: requestText(subject.requests[0]!, port),
    answerBytes: await subject.check(),
  }, run.load);
  await pause(SETTLE_MS);
  const heldBytes = residentBytes(pid);
  const { ended } = await clients.release();
  if (ended > 0) {
    run.note(`${server.peer.name}: ${ended} idle connections were ended`);
  }
  return {
    start: median(starts),
    resident: idleBytes / MIB,
    connection: (heldBytes - idleBytes) / connections / KIB,
  };
};

/** Warms a server for one request on 64 connections; returns what times it. */
async function smallLoad(
  server: Server,
  run: Run,
  request: WireRequest,
): Promise<() => Promise<Timing>> {
  const plain = await file(request.target)(server, run);
  const subject = { ...plain, requests: [request] };
  const plan = { port: server.port, connections: 64, requests: [request] };
  await warm(server, run, plan);
  return () => timed(server, run, plan, subject);
}

/** The figures of a timing, and what it is as a share of those before and after, so that a drift of the machine cancels out. */
function shareKept(before: Timing, meanwhile: Timing, after: Timing): Measures {
  const [first, middle, last] = [before, meanwhile, after].map(measuresOf);
  const shareOf = (name: "rate" | "perCpuSecond") =>
    middle![name]! / ((first![name]! + last![name]!) / 2);
  return {
    ...middle,
    others: Math.max(before.others, meanwhile.others, after.others),
    kept: shareOf("rate"),
    keptPerCpuSecond: shareOf("perCpuSecond"),
  };
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  const file = await Deno.open(path);
  for await (const chunk of file.readable) {
    for (
      let i = chunk.indexOf(0x0a);
      i !== -1;
      i = chunk.indexOf(0x0a, i + 1)
    ) {
      lines++;
    }
  }
  return lines;
}
