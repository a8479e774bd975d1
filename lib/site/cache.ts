/**
 * A bounded memory of values by key, for as long as they are worth their room.
 * Knows nothing of HTTP or of files.
 *
 * @module
 */

/** Bounds of a {@linkcode Cache}. */
export interface CacheLimits {
  /** Most entries. */
  readonly entries: number;
  /** Most bytes of all entries together, as their owner counts them. */
  readonly bytes: number;
}

interface Entry<V> {
  value: V;
  bytes: number;
  /** Whether the entry was asked for since it was last spared. */
  used: boolean;
  /** How often it is spared without being asked for. */
  chances: number;
  /** How many of those are left. */
  left: number;
}

/**
 * Forgets the entries that were not asked for lately when there is no room (the "second chance"
 * form of least recently used: asking costs one flag, and the order is only looked at to evict).
 */
export class Cache<V> {
  readonly #limits: CacheLimits;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #evicted: (value: V) => void;
  #bytes = 0;
  #evictions = 0;

  /** An empty cache. `evicted` is told of every value that leaves, for whatever reason. */
  constructor(limits: CacheLimits, evicted: (value: V) => void = () => {}) {
    this.#limits = limits;
    this.#evicted = evicted;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries have had to make room so far. */
  get evictions(): number {
    return this.#evictions;
  }

  /** The value that was set for the key, if it is still there. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** Remembers a value of that many bytes, in place of an older one. What is larger than all the room is not kept. */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    if (bytes > this.#limits.bytes) return this.#evicted(value);
    this.#entries.set(key, {
      value,
      bytes,
      used: false,
      chances: 0,
      left: 0,
    });
    this.#bytes += bytes;
    this.#makeRoom(key);
  }

  /**
   * Updates an entry's bytes after its value has grown or shrunk. What is larger than all the room now is forgotten.
   * With `chances`, what was dear to make leaves last: it is passed over that often before it is evicted.
   */
  resize(key: string, bytes: number, chances = 0): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    // Room made for it would be at the cost of all others, and not enough.
    if (bytes > this.#limits.bytes) return this.delete(key);
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.chances = entry.left = chances;
    this.#makeRoom(key);
  }

  /** Forgets one entry. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    this.#evicted(entry.value);
  }

  /** Forgets everything. */
  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  /** Evicts from the oldest on; an entry that was asked for, or has chances left, is spared and becomes the youngest. Never evicts what it makes room for. */
  #makeRoom(key: string): void {
    for (const [other, entry] of this.#entries) {
      const fits = this.#entries.size <= this.#limits.entries &&
        this.#bytes <= this.#limits.bytes;
      if (fits) return;
      if (other === key) continue;
      if (entry.used || entry.left > 0) {
        entry.left = entry.used ? entry.chances : entry.left - 1;
        entry.used = false;
        this.#entries.delete(other);
        this.#entries.set(other, entry);
      } else {
        this.#evictions++;
        this.delete(other);
      }
    }
  }
}
