import { assertEquals } from "@std/assert";
import { parsePriority } from "../../../lib/http/http2/priority.ts";
import { reply } from "../../../lib/http/reply.ts";
import { byTurn, Stream } from "../../../lib/server/http2/stream.ts";

const CLIENT = { peer: "-", address: "-", isTls: false, isSender: true };
const CONTEXT = {} as ConstructorParameters<typeof Stream>[2];

/** A stream with an answer of so many bytes. */
function stream(id: number, bytes: number, priority?: string): Stream {
  const made = new Stream(id, CLIENT, CONTEXT, 65_535, 0);
  made.priority = parsePriority(priority);
  made.answer(reply(200, [], [new Uint8Array(bytes)]), 0, () => {});
  return made;
}

Deno.test("urgent streams come first, then those with little left, then the oldest", () => {
  const streams = [
    stream(1, 100_000),
    stream(3, 100_000, "u=1"),
    stream(5, 10),
    stream(7, 100_000),
    stream(9, 10, "u=7"),
  ];
  const ids = streams.sort(byTurn).map(({ id }) => id);
  assertEquals(ids, [3, 5, 1, 7, 9]);
});

Deno.test("streams of one urgency take turns, unless the client wants one after the other", () => {
  const [first, second] = [stream(1, 100_000), stream(3, 100_000)];
  first.sent = 16_384;
  assertEquals([first, second].sort(byTurn), [second, first]);
  const [third, fourth] = [
    stream(5, 100_000, "u=2"),
    stream(7, 100_000, "u=2"),
  ];
  third.sent = 16_384;
  assertEquals([fourth, third].sort(byTurn), [third, fourth]);
});
