/**
 * The program run to its end, for tests of what it prints.
 *
 * @module
 */

import { within } from "./helpers.ts";
import { ALL, MAIN } from "./skiff.ts";

/** What a run is given beside its arguments. */
export interface RunOptions {
  readonly permissions?: readonly string[];
  /** Variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on the standard input. */
  readonly stdin?: string;
  /** The current directory. */
  readonly cwd?: string;
}

/** What has become of a run. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program and waits for its end. */
export async function runSkiff(
  args: readonly string[],
  { permissions = ALL, env = {}, stdin = "", cwd }: RunOptions = {},
): Promise<Run> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, MAIN, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
    ...cwd !== undefined && { cwd },
  }).spawn();
  const writing = new Blob([stdin]).stream().pipeTo(child.stdin)
    .catch(() => {
      // It has ended without reading all of it.
    });
  try {
    const output = await within(child.output(), `the end of ${args}`, 30_000);
    await writing;
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
