/**
 * A bounded cache of values by key. It knows nothing of HTTP or files.
 *
 * @module
 */

import { RecentKeys } from "./recent_keys.ts";

/** Bounds of a {@linkcode Cache}. */
export interface CacheLimits {
  readonly entries: number;
  /** Bytes of all entries together, as their owner counts them. */
  readonly bytes: number;
  /**
   * Whether a full cache refuses a key that is new to it, until it occurs again: a scan over more than fits then
   * evicts nothing, and leaves nothing for the garbage collector to move about.
   */
  readonly onlyRepeated?: boolean;
}

interface Entry<V> {
  value: V;
  bytes: number;
  /** Whether the entry was read since it was last spared. */
  used: boolean;
  /** How many evictions it survives without being read. */
  chances: number;
  /** How many of those remain. */
  left: number;
}

/**
 * Evicts entries that were not read lately. This is the "second chance" form of least recently used: a read costs one
 * flag, and only an eviction looks at the order.
 */
export class Cache<V> {
  readonly #limits: CacheLimits;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #onEvict: (value: V) => void;
  readonly #recent: RecentKeys | undefined;
  #bytes = 0;
  #evictions = 0;

  /** Makes an empty cache. It calls `onEvict` with every value that leaves, whatever the reason. */
  constructor(limits: CacheLimits, onEvict: (value: V) => void = () => {}) {
    this.#limits = limits;
    this.#recent = limits.onlyRepeated ? new RecentKeys() : undefined;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries have been evicted to make room. */
  get evictions(): number {
    return this.#evictions;
  }

  /** Whether a key is cached. Does not count as a read. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Returns the value of a key, if it is still cached. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** Stores a value of `bytes` bytes. A value larger than the whole cache is not kept. See also {@linkcode CacheLimits.onlyRepeated}. */
  set(key: string, value: V, bytes: number): void {
    const isNew = !this.#entries.has(key);
    this.delete(key);
    if (bytes > this.#limits.bytes || isNew && this.#refuses(key, bytes)) {
      return this.#onEvict(value);
    }
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

  /** Whether there is no room for a key that did not occur lately. */
  #refuses(key: string, bytes: number): boolean {
    return this.#recent !== undefined && !this.hasRoom(bytes) &&
      !this.#recent.note(key);
  }

  /** Whether another entry of `bytes` bytes evicts none. */
  hasRoom(bytes: number): boolean {
    return this.#entries.size < this.#limits.entries &&
      this.#bytes + bytes <= this.#limits.bytes;
  }

  /**
   * Updates the size of an entry whose value has grown or shrunk; drops an entry larger than the whole cache. An
   * entry that was expensive to make gets `chances`: it survives that many evictions.
   */
  resize(key: string, bytes: number, chances = 0): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    // Making room would evict everything else, and still not suffice.
    if (bytes > this.#limits.bytes) return this.delete(key);
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.chances = entry.left = chances;
    this.#makeRoom(key);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    this.#onEvict(entry.value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  /**
   * Evicts from the oldest entry on, but never `key`. An entry that was read, or has chances left, becomes the
   * youngest.
   */
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
