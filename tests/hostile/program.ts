/**
 * The program under conditions that a shell sets up: limits of the system, and
 * a log that goes somewhere else.
 *
 * @module
 */

import { HAS_PROGRAMS, testWith, until, within } from "../helpers.ts";
import { ALL, MAIN } from "../skiff.ts";

/** Whether this is Linux, whose limits and files of processes these tests need. */
export const IS_LINUX: boolean = Deno.build.os === "linux";

/** How a program is started. */
export interface ProgramOptions {
  /** Shell commands before it, such as `ulimit -n 64`. */
  readonly before?: string;
  /** Where its log goes, as a shell has it, such as `> /dev/full`; `$LOG` stands for `log`. */
  readonly redirect?: string;
  /** A path for `$LOG`. */
  readonly log?: string;
}

/** A running skiff whose log nobody reads unless asked to. It is ended when it goes out of scope. */
export class Program implements AsyncDisposable {
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #reports: Promise<void>;

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    const { before = ":", redirect = "", log = "" } = options;
    const run = ["run", "--no-prompt", "--no-code-cache", ...ALL, MAIN];
    this.#child = new Deno.Command("sh", {
      args: [
        "-c",
        `${before}; exec "$@" ${redirect}`,
        "sh",
        Deno.execPath(),
        ...run,
        ...args,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", LOG: log },
    }).spawn();
    this.#reports = this.#collect();
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr) {
      this.stderr += decoder.decode(bytes, { stream: true });
    }
  }

  /** Bytes of the process that are in memory. */
  get residentBytes(): number {
    const text = Deno.readTextFileSync(`/proc/${this.#child.pid}/status`);
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)![1]);
  }

  /** How many files and sockets it has open. */
  get descriptors(): number {
    return [...Deno.readDirSync(`/proc/${this.#child.pid}/fd`)].length;
  }

  /** The port it listens on, once it says so. */
  async listening(): Promise<number> {
    const line = /^Listening on https?:\/\/.*:(\d+)\/$/m;
    let isEnded = false;
    this.#child.status.then(() => isEnded = true);
    await until(() => line.test(this.stderr) || isEnded, "a port");
    const match = line.exec(this.stderr);
    if (match === null) throw new Error(`Did not start: ${this.stderr}`);
    return Number(match[1]);
  }

  /** Reads the log from now on, for as long as there are readers. Returns what there is of it, and what comes. */
  readLog(): { text: string } {
    const log = { text: "" };
    const decoder = new TextDecoder();
    (async () => {
      for await (const bytes of this.#child.stdout) {
        log.text += decoder.decode(bytes, { stream: true });
      }
    })();
    return log;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number> {
    const status = within(this.#child.status, "the end of skiff", 20_000);
    return (await status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#reports;
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
  }
}

/** A test that needs a shell and what Linux tells of processes, and perhaps something more. */
export function testLinux(
  name: string,
  fn: () => Promise<void>,
  isPossible: boolean = true,
): void {
  testWith(HAS_PROGRAMS && IS_LINUX && isPossible, name, fn);
}

/** How many descriptors a process may have at most, when it asks for them; 0 where the system does not tell. */
export function descriptorsMax(): number {
  if (!HAS_PROGRAMS || !IS_LINUX) return 0;
  const { stdout } = new Deno.Command("sh", { args: ["-c", "ulimit -Hn"] })
    .outputSync();
  const hard = new TextDecoder().decode(stdout).trim();
  return hard === "unlimited" ? Infinity : Number(hard);
}
