import { assert, assertEquals } from "@std/assert";
import {
  Cache,
  CachePool,
  RECENT_KEYS_MAX,
  RecentKeys,
} from "../../lib/site/cache.ts";
import { Random, untilCollected } from "../helpers.ts";

/** A cache, and what has left it. */
function createCache(entries: number, bytes: number = Infinity) {
  const evicted: string[] = [];
  const cache = new Cache<string>(
    { entries, bytes },
    (value) => evicted.push(value),
  );
  return { cache, evicted };
}

/** The keys of a to z that are there, found without asking for them. */
function keysOf(cache: Cache<string>, evicted: readonly string[]): string {
  const all = "abcdefghijklmnopqrstuvwxyz";
  const left = [...all].filter((key) => !evicted.includes(key));
  return left.slice(0, cache.size).join("");
}

Deno.test("Cache gives back what was set", () => {
  const { cache } = createCache(10);
  cache.set("key", "value", 3);
  assertEquals(cache.get("key"), "value");
  assertEquals(cache.get("other"), undefined);
  assertEquals([cache.size, cache.bytes], [1, 3]);
});

Deno.test("Cache has the last of several values of a key, and its bytes", () => {
  const { cache, evicted } = createCache(10);
  cache.set("key", "first", 3);
  cache.set("key", "second", 5);
  assertEquals(cache.get("key"), "second");
  assertEquals([cache.size, cache.bytes], [1, 5]);
  assertEquals(evicted, ["first"]);
});

Deno.test("Cache forgets the oldest when there are too many", () => {
  const { cache, evicted } = createCache(3);
  for (const key of "abcde") cache.set(key, key, 1);
  assertEquals(evicted, ["a", "b"]);
  assertEquals(keysOf(cache, evicted), "cde");
});

Deno.test("Cache spares what was asked for", () => {
  const { cache, evicted } = createCache(3);
  for (const key of "abc") cache.set(key, key, 1);
  cache.get("a");
  cache.set("d", "d", 1);
  assertEquals(evicted, ["b"]);
  assertEquals(cache.get("a"), "a");
});

Deno.test("Cache passes over what was dear to make, as often as was said", () => {
  const { cache, evicted } = createCache(2);
  cache.set("a", "a", 1);
  cache.resize("a", 1, 3);
  for (const key of "bcd") cache.set(key, key, 1);
  assertEquals(evicted, ["b", "c"]);
  // To be asked for gives the chances back.
  cache.get("a");
  for (const key of "efgh") cache.set(key, key, 1);
  assertEquals(evicted.includes("a"), false);
  for (const key of "ijklmnopqr") cache.set(key, key, 1);
  assert(evicted.includes("a"));
  assertEquals(cache.size, 2);
});

Deno.test("Cache makes room among what was dear, when there is nothing else", () => {
  const { cache, evicted } = createCache(2);
  for (const key of "abcd") {
    cache.set(key, key, 1);
    cache.resize(key, 1, 8);
  }
  assertEquals(cache.size, 2);
  assertEquals(evicted.length, 2);
});

Deno.test("Cache spares only once for having been asked for", () => {
  const { cache, evicted } = createCache(2);
  cache.set("a", "a", 1);
  cache.get("a");
  for (const key of "bcde") cache.set(key, key, 1);
  assertEquals(evicted, ["b", "c", "a"]);
});

Deno.test("Cache makes room when everything was asked for", () => {
  const { cache, evicted } = createCache(3);
  for (const key of "abc") cache.set(key, key, 1);
  for (const key of "abc") cache.get(key);
  cache.set("d", "d", 1);
  assertEquals(cache.size, 3);
  // Not the newest, which could never be asked for then.
  assertEquals(evicted, ["a"]);
});

Deno.test("Cache forgets the oldest when they are too large together", () => {
  const { cache, evicted } = createCache(100, 10);
  cache.set("a", "a", 4);
  cache.set("b", "b", 4);
  cache.set("c", "c", 3);
  assertEquals(evicted, ["a"]);
  assertEquals(cache.bytes, 7);
  cache.set("d", "d", 10);
  assertEquals(evicted, ["a", "b", "c"]);
  assertEquals([cache.size, cache.bytes], [1, 10]);
});

Deno.test("Cache does not keep what is larger than all its room", () => {
  const { cache, evicted } = createCache(100, 10);
  cache.set("a", "a", 4);
  cache.set("b", "old", 1);
  cache.set("b", "new", 11);
  assertEquals(cache.get("b"), undefined);
  assertEquals(cache.get("a"), "a");
  assertEquals(evicted, ["old", "new"]);
});

Deno.test("Cache.resize() counts anew, and makes room", () => {
  const { cache, evicted } = createCache(100, 10);
  cache.set("a", "a", 1);
  cache.set("b", "b", 1);
  cache.resize("b", 9);
  assertEquals([cache.size, cache.bytes], [2, 10]);
  cache.resize("b", 10);
  assertEquals(evicted, ["a"]);
  cache.resize("b", 2);
  assertEquals(cache.bytes, 2);
  cache.resize("gone", 5);
  assertEquals(cache.bytes, 2);
});

