import { assertEquals } from "@std/assert";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import { Metrics } from "../../lib/observe/metrics.ts";
import {
  type PhaseCounts,
  Stopping,
  waitedFor,
} from "../../lib/service/stopping.ts";
import { FakeTime } from "../fake_time.ts";
import { until } from "../helpers.ts";

const NONE: PhaseCounts = {
  idle: 0,
  head: 0,
  body: 0,
  waiting: 0,
  reply: 0,
  events: 0,
  linger: 0,
};

/** What connections are at, what is said of that, and the exit code of a second signal. */
const ROWS: readonly (readonly [Partial<PhaseCounts>, string, number])[] = [
  [{}, "the log to be written", 0],
  [{ idle: 7 }, "the log to be written", 0],
  [{ reply: 1 }, "1 reply", 130],
  [{ reply: 1, waiting: 2 }, "3 replies", 130],
  [{ head: 1 }, "1 request", 130],
  [{ head: 1, body: 1 }, "2 requests", 130],
  [{ linger: 1 }, "1 client to close", 0],
  [
    { reply: 2, body: 1, linger: 3 },
    "2 replies, 1 request, 3 clients to close",
    130,
  ],
];

for (const [counts, text, code] of ROWS) {
  Deno.test(`Stopping waits for ${text}: ${JSON.stringify(counts)}`, () => {
    assertEquals(waitedFor({ ...NONE, ...counts }), text);
    // Half of the isolates have nothing to do.
    const memory = metricMemory(2);
    new Metrics(memory, 0).setConnections(NONE);
    new Metrics(memory, 1).setConnections({ ...NONE, ...counts });
    assertEquals(new Stopping(memory, () => {}).exitCode(), code);
  });
}

Deno.test("Stopping says what it waits for, once a moment has passed", async () => {
  const memory = metricMemory(1);
  new Metrics(memory, 0).setConnections({ ...NONE, reply: 2 });
  let said = "";
  const stopping = new Stopping(memory, (text) => said += text);
  const stopped = Promise.withResolvers<number>();
  stopping.begin(0, 10_000, stopped.resolve);
  assertEquals(said, "");
  assertEquals(await stopped.promise, 10_000);
  await until(() => said !== "", "a word");
  assertEquals(
    said,
    "Waiting for 2 replies, at most 10 s (press Ctrl-C again to stop at once)\n",
  );
  stopping.end();
});

Deno.test("Stopping drains for as long as it is told to, and says so", async () => {
  using time = new FakeTime();
  const told: (string | number)[] = [];
  const stopping = new Stopping(metricMemory(1), (text) => told.push(text));
  stopping.begin(5, 10_000, (graceMs) => told.push(graceMs));
  await time.tickAsync(4_999);
  assertEquals(told, [
    "Draining for 5 s; skiff still accepts connections (press Ctrl-C again to stop at once)\n",
  ]);
  await time.tickAsync(1);
  assertEquals(told.slice(1), [10_000]);
  stopping.end();
  await time.tickAsync(10_000);
  assertEquals(told.length, 2);
});

Deno.test("Stopping says nothing when it is over in a moment", async () => {
  const stopping = new Stopping(metricMemory(1), () => {
    throw new Error("said");
  });
  const stopped = Promise.withResolvers<number>();
  stopping.begin(0, 10_000, stopped.resolve);
  await stopped.promise;
  // The sanitizers would find a timer that is left.
  stopping.end();
});
