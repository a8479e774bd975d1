import { assertEquals } from "@std/assert";
import type { Client } from "../../../lib/server/client.ts";
import type { ConnectionContext } from "../../../lib/server/context.ts";
import { OpenStreams } from "../../../lib/server/http2/open_streams.ts";
import { Stream, type StreamPhase } from "../../../lib/server/http2/stream.ts";
import { StreamQuota } from "../../../lib/server/stream_quota.ts";

function createStream(id: number): Stream {
  return new Stream(id, {} as Client, {} as ConnectionContext, 1_000, 0);
}

/** Streams of a client that do this, one each. */
function openWith(phases: readonly StreamPhase[]): OpenStreams {
  const open = new OpenStreams(new StreamQuota(1_000), "a");
  phases.forEach((phase, at) => {
    const stream = createStream(2 * at + 1);
    open.add(stream);
    open.move(stream, phase);
  });
  return open;
}

/** What streams do, and what their connection does. */
const PHASES: readonly (readonly [readonly StreamPhase[], string])[] = [
  [[], "idle"],
  [["events"], "events"],
  [["body", "events"], "body"],
  [["events", "body"], "body"],
  [["body", "waiting", "events"], "waiting"],
  [["waiting", "body"], "waiting"],
  [["events", "waiting", "reply", "body"], "reply"],
];

for (const [phases, expected] of PHASES) {
  Deno.test(`OpenStreams with ${phases.join(", ") || "none"}: ${expected}`, () => {
    assertEquals(openWith(phases).phase, expected);
  });
}

Deno.test("OpenStreams no longer count those that have ended", () => {
  const open = openWith(["events", "reply", "events"]);
  const seen = [[open.phase, open.size, open.eventStreams]];
  for (const stream of [...open.values()].reverse()) {
    open.remove(stream);
    seen.push([open.phase, open.size, open.eventStreams]);
  }
  assertEquals(seen, [
    ["reply", 3, 2],
    ["reply", 2, 1],
    ["events", 1, 1],
    ["idle", 0, 0],
  ]);
});

Deno.test("OpenStreams count one that has ended for its connection and its client until its answer is made", () => {
  const quota = new StreamQuota(102);
  const open = new OpenStreams(quota, "a");
  const other = new OpenStreams(quota, "b");
  for (let id = 1; id < 200; id += 2) {
    const stream = createStream(id);
    stream.isAwaited = true;
    open.add(stream);
    open.remove(stream);
  }
  assertEquals([open.size, open.refusal], [0, "http2_streams"]);
  other.add(createStream(1));
  other.add(createStream(3));
  assertEquals(other.refusal, "too_many_streams");
  open.forget();
  assertEquals([open.refusal, other.refusal], [undefined, undefined]);
});
