/**
 * Registered media types by extension. `deno task docs` writes the table from
 * the library, which has far more in memory than anybody asks for.
 *
 * @module
 */

import table from "./registered_types.txt" with { type: "text" };

/** What an extension looks like that the table may have. */
const EXTENSION = /^\.[\w+-]+$/;

/** Returns the Content-Type for an extension in lower case, with its dot; undefined if none is registered. */
export function registeredType(extension: string): string | undefined {
  if (!EXTENSION.test(extension)) return undefined;
  const key = `\n${extension} `;
  const at = table.indexOf(key);
  if (at === -1) return undefined;
  const start = at + key.length;
  return table.slice(start, table.indexOf("\n", start));
}