Deno.test("Cache.resize() forgets what has become larger than all the room", () => {
  const { cache, evicted } = createCache(100, 10);
  cache.set("a", "a", 1);
  cache.resize("a", 11);
  assertEquals(evicted, ["a"]);
  assertEquals([cache.size, cache.bytes], [0, 0]);
});

Deno.test("Cache.delete() and clear() tell of what leaves", () => {
  const { cache, evicted } = createCache(10);
  for (const key of "abc") cache.set(key, key, 2);
  cache.delete("b");
  cache.delete("b");
  assertEquals(evicted, ["b"]);
  cache.clear();
  assertEquals(evicted, ["b", "a", "c"]);
  assertEquals([cache.size, cache.bytes], [0, 0]);
  cache.clear();
  assertEquals(evicted.length, 3);
});

Deno.test("Cache stays within its limits whatever is done with it", () => {
  const { cache, evicted } = createCache(7, 50);
  let state = 1;
  let set = 0;
  for (let step = 0; step < 5000; step++) {
    state = (state * 48271) % 2147483647;
    const key = String(state % 20);
    if (state % 5 === 0) cache.get(key);
    else if (state % 11 === 0) cache.delete(key);
    else if (state % 7 === 0) cache.resize(key, state % 30);
    else {
      cache.set(key, key, state % 40);
      set++;
    }
    assertEquals(cache.size <= 7 && cache.bytes <= 50, true);
  }
  assertEquals(evicted.length, set - cache.size);
  cache.clear();
  assertEquals(cache.bytes, 0);
});

Deno.test("Cache of what is repeated takes anything while there is room, then only keys that occur again", () => {
  const evicted: string[] = [];
  const cache = new Cache<string>(
    { entries: 2, bytes: Infinity, onlyRepeated: true },
    (value) => evicted.push(value),
  );
  for (const key of "abcd") cache.set(key, key, 1);
  assertEquals([cache.has("a"), cache.has("b"), cache.size], [true, true, 2]);
  assertEquals(evicted, ["c", "d"]);
  // A cached key is replaced at once, and a repeated one takes the place of the oldest.
  cache.set("b", "B", 1);
  cache.set("c", "C", 1);
  assertEquals(evicted, ["c", "d", "b", "a"]);
  assertEquals([cache.get("b"), cache.get("c")], ["B", "C"]);
});

/** Caches that share room, and what has left each of them. */
function createShared(
  count: number,
  entries: number,
  bytes: number = Infinity,
) {
  const pool = new CachePool({ entries, bytes });
  const caches = Array.from({ length: count }, () => {
    const evicted: string[] = [];
    const cache = new Cache<string>(pool, (value) => evicted.push(value));
    return { cache, evicted };
  });
  return { pool, caches };
}

Deno.test("CachePool lets one cache have all the room, and others take it back", () => {
  const { pool, caches: [first, second] } = createShared(2, 100);
  for (let i = 0; i < 100; i++) first!.cache.set(String(i), "", 1);
  assertEquals([first!.cache.size, pool.size], [100, 100]);
  for (let i = 0; i < 100; i++) {
    second!.cache.set(String(i), "", 1);
    second!.cache.get(String(i));
  }
  assertEquals([first!.cache.size, second!.cache.size], [0, 100]);
  assertEquals([pool.size, pool.bytes], [100, 100]);
});

Deno.test("CachePool spares what was read, in whichever cache it is", () => {
  const { pool, caches } = createShared(10, 1_000);
  for (const [index, { cache }] of caches.entries()) {
    for (let i = 0; i < 100; i++) cache.set(`${index} ${i}`, "", 1);
  }
  const read = (index: number) =>
    [0, 1, 2, 3, 4].map((i) => caches[index]!.cache.get(`${index} ${i}`));
  for (let round = 0; round < 50; round++) {
    for (const index of [0, 5, 9]) {
      assertEquals(read(index), Array(5).fill(""));
    }
    for (let i = 0; i < 100; i++) caches[3]!.cache.set(`${round} ${i}`, "", 1);
    assertEquals(pool.size, 1_000);
  }
  // What nobody reads any more leaves, in whichever cache it is.
  assertEquals(caches.map(({ cache }) => cache.size), [
    ...[5, 0, 0, 985, 0],
    ...[5, 0, 0, 0, 5],
  ]);
});

Deno.test("CachePool bounds bytes over all caches, also when entries grow", () => {
  const { pool, caches: [first, second, third] } = createShared(3, 100, 10);
  first!.cache.set("a", "a", 4);
  second!.cache.set("b", "b", 4);
  second!.cache.resize("b", 9);
  assertEquals([first!.evicted, second!.evicted], [["a"], []]);
  assertEquals(pool.bytes, 9);
  third!.cache.set("c", "c", 11);
  assertEquals(third!.evicted, ["c"]);
  assertEquals([pool.size, pool.bytes], [1, 9]);
  second!.cache.resize("b", 11);
  assertEquals([pool.size, pool.bytes], [0, 0]);
});

