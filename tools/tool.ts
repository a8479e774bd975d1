/**
 * What the commands of the tools have in common: arguments in, exit code out.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { failureText } from "../lib/cli/banner.ts";
import { UsageError } from "../lib/cli/options.ts";
import { RELEASE_ROWS } from "../lib/cli/release_options.ts";
import { BundleError } from "../lib/site/bundle/archive.ts";
import { Interrupted } from "./interruption.ts";
import { TARGETS } from "./target.ts";
import { PackError } from "./walk.ts";

/** Writes text to stderr as it is. */
export function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

/** Writes text to stdout as it is. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** Tells on stderr what is amiss, safe for a terminal whatever names are in it. */
export function warn(message: string): void {
  for (const line of message.split("\n")) say(failureText(line));
}

/** The arguments of a command. */
export interface ToolArguments {
  /** Those that are not options. */
  readonly positionals: readonly string[];
  /** Where to write to. */
  readonly output: string | undefined;
  /** One of {@linkcode TARGETS}. */
  readonly target: string | undefined;
  /** Archives of older builds. */
  readonly older: readonly string[];
  /** How many builds to have files of at most; undefined if that is not said. */
  readonly keepReleases: number | undefined;
  /** Whether to print the help. */
  readonly help: boolean;
}

/** Reads a command line. Throws a UsageError. */
export function parseArguments(args: readonly string[]): ToolArguments {
  const { values, tokens } = parse(args);
  const { output, target, help = false } = values;
  if (target !== undefined && !TARGETS.includes(target)) {
    throw new UsageError(
      `Cannot compile for "${target}": expected one of ${TARGETS.join(", ")}`,
    );
  }
  const keepReleases = values["keep-releases"] === undefined
    ? undefined
    : RELEASE_ROWS.keepReleases.parse(
      values["keep-releases"],
      "--keep-releases",
    );
  return { ...operandsOf(tokens), output, target, keepReleases, help };
}

/** What {@linkcode parse} makes of one argument. */
type Token = ReturnType<typeof parse>["tokens"][number];

/** Sorts what is no option: all that follows --with, up to the next option, are archives, as a shell expands `*`. */
function operandsOf(tokens: readonly Token[]) {
  const positionals: string[] = [];
  const older: string[] = [];
  let operands = positionals;
  for (const token of tokens) {
    if (token.kind === "positional") {
      operands.push(token.value);
      continue;
    }
    const isWith = token.kind === "option" && token.name === "with";
    operands = isWith ? older : positionals;
    if (isWith) older.push(token.value!);
  }
  return { positionals, older };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        output: { type: "string" },
        target: { type: "string" },
        with: { type: "string", multiple: true },
        "keep-releases": { type: "string" },
        help: { type: "boolean" },
      },
      allowPositionals: true,
      tokens: true,
    });
  } catch (error) {
    // What follows the first sentence is about arguments that begin with a dash.
    throw new UsageError((error as Error).message.split(". ", 1)[0]!);
  }
}

/** Runs a command. Returns its exit code: 2 for a command line that cannot be followed, 130 when interrupted. */
export async function runTool(
  command: (args: ToolArguments) => Promise<void>,
  args: readonly string[],
): Promise<number> {
  try {
    await command(parseArguments(args));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    if (!isForThePerson(error)) throw error;
    warn(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

/**
 * Whether the message of an error says all there is to say: what was thrown for the person, and failures of the system.
 */
function isForThePerson(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof PackError ||
    error instanceof BundleError ||
    error instanceof Error && "code" in error &&
      /^E[A-Z]+$/.test(`${error.code}`);
}
