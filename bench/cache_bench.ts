/**
 * Looking into the cache, and making room in it.
 *
 * @module
 */

import { Cache } from "../lib/site/cache.ts";
import { keep } from "./keep.ts";

const COUNT = 10_000;
const LIMITS = { entries: 2 * COUNT, bytes: 64 * 1024 * 1024 };
const KEYS = Array.from({ length: COUNT }, (_, i) => `/many/files/${i}.html`);

const cache = new Cache<number>(LIMITS);
KEYS.forEach((key, i) => cache.set(key, i, 1024));

/** As a parser makes them: not the objects that the cache has as keys. */
const ASKED = KEYS.map((key) => new TextEncoder().encode(key));
const DECODER = new TextDecoder();
let next = 0;

Deno.bench("get() the same key", { group: "get", baseline: true }, () => {
  keep(cache.get(KEYS[0]!));
});

Deno.bench("get() one key after the other", { group: "get" }, () => {
  keep(cache.get(KEYS[next++ % COUNT]!));
});

Deno.bench("get() a string just made", { group: "get" }, () => {
  keep(cache.get(DECODER.decode(ASKED[next++ % COUNT]!)));
});

Deno.bench("get() what is not there", { group: "get" }, () => {
  keep(cache.get("/absent.html"));
});

const full = new Cache<number>({ entries: 1000, bytes: 1024 * 1024 });

Deno.bench("set() where another must go", { group: "set" }, () => {
  full.set(KEYS[next++ % COUNT]!, next, 1024);
});