Deno.test("Cache.close() gives its room back, and keeps nothing any more", () => {
  const { pool, caches } = createShared(3, 4);
  for (const { cache } of caches) cache.set("a", "a", 1);
  for (const { cache } of caches) cache.set("b", "b", 1);
  const [first, second, third] = caches;
  for (const { cache, evicted } of [second!, first!]) {
    cache.close();
    cache.close();
    assertEquals([cache.size, cache.bytes], [0, 0]);
    cache.set("c", "c", 1);
    assertEquals(evicted.at(-1), "c");
    assertEquals(cache.get("c"), undefined);
  }
  assertEquals([pool.size, pool.members], [third!.cache.size, 1]);
  for (const key of "cdefgh") third!.cache.set(key, key, 1);
  assertEquals([pool.size, pool.bytes], [4, 4]);
});

Deno.test("CachePool ends on caches that come and go while it makes room", () => {
  const random = new Random(7);
  const pool = new CachePool({ entries: 20, bytes: 50 });
  let caches: Cache<string>[] = [];
  for (let step = 0; step < 20_000; step++) {
    if (caches.length < 2 || random.below(50) === 0) {
      caches.push(new Cache<string>(pool));
    }
    const at = random.below(caches.length);
    const cache = caches[at]!;
    const key = String(random.below(30));
    const action = random.below(100);
    if (action < 50) cache.set(key, key, random.below(12));
    else if (action < 70) cache.get(key);
    else if (action < 85) cache.resize(key, random.below(60), random.below(4));
    else if (action < 95) cache.delete(key);
    else if (action < 96) {
      cache.close();
      caches = caches.filter((each) => each !== cache);
    }
    const sum = (key: "size" | "bytes") =>
      caches.reduce((sum, each) => sum + each[key], 0);
    assertEquals([pool.size, pool.bytes], [sum("size"), sum("bytes")]);
    assert(pool.fits);
  }
});

Deno.test("a cache that evicts does not pass over the places of what has left", () => {
  const prototype = Map.prototype;
  const original = prototype.entries;
  let begun = 0;
  prototype.entries = prototype[Symbol.iterator] = function (
    this: Map<unknown, unknown>,
  ) {
    begun++;
    return original.call(this);
  };
  try {
    const cache = new Cache<number>({ entries: 100, bytes: 1e6 });
    for (let number = 0; number < 1000; number++) {
      cache.set(String(number), number, 1);
      // Every tenth is read, and so becomes the youngest once.
      if (number % 10 === 0) cache.get(String(number));
    }
    assertEquals(cache.size, 100);
    assertEquals(cache.evictions, 900);
    assert(begun < 20, `${begun} times`);
    cache.clear();
    for (let number = 0; number < 300; number++) {
      cache.set(String(number), number, 1);
    }
    assertEquals(cache.size, 100);
    assertEquals(cache.get("299"), 299);
    assertEquals(cache.get("199"), undefined);
  } finally {
    prototype.entries = prototype[Symbol.iterator] = original;
  }
});

/** Replaces all of few values many times; returns those that were replaced. */
function replaceMany(cache: Cache<object>): WeakRef<object>[] {
  const replaced: WeakRef<object>[] = [];
  for (let round = 0; round < 40; round++) {
    for (const key of "abcdefgh") {
      const former = cache.get(key);
      if (former !== undefined) replaced.push(new WeakRef(former));
      cache.set(key, {}, 1);
    }
  }
  return replaced;
}

Deno.test("a cache that evicts nothing holds nothing of what was replaced", async () => {
  const cache = new Cache<object>({ entries: 100, bytes: Infinity });
  await untilCollected(replaceMany(cache));
  assertEquals([cache.size, cache.evictions], [8, 0]);
});

Deno.test("RecentKeys knows a key that occurred lately, and no other", () => {
  const recent = new RecentKeys();
  const keys = ["", "/", "/a", "/b", "/é🚤", "/many/00/0001.bin"];
  assertEquals(keys.map((key) => recent.note(key)), keys.map(() => false));
  assertEquals(keys.map((key) => recent.note(key)), keys.map(() => true));
});

Deno.test("RecentKeys forgets most keys after many others, and uses its places evenly", () => {
  const recent = new RecentKeys();
  const count = (name: string, size: number) => {
    let known = 0;
    for (let i = 0; i < size; i++) {
      if (recent.note(`/${name}/${i}.bin`)) known++;
    }
    return known;
  };
  const half = RECENT_KEYS_MAX / 2;
  assertEquals(count("first", half), 0);
  // Of half as many keys as there are places, four of five are still known if their places are random.
  assert(count("first", half) > half * 0.5);
  count("other", RECENT_KEYS_MAX * 8);
  assert(count("first", half) < half * 0.05);
});
