/**
 * `deno task pack SITE --output FILE [--target TARGET] [--with OLD…]`: an executable
 * that serves a site from inside itself, or an archive that `--releases` serves.
 *
 * @module
 */

import { printable } from "../lib/http/printable.ts";
import { UsageError } from "../lib/cli/options.ts";
import { RELEASE_ROWS } from "../lib/cli/release_options.ts";
import type { Bundle, BundleFile } from "../lib/site/bundle/format.ts";
import { counted } from "../lib/http/counts.ts";
import { humanSize } from "../lib/site/listing/format.ts";
import { type PackProgress, readContents } from "./contents.ts";
import { buildArchive, isArchiveName } from "./archive.ts";
import { buildExecutable } from "./executable.ts";
import { keepOlder } from "./older.ts";
import { archivePath, executablePath } from "./output.ts";
import { keptText, progressText, summaryText } from "./summary.ts";
import { TARGETS } from "./target.ts";
import { print, runTool, say, type ToolArguments, warn } from "./tool.ts";
import { PackError, walk, type WalkResult } from "./walk.ts";

/** How many builds to have files of, unless that is said: as --releases has by default. */
const KEEP_RELEASES = RELEASE_ROWS.keepReleases.default;

const HELP =
  `Usage: deno task pack SITE --output FILE [--with OLD…] [--target TARGET]

Makes an executable that serves the folder SITE from inside itself; an archive
for skiff --releases, if the name of FILE ends in .skiff.

Options:
  --output FILE      Where to write it: what a link leads to is replaced, not the link
  --with OLD…        Executables or archives of older builds: what SITE lacks of
                     their files with a hash in the name is kept
  --keep-releases N  How many builds to have files of, with SITE (default: ${KEEP_RELEASES})
  --target TARGET    The system an executable is for, this one if none is named:
${TARGETS.map((target) => `                     ${target}\n`).join("")}
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
  show(progress: PackProgress): void {
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

/** What to pack. */
export interface PackOptions {
  /** The folder with the site. */
  readonly folder: string;
  /** Where to write the executable. */
  readonly output: string;
  /** The system that it is for; undefined for this one. */
  readonly target: string | undefined;
  /** Archives of older builds, or executables with one inside. */
  readonly older?: readonly string[];
  /** How many builds to have files of at most. */
  readonly keepReleases?: number | undefined;
}

/** What was packed. */
export interface Packed extends Bundle {
  /** Where it is. */
  readonly path: string;
  /** Bytes of it. */
  readonly bytes: number;
  /** Bytes of the archive that it is or has inside. */
  readonly archiveBytes: number;
}

/** Packs a site, telling on stderr how far it is and what is left out. Throws a PackError. */
export async function pack(
  { folder, output, target, older = [], keepReleases = KEEP_RELEASES }:
    PackOptions,
): Promise<Packed> {
  const isArchive = isArchiveName(output);
  const path = isArchive ? archivePath(output) : executablePath(output, target);
  const found = walk(folder, path);
  tellLeftOut(found);
  const kept = keepOlder(found.files, { archives: older, keepReleases });
  const contents = { files: await readFiles(found), kept };
  if (isArchive) {
    const archive = await buildArchive(contents, output);
    return { ...contents, ...archive, archiveBytes: archive.bytes };
  }
  const compiler = Deno.env.get("DENO_COMPILER");
  const options = { output, target, compiler };
  return { ...contents, ...await buildExecutable(contents, options) };
}

function tellLeftOut({ leftOut, hidden }: WalkResult): void {
  for (const { path, reason } of leftOut) {
    warn(`Left out "${printable(path)}": ${reason}`);
  }
  if (hidden > 0) warn(`Left out ${counted(hidden, "hidden name")}`);
}

async function readFiles(found: WalkResult): Promise<readonly BundleFile[]> {
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
  { positionals, output, target, older, keepReleases, help }: ToolArguments,
): Promise<void> {
  if (help) return print(HELP);
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0 || output === undefined) {
    throw new UsageError("Cannot pack: expected one SITE and --output FILE");
  }
  if (isArchiveName(output) && target !== undefined) {
    throw new UsageError("Cannot pack for a target: an archive has none");
  }
  const started = Date.now();
  const { files, kept, path, bytes, archiveBytes } = await pack({
    folder,
    output,
    target,
    older,
    keepReleases,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const size = isArchiveName(output)
    ? `${humanSize(bytes)}: the site in all its encodings`
    : `${humanSize(bytes)}, of which ${
      humanSize(archiveBytes)
    } are the site in all its encodings`;
  const keptLine = older.length === 0 ? "" : `${keptText(kept, files)}\n`;
  print(`${summaryText(files)}
${keptLine}Wrote ${printable(path)}
${size}, in ${seconds} s
`);
}

if (import.meta.main) Deno.exitCode = await runTool(main, Deno.args);
