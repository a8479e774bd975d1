import { assertEquals } from "@std/assert";
import { after } from "../../lib/http/after.ts";

Deno.test("after() goes on at once with what is there, and later with what is not", async () => {
  const double = (value: number) => 2 * value;
  assertEquals(after(2, double), 4);
  const later = after(Promise.resolve(3), double);
  assertEquals(later instanceof Promise, true);
  assertEquals(await later, 6);
});
