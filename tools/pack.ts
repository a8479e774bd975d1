/**
 * `deno task pack SITE --output FILE [--target TARGET]`: an executable that serves a
 * site from inside itself.
 *
 * @module
 */

import { printable } from "../lib/http/printable.ts";
import { UsageError } from "../lib/cli/options.ts";
import type { BundleFile } from "../lib/site/bundle/format.ts";
import { counted, humanSize } from "../lib/site/listing/format.ts";
import { type Progress, readContents } from "./contents.ts";
import { buildExecutable, type Executable } from "./executable.ts";
import { executablePath } from "./output.ts";
import { progressText, summaryText } from "./summary.ts";
import { TARGETS } from "./target.ts";
import { type Arguments, print, runTool, say, warn } from "./tool.ts";
import { type Findings, PackError, walk } from "./walk.ts";

const HELP = `Usage: deno task pack SITE --output FILE [--target TARGET]

Makes an executable that serves the folder SITE from inside itself.

Options:
  --output FILE    Where to write it: what a link leads to is replaced, not the link
  --target TARGET  The system it is for, this one if none is named:
${TARGETS.map((target) => `                   ${target}\n`).join("")}
Environment:
  DENO_COMPILER      The deno that compiles (default: the one that runs this)
  DENORT_BIN         The base that it compiles with (default: it downloads one)
  TMPDIR             Where to work, with room for what is made (default: /tmp)
  SOURCE_DATE_EPOCH  Files younger than this, in s since 1970, get this time
`;

/** How often the line of the progress is written again, in ms. */
const PROGRESS_MS = 100;

/** The line of the progress, on a terminal only. */
class ProgressLine implements Disposable {
  readonly #isShown = Deno.stderr.isTerminal();
  readonly #started = Date.now();
  #shown = 0;

  /** Shows how far it is, unless that was shown a moment ago. */
  show(progress: Progress): void {
    const now = Date.now();
    if (!this.#isShown || now - this.#shown < PROGRESS_MS) return;
    this.#shown = now;
    // Some terminals do not know their width.
    const columns = Deno.consoleSize().columns || 80;
    say(
      `\r${progressText(progress, now - this.#started, columns - 1)}\x1b[K`,
    );
  }

  /** Takes the line away. */
  [Symbol.dispose](): void {
    if (this.#shown > 0) say("\r\x1b[K");
  }
}

/** What is to be packed. */
export interface PackOptions {
  /** The folder with the site. */
  readonly folder: string;
  /** Where the executable is to be. */
  readonly output: string;
  /** The system that it is for; undefined for this one. */
  readonly target: string | undefined;
}

/** What was packed. */
export interface Packed extends Executable {
  /** The files. */
  readonly files: readonly BundleFile[];
}

/** Packs a site, telling on stderr how far it is and what is left out. Throws a PackError. */
export async function pack(
  { folder, output, target }: PackOptions,
): Promise<Packed> {
  const found = walk(folder, executablePath(output, target));
  tellLeftOut(found);
  const files = await readFiles(found);
  const compiler = Deno.env.get("DENO_COMPILER");
  const executable = await buildExecutable(files, { output, target, compiler });
  return { ...executable, files };
}

function tellLeftOut({ leftOut, hidden }: Findings): void {
  for (const { path, reason } of leftOut) {
    warn(`Left out "${printable(path)}": ${reason}`);
  }
  if (hidden > 0) warn(`Left out ${counted(hidden, "hidden name")}`);
}

async function readFiles(found: Findings): Promise<readonly BundleFile[]> {
  using line = new ProgressLine();
  const { files, missing } = await readContents(found.files, {
    sourceDate: sourceDate(),
    report: (progress) => line.show(progress),
  });
  for (const { token } of missing) {
    warn(`Left out ${token}: this version of Deno cannot make it`);
  }
  return files;
}

/** The latest time that a file may have (reproducible-builds.org/specs/source-date-epoch). */
function sourceDate(): number {
  const text = Deno.env.get("SOURCE_DATE_EPOCH");
  if (text === undefined) return Infinity;
  if (!/^\d{1,12}$/.test(text)) {
    throw new PackError(
      `Cannot use "${text}" as SOURCE_DATE_EPOCH: expected seconds since 1970`,
    );
  }
  return 1000 * Number(text);
}

async function main(
  { positionals, output, target, help }: Arguments,
): Promise<void> {
  if (help) return print(HELP);
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0 || output === undefined) {
    throw new UsageError("Cannot pack: expected one SITE and --output FILE");
  }
  const started = Date.now();
  const { files, path, bytes, archiveBytes } = await pack({
    folder,
    output,
    target,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  print(`${summaryText(files)}
Wrote ${printable(path)}
${humanSize(bytes)}, of which ${
    humanSize(archiveBytes)
  } are the site in all its encodings, in ${seconds} s
`);
}

if (import.meta.main) Deno.exitCode = await runTool(main, Deno.args);
