/**
 * Runs h2load on the load's core and reads what it prints.
 *
 * @module
 */

import { WrongAnswer } from "./exchange.ts";
import { type LoadOptions, startLoad } from "./load.ts";
import type { TlsProtocol } from "./tls_client.ts";

/** What h2load is to do. */
export interface H2loadPlan {
  readonly port: number;
  readonly protocol: TlsProtocol;
  readonly target: string;
  readonly connections: number;
  /** Requests in progress on each connection; 1 for HTTP/1.1. */
  readonly streams: number;
  /** Bits of the windows of streams and connections; undefined for as much as there is. */
  readonly windowBits?: number | undefined;
  readonly seconds: number;
}

/** What h2load has counted. */
export interface H2loadResult {
  /** Requests answered with a status of 200 to 299. */
  readonly requests: number;
  /** Requests that failed, timed out, or were answered with another status. */
  readonly failures: number;
  /** Bytes of bodies. */
  readonly bodyBytes: number;
  /** What was negotiated: "h2" or "http/1.1". */
  readonly protocol: string;
}

/** Runs h2load once. */
export async function runH2load(
  plan: H2loadPlan,
  options: LoadOptions,
): Promise<H2loadResult> {
  const text = await startLoad(h2loadCommand(plan), options).finish();
  const result = parseH2load(text);
  if (result === undefined) {
    throw new WrongAnswer(`h2load printed no result: ${text.slice(-500)}`);
  }
  return result;
}

/** The command line of a plan. */
export function h2loadCommand(plan: H2loadPlan): string[] {
  const { protocol, connections, streams, windowBits, seconds } = plan;
  const windows = windowBits === undefined
    ? []
    : ["-w", String(windowBits), "-W", String(windowBits)];
  return [
    ...["h2load", "-t", "1", "-c", String(connections)],
    ...["-D", String(seconds), "-H", "Accept-Encoding: identity"],
    ...(protocol === "h2" ? ["-m", String(streams), ...windows] : ["--h1"]),
    `https://127.0.0.1:${plan.port}${plan.target}`,
  ];
}

/** Reads what h2load prints; undefined when it has not come to its end. */
export function parseH2load(text: string): H2loadResult | undefined {
  const requests =
    /^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m
      .exec(text);
  const codes = /^status codes: (\d+) 2xx/m.exec(text);
  const traffic = /^traffic: .* \((\d+)\) data$/m.exec(text);
  const protocol = /^Application protocol: (\S+)$/m.exec(text);
  if (
    requests === null || codes === null || traffic === null || protocol === null
  ) return undefined;
  const [done, ...faults] = requests.slice(1).map(Number);
  const succeeded = Number(codes[1]);
  return {
    requests: succeeded,
    failures: faults.reduce((sum, count) => sum + count, 0) +
      Math.max(0, done! - succeeded),
    bodyBytes: Number(traffic[1]),
    protocol: protocol[1]!,
  };
}

/** Throws unless all answers were right as far as h2load tells: protocol, status, and bytes of the bodies. */
export function checkH2load(
  plan: H2loadPlan,
  result: H2loadResult,
  bodyBytes: number,
): void {
  const { requests, failures, protocol } = result;
  const due = plan.protocol === "h2" ? "h2" : "http/1.1";
  if (protocol !== due) {
    throw new WrongAnswer(`${protocol} was spoken where ${due} is due`);
  }
  if (failures > 0) throw new WrongAnswer(`${failures} failures under load`);
  if (requests === 0) throw new WrongAnswer("no answers under load");
  const expected = requests * bodyBytes;
  // h2load counts bytes of answers that are in progress at the end, and none
  // of those that came before its time began.
  const inProgress = plan.connections * plan.streams * bodyBytes;
  if (
    result.bodyBytes < 0.98 * expected - inProgress ||
    result.bodyBytes > 1.02 * expected + inProgress
  ) {
    const mean = Math.round(result.bodyBytes / requests);
    throw new WrongAnswer(
      `bodies under load have ${mean} bytes where ${bodyBytes} are due`,
    );
  }
}
