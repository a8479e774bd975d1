import { assert, assertEquals, assertRejects } from "@std/assert";
import { SourceChanged, withoutBody } from "../../../lib/http/reply.ts";
import {
  LARGE_BYTES,
  MEDIUM_BYTES,
  SMALL_BYTES,
} from "../../../lib/server/buffers.ts";
import { bodyLength } from "../../../lib/http/reply.ts";
import { Output } from "../../../lib/server/http1/output.ts";
import { bytesOf, parseResponses, textOf } from "../../helpers.ts";
import {
  bodiesIn,
  FakeSink,
  FakeSource,
  FilledSource,
  NOW,
  replyOf,
} from "./output_fakes.ts";

Deno.test("Output joins small replies into one write", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  for (const text of ["one", "two", "three"]) {
    const rest = output.append(
      replyOf(bytesOf(text)),
      "persistent",
      NOW,
    );
    assertEquals(rest, undefined);
  }
  assertEquals(sink.writes, []);
  await output.flush();
  assertEquals(sink.writes.length, 1);
  assertEquals(bodiesIn(sink, 3), ["one", "two", "three"]);
  assertEquals(output.written, sink.text.length);
});

Deno.test("Output.flush() writes nothing when there is nothing", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  await output.flush();
  output.append(replyOf(bytesOf("a")), "persistent", NOW);
  await output.flush();
  await output.flush();
  assertEquals(sink.writes.length, 1);
});

Deno.test("Output joins small sources as it does memory, and lets go of them", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const source = new FakeSource(1000, 300);
  const mixed = replyOf(bytesOf("<"), source, bytesOf(">"));
  assertEquals(output.append(mixed, "persistent", NOW), undefined);
  assertEquals(source.held, 0);
  await output.flush();
  assertEquals(sink.writes.length, 1);
  assertEquals(bodiesIn(sink, 1), [`<${source.text}>`]);
});

Deno.test("Output reads a source of many files piece by piece, with other work in between", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const source = Object.assign(new FakeSource(MEDIUM_BYTES, 3000), {
    isScattered: true,
  });
  let writesBefore = Infinity;
  setTimeout(() => writesBefore = sink.writes.length, 0);
  const rest = output.append(replyOf(source), "persistent", NOW);
  assert(rest !== undefined);
  await rest;
  await output.flush();
  assert(sink.writes.length > 2);
  assert(writesBefore < sink.writes.length, `${writesBefore} writes before`);
  assertEquals(bodiesIn(sink, 1), [source.text]);
});

Deno.test("Output sends no body and opens nothing when there is to be none", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const small = new FakeSource(10);
  const large = new FakeSource(LARGE_BYTES * 2);
  for (const source of [small, large]) {
    const rest = output.append(
      withoutBody(replyOf(source)),
      "persistent",
      NOW,
    );
    assertEquals(rest, undefined);
  }
  await output.flush();
  assertEquals(small.opened + large.opened, 0);
  const [first, second] = parseResponses(sink.text, ["HEAD", "HEAD"]);
  assertEquals(first!.fields.get("content-length"), "10");
  assertEquals(second!.fields.get("content-length"), String(LARGE_BYTES * 2));
});

const LENGTHS: readonly number[] = [
  0,
  1,
  SMALL_BYTES - 300,
  SMALL_BYTES,
  SMALL_BYTES + 1,
  MEDIUM_BYTES - 300,
  MEDIUM_BYTES,
  MEDIUM_BYTES + 1,
  LARGE_BYTES - 300,
  LARGE_BYTES - 1,
  LARGE_BYTES,
  LARGE_BYTES + 1,
  3 * LARGE_BYTES + 7,
];

