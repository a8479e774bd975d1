/**
 * Files of a site → an executable that serves them: `deno compile` of skiff with the
 * site's archive inside, in a workshop that is gone in the end.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { UNLIMITED_FLAGS } from "../lib/cli/permissions.ts";
import { ARCHIVE_NAME } from "../lib/site/bundle/bundle.ts";
import type { BundleFile } from "../lib/site/bundle/format.ts";
import { readBundle } from "../lib/site/bundle/reader.ts";
import { writeBundle } from "../lib/site/bundle/writer.ts";
import { Interrupted, Interruption } from "./interruption.ts";
import { executablePath, isForWindows, moveFile } from "./output.ts";
import { tryExecutable } from "./trial.ts";
import { PackError } from "./walk.ts";

/** What is to be made. */
export interface ExecutableOptions {
  /** Where it is to be; an executable for Windows gets ".exe" behind it. */
  readonly output: string;
  /** One of TARGETS in target.ts; undefined for this machine. */
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
  ...UNLIMITED_FLAGS,
];

/** Makes an executable. Until it is whole there is nothing at its path, or what was there before. */
export async function buildExecutable(
  files: readonly BundleFile[],
  { output, target, compiler = Deno.execPath() }: ExecutableOptions,
): Promise<Executable> {
  const path = executablePath(output, target);
  using interruption = new Interruption();
  const { signal } = interruption;
  using workshop = new Workshop();
  const code = SOURCES.map((name) =>
    copy(join(PROJECT, name), workshop.join(name))
  ).join("");
  const version = writeConfiguration(workshop.join("deno.json"), code);
  const archiveBytes = writeArchive(workshop.join(ARCHIVE_NAME), files);
  const made = workshop.join(isForWindows(target) ? "result.exe" : "result");
  await compile(compiler, workshop.path, signal, [
    ...COMPILE_FLAGS,
    `--include=${ARCHIVE_NAME}`,
    `--output=${made}`,
    ...target === undefined ? [] : [`--target=${target}`],
    "main.ts",
  ]);
  await tryExecutable(made, { target, version, signal });
  await moveFile(made, path, signal);
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

/**
 * Writes the configuration for some code; returns the version in it. A package that it names is
 * compiled in, be it used or not: those of the tests are left out. A workspace of its own keeps
 * Deno from looking for one in the directories above.
 */
function writeConfiguration(path: string, code: string): string {
  const source = Deno.readTextFileSync(join(PROJECT, "deno.json"));
  const configuration = JSON.parse(source) as Configuration;
  const imports = Object.fromEntries(
    Object.entries(configuration.imports).filter(([name]) =>
      code.includes(`from "${name}"`)
    ),
  );
  Deno.writeTextFileSync(
    path,
    JSON.stringify({ ...configuration, imports, workspace: [] }),
  );
  forgetTime(path);
  return configuration.version;
}

/** What matters here of the project's configuration. */
interface Configuration {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
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

/** A directory of the system's own to work in: what is around the result has no say in how it is made. It is gone in the end, whatever the end. */
class Workshop implements Disposable {
  readonly path: string;

  constructor() {
    try {
      // Where it is given relative to here, the compiler would look for it elsewhere.
      this.path = Deno.realPathSync(
        Deno.makeTempDirSync({ prefix: "skiff-pack-" }),
      );
    } catch (error) {
      throw new PackError(
        `Cannot make a directory to work in: ${(error as Error).message}`,
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
