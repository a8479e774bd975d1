/**
 * Makes the table of registered media types for
 * `lib/site/content/registered_types.ts` from the library's.
 *
 * @module
 */

import { contentType } from "@std/media-types";
import { types } from "@std/media-types/db";

/** An empty line, and a line for each extension: `.html text/html; charset=UTF-8`. */
export function mediaTypesText(): string {
  const lines = [...types.keys()].sort()
    .map((extension) => `.${extension} ${contentType(`.${extension}`)}\n`);
  return `\n${lines.join("")}`;
}
