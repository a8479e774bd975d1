import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { errorReply } from "../../lib/http/reply.ts";
import type { Exchange } from "../../lib/observe/exchange.ts";
import { Recorder } from "../../lib/server/recorder.ts";
import { headOf } from "../access/head.ts";

const TIME = 1_700_000_000_000;
const CLIENT = { peer: "a", address: "b", isTls: false, isSender: true };

Deno.test("Recorder tells what was asked by whom, and whether the disk was looked at meanwhile", () => {
  const told: Exchange[] = [];
  let misses = 7;
  const ids = ["first", "second"].values();
  const recorder = new Recorder(
    {
      record: (exchange) => told.push(exchange),
      getMisses: () => misses,
      nextRequestId: () => ids.next().value!,
    },
    headOf("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    CLIENT,
  );
  recorder.begin(TIME);
  recorder.end(errorReply(404), 3);
  recorder.begin(TIME + 1);
  misses++;
  recorder.end(errorReply(404), 0);
  assertEquals(
    told.map(({ remote, time, bodyBytes, isCached, id }) => {
      return [remote, time, bodyBytes, isCached, id];
    }),
    [["b", TIME, 3, true, "first"], ["b", TIME + 1, 0, false, "second"]],
  );
  for (const { duration } of told) assertGreaterOrEqual(duration, 0);
});

for (
  const [id, lines] of [
    ["7", [["X-Request-Id", "7"]]],
    [undefined, []],
  ] as const
) {
  Deno.test(`Recorder adds ${lines.length} lines to a reply when the id is ${id}`, () => {
    const nextRequestId = id === undefined ? undefined : () => id;
    const head = headOf("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const context = { record: undefined, nextRequestId };
    const recorder = new Recorder(context, head, CLIENT);
    const reply = errorReply(404);
    recorder.begin(TIME);
    assertEquals(recorder.withId(reply).fields.lines, [
      ...reply.fields.lines,
      ...lines,
    ]);
  });
}

Deno.test("Recorder does nothing where nobody wants to know", () => {
  const misses = () => {
    throw new Error("asked");
  };
  const recorder = new Recorder(
    { record: undefined, getMisses: misses },
    headOf("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    CLIENT,
  );
  recorder.begin(TIME);
});
