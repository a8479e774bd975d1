/**
 * Measuring over TLS: HTTP/1.1 and HTTP/2 with h2load, handshakes with
 * OpenSSL, and the memory of idle connections.
 *
 * @module
 */

import { WrongAnswer } from "./exchange.ts";
import { TARGETS } from "./files.ts";
import {
  checkH2load,
  type H2loadPlan,
  type H2loadResult,
  runH2load,
} from "./h2load.ts";
import { HeldClients, startLoad } from "./load.ts";
import {
  type CoreShares,
  type Measure,
  type Measures,
  pause,
  type Run,
  SETTLE_MS,
  WARM_SECONDS,
  watchCore,
} from "./measure_requests.ts";
import { residentBytes } from "./proc.ts";
import type { Server } from "./servers.ts";
import { CA_TEXT, checkTls } from "./tls_client.ts";

/** How h2load asks. */
export type H2loadManner = Omit<H2loadPlan, "port" | "seconds">;

/** Many requests for one file. */
export function measureH2load(manner: H2loadManner): Measure {
  return async (server, run) => {
    const { result, seconds, shares } = await timedH2load(manner, server, run);
    await checkTls(server.port, manner.protocol, run.root, manner.target);
    return countMeasures(result.requests, seconds, shares);
  };
}

/** A file that takes long, again and again: bytes a second. */
export function measureH2loadBytes(manner: H2loadManner): Measure {
  return async (server, run) => {
    const { result, seconds, shares } = await timedH2load(manner, server, run);
    const { idle, others, serverSeconds } = shares;
    return {
      megabytes: result.bodyBytes / seconds / 1e6,
      cpu: serverSeconds / (result.bodyBytes / 2 ** 30),
      ...{ idle, others },
    };
  };
}

interface Timed {
  readonly result: H2loadResult;
  readonly seconds: number;
  readonly shares: CoreShares;
}

/** Checks, warms and times. */
async function timedH2load(
  manner: H2loadManner,
  server: Server,
  run: Run,
): Promise<Timed> {
  const { port } = server;
  const { protocol, target } = manner;
  const { seconds, load } = run;
  const bodyBytes = await checkTls(port, protocol, run.root, target);
  const plan = { ...manner, port };
  await runH2load({ ...plan, seconds: WARM_SECONDS }, load);
  const shares = watchCore(server, run);
  const result = await runH2load({ ...plan, seconds }, load);
  const coreShares = shares();
  checkH2load({ ...plan, seconds }, result, bodyBytes);
  return { result, seconds, shares: coreShares };
}

function countMeasures(
  count: number,
  seconds: number,
  { idle, others, serverSeconds }: CoreShares,
): Measures {
  const perCpuSecond = count / serverSeconds;
  const cpu = 10_000 / perCpuSecond;
  return { rate: count / seconds, perCpuSecond, cpu, idle, others };
}

/** How many programs make handshakes at once: one alone leaves the server idle meanwhile. */
const HANDSHAKERS = 4;

/** Full handshakes, one after the other, each on a connection that ends after it. */
export const measureHandshakes: Measure = async (server, run) => {
  await checkTls(server.port, "https1", run.root, TARGETS.small);
  await handshakes(server, run, WARM_SECONDS);
  const shares = watchCore(server, run);
  const began = performance.now();
  const count = await handshakes(server, run, run.seconds);
  const seconds = (performance.now() - began) / 1000;
  return countMeasures(count, seconds, shares());
};

async function handshakes(
  server: Server,
  run: Run,
  seconds: number,
): Promise<number> {
  const { ca } = run.pair!;
  const one = `openssl s_time -new -connect 127.0.0.1:${server.port} ` +
    `-time ${seconds} -CAfile "${ca}" -verify 2 &`;
  const script = `${one} `.repeat(HANDSHAKERS) + "wait";
  const text = await startLoad(["bash", "-c", script], run.load).finish();
  const counts = [...text.matchAll(/^(\d+) connections in \d+ real/gm)];
  if (counts.length < HANDSHAKERS || /error/i.test(text)) {
    throw new WrongAnswer(`handshakes failed: ${text.slice(-300)}`);
  }
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How many connections idle at once: more would take the client longer than the measuring. */
const IDLE_CONNECTIONS = 1000;

/** Memory of idle HTTP/2 connections, each of which was asked for one file. */
export const measureIdleHttp2: Measure = async (server, run) => {
  const { port, pid, peer } = server;
  const target = TARGETS.small;
  await checkTls(port, "h2", run.root, target);
  await pause(SETTLE_MS);
  const idleBytes = residentBytes(pid);
  const clients = await HeldClients.open({
    kind: "idle-http2",
    port,
    connections: IDLE_CONNECTIONS,
    ca: CA_TEXT,
    target,
    body: Deno.readTextFileSync(run.root + target),
  }, run.load);
  await pause(SETTLE_MS);
  const heldBytes = residentBytes(pid);
  const { ended } = await clients.release();
  if (ended > 0) {
    run.note(`${peer.name}: ${ended} idle connections were ended`);
  }
  return { connection: (heldBytes - idleBytes) / IDLE_CONNECTIONS / 1024 };
};