for (const length of LENGTHS) {
  for (const most of [Infinity, 1000]) {
    const how = most === Infinity ? "whole" : `${most} at a time`;
    Deno.test(`Output sends ${length} bytes of memory, taken ${how}`, async () => {
      const sink = new FakeSink(most);
      const output = new Output(sink);
      const bytes = bytesOf(new FakeSource(length).text);
      for (const body of [bytesOf("before"), bytes, bytesOf("after")]) {
        await output.append(replyOf(body), "persistent", NOW);
      }
      await output.flush();
      const bodies = bodiesIn(sink, 3);
      assertEquals(bodies[0], "before");
      assert(bodies[1] === textOf(bytes));
      assertEquals(bodies[2], "after");
      assertEquals(output.written, sink.text.length);
    });

    Deno.test(`Output sends ${length} bytes of a source, taken ${how}`, async () => {
      const sink = new FakeSink(most);
      const output = new Output(sink);
      const source = new FakeSource(length, 100_000);
      for (const body of [bytesOf("before"), source, bytesOf("after")]) {
        await output.append(replyOf(body), "persistent", NOW);
      }
      await output.flush();
      const bodies = bodiesIn(sink, 3);
      assertEquals(bodies[0], "before");
      assert(bodies[1] === source.text);
      assertEquals(bodies[2], "after");
      assertEquals(source.held, 0);
    });
  }
}

for (
  const [title, length, writes] of [
    ["what fits into a buffer, in one write", 60_000, [60_000]],
    ["the start of what does not", 100_000, [MEDIUM_BYTES, -1]],
    ["the start of what is large", 2 * LARGE_BYTES, [MEDIUM_BYTES, -1]],
  ] as const
) {
  Deno.test(`Output joins to its head, for a socket that asks for it, ${title}`, async () => {
    const sink = Object.assign(new FakeSink(), { joinsContent: true });
    const output = new Output(sink);
    const bytes = bytesOf(new FakeSource(length).text);
    await output.append(replyOf(bytes), "persistent", NOW);
    await output.flush();
    const head = sink.text.length - length;
    assertEquals(
      sink.writes.map(({ length }) => length),
      writes.length === 1
        ? [writes[0] + head]
        : [writes[0], length + head - writes[0]],
    );
    assert(bodiesIn(sink, 1)[0] === textOf(bytes));
    assertEquals(output.written, sink.text.length);
  });
}

for (const joinsContent of [false, true]) {
  const how = joinsContent ? ", joined to what is before" : "";
  Deno.test(`Output sends large parts with small ones between them${how}`, async () => {
    const sink = Object.assign(new FakeSink(), { joinsContent });
    const output = new Output(sink);
    const first = new FakeSource(2 * LARGE_BYTES);
    const second = new FakeSource(LARGE_BYTES + 100_000);
    const memory = new Uint8Array(LARGE_BYTES).fill(65);
    const parts = [
      bytesOf("--1"),
      first,
      bytesOf("--2"),
      memory,
      bytesOf("--3"),
      second,
      memory,
      bytesOf("--"),
    ];
    await output.append(replyOf(...parts), "close", NOW);
    await output.flush();
    const large = textOf(memory);
    const expected = `--1${first.text}--2${large}--3${second.text}${large}--`;
    assert(bodiesIn(sink, 1)[0] === expected);
    assertEquals([first.held, second.held], [0, 0]);
  });
}

Deno.test("Output opens a body's sources one after the other, each before it closes the last", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const sources: FakeSource[] = [];
  const held = () => sources.filter(({ held }) => held > 0).length;
  let heldMin = Infinity;
  let heldMax = 0;
  sink.gate = () => {
    heldMin = Math.min(heldMin, held());
    heldMax = Math.max(heldMax, held());
    return Promise.resolve();
  };
  for (let count = 0; count < 100; count++) {
    sources.push(new FakeSource(LARGE_BYTES));
  }
  const rest = output.append(replyOf(...sources), "persistent", NOW);
  assertEquals(sources.map(({ opened }) => opened).indexOf(0), 1);
  await rest;
  assertEquals([heldMin, heldMax], [1, 1]);
  assertEquals(held(), 0);
  assert(sources.every(({ opened }) => opened === 1));
  await output.flush();
});

Deno.test("Output reads the next piece while the last is being written", async () => {
  const sink = new FakeSink();
  const open = Promise.withResolvers<void>();
  sink.gate = () => open.promise;
  const output = new Output(sink);
  const source = new FakeSource(3 * LARGE_BYTES);
  const rest = output.append(replyOf(source), "persistent", NOW);
  // Nothing was taken yet, and nothing will be for now.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assertEquals(source.reads, 2);
  assertEquals(sink.writes, []);
  open.resolve();
  await rest;
  await output.flush();
  assert(bodiesIn(sink, 1)[0] === source.text);
});

