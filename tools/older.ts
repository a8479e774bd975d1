/**
 * Archives of older builds → the files of them that pages of those builds may still load.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { printable } from "../lib/http/printable.ts";
import { BundleError } from "../lib/site/bundle/archive.ts";
import {
  type Bundle,
  type BundleContent,
  type BundleFile,
  type KeptFile,
  MAGIC,
} from "../lib/site/bundle/format.ts";
import { bundleLength, readBundle } from "../lib/site/bundle/reader.ts";
import { mayHaveHash } from "../lib/site/content/hashed_name.ts";
import {
  type FoundFile,
  PackError,
  WALK_LIMITS,
  type WalkLimits,
} from "./walk.ts";

/** Largest file that is searched for an archive, in bytes: the largest archive, and the program around it. */
const OLDER_BYTES_MAX = 2 * 1024 * 1024 * 1024;

/** Which files of older builds to keep. */
export interface OlderOptions {
  /** Paths of archives, or of executables with one inside. */
  readonly archives: readonly string[];
  /** How many builds an archive has files of at most, with its own. */
  readonly keepReleases: number;
  /** Bounds of what can be packed. */
  readonly limits?: WalkLimits;
}

/** An archive of an older build. */
interface OlderBuild extends Bundle {
  /** Where it was. */
  readonly archive: string;
  /** When the youngest of its own files was last changed. */
  readonly modified: number;
}

/**
 * Returns the files of older builds that have a hash in their name and are not in the new one. The younger build gives
 * what several have. A build is as old as the youngest file in it; of builds of the same age the one named first counts
 * as younger. Throws a {@linkcode PackError}.
 */
export function keepOlder(
  found: readonly FoundFile[],
  { archives, keepReleases, limits = WALK_LIMITS }: OlderOptions,
): KeptFile[] {
  const paths = new Set(found.map(({ path }) => path));
  const kept = new Map<string, KeptFile>();
  const bounds = new Bounds(found, limits);
  let age = 0;
  for (const build of readOlder(archives)) {
    const { files, archive } = build;
    const isMissing = ({ path }: BundleFile) =>
      mayHaveHash(path) && !paths.has(path);
    const own = files.filter(isMissing);
    // The same build again does not make the others older.
    if (own.length > 0) age++;
    const older = build.kept.filter(isMissing)
      .map((file) => ({ ...file, age: age + file.age }));
    for (const file of [...own.map((file) => ({ ...file, age })), ...older]) {
      if (kept.has(file.path) || file.age >= keepReleases) continue;
      bounds.count(file, archive);
      kept.set(file.path, copyOf(file));
    }
  }
  return [...kept.values()];
}

/** Counts what is packed, so that it stays within its bounds. */
class Bounds {
  readonly #limits: WalkLimits;
  #files: number;
  #bytes = 0;

  constructor(found: readonly FoundFile[], limits: WalkLimits) {
    this.#limits = limits;
    this.#files = found.length;
    const sizes = new Map(found.map(({ location, size }) => [location, size]));
    for (const size of sizes.values()) this.#bytes += size;
  }

  /** Counts a file. Throws a PackError if it is too much. */
  count({ path, identity }: BundleFile, archive: string): void {
    const { files, bytes } = this.#limits;
    this.#files++;
    this.#bytes += identity.bytes.length;
    const excess = this.#files > files
      ? `${files} files`
      : this.#bytes > bytes
      ? `${bytes} bytes`
      : undefined;
    if (excess === undefined) return;
    throw refusal(
      archive,
      `with "${
        printable(path)
      }" there would be more than ${excess}; keep fewer releases with --keep-releases`,
    );
  }
}

/** Takes what is kept out of its archive, so that the rest of that takes no memory. */
function copyOf(file: KeptFile): KeptFile {
  const copy = <Content extends BundleContent>(content: Content): Content => ({
    ...content,
    bytes: content.bytes.slice(),
  });
  return {
    ...file,
    identity: copy(file.identity),
    encoded: file.encoded.map(copy),
  };
}

/** Reads archives, each file once, the youngest first. */
function readOlder(archives: readonly string[]): OlderBuild[] {
  const builds = new Map<string, OlderBuild>();
  for (const archive of archives) {
    const path = pathOf(archive);
    if (!builds.has(path)) builds.set(path, readBuild(archive, path));
  }
  return [...builds.values()].sort((a, b) => b.modified - a.modified);
}

function pathOf(archive: string): string {
  let path: string;
  let info: Deno.FileInfo;
  try {
    path = Deno.realPathSync(archive);
    info = Deno.statSync(path);
  } catch (error) {
    throw refusal(
      archive,
      error instanceof Deno.errors.NotFound
        ? "it does not exist"
        : (error as Error).message,
    );
  }
  if (info.isDirectory) {
    throw refusal(archive, "it is a directory; pack it first");
  }
  if (!info.isFile) throw refusal(archive, "it is not a regular file");
  if (info.size > OLDER_BYTES_MAX) {
    throw refusal(archive, `it has more than ${OLDER_BYTES_MAX} bytes`);
  }
  return path;
}

function readBuild(archive: string, path: string): OlderBuild {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw refusal(archive, (error as Error).message);
  }
  try {
    const bundle = readBundle(archiveIn(bytes, archive));
    const modified = bundle.files.reduce(
      (latest, file) => Math.max(latest, file.modified),
      -Infinity,
    );
    return { ...bundle, archive, modified };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const reason = error.message.replace(/^Cannot read the archive: /, "");
    throw refusal(archive, reason);
  }
}

/** Returns the archive that a file is, or that an executable has inside. */
function archiveIn(
  bytes: Uint8Array<ArrayBuffer>,
  archive: string,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes;
  const start = Buffer.from(buffer, byteOffset, length).indexOf(MAGIC);
  if (start === 0) return bytes;
  const found = bytes.subarray(start === -1 ? length : start);
  const end = bundleLength(found);
  if (end === undefined) {
    throw refusal(
      archive,
      "it is neither an archive nor an executable with one inside",
    );
  }
  return found.subarray(0, end);
}

/** The failure to keep something of an archive. */
function refusal(archive: string, reason: string): PackError {
  return new PackError(
    `Cannot keep files of "${printable(archive)}": ${reason}`,
  );
}
