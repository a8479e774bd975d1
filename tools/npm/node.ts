/**
 * What Node.js lacks of what the code of skiff uses: the launcher of the npm
 * package adds it before it runs any of that.
 *
 * @module
 */

import process from "node:process";

/** Adds what is missing, and nothing else. */
export function addMissing(): void {
  // Paths are resolved against the current directory, for which @std/path asks Deno.
  (globalThis as { Deno?: unknown }).Deno ??= {
    cwd: () => process.cwd(),
    env: { get: (name: string) => process.env[name] },
  };
  // New in Node.js 21.
  Map.groupBy ??= function <K, T>(
    items: Iterable<T>,
    keyOf: (item: T, index: number) => K,
  ) {
    const groups = new Map<K, T[]>();
    let index = 0;
    for (const item of items) {
      const key = keyOf(item, index++);
      groups.set(key, [...groups.get(key) ?? [], item]);
    }
    return groups;
  };
  // New in Node.js 22.
  URL.parse ??= (text: string) => {
    try {
      return new URL(text);
    } catch {
      return null;
    }
  };
}
