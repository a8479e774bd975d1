/**
 * Whether what a compiler made is the executable that was asked for: the compiler itself takes
 * any file for its base, and says that all is well.
 *
 * @module
 */

import { Interrupted, SIGNALS } from "./interruption.ts";
import { IMAGE_HEAD_BYTES, isImageFor } from "./target.ts";
import { PackError } from "./walk.ts";

/** How long an executable may take to tell its version, in ms: much longer than on a slow and busy machine. */
const ANSWER_MS = 60_000;

/** What is known of an executable. */
export interface Expectation {
  /** The system that it is for; undefined for this machine. */
  readonly target?: string | undefined;
  /** The version of skiff that it is. */
  readonly version: string;
  /** Ends the trial. */
  readonly signal: AbortSignal;
  /** How long it may take to answer, in ms. */
  readonly answerMs?: number;
}

/**
 * Tries an executable: one for this machine must start and tell its version, one for another
 * must begin as such executables do. Throws a {@linkcode PackError} that says what is amiss, or
 * {@linkcode Interrupted}.
 */
export async function tryExecutable(
  path: string,
  expectation: Expectation,
): Promise<void> {
  const { target = Deno.build.target } = expectation;
  const fault = target === Deno.build.target
    ? await faultOfAnswer(path, expectation)
    : faultOfImage(path, target);
  if (fault === undefined) return;
  throw new PackError(
    `Cannot use what the compiler made: ${fault}\n` +
      "Its base is no good: DENORT_BIN, if it is set, must name the denort for " +
      `${target}, of the very version of the Deno that compiles (DENO_COMPILER, else the one that runs this)`,
  );
}

function faultOfImage(path: string, target: string): string | undefined {
  using file = Deno.openSync(path);
  const head = new Uint8Array(IMAGE_HEAD_BYTES);
  const length = file.readSync(head) ?? 0;
  return isImageFor(head.subarray(0, length), target)
    ? undefined
    : `it is no executable for ${target}`;
}

async function faultOfAnswer(
  path: string,
  { version, signal, answerMs = ANSWER_MS }: Expectation,
): Promise<string | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(path, {
      args: ["--version"],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    // From a file system that is mounted so, nothing can be started.
    return error instanceof Deno.errors.PermissionDenied
      ? faultOfImage(path, Deno.build.target)
      : `it does not start: ${(error as Error).message}`;
  }
  const { isLate, output } = await outputOf(child, signal, answerMs);
  const isInterrupted = output.signal !== null &&
    SIGNALS.includes(output.signal);
  if (signal.aborted || isInterrupted) throw new Interrupted("Interrupted");
  if (isLate) return `it does not tell its version within ${answerMs} ms`;
  const decoder = new TextDecoder();
  const lines = decoder.decode(output.stdout).split("\n");
  if (output.success && lines[0] === `skiff ${version}`) return undefined;
  const said = firstOf([
    ...lines,
    ...decoder.decode(output.stderr).split("\n"),
  ]);
  return `asked for its version, it ends with ${
    output.signal ?? output.code
  } and says "${said}"`;
}

/** The output of a process that is ended when it is late, or when the signal is aborted. */
async function outputOf(
  child: Deno.ChildProcess,
  signal: AbortSignal,
  ms: number,
): Promise<{ isLate: boolean; output: Deno.CommandOutput }> {
  let isLate = false;
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, ms);
  signal.addEventListener("abort", kill);
  try {
    if (signal.aborted) kill();
    return { output: await child.output(), isLate };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}

/** The first line with something in it. */
function firstOf(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).find((line) => line !== "") ?? "";
}
