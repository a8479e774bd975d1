/**
 * What the soak test has seen, and whether a response can be true.
 *
 * @module
 */

import { gunzipSync } from "node:zlib";
import { type SoakResponse, Wrong } from "./client.ts";
import { PIECE_BYTES_MIN, versionOf } from "./content.ts";
import type { Random, SoakFile } from "./files.ts";

/** For how long after its last change a file may be answered 503, in ms: skiff waits 200 ms for its writer. */
const SETTLE_MS = 250;

/** For how long a version may still be answered with after it is gone, in ms: the server looks ten times a second. */
const STALE_MS_MAX = 2000;

/** What was seen. */
export interface Tally {
  requests: number;
  bodies: number;
  ended: number;
  readonly statuses: Map<number, number>;
  readonly wrongs: string[];
}

/** A server, its files, and what was seen. */
export interface World {
  readonly port: number;
  readonly files: readonly SoakFile[];
  readonly random: Random;
  readonly tally: Tally;
}

/** One of several things. */
export function pick<T>(world: World, items: readonly T[]): T {
  return items[world.random(items.length)]!;
}

/** Checks a response about a file; throws Wrong when it cannot be true. */
export function check(
  world: World,
  file: SoakFile,
  response: SoakResponse,
  legal: readonly number[],
): void {
  const { status, fields } = response;
  const { tally } = world;
  tally.requests++;
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
  // A file that is deleted just now is missing, whatever was asked.
  if (status === 404) return;
  // A file whose writer does not pause may be of two versions: skiff then asks the client to come again.
  const isBeingWritten = response.askedAt - file.changedAt < SETTLE_MS;
  if (status === 503 && isBeingWritten) return;
  if (!legal.includes(status)) throw new Wrong(`${file.path}: ${status}`);
  if (status === 416) return checkUnsatisfiable(file, fields);
  if (response.body.length === 0) return;
  tally.bodies++;
  const body = fields.get("content-encoding") === "gzip"
    ? new Uint8Array(gunzipSync(response.body))
    : response.body;
  if (body.length < PIECE_BYTES_MIN) return;
  const version = status === 200
    ? checkWhole(file, body)
    : checkPart(file, body, fields.get("content-range")!);
  const age = response.askedAt - (file.goneAt[version] ?? Infinity);
  if (age > STALE_MS_MAX) {
    throw new Wrong(`${file.path}: version ${version} was gone for ${age} ms`);
  }
}

function checkWhole(file: SoakFile, body: Uint8Array): number {
  const version = versionOf(body, file.index, 0);
  if (version === undefined) {
    throw new Wrong(`${file.path}: ${body.length} bytes of no version`);
  }
  const length = file.lengths[version];
  const isWhole = body.length === length ||
    file.grown.has(version) && body.length < length!;
  if (!isWhole) {
    throw new Wrong(
      `${file.path}: ${body.length} of ${length} bytes of version ${version}`,
    );
  }
  return version;
}

function checkPart(file: SoakFile, body: Uint8Array, range: string): number {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range);
  if (match === null) throw new Wrong(`Content-Range: ${range}`);
  const [start, end] = [Number(match[1]), Number(match[2]) + 1];
  if (body.length !== end - start) throw new Wrong(`${range}: wrong length`);
  const version = versionOf(body, file.index, start);
  if (version === undefined) {
    throw new Wrong(`${file.path} ${range}: no version`);
  }
  const total = Number(match[3]);
  const isRight = total === file.lengths[version] || file.grown.has(version);
  if (!isRight) throw new Wrong(`${file.path} ${range}: version ${version}`);
  return version;
}

/**
 * A range that lies behind the file's end: only of a file that is being written
 * in place, and has been cut for a moment, as every range begins within all versions.
 */
function checkUnsatisfiable(
  file: SoakFile,
  fields: ReadonlyMap<string, string>,
): void {
  const range = fields.get("content-range") ?? "";
  const match = /^bytes \*\/(\d+)$/.exec(range);
  if (match === null) throw new Wrong(`Content-Range: ${range}`);
  if (file.grown.size === 0 || Number(match[1]) >= file.base) {
    throw new Wrong(`${file.path}: ${range} instead of a part`);
  }
}
