/**
 * Which names are releases, and in which order they are asked.
 *
 * @module
 */

import { relative } from "@std/path/relative";

/** The link or file that names the release to serve. */
export const CURRENT_NAME = "current";

/** Sorts runs of digits by their value, so that `v10` follows `v9`. */
const COLLATOR = new Intl.Collator("en", { numeric: true });

/** Whether a name in a folder of releases can be that of a release: visible, printable, and not that of the link. */
export function isReleaseName(name: string): boolean {
  return name !== CURRENT_NAME && !name.startsWith(".") &&
    !/\p{Cc}/u.test(name);
}

/** Compares names in natural order. */
export function compareNames(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Orders names: the current one if it is among them, then the others from the last to the first in natural order.
 * After a step back, pages of a later release may still be open, so those releases are asked too.
 */
export function orderReleases(
  names: readonly string[],
  current: string | undefined,
): string[] {
  const others = names.filter((name) => name !== current)
    .sort((a, b) => compareNames(b, a));
  return current !== undefined && names.includes(current)
    ? [current, ...others]
    : others;
}

/**
 * Returns the name of the release that a link or the text of a file leads to; undefined unless that is directly in
 * one of `folders`, which are absolute paths of the same folder. `resolve` makes a path absolute, from that folder.
 */
export function siblingName(
  target: string,
  folders: readonly string[],
  resolve: (target: string) => string,
): string | undefined {
  const path = resolve(target.trim());
  return folders.map((folder) => relative(folder, path)).find((name) =>
    name !== "" && !/[/\\]/.test(name) && isReleaseName(name)
  );
}
