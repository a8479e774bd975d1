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
  const recorder = new Recorder(
    { record: (exchange) => told.push(exchange), getMisses: () => misses },
    headOf("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    CLIENT,
  );
  recorder.begin();
  recorder.end(errorReply(404), TIME, 3, "id");
  recorder.begin();
  misses++;
  recorder.end(errorReply(404), TIME + 1, 0, undefined);
  assertEquals(
    told.map(({ remote, time, bodyBytes, isCached, id }) => {
      return [remote, time, bodyBytes, isCached, id];
    }),
    [["b", TIME, 3, true, "id"], ["b", TIME + 1, 0, false, undefined]],
  );
  for (const { duration } of told) assertGreaterOrEqual(duration, 0);
});

Deno.test("Recorder does nothing where nobody wants to know", () => {
  const misses = () => {
    throw new Error("asked");
  };
  const recorder = new Recorder(
    { record: undefined, getMisses: misses },
    headOf("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    CLIENT,
  );
  recorder.begin();
});
