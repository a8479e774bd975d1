/**
 * A bounded cache of values by key, and room that several of them share. It
 * knows nothing of HTTP or files.
 *
 * @module
 */

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
  readonly key: string;
  readonly value: V;
  bytes: number;
  /** Whether the entry was read since it was last spared. */
  used: boolean;
  /** How many evictions it survives without being read. */
  chances: number;
  /** How many of those remain. */
  left: number;
  /** Its neighbors in the order of age. */
  older: Entry<V> | undefined;
  younger: Entry<V> | undefined;
}

/** What a pool asks of a cache. */
interface Member {
  readonly size: number;
  /**
   * Passes over the oldest entries, but at most `count` of them, until the pool has room: evicts those that were not
   * read lately, except that of the key `kept`. Returns how many.
   */
  sweep(count: number, kept: string | undefined): number;
}

/**
 * Room that caches share: an entry of one may evict that of another. It makes no difference in which of them an entry
 * is, because they take turns, each with as many entries as it has.
 */
export class CachePool {
  readonly limits: CacheLimits;
  /** How many entries all caches have. */
  size = 0;
  /** Bytes of all entries. */
  bytes = 0;
  readonly #members: Member[] = [];
  /** Whose turn it is. */
  #turn = 0;
  /** How many of its entries are left in this turn. */
  #left = 0;

  constructor(limits: CacheLimits) {
    this.limits = limits;
  }

  /** Adds a cache without entries. */
  join(member: Member): void {
    this.#members.push(member);
  }

  /** Removes a cache that has no entries any more. */
  leave(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index === -1) return;
    this.#members.splice(index, 1);
    if (index === this.#turn) this.#left = 0;
    if (index <= this.#turn) this.#turn = Math.max(0, this.#turn - 1);
  }

  /** How many caches share the room. */
  get members(): number {
    return this.#members.length;
  }

  /** Whether the entries are within the limits. */
  get fits(): boolean {
    return this.size <= this.limits.entries && this.bytes <= this.limits.bytes;
  }

  /** Evicts entries until the others fit, but never `kept` of `owner`. */
  makeRoom(owner: Member, kept: string): void {
    while (!this.fits && this.size > 1) {
      if (this.#left <= 0) {
        this.#turn = (this.#turn + 1) % this.#members.length;
        this.#left = this.#members[this.#turn]!.size;
      }
      const member = this.#members[this.#turn]!;
      const isOwner = member === owner;
      const count = member.sweep(this.#left, isOwner ? kept : undefined);
      this.#left = count === 0 ? 0 : this.#left - count;
    }
  }
}

/**
 * Evicts entries that were not read lately. This is the "second chance" form of least recently used: a read costs one
 * flag, and only an eviction looks at the order.
 */
export class Cache<V> {
  readonly #pool: CachePool;
  readonly #entries = new Map<string, Entry<V>>();
  /**
   * The ends of the order of age, which the map does not tell cheaply: a new iterator first passes over the places of
   * all that left, and one that is kept retains much of what left since it was used.
   */
  #oldest: Entry<V> | undefined;
  #youngest: Entry<V> | undefined;
  readonly #onEvict: (value: V) => void;
  readonly #recent: RecentKeys | undefined;
  #bytes = 0;
  #evictions = 0;
  #isClosed = false;

  /**
   * Makes an empty cache, with room of its own or with that of a pool. It calls `onEvict` with every value that leaves,
   * whatever the reason.
   */
  constructor(
    room: CacheLimits | CachePool,
    onEvict: (value: V) => void = () => {},
  ) {
    this.#pool = room instanceof CachePool ? room : new CachePool(room);
    this.#pool.join(this);
    const { onlyRepeated } = this.#pool.limits;
    this.#recent = onlyRepeated ? new RecentKeys() : undefined;
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
    const isRefused = this.#isClosed || bytes > this.#pool.limits.bytes ||
      isNew && this.#refuses(key, bytes);
    if (isRefused) return this.#onEvict(value);
    const entry: Entry<V> = {
      key,
      value,
      bytes,
      used: false,
      chances: 0,
      left: 0,
      older: undefined,
      younger: undefined,
    };
    this.#entries.set(key, entry);
    this.#append(entry);
    this.#pool.size++;
    this.#count(bytes);
    this.#pool.makeRoom(this, key);
  }

  /** Counts bytes that came or went. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#pool.bytes += bytes;
  }

  /** Whether there is no room for a key that did not occur lately. */
  #refuses(key: string, bytes: number): boolean {
    return this.#recent !== undefined && !this.hasRoom(bytes) &&
      !this.#recent.note(key);
  }

  /** Whether another entry of `bytes` bytes evicts none. */
  hasRoom(bytes: number): boolean {
    const { size, bytes: taken, limits } = this.#pool;
    return size < limits.entries && taken + bytes <= limits.bytes;
  }

  /**
   * Updates the size of an entry whose value has grown or shrunk; drops an entry larger than the whole cache. An
   * entry that was expensive to make gets `chances`: it survives that many evictions.
   */
  resize(key: string, bytes: number, chances = 0): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    // Making room would evict everything else, and still not suffice.
    if (bytes > this.#pool.limits.bytes) return this.delete(key);
    this.#count(bytes - entry.bytes);
    entry.bytes = bytes;
    entry.chances = entry.left = chances;
    this.#pool.makeRoom(this, key);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#unlink(entry);
    this.#pool.size--;
    this.#count(-entry.bytes);
    this.#onEvict(entry.value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  /** Clears the cache for good, and gives up its place in the pool. */
  close(): void {
    this.#isClosed = true;
    this.clear();
    this.#pool.leave(this);
  }

  /** See {@linkcode Member.sweep}. An entry that was read, has chances left or is kept becomes the youngest. */
  sweep(count: number, kept: string | undefined): number {
    let passed = 0;
    for (; passed < count && !this.#pool.fits; passed++) {
      const entry = this.#oldest;
      if (entry === undefined) break;
      if (!this.#spares(entry, kept)) {
        this.#evictions++;
        this.delete(entry.key);
        continue;
      }
      this.#unlink(entry);
      this.#append(entry);
    }
    return passed;
  }

  /** Whether a sweep leaves an entry. Takes a chance from it. */
  #spares(entry: Entry<V>, kept: string | undefined): boolean {
    if (entry.key === kept) return true;
    if (entry.used || entry.left > 0) {
      entry.left = entry.used ? entry.chances : entry.left - 1;
      entry.used = false;
      return true;
    }
    return false;
  }

  /** Makes an entry the youngest. It must not be in the order. */
  #append(entry: Entry<V>): void {
    entry.older = this.#youngest;
    if (this.#youngest === undefined) this.#oldest = entry;
    else this.#youngest.younger = entry;
    this.#youngest = entry;
  }

  #unlink(entry: Entry<V>): void {
    const { older, younger } = entry;
    if (older === undefined) this.#oldest = younger;
    else older.younger = younger;
    if (younger === undefined) this.#youngest = older;
    else younger.older = older;
    // An old entry would otherwise keep a younger one from an early collection.
    entry.older = entry.younger = undefined;
  }
}

/** Most remembered keys, a power of two. The hash of a key decides its place, where it replaces the key before it. */
export const RECENT_KEYS_MAX = 16_384;

/** Remembers roughly which keys occurred lately, in memory that does not grow. */
export class RecentKeys {
  /** Hashes by their lowest bits. Keys with the same hash count as one: a new key may then seem to have occurred. */
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
