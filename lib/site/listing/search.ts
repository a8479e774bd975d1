/**
 * Searches the names below a folder, without regard to case and accents. Pure,
 * but for letting other work run.
 *
 * @module
 */

import { Steps } from "../pause.ts";
import type { Tree, TreeEntry } from "../tree.ts";

/** Longest text to search for, in characters; the rest is ignored. */
export const SEARCH_LENGTH_MAX = 200;

/** Most results: those nearest to the folder. */
export const SEARCH_RESULTS_MAX = 1_000;

/** What was found. */
export interface SearchResults {
  readonly entries: readonly TreeEntry[];
  /** Whether there are more, or may be: not everything was looked at. */
  readonly isCut: boolean;
}

/** A character that is not ASCII. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Returns a text in the form that is compared: compatibility forms, accents and case are gone. */
export function foldedText(text: string): string {
  return BEYOND_ASCII.test(text)
    ? text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    : text.toLowerCase();
}

/** Returns the words to search for; none if the text has none. */
export function searchWordsOf(text: string): readonly string[] {
  const folded = foldedText(text.slice(0, SEARCH_LENGTH_MAX));
  return [...new Set(folded.split(/\s+/u).filter((word) => word !== ""))];
}

/**
 * Returns the entries whose path has all words, and whose own name has one of them. Rejects with `CancelledError` once
 * `isWanted` returns false.
 */
export async function searchTree(
  tree: Tree,
  words: readonly string[],
  isWanted?: () => boolean,
): Promise<SearchResults> {
  // The order of a tree stays among those of one depth.
  const byDepth: TreeEntry[][] = [];
  const steps = new Steps(isWanted);
  for (const entry of tree.entries) {
    if (matches(entry, words)) {
      const depth = entry.path.slice(0, -1).split("/").length;
      (byDepth[depth] ??= []).push(entry);
    }
    await steps.next();
  }
  const found = byDepth.flat();
  return {
    entries: found.slice(0, SEARCH_RESULTS_MAX),
    isCut: found.length > SEARCH_RESULTS_MAX || tree.cut !== undefined,
  };
}

function matches({ path }: TreeEntry, words: readonly string[]): boolean {
  const folded = foldedText(path);
  if (!words.every((word) => folded.includes(word))) return false;
  const name = folded.slice(folded.lastIndexOf("/", folded.length - 2) + 1);
  return words.some((word) => name.includes(word));
}
