/**
 * Remembers roughly which keys occurred lately, in memory that does not grow.
 *
 * @module
 */

/** Keys that are remembered, at most: each has a place by its hash, and replaces the one before. A power of two. */
export const RECENT_KEYS_MAX = 16_384;

export class RecentKeys {
  /** Hashes by their lowest bits. Two keys with one hash are taken for the same, which costs nothing but room. */
  readonly #hashes = new Uint32Array(RECENT_KEYS_MAX);

  /** Notes a key; returns whether it occurred lately. */
  note(key: string): boolean {
    const hash = hashOf(key);
    const place = hash % RECENT_KEYS_MAX;
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}

/** FNV-1a over the characters, never 0. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  // The lowest bits of FNV depend on few bits of the key.
  hash ^= hash >>> 15;
  return hash >>> 0 || 1;
}
