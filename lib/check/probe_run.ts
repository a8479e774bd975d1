/**
 * Runs the probes of a server one after the other, on a connection each.
 *
 * @module
 */

import {
  type Probe,
  type ProbeFile,
  type ProbeLevel,
  request,
  type Verdict,
} from "./probe.ts";
import { CONDITIONAL_PROBES } from "./probes_conditional.ts";
import { FRAMING_PROBES } from "./probes_framing.ts";
import { NEGOTIATION_PROBES } from "./probes_negotiation.ts";
import { RANGE_PROBES } from "./probes_range.ts";
import { TARGET_PROBES } from "./probes_target.ts";
import type { ProbeExchange } from "./responses.ts";

/** All probes. */
export const PROBES: readonly Probe[] = [
  ...FRAMING_PROBES,
  ...TARGET_PROBES,
  ...CONDITIONAL_PROBES,
  ...RANGE_PROBES,
  ...NEGOTIATION_PROBES,
];

/** Largest file to probe with, in bytes: each probe may fetch it. */
export const PROBE_FILE_BYTES_MAX: number = 1024 * 1024;

/** Smallest one: less has no ranges to tell apart. */
export const PROBE_FILE_BYTES_MIN = 16;

/** Sends bytes on a connection of its own, and returns what comes back. Rejects if there is no connection. */
export type Send = (
  text: string,
  methods: readonly string[],
  waitsForEnd: boolean,
) => Promise<ProbeExchange>;

/** What a probe came to. */
export interface ProbeResult {
  readonly group: string;
  readonly section: string;
  readonly title: string;
  readonly level: ProbeLevel;
  readonly outcome: "pass" | "fail" | "skip";
  /** The fault, or why the probe does not apply. */
  readonly reason: string | undefined;
}

/** Finds out what the server says of the file. Returns a sentence for the operator if it cannot be probed with. */
export async function probeFile(
  send: Send,
  host: string,
  target: string,
): Promise<ProbeFile | string> {
  const plain = {
    host,
    target,
    etag: undefined,
    modified: undefined,
    fields: new Map(),
    body: "",
    hasRanges: false,
    takesContent: false,
  };
  const ask = async (text: string) =>
    (await send(text, ["GET"], false)).responses[0];
  const response = await ask(request(plain));
  if (response === undefined) return "it sends no valid response";
  if (response.status !== 200) {
    return `it answers ${target} with ${response.status}: name a file that it sends`;
  }
  const { fields, body } = response;
  if (fields.has("content-encoding")) {
    return "it sends the file only encoded: name another one";
  }
  if (
    body.length > PROBE_FILE_BYTES_MAX || body.length < PROBE_FILE_BYTES_MIN
  ) {
    return `the file has ${body.length} bytes: name one from ${PROBE_FILE_BYTES_MIN} to ${PROBE_FILE_BYTES_MAX}`;
  }
  const file = {
    ...plain,
    etag: fields.get("etag"),
    modified: fields.get("last-modified"),
    fields,
    body,
  };
  const range = await ask(request(file, { lines: ["Range: bytes=0-0"] }));
  const content = await ask(
    request(file, { lines: ["Content-Length: 2"], body: "\r\n" }),
  );
  return {
    ...file,
    hasRanges: range?.status === 206,
    takesContent: content?.status === 200,
  };
}

/** Runs all probes. */
export async function runProbes(
  send: Send,
  file: ProbeFile,
  onProgress: (done: number, total: number) => void = () => {},
  probes: readonly Probe[] = PROBES,
): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const [index, probe] of probes.entries()) {
    onProgress(index, probes.length);
    results.push(resultOf(probe, await verdictOf(probe, send, file)));
  }
  return results;
}

async function verdictOf(
  probe: Probe,
  send: Send,
  file: ProbeFile,
): Promise<Verdict> {
  const text = probe.send(file);
  if (typeof text !== "string") return text;
  try {
    const exchange = await send(text, probe.methods, probe.waitsForEnd);
    return probe.judge(exchange, file);
  } catch (error) {
    return `no connection: ${(error as Error).message}`;
  }
}

function resultOf(
  { group, section, title, level }: Probe,
  verdict: Verdict,
): ProbeResult {
  const isSkip = typeof verdict === "object";
  return {
    group,
    section,
    title,
    level,
    outcome: verdict === undefined ? "pass" : isSkip ? "skip" : "fail",
    reason: isSkip ? verdict.skip : verdict,
  };
}
