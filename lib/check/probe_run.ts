/**
 * Runs the probes of a server one after the other, on a connection each.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import {
  MISSING_FILE,
  type Probe,
  type ProbeRequest,
  type ProbeVerdict,
  request,
  shown,
} from "./probe.ts";
import type { ProbeFile, ProbeSubject } from "./probe_values.ts";
import { CONDITIONAL_PROBES } from "./probes_conditional.ts";
import { ESCAPE_PROBES } from "./probes_escape.ts";
import { FRAMING_PROBES } from "./probes_framing.ts";
import { NEGOTIATION_PROBES } from "./probes_negotiation.ts";
import { RANGE_PROBES } from "./probes_range.ts";
import { TARGET_PROBES } from "./probes_target.ts";
import type { ProbeExchange } from "./responses.ts";

/** All probes. */
export const PROBES: readonly Probe[] = [
  ...FRAMING_PROBES,
  ...TARGET_PROBES,
  ...ESCAPE_PROBES,
  ...CONDITIONAL_PROBES,
  ...RANGE_PROBES,
  ...NEGOTIATION_PROBES,
];

/** Largest file to probe with, in bytes: each probe may fetch it. */
export const PROBE_FILE_BYTES_MAX: number = 1024 * 1024;

/** Smallest one: less has no ranges to tell apart. */
export const PROBE_FILE_BYTES_MIN = 16;

/** Sends bytes on a connection of its own, and returns what comes back. Rejects if there is no connection. */
export type ProbeSender = (
  text: string,
  methods: readonly string[],
  waitsForEnd: boolean,
) => Promise<ProbeExchange>;

/** What a probe came to. */
export interface ProbeResult
  extends Pick<Probe, "group" | "section" | "title" | "level"> {
  readonly outcome: "pass" | "fail" | "skip";
  /** The fault, or why the probe does not apply. */
  readonly reason: string | undefined;
}

/** Probes in a row that get no connection: then the server is gone or refuses them, and the others are skipped. */
export const UNCONNECTED_MAX = 5;

/** Finds out what the server says of the file. Returns a sentence for the operator if it cannot be probed with. */
export async function probeFile(
  send: ProbeSender,
  subject: ProbeSubject,
): Promise<ProbeFile | string> {
  const { target } = subject;
  const ask = async (parts?: ProbeRequest) =>
    (await send(request(subject, parts), ["GET"], false)).responses[0];
  const response = await ask();
  if (response === undefined) return "it sends no valid response";
  const { status, fields, body } = response;
  const location = fields.get("location");
  if (status >= 300 && status < 400 && location !== undefined) {
    return `it redirects ${target} to ${quote(location)}: name that`;
  }
  if (status === 401) {
    return `it answers ${target} with 401: put a name and a password into the URL`;
  }
  if (status !== 200) {
    return `it answers ${target} with ${status}: name a file that it sends`;
  }
  if (fields.has("content-encoding")) {
    return "it sends the file only encoded: name another one";
  }
  if (
    body.length > PROBE_FILE_BYTES_MAX || body.length < PROBE_FILE_BYTES_MIN
  ) {
    return `the file has ${body.length} bytes: name one from ${PROBE_FILE_BYTES_MIN} to ${PROBE_FILE_BYTES_MAX}`;
  }
  const range = await ask({ lines: ["Range: bytes=0-0"] });
  const content = await ask({ lines: ["Content-Length: 2"], body: "\r\n" });
  const missing = await ask({ beside: MISSING_FILE });
  return {
    ...subject,
    etag: fields.get("etag"),
    modified: fields.get("last-modified"),
    fields,
    body,
    hasRanges: range?.status === 206,
    takesContent: content?.status === 200,
    fallback: missing?.status === 200 ? missing.body : undefined,
  };
}

/** Runs all probes; after a signal, skips the others. */
export async function runProbes(
  send: ProbeSender,
  file: ProbeFile,
  { onProgress = () => {}, probes = PROBES, signal }: {
    readonly onProgress?: (done: number, total: number) => void;
    readonly probes?: readonly Probe[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  let unconnected = 0;
  for (const [index, probe] of probes.entries()) {
    onProgress(index, probes.length);
    const left = signal?.aborted
      ? "time was over"
      : unconnected >= UNCONNECTED_MAX
      ? "the server takes no more connections"
      : undefined;
    if (left !== undefined) {
      results.push(resultOf(probe, { skip: left }));
      continue;
    }
    const verdict = await verdictOf(probe, send, file);
    unconnected = verdict instanceof Error ? unconnected + 1 : 0;
    results.push(resultOf(probe, verdict));
  }
  return results;
}

/** Returns an error if there is no connection. */
async function verdictOf(
  probe: Probe,
  send: ProbeSender,
  file: ProbeFile,
): Promise<ProbeVerdict | Error> {
  const text = probe.send(file);
  if (typeof text !== "string") return text;
  let exchange: ProbeExchange;
  try {
    exchange = await send(text, probe.methods, probe.waitsForEnd);
  } catch (error) {
    return error as Error;
  }
  return invalid(exchange) ?? probe.judge(exchange, file);
}

/** What no probe takes for an answer: bytes that are no response, and silence on an open connection. */
function invalid(exchange: ProbeExchange): string | undefined {
  const { responses, rest, isClosed } = exchange;
  const isAnswer = responses.length > 0 || rest === "" && isClosed;
  return isAnswer ? undefined : shown(exchange);
}

function resultOf(
  { group, section, title, level }: Probe,
  verdict: ProbeVerdict | Error,
): ProbeResult {
  const parts = { group, section, title, level };
  if (verdict instanceof Error) {
    const reason = `no connection: ${verdict.message}`;
    return { ...parts, outcome: "fail", reason };
  }
  if (typeof verdict === "object") {
    return { ...parts, outcome: "skip", reason: verdict.skip };
  }
  const outcome = verdict === undefined ? "pass" : "fail";
  return { ...parts, outcome, reason: verdict };
}
