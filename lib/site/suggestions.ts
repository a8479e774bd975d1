/**
 * Guesses what a mistyped path was to be: "/guide/" for "/giude/".
 *
 * @module
 */

import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { mayBeNamed } from "./hidden.ts";
import { isReachable, type Viewpoint } from "./reachable.ts";
import type { DirectoryEntry } from "./site.ts";

/** Entries of a folder that are compared. */
export const SUGGESTION_ENTRIES_MAX = 1_000;

/** Longer names are not compared, in characters. */
export const SUGGESTION_LENGTH_MAX = 64;

/** Most edits between a name and what was typed. */
const EDITS_MAX = 3;

/**
 * Returns the decoded path of what a missing path below a folder may have meant: something that the client may see.
 * Undefined if nothing is like it.
 */
export async function suggest(
  path: string,
  folder: string,
  view: Viewpoint,
): Promise<string | undefined> {
  const [typed = "", ...rest] = path.slice(folder.length).split("/");
  if (typed.length > SUGGESTION_LENGTH_MAX) return undefined;
  const found = await view.site.list(folder, SUGGESTION_ENTRIES_MAX);
  if (found.kind !== "entries") return undefined;
  const viewer = view.policy.nameViewer(view.isPrivate);
  const entries = found.entries.filter((entry) =>
    mayBeNamed(viewer, folder, entry, found.realPath)
  );
  for (const { name, kind } of nearest(typed, entries)) {
    const paths = kind === "file"
      ? [folder + nameFor(typed, name)]
      : [[folder + name, ...rest].join("/"), `${folder}${name}/`];
    const reachable = paths.find((path) => isReachable(path, view));
    if (reachable !== undefined) return reachable;
  }
  return undefined;
}

/** Returns a name as it was typed: a page without its extension. */
function nameFor(typed: string, name: string): string {
  return typed.includes(".") ? name : name.replace(/\.html$/i, "");
}

/** Returns the entries with a name like what was typed, the most similar first. */
function nearest(
  typed: string,
  entries: readonly DirectoryEntry[],
): DirectoryEntry[] {
  const wanted = typed.toLowerCase();
  const editsMax = Math.min(EDITS_MAX, Math.ceil(typed.length / 3));
  return entries
    .flatMap((entry) => {
      const name = nameFor(typed, entry.name).toLowerCase();
      if (Math.abs(name.length - wanted.length) > editsMax) return [];
      const edits = levenshteinDistance(wanted, name);
      return edits <= editsMax ? [{ entry, edits }] : [];
    })
    .sort((a, b) => a.edits - b.edits || (a.entry.name < b.entry.name ? -1 : 1))
    .map(({ entry }) => entry);
}
