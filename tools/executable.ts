/**
 * Files of a site → an executable that serves them: `deno compile` of skiff with the
 * site's archive inside, in a workshop that is gone in the end. skiff is bundled before:
 * that starts a fifth quicker, and takes less memory, than many modules.
 *
 * @module
 */

import { join } from "@std/path";
import { UNLIMITED_FLAGS } from "../lib/cli/permissions.ts";
import { ARCHIVE_NAME } from "../lib/site/bundle/archive.ts";
import type { Bundle } from "../lib/site/bundle/format.ts";
import { writeArchive } from "./archive.ts";
import { bundle } from "./bundle.ts";
import { Interrupted, Interruption } from "./interruption.ts";
import { executablePath, isForWindows, moveFile } from "./output.ts";
import { tryExecutable } from "./trial.ts";
import { PackError } from "./walk.ts";
import { Workshop } from "./workshop.ts";
import project from "../deno.json" with { type: "json" };

/** What to make. */
export interface ExecutableOptions {
  /** Where it is to be; an executable for Windows gets ".exe" behind it. */
  readonly output: string;
  /** One of TARGETS in target.ts; undefined for this machine. */
  readonly target?: string | undefined;
  /** The deno that compiles; undefined for the one that runs this. */
  readonly compiler?: string | undefined;
  /** A directory that {@linkcode bundleSkiff} has filled; undefined to bundle again. */
  readonly modules?: string | undefined;
}

/** What was made. */
export interface Executable {
  /** Where it is. */
  readonly path: string;
  /** Bytes of it. */
  readonly bytes: number;
  /** Bytes of the archive in it. */
  readonly archiveBytes: number;
}

/**
 * What the executable may do: use the network and read files; it never asks for more. Without the
 * code cache it writes nothing either; that would be a file with a known name where everybody may write.
 */
const COMPILE_FLAGS = [
  "--quiet",
  "--no-check",
  "--no-prompt",
  "--no-code-cache",
  ...UNLIMITED_FLAGS,
];

/** Bundles skiff's modules into a directory. Throws a PackError. */
export async function bundleSkiff(directory: string): Promise<void> {
  await bundle("main.ts", ["--code-splitting", `--outdir=${directory}`]);
}

/** Makes an executable. Until it is whole there is nothing at its path, or what was there before. */
export async function buildExecutable(
  contents: Bundle,
  { output, target, compiler = Deno.execPath(), modules }: ExecutableOptions,
): Promise<Executable> {
  const path = executablePath(output, target);
  using interruption = new Interruption();
  const { signal } = interruption;
  using workshop = new Workshop();
  if (modules === undefined) await bundleSkiff(workshop.path);
  else copyFiles(modules, workshop.path);
  forgetTimes(workshop.path);
  writeConfiguration(workshop.join("deno.json"));
  const archive = workshop.join(ARCHIVE_NAME);
  const archiveBytes = writeArchive(archive, contents);
  forgetTime(archive);
  const made = workshop.join(isForWindows(target) ? "result.exe" : "result");
  await compile(compiler, workshop.path, signal, [
    ...COMPILE_FLAGS,
    `--include=${ARCHIVE_NAME}`,
    `--output=${made}`,
    ...target === undefined ? [] : [`--target=${target}`],
    "main.js",
  ]);
  const { version } = project;
  await tryExecutable(made, { target, version, signal });
  await moveFile(made, path, signal);
  return { path, bytes: Deno.statSync(path).size, archiveBytes };
}

function copyFiles(from: string, to: string): void {
  for (const { name } of Deno.readDirSync(from)) {
    Deno.copyFileSync(join(from, name), join(to, name));
  }
}

/** The compiler takes over the times of files, and the same sources are to give the same bytes. */
function forgetTime(path: string): void {
  Deno.utimeSync(path, 0, 0);
}

function forgetTimes(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    forgetTime(join(folder, name));
  }
}

/** Writes the configuration. A workspace of its own keeps Deno from looking for one in the directories above. */
function writeConfiguration(path: string): void {
  const { unstable } = project;
  Deno.writeTextFileSync(path, JSON.stringify({ unstable, workspace: [] }));
  forgetTime(path);
}

/** Runs the compiler in a directory, until the signal is aborted. */
async function compile(
  compiler: string,
  cwd: string,
  signal: AbortSignal,
  args: readonly string[],
): Promise<void> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(compiler, {
      args: ["compile", ...args],
      cwd,
      env: { NO_COLOR: "1" },
      signal,
      stdin: "null",
    }).output();
  } catch (error) {
    throw new PackError(
      `Cannot run "${compiler}" to compile: ${(error as Error).message}`,
    );
  }
  // A terminal interrupts the compiler at the same time as this process.
  if (signal.aborted || output.signal !== null) {
    throw new Interrupted("Interrupted");
  }
  if (!output.success) {
    const text = new TextDecoder().decode(output.stderr);
    throw new PackError(compileFailure(compiler, text));
  }
}

function compileFailure(compiler: string, text: string): string {
  const reason = text.split("Stack backtrace:", 1)[0]!.trim();
  const hint = reason.includes("denort")
    ? "\nThe compiler downloads its base, denort, from where it came from itself; DENORT_BIN can name one instead"
    : "";
  return `Cannot compile with "${compiler}": ${reason}${hint}`;
}
