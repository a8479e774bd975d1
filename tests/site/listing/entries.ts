/**
 * Entries and listings for tests of how they are sorted and rendered.
 *
 * @module
 */

import type { Listing } from "../../../lib/site/listing/listing.ts";
import { DEFAULT_ORDER } from "../../../lib/site/listing/order.ts";
import type { DirectoryEntry } from "../../../lib/site/site.ts";

/** When entries were last changed that do not say it. */
export const TIME: number = Date.UTC(2026, 10, 20, 7, 12, 33);

export function file(
  name: string,
  size: number = 0,
  modified: number = TIME,
): DirectoryEntry {
  return { name, kind: "file", size, modified };
}

export function folder(name: string, modified: number = TIME): DirectoryEntry {
  return { name, kind: "directory", size: 0, modified };
}

/** The listing of a root with these entries. */
export function listing(
  entries: readonly DirectoryEntry[],
  rest?: Partial<Listing>,
): Listing {
  return {
    path: "/",
    entries,
    truncatedAt: undefined,
    order: DEFAULT_ORDER,
    canDownload: false,
    ...rest,
  };
}

/** Entries in no order, of which some have the same size. */
export const ENTRIES: readonly DirectoryEntry[] = [
  file("b.txt", 10, TIME + 2),
  folder("z", TIME + 9),
  file("a.txt", 10, TIME + 3),
  file("c.txt", 5, TIME + 1),
  folder("y", TIME + 8),
  file("d.txt", 20, NaN),
];
