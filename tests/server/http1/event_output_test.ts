import { assertEquals, assertRejects } from "@std/assert";
import { EventHub } from "../../../lib/http/event_stream.ts";
import type { ConnectionLine } from "../../../lib/http/http1/response.ts";
import type { Phase } from "../../../lib/observe/metric_layout.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import { EventOutput } from "../../../lib/server/http1/event_output.ts";
import { bytesOf, textOf } from "../../helpers.ts";
import { NO_COUNTERS } from "../counters.ts";

/** A client that takes so many bytes of each write; undefined for one that takes none until it is told to. */
class FakeClient {
  text = "";
  onWrite: (bytes: Uint8Array) => Promise<number> | undefined = () => undefined;

  write(bytes: Uint8Array): Promise<number> {
    const taken = Math.ceil(bytes.length / 2);
    const written = this.onWrite(bytes);
    if (written !== undefined) return written;
    this.text += textOf(bytes.subarray(0, taken));
    return Promise.resolve(taken);
  }
}

function outputTo(client: FakeClient, hub: EventHub, line: ConnectionLine) {
  const timeouts: Phase[] = [];
  const counters = {
    ...NO_COUNTERS,
    countTimeout: (phase: Phase) => void timeouts.push(phase),
  };
  const context = {
    nextTurn: () => Promise.resolve(),
    deadlines: DEADLINES,
    counters,
  };
  const output = new EventOutput(client, context, hub.respond(), line);
  return { output, timeouts };
}

const NEVER = new Promise<void>(() => {});

const WRITTEN: readonly (readonly [ConnectionLine, string])[] = [
  ["chunked", "00001\r\na\r\n00003\r\nbcd\r\n0\r\n\r\n"],
  ["close", "abcd"],
];

for (const [line, text] of WRITTEN) {
  Deno.test(`an EventOutput writes events with "${line}", also in parts`, async () => {
    const hub = new EventHub();
    const client = new FakeClient();
    const { output } = outputTo(client, hub, line);
    const running = output.run(NEVER);
    hub.tell(bytesOf("a"));
    await new Promise((resolve) => setTimeout(resolve));
    hub.tell(bytesOf("bc"));
    hub.tell(bytesOf("d"));
    hub.end();
    await running;
    assertEquals(client.text, text);
    assertEquals(output.bodyWritten, 4);
    assertEquals(hub.size, 0);
  });
}

Deno.test("an EventOutput ends when the client leaves, and reads no more", async () => {
  const hub = new EventHub();
  const { output, timeouts } = outputTo(new FakeClient(), hub, "chunked");
  await output.run(Promise.resolve());
  assertEquals([hub.size, timeouts], [0, []]);
});

Deno.test("an EventOutput closes its stream when a write fails", async () => {
  const hub = new EventHub();
  const client = new FakeClient();
  client.onWrite = () => Promise.reject(new Deno.errors.BrokenPipe());
  const { output } = outputTo(client, hub, "chunked");
  hub.tell(bytesOf("a"));
  await assertRejects(() => output.run(NEVER), Deno.errors.BrokenPipe);
  assertEquals(hub.size, 0);
});

Deno.test("an EventOutput tells when a client takes nothing, but not when there is nothing to take", async () => {
  const hub = new EventHub();
  const client = new FakeClient();
  const { output } = outputTo(client, hub, "chunked");
  const running = output.run(NEVER);
  const start = Date.now();
  const late = (windows: number) =>
    output.sweep(start + windows * (DEADLINES.events + 1000));
  assertEquals(late(1), false);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(late(2), false);
  await new Promise((resolve) => setTimeout(resolve));
  const { promise, resolve } = Promise.withResolvers<number>();
  client.onWrite = () => promise;
  hub.tell(bytesOf("a"));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(output.sweep(start + 2 * (DEADLINES.events + 1000) + 1), false);
  assertEquals(late(4), true);
  client.onWrite = () => undefined;
  resolve(3);
  hub.end();
  await running;
});

Deno.test("an EventOutput counts a client that fell behind", async () => {
  const hub = new EventHub();
  const { output, timeouts } = outputTo(new FakeClient(), hub, "chunked");
  const running = output.run(NEVER);
  for (let count = 0; count < 3; count++) hub.tell(new Uint8Array(30_000));
  await running;
  assertEquals(timeouts, ["events"]);
});
