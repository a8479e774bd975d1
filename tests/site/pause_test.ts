import { assertEquals } from "@std/assert";
import { pause } from "../../lib/site/pause.ts";

Deno.test("pause() lets work run that is due already", async () => {
  const order: string[] = [];
  setTimeout(() => order.push("other"), 0);
  await pause();
  order.push("own");
  assertEquals(order, ["other", "own"]);
});
