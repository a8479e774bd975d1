/**
 * `deno task media-types`: the table of registered media types by extension,
 * from the library. The server loads the table instead, because the library
 * costs every start 9 ms and 3 MiB.
 *
 * @module
 */

import { contentType } from "@std/media-types";
import db from "@std/media-types/db";
import { fromFileUrl } from "@std/path";

/** Where the table is. */
export const TABLE_PATH = "lib/site/content/media_types.txt";

/** The table: a line for each Content-Type, and behind it its extensions. */
export function tableText(): string {
  const lines = new Map<string, string[]>();
  const names = Object.values(db).flatMap(({ extensions = [] }) => extensions);
  for (const name of [...new Set(names)].sort()) {
    const type = contentType(name)!;
    lines.set(type, [...lines.get(type) ?? [], name]);
  }
  return [...lines].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([type, names]) => `${type}\t${names.join(" ")}\n`).join("");
}

if (import.meta.main) {
  const url = new URL(`../${TABLE_PATH}`, import.meta.url);
  Deno.writeTextFileSync(fromFileUrl(url), tableText());
}
