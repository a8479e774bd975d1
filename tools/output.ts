/**
 * Where an executable or an archive is to be: what may be replaced there, and how it gets there in one step.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { printable } from "../lib/http/printable.ts";
import { Interrupted } from "./interruption.ts";
import { PackError } from "./walk.ts";

/** Whether an executable is for Windows: for a target, or for this machine if none is named. */
export function isForWindows(target: string | undefined): boolean {
  return target?.includes("windows") ?? Deno.build.os === "windows";
}

/**
 * Where an executable for a target will be that is to be at `output`: the path that the system
 * knows it by. A link to a file is followed. Throws a {@linkcode PackError} where nothing can be put.
 */
export function executablePath(output: string, target?: string): string {
  const isBare = isForWindows(target) &&
    !output.toLowerCase().endsWith(".exe");
  return placeOf(output, basename(output) + (isBare ? ".exe" : ""));
}

/** The same for an archive. */
export function archivePath(output: string): string {
  return placeOf(output, basename(output));
}

function placeOf(output: string, name: string): string {
  let directory: string;
  try {
    directory = Deno.realPathSync(dirname(output));
  } catch (error) {
    throw unwritable(
      output,
      `its directory cannot be found: ${(error as Error).message}`,
    );
  }
  return replaceable(output, join(directory, name));
}

/** The failure to write something. */
function unwritable(path: string, reason: string): PackError {
  return new PackError(`Cannot write "${printable(path)}": ${reason}`);
}

/** The real path of what would be replaced at a path: only a file may be, or nothing. */
function replaceable(output: string, path: string): string {
  let info: Deno.FileInfo | undefined;
  try {
    info = Deno.lstatSync(path);
    if (info.isSymlink) {
      path = Deno.realPathSync(path);
      info = Deno.statSync(path);
    }
  } catch (error) {
    if (info !== undefined) throw unwritable(output, "it is a link to nothing");
    if (error instanceof Deno.errors.NotFound) return path;
    throw unwritable(output, (error as Error).message);
  }
  if (info.isDirectory) throw unwritable(output, "it is a directory");
  if (!info.isFile) {
    throw unwritable(output, "it is there, and it is not a regular file");
  }
  return path;
}

/**
 * Moves a file to where nothing or another file is, even to another file system. At `to` there is
 * either what was there before or the whole file. Throws {@linkcode Interrupted} when the signal
 * is aborted before that, else a {@linkcode PackError}.
 */
export async function moveFile(
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    return Deno.renameSync(from, to);
  } catch {
    // Most often it is another file system. Whatever else it is, the longer way fails of it as well.
  }
  try {
    using copy = new TemporaryFile(dirname(to));
    await Deno.copyFile(from, copy.path);
    if (signal.aborted) throw new Interrupted("Interrupted");
    Deno.renameSync(copy.path, to);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    throw unwritable(to, (error as Error).message);
  }
}

/** A file with a name of its own. It is gone in the end, unless it was moved. */
class TemporaryFile implements Disposable {
  readonly path: string;

  constructor(dir: string) {
    this.path = Deno.makeTempFileSync({ dir, prefix: ".skiff-" });
  }

  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
