/**
 * Peer → running server: started in a process and a directory of its own,
 * waited for until it answers, ended and cleared away.
 *
 * @module
 */

import { ask } from "./exchange.ts";
import { TARGETS } from "./files.ts";
import type { Peer } from "./peers.ts";
import { Child, freePort, type Pinning } from "./process.ts";
import { checkTls, type PairFiles } from "./tls_client.ts";

/** How long a server may take until its first answer, in ms. */
const START_MS = 20_000;

/** How long to wait before the next attempt to reach a server that starts, in ms. */
const ATTEMPT_PAUSE_MS = 1;

/** Where servers run. */
export interface Ground {
  /** What they serve. */
  readonly root: string;
  /** Where their own directories are made. */
  readonly directory: string;
  readonly pinning: Pinning;
  /** Most file descriptors of one. */
  readonly descriptors: number;
  /** Bytes of the one answer of a canned server; undefined for the small file. */
  readonly answerBytes?: number | undefined;
  /** What TLS is served with; undefined for plain HTTP/1.1. */
  readonly pair?: PairFiles | undefined;
}

/** A server that answers. */
export interface Server {
  readonly peer: Peer;
  readonly port: number;
  readonly pid: number;
  /** From the start of the process to the last byte of its first answer, in ms. */
  readonly startMs: number;
  /** How it has ended by itself; undefined while it runs. */
  ending(): string | undefined;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Thrown when a server does not come to answer. */
export class CannotStart extends Error {
  /** Its name. */
  override name = "CannotStart";
}

/** Starts a peer; with a file, one that writes its access log there. */
export async function startServer(
  peer: Peer,
  ground: Ground,
  logFile?: string,
): Promise<Server> {
  const directory = Deno.makeTempDirSync({ dir: ground.directory });
  // Servers that give up root's rights must reach it still.
  Deno.chmodSync(directory, 0o777);
  const { root, descriptors, pinning, answerBytes, pair } = ground;
  const port = freePort();
  const isLogging = logFile !== undefined;
  const plan = peer.start({
    ...{ root, directory, port, descriptors, isLogging, answerBytes, pair },
  });
  const began = performance.now();
  const child = new Child({
    ...plan,
    pin: pinning.server,
    descriptors,
    outputFile: logFile,
  });
  const stop = async () => {
    await child.stop();
    Deno.removeSync(directory, { recursive: true });
  };
  try {
    const announced = plan.announcement === undefined
      ? port
      : await announcedPort(child, plan.announcement);
    await firstAnswer(child, announced, ground);
    const startMs = performance.now() - began;
    const ending = () =>
      child.code === undefined ? undefined : failureOf(child).message;
    const { pid } = child;
    return { peer, port: announced, pid, startMs, ending, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function announcedPort(child: Child, pattern: RegExp): Promise<number> {
  const found = await child.line(pattern, START_MS);
  if (found === undefined) throw failureOf(child);
  return Number(found[1]);
}

async function firstAnswer(
  child: Child,
  port: number,
  { root, pair }: Ground,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (child.code === undefined && performance.now() < deadline) {
    try {
      if (pair === undefined) await ask(port, { target: TARGETS.small });
      else await checkTls(port, "https1", root, TARGETS.small);
      return;
    } catch (error) {
      if (!isNotYet(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
  }
  throw failureOf(child);
}

/** Whether an error is that of a server that is not there yet. */
function isNotYet(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionReset;
}

function failureOf(child: Child): CannotStart {
  const { code, complaint } = child;
  const what = code === undefined
    ? "did not answer in time"
    : `ended by itself with code ${code}`;
  return new CannotStart(complaint === "" ? what : `${what}: ${complaint}`);
}
