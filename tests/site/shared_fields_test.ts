import { assert, assertEquals } from "@std/assert";
import { FieldSection } from "../../lib/http/field_section.ts";
import { KINDS_MAX, SharedFieldsCache } from "../../lib/site/shared_fields.ts";

const EMPTY = new FieldSection([]);

function made(contentType: string) {
  return { contentType, stored: EMPTY, content: EMPTY, whole: EMPTY };
}

Deno.test("SharedFieldsCache makes the fields of a kind once for each path policy", () => {
  const cache = new SharedFieldsCache();
  const [policy, other] = [{}, {}];
  const first = cache.get(policy, "a", () => made("a"));
  assert(cache.get(policy, "a", () => made("again")) === first);
  assertEquals(cache.get(policy, "b", () => made("b")).contentType, "b");
  assertEquals(cache.get(other, "a", () => made("c")).contentType, "c");
});

Deno.test("SharedFieldsCache keeps a limited number of kinds, and makes forgotten ones again", () => {
  const cache = new SharedFieldsCache();
  const policy = {};
  const first = cache.get(policy, "0", () => made("first"));
  for (let kind = 1; kind < KINDS_MAX; kind++) {
    cache.get(policy, `${kind}`, () => made("one"));
  }
  assert(cache.get(policy, "0", () => made("again")) === first);
  cache.get(policy, "one too many", () => made("one"));
  assertEquals(
    cache.get(policy, "0", () => made("again")).contentType,
    "again",
  );
});
