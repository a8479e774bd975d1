/**
 * Executables of skiff as processes, for the tests of what they can do.
 *
 * @module
 */

import { type TemporaryDirectory, within } from "./helpers.ts";

/** How an executable is started. */
export interface StartOptions {
  /** Beside those that all are started with. */
  readonly args?: readonly string[];
  /** The command in whose place it runs: what comes before its own name. */
  readonly before?: readonly string[];
}

/** An executable at work, in an empty directory and with an empty environment. */
export class Running implements AsyncDisposable {
  readonly process: Deno.ChildProcess;
  #port = 0;
  readonly #errors: ReadableStreamDefaultReader<Uint8Array>;
  /** What it has written to stderr so far. */
  stderr = "";

  constructor(
    { directory }: { readonly directory: TemporaryDirectory },
    program: string,
    { args = [], before = [] }: StartOptions = {},
  ) {
    const [command, ...others] = [
      ...before,
      program,
      "--port=0",
      "--log=off",
      ...args,
    ];
    this.process = new Deno.Command(command!, {
      args: others,
      cwd: directory.join("empty"),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#errors = this.process.stderr.getReader();
  }

  /** The port, once it is listened on. */
  async port(): Promise<number> {
    while (this.#port === 0) {
      const { value, done } = await within(this.#errors.read(), "the start");
      if (done) throw new Error(`It has not started: ${this.stderr}`);
      this.stderr += new TextDecoder().decode(value);
      const address = /Listening on \S+:(\d+)\//.exec(this.stderr);
      if (address !== null) this.#port = Number(address[1]);
    }
    return this.#port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.process.status;
    await this.#errors.cancel();
  }
}

/** Runs an executable that is to end by itself. */
export async function output(
  program: string,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const process = new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const { code, stdout, stderr } = await within(process.output(), "the end");
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  } catch (error) {
    process.kill("SIGKILL");
    throw error;
  }
}
