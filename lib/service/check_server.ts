/**
 * `skiff check --server`: probes a running server through sockets.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { decodedText } from "../check/address.ts";
import { countsOf, probeReport } from "../check/probe_report.ts";
import { probeFile, type ProbeSender, runProbes } from "../check/probe_run.ts";
import {
  EXCHANGE_BYTES_MAX,
  type ProbeExchange,
  ResponseSplitter,
} from "../check/responses.ts";
import { UsageError } from "../cli/options.ts";
import { latin1 } from "../http/ascii.ts";
import { quote } from "../http/printable.ts";
import {
  type CheckFlags,
  type CheckResult,
  formatWithoutPlaces,
} from "./check_flags.ts";
import {
  connect,
  type ServerAddress,
  serverAddressOf,
  UNKNOWN_AUTHORITY,
  writeAll,
} from "./plain_client.ts";
import { Progress } from "./progress.ts";
import { demandNet, StartError, textAt } from "./startup.ts";

/** Time to connect, in milliseconds. */
export const CONNECT_MS = 5_000;

/** Time for the responses of one probe, in milliseconds. */
export const RESPONSE_MS = 3_000;

/** Time in which a server closes a connection that it means to close, in milliseconds. */
export const END_MS = 1_000;

/** Time for all probes, in milliseconds: those that are left then are skipped. */
export const RUN_MS: number = 10 * 60_000;

/** How long probes wait, in milliseconds: for responses, for the end of a connection, and all together. */
export interface ProbeTimes {
  readonly responseMs: number;
  readonly endMs: number;
  readonly runMs: number;
}

const TIMES: ProbeTimes = {
  responseMs: RESPONSE_MS,
  endMs: END_MS,
  runMs: RUN_MS,
};

/** Probes a server, with the file at a URL. Throws a UsageError for an invalid one, a StartError if it cannot be probed. */
export async function checkServer(
  address: string,
  flags: CheckFlags,
  times: Partial<ProbeTimes> = {},
): Promise<CheckResult> {
  const format = formatWithoutPlaces(flags, "--server");
  const { url, authorization } = urlOf(address);
  const target = { ...serverAddressOf(url), caCerts: authoritiesOf(flags) };
  demandNet(target.hostname, target.port, "connect to");
  const waits = { ...TIMES, ...times };
  const send: ProbeSender = (text, methods, waitsForEnd) =>
    exchange(target, text, methods, waitsForEnd, waits);
  const subject = {
    host: url.host,
    target: url.pathname + url.search,
    authorization,
  };
  const file = await probeFile(send, subject)
    .catch((error: Error) => error.message);
  if (typeof file === "string") {
    const hint = file === UNKNOWN_AUTHORITY
      ? ": --ca FILE trusts the one in a file"
      : "";
    throw new StartError(`Cannot probe ${quote(url.href)}: ${file}${hint}`);
  }
  using progress = new Progress("probes");
  const signal = AbortSignal.timeout(waits.runMs);
  const results = await runProbes(send, file, {
    onProgress: progress.update,
    signal,
  });
  return {
    text: probeReport(results, url.href, format),
    code: countsOf(results).faults > 0 ? 1 : 0,
  };
}

/** Reads the URL, and takes name and password out of it: reports must not have them. Throws a UsageError for an invalid one. */
function urlOf(address: string): {
  readonly url: URL;
  readonly authorization: string | undefined;
} {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `Cannot probe ${
        quote(address)
      }: expected the URL of a file, with http:// or https://`,
    );
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  if (username === "" && password === "") {
    return { url, authorization: undefined };
  }
  const bytes = new TextEncoder().encode(
    `${decodedText(username)}:${decodedText(password)}`,
  );
  return { url, authorization: `Basic ${bytes.toBase64()}` };
}

/** Returns the certificates of --ca. Throws a StartError for a file that has none. */
function authoritiesOf(flags: CheckFlags): string[] {
  return flags.filter(([name]) => name === "ca").map(([, path]) => {
    const text = textAt(path, "--ca");
    try {
      new X509Certificate(text);
    } catch {
      throw new StartError(
        `Cannot use "${path}" (--ca): expected certificates in PEM`,
      );
    }
    return text;
  });
}

/** Sends bytes on a connection, and reads until all responses are there, the server closes, or time is over. */
async function exchange(
  target: ServerAddress,
  text: string,
  methods: readonly string[],
  waitsForEnd: boolean,
  { responseMs, endMs }: ProbeTimes,
): Promise<ProbeExchange> {
  using socket = await connect(target, AbortSignal.timeout(CONNECT_MS));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  // A server may refuse and close before it has read everything.
  void writeAll(socket, bytes).catch(() => {});
  const splitter = new ResponseSplitter(methods);
  const buffer = new Uint8Array(16 * 1024);
  let isClosed = false;
  let reading: Promise<number | null> | undefined;

  /** Reads until a condition holds, the server closes, a probe has read as much as it may, or time is up. */
  const readUntil = async (holds: () => boolean, ms: number) => {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), ms);
    while (!isClosed && splitter.length < EXCHANGE_BYTES_MAX && !holds()) {
      // A reset is an end as well.
      reading ??= socket.read(buffer).catch(() => null);
      const count = await Promise.race([reading, late]);
      if (count === "late") break;
      reading = undefined;
      if (count === null) isClosed = true;
      else splitter.push(latin1(buffer, 0, count));
    }
    clearTimeout(timer);
  };

  await readUntil(() => splitter.isDone, responseMs);
  if (waitsForEnd) await readUntil(() => false, endMs);
  return splitter.result(isClosed);
}
