import { assertEquals } from "@std/assert";
import { NoChanges } from "../../../lib/site/disk/changes.ts";

Deno.test("NoChanges is never trusted, and asks for no look", () => {
  const changes = new NoChanges();
  assertEquals(changes.trusts(0), false);
  assertEquals(changes.mayLook(0), false);
  changes.found("/a");
  assertEquals(changes.trusts(1), false);
  changes.close();
});
