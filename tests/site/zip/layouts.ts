/**
 * Layouts of archives for tests.
 *
 * @module
 */

import {
  type Layout,
  LayoutBuilder,
  type LayoutEntry,
} from "../../../lib/site/zip/layout.ts";

/** Lays out entries. */
export function layoutOf(entries: readonly LayoutEntry[]): Layout {
  const builder = new LayoutBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.end();
}
