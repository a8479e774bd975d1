/**
 * `skiff check --server`: probes a running server through sockets.
 *
 * @module
 */

import { countsOf, probeReport } from "../check/probe_report.ts";
import { probeFile, runProbes, type Send } from "../check/probe_run.ts";
import {
  EXCHANGE_BYTES_MAX,
  type ProbeExchange,
  splitResponses,
} from "../check/responses.ts";
import { UsageError } from "../cli/options.ts";
import { permissionFlag } from "../cli/permissions.ts";
import { latin1 } from "../http/ascii.ts";
import { quote } from "../http/printable.ts";
import {
  type CheckFlags,
  type CheckResult,
  formatWithoutPlaces,
} from "./check_flags.ts";
import { connect, type Target, targetOf } from "./plain_client.ts";
import { Progress } from "./progress.ts";
import { isGranted, StartError } from "./startup.ts";

/** Time to connect, in milliseconds. */
export const CONNECT_MS = 5_000;

/** Time for the responses of one probe, in milliseconds. */
export const RESPONSE_MS = 3_000;

/** Time in which a server closes a connection that it means to close, in milliseconds. */
export const END_MS = 1_000;

/** How long probes wait, in milliseconds: for responses, and for the end of a connection. */
export interface ProbeTimes {
  readonly responseMs: number;
  readonly endMs: number;
}

/** Probes a server, with the file at a URL. Throws a UsageError for an invalid one, a StartError if it cannot be probed. */
export async function checkServer(
  address: string,
  flags: CheckFlags,
  times: ProbeTimes = { responseMs: RESPONSE_MS, endMs: END_MS },
): Promise<CheckResult> {
  const format = formatWithoutPlaces(flags, "--server");
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `Cannot probe ${
        quote(address)
      }: expected the URL of a file, with http:// or https://`,
    );
  }
  const target = targetOf(url);
  const host = `${url.hostname}:${target.port}`;
  if (!isGranted({ name: "net", host })) {
    throw new StartError(
      `Cannot connect to ${host} without permission: run with ${
        permissionFlag("--allow-net", [host])
      }`,
    );
  }
  const send: Send = (text, methods, waitsForEnd) =>
    exchange(target, text, methods, waitsForEnd, times);
  const fail = (reason: string) =>
    new StartError(`Cannot probe ${quote(address)}: ${reason}`);
  const file = await probeFile(send, url.host, url.pathname + url.search)
    .catch((error: Error) => error.message);
  if (typeof file === "string") throw fail(file);
  const progress = new Progress("probes");
  const results = await runProbes(send, file, progress.update)
    .finally(() => progress.end());
  return {
    text: probeReport(results, url.href, format),
    code: countsOf(results).faults > 0 ? 1 : 0,
  };
}

/** Sends bytes on a connection, and reads until all responses are there, the server closes, or time is over. */
async function exchange(
  target: Target,
  text: string,
  methods: readonly string[],
  waitsForEnd: boolean,
  { responseMs, endMs }: ProbeTimes,
): Promise<ProbeExchange> {
  using socket = await connect(target, AbortSignal.timeout(CONNECT_MS));
  // A server may refuse and close before it has read everything.
  void write(socket, text).catch(() => {});
  const reader = new Reader(socket);
  const all = () => splitResponses(reader.text, methods, reader.isClosed);
  await reader.until(
    () => all().responses.length === methods.length,
    responseMs,
  );
  if (waitsForEnd) await reader.until(() => false, endMs);
  const result = all();
  reader.end();
  return result;
}

async function write(socket: Deno.Conn, text: string): Promise<void> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  for (let at = 0; at < bytes.length;) {
    at += await socket.write(bytes.subarray(at));
  }
}

/** Reads a connection in the background. */
class Reader {
  text = "";
  isClosed = false;
  readonly #socket: Deno.Conn;
  #onChange = () => {};
  #isEnded = false;

  constructor(socket: Deno.Conn) {
    this.#socket = socket;
    void this.#read();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    try {
      while (this.text.length < EXCHANGE_BYTES_MAX) {
        const count = await this.#socket.read(buffer);
        if (count === null) break;
        this.text += latin1(buffer, 0, count);
        this.#onChange();
      }
    } catch {
      // A reset is an end as well.
    }
    if (this.#isEnded) return;
    this.isClosed = true;
    this.#onChange();
  }

  /** Waits until a condition holds, the connection ends, or time is over. */
  async until(holds: () => boolean, ms: number): Promise<void> {
    if (this.isClosed || holds()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onChange = () => {
        if (!this.isClosed && !holds()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onChange = () => {};
  }

  /** Ignores what comes from now on. */
  end(): void {
    this.#isEnded = true;
  }
}
