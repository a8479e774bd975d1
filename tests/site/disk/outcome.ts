/**
 * What opening a path comes to, as a line of text, for the tests of the root.
 *
 * @module
 */

import type { Root } from "../../../lib/site/disk/root.ts";
import { textOf } from "../../helpers.ts";

/** What opening a path comes to: the file's content, or why there is none. */
export function outcome(root: Root, path: string): string {
  const found = root.open(path, Date.now());
  switch (found.kind) {
    case "file":
      try {
        return `file: ${textOf(found.file.readAll()!)}`;
      } finally {
        found.file.release();
      }
    case "refused":
      return `refused: ${found.status}`;
    default:
      return found.kind;
  }
}
