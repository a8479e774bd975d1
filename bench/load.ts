/**
 * Runs the load generators on their core and reads what they print: wrk with
 * a generated script for what it can do, our own client for the rest.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { requestText, type WireRequest, WrongAnswer } from "./exchange.ts";
import {
  type DisturbTask,
  type FairResult,
  type FairTask,
  type HeldResult,
  type IdleHttp2Task,
  type IdleTask,
  READY,
  type StreamResult,
  type StreamTask,
  type Task,
} from "./load_client.ts";
import { LoadProcess, type Pinning } from "./process.ts";

/** Where load comes from. */
export interface LoadOptions {
  /** Takes scripts. */
  readonly directory: string;
  readonly pinning: Pinning;
  /** Most file descriptors of a generator. */
  readonly descriptors: number;
}

/** What wrk is to do. */
export interface WrkPlan {
  readonly port: number;
  readonly connections: number;
  /** Whole seconds: wrk knows no others. */
  readonly seconds: number;
  /** One request, asked again and again; or several, each once in order and from then on at random. */
  readonly requests: readonly WireRequest[];
  /** How many are sent at once. */
  readonly depth?: number;
  /** Whether several requests come at random from the first on. */
  readonly isRandom?: boolean;
}

/** What wrk has counted. Times in ms. */
export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Answers per second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Connections that could not be made or broke. */
  readonly errors: number;
  /** Answers with a status of 400 or more. */
  readonly failures: number;
  /** Answers that took longer than two seconds. */
  readonly timeouts: number;
}

/** Starts a program on the load's core. */
export function startLoad(
  command: string[],
  options: LoadOptions,
): LoadProcess {
  const { pinning, descriptors } = options;
  return new LoadProcess({ command, pin: pinning.load, descriptors });
}

const RESULT_MARK = "wrk-result ";

/** Runs wrk once. */
export async function runWrk(
  plan: WrkPlan,
  options: LoadOptions,
): Promise<WrkResult> {
  const script = `${options.directory}/wrk.lua`;
  Deno.writeTextFileSync(script, wrkScript(plan));
  const command = [
    ...["wrk", "-t", "1", "-c", String(plan.connections)],
    ...["-d", `${plan.seconds}s`, "--timeout", "2s", "-s", script],
    `http://127.0.0.1:${plan.port}${plan.requests[0]!.target}`,
  ];
  const text = await startLoad(command, options).finish();
  const result = parseWrkResult(text);
  if (result === undefined) throw new Error(`wrk printed no result: ${text}`);
  return result;
}

/** The script that makes wrk send the plan's requests and print its counts as JSON. */
export function wrkScript(plan: WrkPlan): string {
  const { requests, depth = 1, isRandom = false } = plan;
  const [first] = requests;
  const isPlain = requests.length === 1 && depth === 1;
  return (isPlain
    ? fieldsScript(first!)
    : listScript(requests, depth, plan.port, isRandom)) +
    DONE_SCRIPT;
}

function fieldsScript(request: WireRequest): string {
  return Object.entries(request.fields ?? {})
    .map(([name, value]) =>
      `wrk.headers[${luaString(name)}] = ${luaString(value)}\n`
    )
    .join("");
}

function listScript(
  requests: readonly WireRequest[],
  depth: number,
  port: number,
  isRandom: boolean,
): string {
  const texts = requests.map((request) => {
    const text = requestText(request, port).repeat(depth);
    return `  ${luaString(text)},\n`;
  });
  return `local requests = {\n${texts.join("")}}
local count = #requests
local sent = ${isRandom ? "count" : 0}
math.randomseed(1)
request = function()
  if sent < count then
    sent = sent + 1
    return requests[sent]
  end
  return requests[math.random(count)]
end
`;
}

const DONE_SCRIPT = `done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n${RESULT_MARK}{"requests":%.0f,"micros":%.0f,' ..
    '"bytes":%.0f,"p50":%.3f,"p99":%.3f,"errors":%.0f,"failures":%.0f,"timeouts":%.0f}\\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write, errors.status, errors.timeout))
end
`;

/** A Lua literal. */
function luaString(text: string): string {
  const escaped = text.replace(
    /[^\x20-\x7e]|["\\]/g,
    (character) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`,
  );
  return `"${escaped}"`;
}

/** Reads the line that {@linkcode wrkScript} has wrk print; undefined when it is not there. */
export function parseWrkResult(text: string): WrkResult | undefined {
  const line = text.split("\n").find((line) => line.startsWith(RESULT_MARK));
  if (line === undefined) return undefined;
  const { micros, ...counts } = JSON.parse(line.slice(RESULT_MARK.length));
  const seconds = micros / 1e6;
  return { ...counts, seconds, rate: counts.requests / seconds };
}

/** Throws when the mean size of wrk's answers is not that of the answer that was checked. */
export function checkSizes(
  plan: WrkPlan,
  result: WrkResult,
  answerBytes: number,
): void {
  if (result.requests === 0) throw new WrongAnswer("no answers under load");
  const expected = result.requests * answerBytes;
  // What is under way at the end counts as bytes, but not as an answer.
  const underWay = plan.connections * (plan.depth ?? 1) * answerBytes;
  const difference = result.bytes - expected;
  if (
    difference < -0.02 * expected || difference > 0.02 * expected + underWay
  ) {
    const mean = Math.round(result.bytes / result.requests);
    throw new WrongAnswer(
      `answers under load have ${mean} bytes where ${answerBytes} are due`,
    );
  }
}

/** Runs a task of our own client to its end. */
export async function runClient(
  task: FairTask,
  options: LoadOptions,
): Promise<FairResult>;
export async function runClient(
  task: StreamTask,
  options: LoadOptions,
): Promise<StreamResult>;
export async function runClient(
  task: FairTask | StreamTask,
  options: LoadOptions,
): Promise<FairResult | StreamResult> {
  return resultOf(await startLoad(clientCommand(task), options).finish());
}

/** Connections that our own client holds. */
export class HeldClients {
  readonly #process: LoadProcess;

  private constructor(process: LoadProcess) {
    this.#process = process;
  }

  /** Opens them; is fulfilled when they stand. */
  static async open(
    task: IdleTask | IdleHttp2Task | DisturbTask,
    options: LoadOptions,
  ): Promise<HeldClients> {
    const process = startLoad(clientCommand(task), options);
    const line = await process.line();
    if (line === READY) return new HeldClients(process);
    throw new WrongAnswer(
      `clients could not be held: ${await process.finish()}`,
    );
  }

  /** Lets them go. */
  async release(): Promise<HeldResult> {
    return resultOf(await this.#process.finish());
  }
}

function clientCommand(
  task: Task,
): string[] {
  const module = fromFileUrl(new URL("./load_client.ts", import.meta.url));
  return [
    ...[Deno.execPath(), "run", "--no-config", "--no-lock"],
    ...["--allow-net=127.0.0.1", module, JSON.stringify(task)],
  ];
}

function resultOf<T>(text: string): T {
  const line = text.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new WrongAnswer(`load client: ${text}`);
  return JSON.parse(line);
}
