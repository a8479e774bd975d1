/**
 * The media types that are registered for extensions: a table made from
 * `@std/media-types` by `deno task media-types`. The library itself would cost
 * every start 9 ms and 3 MiB.
 *
 * @module
 */

import table from "./media_types.txt" with { type: "text" };

let byExtension: ReadonlyMap<string, string> | undefined;

/** Returns the Content-Type for an extension with its dot, in lower case; undefined if none is registered. */
export function registeredType(extension: string): string | undefined {
  byExtension ??= readTable();
  return byExtension.get(extension);
}

function readTable(): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const line of table.trimEnd().split("\n")) {
    const [type, names] = line.split("\t");
    for (const name of names!.split(" ")) types.set(`.${name}`, type!);
  }
  return types;
}
