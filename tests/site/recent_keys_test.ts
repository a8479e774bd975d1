import { assert, assertEquals } from "@std/assert";
import { RECENT_KEYS_MAX, RecentKeys } from "../../lib/site/recent_keys.ts";

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
