import { assert, assertEquals } from "@std/assert";
import {
  EventHub,
  formatEvent,
  READERS_MAX,
  type ServerEvent,
  WAITING_BYTES_MAX,
} from "../../lib/http/event_stream.ts";
import type { EventReader } from "../../lib/http/reply.ts";
import { bytesOf, textOf } from "../helpers.ts";

const EVENTS: readonly (readonly [ServerEvent, string])[] = [
  [{ data: "" }, "data: \n\n"],
  [{ data: "a" }, "data: a\n\n"],
  [{ data: "a\nb\r\nc\rd" }, "data: a\ndata: b\ndata: c\ndata: d\n\n"],
  [{ data: ":no comment" }, "data: :no comment\n\n"],
  [
    { name: "n", retry: 99.6, data: "é" },
    "event: n\nretry: 100\ndata: é\n\n",
  ],
  // A name can neither end its line nor begin another field.
  [
    { name: "a\ndata: x\r\nretry: 0", data: "b" },
    "event: a data: x retry: 0\ndata: b\n\n",
  ],
];

for (const [event, text] of EVENTS) {
  Deno.test(`formatEvent() formats ${JSON.stringify(event)}`, () => {
    assertEquals(new TextDecoder().decode(formatEvent(event)), text);
  });
}

function allOf(reader: EventReader): string {
  let text = "";
  for (;;) {
    const chunk = reader.next();
    if (chunk === undefined) return text;
    text += textOf(chunk);
  }
}

Deno.test("EventHub tells each reader what comes after its greeting, and wakes it", () => {
  let state = 1;
  const hub = new EventHub({ greeting: () => bytesOf(`hello ${state}`) });
  let wakes = 0;
  const first = hub.open(() => wakes++);
  assertEquals(allOf(first), "hello 1");
  assertEquals(wakes, 0);
  hub.tell(bytesOf("a"));
  state = 2;
  const second = hub.open(() => wakes++);
  hub.tell(bytesOf("b"));
  assertEquals(allOf(first), "ab");
  assertEquals(allOf(second), "hello 2b");
  assertEquals(wakes, 3);
  first.close();
  assertEquals(hub.size, 1);
  hub.tell(bytesOf("c"));
  assertEquals(allOf(first), "");
  assertEquals(allOf(second), "c");
});

Deno.test("EventHub ends its streams after what waits in them, and takes no further reader", () => {
  const hub = new EventHub();
  const reader = hub.open(() => {});
  hub.tell(bytesOf("last"));
  hub.end();
  assert(reader.isEnded && !reader.isBehind);
  assertEquals(allOf(reader), "last");
  assertEquals(hub.size, 0);
  assertEquals(hub.respond().status, 503);
  assert(hub.open(() => {}).isEnded);
});

Deno.test("EventHub gives up a client for which too much waits, and no other", () => {
  const hub = new EventHub();
  const slow = hub.open(() => {});
  const quick = hub.open(() => {});
  const chunk = new Uint8Array(WAITING_BYTES_MAX / 4);
  for (let count = 0; count < 4; count++) {
    hub.tell(chunk);
    quick.next();
    assert(!slow.isEnded);
  }
  hub.tell(new Uint8Array(1));
  assert(slow.isEnded && slow.isBehind);
  assert(!quick.isEnded);
  assertEquals(hub.size, 1);
  assertEquals(allOf(slow).length, WAITING_BYTES_MAX);
});

Deno.test("EventHub has room for so many readers, and answers the next 503", () => {
  const hub = new EventHub();
  const readers = Array.from(
    { length: READERS_MAX },
    () => hub.open(() => {}),
  );
  assertEquals(hub.respond().status, 503);
  assert(hub.open(() => {}).isEnded);
  readers[0]!.close();
  const reply = hub.respond();
  assertEquals([reply.status, reply.events], [200, hub]);
  const names = reply.fields.own.map(([name]) => name);
  assert(!names.includes("Content-Length"));
});
