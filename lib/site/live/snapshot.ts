/**
 * What a site has at one time, to find out what has changed since.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Site } from "../site.ts";

/** Most files and directories of a site that are compared. Changes of others are not seen. */
export const SNAPSHOT_ENTRIES_MAX = 100_000;

/** Names of files and directories of a site, and what tells their versions from others. */
export interface Snapshot {
  /** Sizes and times of files by decoded path; paths of directories end with "/". */
  readonly entries: ReadonlyMap<string, string>;
  /** Whether there is more than {@linkcode SNAPSHOT_ENTRIES_MAX}. */
  readonly isCut: boolean;
}

/** Looks at everything that clients of a site may see. */
export async function takeSnapshot(site: Site): Promise<Snapshot> {
  const entries = new Map<string, string>();
  const directories = ["/"];
  /** Where directories really are: links may lead in a circle. */
  const seen = new Set<string>();
  for (const path of directories) {
    const found = await site.list(path);
    if (found.kind !== "entries" || seen.has(found.realPath)) continue;
    seen.add(found.realPath);
    for (const { name, kind, size, modified } of found.entries) {
      if (entries.size >= SNAPSHOT_ENTRIES_MAX) return { entries, isCut: true };
      if (kind === "file") entries.set(path + name, `${size} ${modified}`);
      else {
        entries.set(`${path}${name}/`, "");
        directories.push(`${path}${name}/`);
      }
    }
  }
  return { entries, isCut: false };
}

/** Returns the paths that differ between two snapshots, at most `countMax`; undefined if there are more. */
export function changedPaths(
  before: Snapshot,
  after: Snapshot,
  countMax: number,
): string[] | undefined {
  const known = new Set([...after.entries.keys(), ...before.entries.keys()]);
  const paths = [...known].filter((path) =>
    before.entries.get(path) !== after.entries.get(path)
  );
  return paths.length > countMax ? undefined : paths;
}

/** Returns a name for what a snapshot shows, the same in every process. */
export function snapshotName({ entries }: Snapshot): string {
  const lines = [...entries].map(([path, version]) => `${path}\0${version}`);
  return createHash("sha256").update(lines.toSorted().join("\n"))
    .digest("base64url");
}
