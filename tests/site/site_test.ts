import { assertEquals } from "@std/assert";
import { ABSENT } from "../../lib/site/site.ts";

Deno.test("ABSENT tells nothing but that there is nothing", () => {
  assertEquals(ABSENT, { kind: "absent" });
});
