/**
 * Files of a site → an executable that serves them: `deno compile` of skiff with the
 * site's archive inside, in a workshop beside the result that is gone in the end.
 *
 * @module
 */

import { basename, dirname, fromFileUrl, join } from "@std/path";
import { ARCHIVE_NAME } from "../lib/site/bundle.ts";
import type { BundleFile } from "../lib/site/bundle_format.ts";
import { readBundle } from "../lib/site/bundle_reader.ts";
import { writeBundle } from "../lib/site/bundle_writer.ts";
import { PackError } from "./walk.ts";

/** The systems that executables can be made for. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What is to be made. */
export interface ExecutableOptions {
  /** Where it is to be; an executable for Windows gets ".exe" behind it. */
  readonly output: string;
  /** One of {@linkcode TARGETS}; undefined for this machine. */
  readonly target?: string | undefined;
  /** The deno that compiles; undefined for the one that runs this. */
  readonly compiler?: string | undefined;
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

/** The project. */
const PROJECT = fromFileUrl(new URL("..", import.meta.url));

/** What skiff is made of, beside its configuration. */
const SOURCES = ["main.ts", "lib", "deno.lock"];

/**
 * What the executable may do: use the network and read files, and ask nobody for more. Without the
 * code cache it writes nothing either; that would be a file with a known name where everybody may write.
 */
const COMPILE_FLAGS = [
  "--quiet",
  "--no-check",
  "--no-prompt",
  "--no-code-cache",
  "--allow-net",
  "--allow-read",
];

/** Where an executable for a target will be that is to be at `output`: the path that the system knows it by. */
export function executablePath(output: string, target?: string): string {
  const isForWindows = target?.includes("windows") ??
    Deno.build.os === "windows";
  const name = basename(output) +
    (isForWindows && !output.toLowerCase().endsWith(".exe") ? ".exe" : "");
  try {
    const path = join(Deno.realPathSync(dirname(output)), name);
    if (!isDirectory(path)) return path;
  } catch (error) {
    throw new PackError(
      `Cannot write "${output}": its directory cannot be found: ${
        (error as Error).message
      }`,
    );
  }
  throw new PackError(`Cannot write "${output}": it is a directory`);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Makes an executable. Until it is whole there is nothing at its path, or what was there before. */
export async function buildExecutable(
  files: readonly BundleFile[],
  { output, target, compiler = Deno.execPath() }: ExecutableOptions,
): Promise<Executable> {
  const path = executablePath(output, target);
  using interruption = new Interruption();
  using workshop = new Workshop(path);
  const code = SOURCES.map((name) =>
    copy(join(PROJECT, name), workshop.join(name))
  ).join("");
  writeConfiguration(workshop.join("deno.json"), code);
  const archiveBytes = writeArchive(workshop.join(ARCHIVE_NAME), files);
  const made = workshop.join(basename(path));
  await compile(compiler, workshop.path, interruption.signal, [
    ...COMPILE_FLAGS,
    `--include=${ARCHIVE_NAME}`,
    `--output=${made}`,
    ...target === undefined ? [] : [`--target=${target}`],
    "main.ts",
  ]);
  Deno.renameSync(made, path);
  return { path, bytes: Deno.statSync(path).size, archiveBytes };
}

/** The compiler takes over the times of files, and the same sources are to give the same bytes. */
function forgetTime(path: string): void {
  Deno.utimeSync(path, 0, 0);
}

/** Copies a file, or a directory with all that is in it; returns all text. */
function copy(from: string, to: string): string {
  if (!Deno.statSync(from).isDirectory) {
    const text = Deno.readTextFileSync(from);
    Deno.writeTextFileSync(to, text);
    forgetTime(to);
    return text;
  }
  Deno.mkdirSync(to);
  return [...Deno.readDirSync(from)].map(({ name }) =>
    copy(join(from, name), join(to, name))
  ).join("");
}

/** Writes the configuration for some code. A package that it names is compiled in, be it used or not: those of the tests are left out. */
function writeConfiguration(path: string, code: string): void {
  const source = Deno.readTextFileSync(join(PROJECT, "deno.json"));
  const configuration = JSON.parse(source) as { imports: object };
  const imports = Object.fromEntries(
    Object.entries(configuration.imports).filter(([name]) =>
      code.includes(`from "${name}"`)
    ),
  );
  Deno.writeTextFileSync(path, JSON.stringify({ ...configuration, imports }));
  forgetTime(path);
}

/** Writes an archive, and reads it as the executable will. Returns its length. */
function writeArchive(path: string, files: readonly BundleFile[]): number {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (const piece of writeBundle(files)) {
    for (let at = 0; at < piece.length;) {
      at += file.writeSync(piece.subarray(at));
    }
  }
  forgetTime(path);
  const archive = Deno.readFileSync(path);
  readBundle(archive);
  return archive.length;
}

/** Thrown when the process was told to end; everything is cleaned up by then. */
export class Interrupted extends Error {
  /** Its name. */
  override name = "Interrupted";
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

/** What tells a process to end. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns what would end the process into an AbortSignal, for as long as it is in scope. */
class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = () => this.#controller.abort();

  constructor() {
    for (const signal of SIGNALS) {
      Deno.addSignalListener(signal, this.#listener);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) {
      Deno.removeSignalListener(signal, this.#listener);
    }
  }
}

/** A directory beside what is made in it, so that the result is moved in one step. It is gone in the end, whatever the end. */
class Workshop implements Disposable {
  readonly path: string;

  constructor(result: string) {
    const dir = dirname(result);
    const prefix = `.${basename(result)}.`;
    try {
      this.path = Deno.makeTempDirSync({ dir, prefix });
    } catch (error) {
      throw new PackError(
        `Cannot write "${result}": ${(error as Error).message}`,
      );
    }
  }

  join(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
