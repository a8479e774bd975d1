import { assert, assertEquals } from "@std/assert";
import { EventHub } from "../../lib/http/event_stream.ts";
import { EventBody, KEEP_ALIVE_MS } from "../../lib/server/event_body.ts";
import { bytesOf, textOf } from "../helpers.ts";

function read(body: EventBody, bytes: number): string {
  const into = new Uint8Array(bytes);
  return textOf(into.subarray(0, body.read(into)));
}

Deno.test("an EventBody is read across chunks, and in parts of them", () => {
  const hub = new EventHub();
  const body = new EventBody(hub, () => {}, 0);
  assertEquals([body.left, body.isComplete, read(body, 9)], [0, false, ""]);
  for (const text of ["abc", "d", "efg"]) hub.tell(bytesOf(text));
  assertEquals(body.left, 3);
  assertEquals(read(body, 2), "ab");
  assertEquals(read(body, 3), "cde");
  assertEquals(body.left, 2);
  hub.end();
  assert(!body.isComplete);
  assertEquals(read(body, 9), "fg");
  assert(body.isComplete);
});

Deno.test("an EventBody shows that it is alive when nothing was read for a while", () => {
  const hub = new EventHub();
  let wakes = 0;
  const body = new EventBody(hub, () => wakes++, 0);
  body.sweep(KEEP_ALIVE_MS - 1);
  assertEquals(body.left, 0);
  body.sweep(KEEP_ALIVE_MS);
  assertEquals([read(body, 9), wakes], [":\n\n", 1]);
  // The sign of life counts from the sweep that sees it.
  body.sweep(KEEP_ALIVE_MS + 1);
  body.sweep(2 * KEEP_ALIVE_MS);
  assertEquals(body.left, 0);
  hub.tell(bytesOf("a"));
  body.sweep(9 * KEEP_ALIVE_MS);
  assertEquals(read(body, 9), "a");
  body.close();
  body.sweep(99 * KEEP_ALIVE_MS);
  assertEquals([body.left, body.isComplete, hub.size], [0, true, 0]);
});
