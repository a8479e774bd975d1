import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
} from "@std/assert";
import { LARGE_BYTES, MEDIUM_BYTES } from "../../../lib/server/buffers.ts";
import { Output } from "../../../lib/server/http1/output.ts";
import {
  bodiesIn,
  FakeSink,
  FakeSource,
  NOW,
  replyOf,
} from "./output_fakes.ts";

Deno.test("Output holds little for each of many clients that take nothing, and large pieces for few", async () => {
  const open = Promise.withResolvers<void>();
  const sources: FakeSource[] = [];
  const sent: Promise<void>[] = [];
  for (let client = 0; client < 100; client++) {
    const sink = new FakeSink();
    sink.gate = () => open.promise;
    const output = new Output(sink);
    const source = new FakeSource(2 * LARGE_BYTES);
    const rest = output.append(replyOf(source), "persistent", NOW);
    sources.push(source);
    sent.push(rest!.then(() => output.flush()));
  }
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  const held = sources.map(({ bytesRead }) => bytesRead);
  assertGreater(held[0]!, LARGE_BYTES);
  assertLessOrEqual(held[99]!, 2 * MEDIUM_BYTES);
  open.resolve();
  await Promise.all(sent);
  assert(sources.every((source) => source.bytesRead === source.length));

  // They have ended, so that the next is alone.
  const sink = new FakeSink();
  const output = new Output(sink);
  const source = new FakeSource(2 * LARGE_BYTES);
  await output.append(replyOf(source), "persistent", NOW);
  assertEquals(sink.writes[0]!.length, LARGE_BYTES);
});

Deno.test("Output sends one piece a turn, however much the system would take", async () => {
  const sink = new FakeSink();
  let turn = Promise.withResolvers<void>();
  const output = new Output(sink, () => turn.promise);
  const source = new FakeSource(3 * LARGE_BYTES);
  const rest = output.append(replyOf(source), "persistent", NOW);
  for (const pieces of [1, 2, 3]) {
    for (let tick = 0; tick < 20; tick++) await Promise.resolve();
    assertEquals(output.written, pieces * LARGE_BYTES);
    const ended = turn;
    turn = Promise.withResolvers();
    ended.resolve();
  }
  await rest;
  await output.flush();
  assert(bodiesIn(sink, 1)[0] === source.text);
});

Deno.test("Output sends one large reply a turn", async () => {
  const sink = new FakeSink();
  let turns = 0;
  const output = new Output(sink, () => {
    turns++;
    return undefined;
  });
  const large = () => replyOf(new Uint8Array(100 * 1024).fill(97));
  await output.append(large(), "persistent", NOW);
  assertEquals(turns, 0);
  await output.append(large(), "persistent", NOW);
  assertEquals(turns, 1);
  // Who has ended his turn himself begins another one.
  output.turn();
  await output.append(large(), "persistent", NOW);
  assertEquals(turns, 2);
  assertEquals(bodiesIn(sink, 3).length, 3);
});
