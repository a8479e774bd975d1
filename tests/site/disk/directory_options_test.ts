import { assert, assertEquals } from "@std/assert";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";

Deno.test("DIRECTORY_DEFAULTS keep any file that may be in memory, and trust nothing for longer than 100 ms unless it is watched", () => {
  const { cache, fileBytesMax, revalidate, changes } = DIRECTORY_DEFAULTS;
  assert(fileBytesMax <= cache.bytes);
  assert(revalidate <= 100);
  assertEquals(changes, undefined);
});