Deno.test("Output keeps the last piece for what comes after it", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const source = new FakeSource(LARGE_BYTES + 10);
  await output.append(replyOf(source), "persistent", NOW);
  const before = sink.writes.length;
  output.append(replyOf(bytesOf("next")), "persistent", NOW);
  await output.flush();
  assertEquals(sink.writes.length, before + 1);
  assertEquals(bodiesIn(sink, 2)[1], "next");
});

Deno.test("Output sends nothing of a small source that has changed, and lets go of it", async () => {
  const output = new Output(new FakeSink());
  const source = new FakeSource(100, 10);
  source.readsMax = 5;
  await assertRejects(
    () => output.append(replyOf(source), "persistent", NOW)!,
    SourceChanged,
  );
  assertEquals(source.held, 0);
});

Deno.test("Output joins sources that are filled at once, and waits until they vouch for all", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const sources = [new FilledSource(100), new FilledSource(50)];
  const rest = output.append(replyOf(...sources), "persistent", NOW);
  let isDone = false;
  const done = rest!.then(() => isDone = true);
  for (const { fills } of sources) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(isDone, false);
    fills[0]!.resolve();
  }
  await done;
  assertEquals(sink.writes, []);
  await output.flush();
  assertEquals(sink.writes.length, 1);
  assertEquals(bodiesIn(sink, 1), [sources.map(({ text }) => text).join("")]);
  assertEquals(sources.map(({ opened }) => opened), [0, 0]);
});

Deno.test("Output drops what a source does not vouch for, and keeps what was before it", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  output.append(replyOf(bytesOf("first")), "persistent", NOW);
  const source = new FilledSource(100);
  const rest = output.append(replyOf(source), "persistent", NOW);
  source.fills[0]!.reject(new SourceChanged("changed"));
  await assertRejects(() => rest!, SourceChanged);
  assertEquals(output.isInside, false);
  output.append(replyOf(bytesOf("instead")), "persistent", NOW);
  await output.flush();
  assertEquals(bodiesIn(sink, 2), ["first", "instead"]);
});

Deno.test("Output ends in the middle when a large source has changed, and lets go of all", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const sources = [new FakeSource(4 * LARGE_BYTES), new FakeSource(9)];
  sources[0]!.readsMax = 2;
  await assertRejects(
    () => output.append(replyOf(...sources), "persistent", NOW)!,
    SourceChanged,
  );
  assertEquals(sources.map(({ held }) => held), [0, 0]);
  assert(sink.text.length < 4 * LARGE_BYTES);
});

for (const goodWrites of [0, 1, 2]) {
  Deno.test(`Output lets go of its sources when write ${goodWrites + 1} fails`, async () => {
    const sink = new FakeSink();
    let writes = 0;
    sink.gate = () =>
      writes++ < goodWrites
        ? Promise.resolve()
        : Promise.reject(new Deno.errors.BrokenPipe());
    const output = new Output(sink);
    // Waits, and so is written before the source is.
    output.append(replyOf(bytesOf("before")), "persistent", NOW);
    const sources = [new FakeSource(4 * LARGE_BYTES), new FakeSource(9)];
    await assertRejects(
      () => output.append(replyOf(...sources), "persistent", NOW)!,
      Deno.errors.BrokenPipe,
    );
    assertEquals(sources.map(({ held }) => held), [0, 0]);
  });
}

Deno.test("Output counts what the sink has taken, not what waits", async () => {
  const sink = new FakeSink(10);
  const output = new Output(sink);
  output.append(replyOf(bytesOf("a")), "persistent", NOW);
  assertEquals(output.written, 0);
  sink.gate = () =>
    sink.writes.length < 2
      ? Promise.resolve()
      : Promise.reject(new Deno.errors.ConnectionReset());
  await assertRejects(
    async () => await output.flush(),
    Deno.errors.ConnectionReset,
  );
  assertEquals(output.written, 20);
});

Deno.test("bodyLength() adds up all parts", () => {
  assertEquals(bodyLength(replyOf()), 0);
  assertEquals(bodyLength(replyOf(bytesOf("abc"), new FakeSource(7))), 10);
});
