/**
 * Sorts many items in steps, and lets other work run in between.
 *
 * @module
 */

import type { Steps } from "./pause.ts";

/** Items to sort at once: they take a millisecond. */
const RUN_ITEMS = 2_048;

/** Items to merge before looking at the time. */
const MERGED_ITEMS = 256;

/** Tells whether an item comes before another one. */
type Comparison<Item> = (a: Item, b: Item) => boolean;

/** Returns the items sorted. No two of them may be equal. */
export async function sortInSteps<Item>(
  items: readonly Item[],
  isBefore: Comparison<Item>,
  steps: Steps,
): Promise<readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let at = 0; at < items.length; at += RUN_ITEMS) {
    const run = items.slice(at, at + RUN_ITEMS);
    runs.push(run.sort((a, b) => isBefore(a, b) ? -1 : 1));
    await steps.next();
  }
  while (runs.length > 1) {
    const longer: (readonly Item[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      const [a, b = []] = runs.slice(at, at + 2) as [Item[], Item[]?];
      longer.push(await merge(a, b, isBefore, steps));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  a: readonly Item[],
  b: readonly Item[],
  isBefore: Comparison<Item>,
  steps: Steps,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let [atA, atB] = [0, 0];
  while (atA < a.length && atB < b.length) {
    merged.push(isBefore(a[atA]!, b[atB]!) ? a[atA++]! : b[atB++]!);
    if (merged.length % MERGED_ITEMS === 0) await steps.next();
  }
  return merged.concat(a.slice(atA), b.slice(atB));
}
