/**
 * A terminal for tests of the program at one; `script` makes it.
 *
 * @module
 */

import { shellWord } from "../lib/cli/shell.ts";
import { until } from "./helpers.ts";
import { programPath } from "./programs.ts";
import { ALL, MAIN } from "./skiff.ts";

/** Whether `script` is there, which gives a program a terminal. */
export const HAS_TERMINALS: boolean = Deno.build.os === "linux" &&
  programPath("script") !== undefined;

/** What a terminal does before and after the program runs in it. */
const SHOW_MODE =
  "stty -a | grep -oE -- '-?(icanon|echo|isig)\\b' | tr '\\n' ' '";

/** A terminal of 100 columns in which a program runs, and then says how it left. */
export class Terminal implements AsyncDisposable {
  text = "";
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;

  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    // Some shells end when Ctrl-C was typed to the program they wait for.
    const line =
      `trap : INT; stty cols 100 rows 40; ${command}; echo "code $?"; ${SHOW_MODE}`;
    this.#child = new Deno.Command("script", {
      args: ["-qec", line, "/dev/null"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: {
        SHELL: "/bin/sh",
        NO_COLOR: "1",
        FORCE_COLOR: "",
        LANG: "C.UTF-8",
        ...env,
      },
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#reading = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(
        new WritableStream({ write: (chunk) => void (this.text += chunk) }),
      );
  }

  /** Types a text. */
  async type(text: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(text));
  }

  /** Waits until the terminal has shown a text. */
  async shows(text: string): Promise<void> {
    await until(() => this.text.includes(text), `${text} in ${this.text}`);
  }

  /** Closes the terminal, as one closes its window. */
  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Everything that was shown, once the program has ended. */
  async ended(): Promise<string> {
    await this.#child.status;
    await this.#reading;
    return this.text.replaceAll("\r", "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#keys.abort().catch(() => {});
    await this.#child.status;
    await this.#reading;
  }
}

/** The command that starts skiff. */
export function skiffLine(
  args: readonly string[],
  permissions: readonly string[] = ALL,
): string {
  return [Deno.execPath(), "run", "--no-prompt", ...permissions, MAIN, ...args]
    .map(shellWord).join(" ");
}
