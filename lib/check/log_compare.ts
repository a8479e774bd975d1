/**
 * Asks another site for what people asked for according to a log: what would be
 * missing, moved, larger, or no longer cached.
 *
 * @module
 */

import { encodePath } from "../http/target.ts";
import { type Fetcher, follow, headersOf } from "./answer.ts";
import type { LogTally, PathTally } from "./log_tally.ts";

/** What would change for a path. */
export type PathChangeKind =
  /** It was there, and would be an error. */
  | "gone"
  /** It was there, and would be redirected. */
  | "moved"
  /** More bytes than were ever sent for it, even if they are compressed. */
  | "larger"
  /** Browsers asked whether their copy is fresh, and could keep none. */
  | "uncached"
  /** It was not there, and still would not be. */
  | "missing";

/** A path that would be answered differently. */
export interface PathChange {
  readonly kind: PathChangeKind;
  /** Decoded. */
  readonly path: string;
  /** Requests in the log. */
  readonly hits: number;
  /** What would be: the status, the target, or the sizes. */
  readonly detail: string;
}

/** Growth that counts: a tenth, and more than a packet. */
const GROWTH_MIN = 1.1;
const GROWTH_BYTES_MIN = 1024;

/** What the comparison asks. */
export interface CompareDeps {
  readonly ask: Fetcher;
  /** Returns the bytes that would be sent for a target at the least, with the best coding. */
  readonly smallest: (target: string) => number | Promise<number>;
}

/** Compares all paths of a log, those with the most requests first. */
export async function compareLog(
  { paths }: LogTally,
  deps: CompareDeps,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PathChange[]> {
  const changes: PathChange[] = [];
  let done = 0;
  for (const [path, tally] of paths) {
    onProgress(done++, paths.size);
    const change = await changeOf(path, tally, deps);
    if (change !== undefined) {
      changes.push({ path, hits: tally.hits, ...change });
    }
  }
  return changes.sort((a, b) => b.hits - a.hits || (a.path < b.path ? -1 : 1));
}

async function changeOf(
  path: string,
  tally: PathTally,
  { ask, smallest }: CompareDeps,
): Promise<Pick<PathChange, "kind" | "detail"> | undefined> {
  const target = encodePath(path);
  const asker = /\.(?!html?$)\w{1,11}$/i.test(path) ? "asset" : "document";
  const end = await follow(ask, target, asker);
  const wasThere = tally.found > 0 || tally.redirected > 0;
  if (end.isLoop) return { kind: "gone", detail: "redirects in a circle" };
  if (end.status >= 400) {
    const kind = wasThere ? "gone" : "missing";
    const way = end.count > 0 ? ` after a redirect to ${end.target}` : "";
    return { kind, detail: `${end.status}${way}` };
  }
  if (!wasThere) return undefined;
  if (end.count > 0 || end.isExternal) {
    return tally.found > 0
      ? {
        kind: "moved",
        detail: end.isExternal ? "another server" : end.target,
      }
      : undefined;
  }
  const answer = await ask(target, asker);
  const control = headersOf(answer, "cache-control").join(",").toLowerCase();
  if (tally.fresh > 0 && control.includes("no-store")) {
    return { kind: "uncached", detail: control };
  }
  const { bytes } = tally;
  const isLarger = (length: number) =>
    length > bytes * GROWTH_MIN && length - bytes > GROWTH_BYTES_MIN;
  if (bytes === 0 || !isLarger(answer.length)) return undefined;
  const length = await smallest(target);
  return isLarger(length)
    ? { kind: "larger", detail: `${bytes} → ${length} bytes` }
    : undefined;
}
