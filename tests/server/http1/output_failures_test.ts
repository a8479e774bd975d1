import { assert, assertEquals, assertRejects } from "@std/assert";
import { SourceChanged } from "../../../lib/http/reply.ts";
import { LARGE_BYTES } from "../../../lib/server/buffers.ts";
import { Output } from "../../../lib/server/http1/output.ts";
import { bytesOf } from "../../helpers.ts";
import {
  bodiesIn,
  FakeSink,
  FakeSource,
  NOW,
  replyOf,
} from "./output_fakes.ts";

/** A source that fails after so many reads, of 1,000 bytes at most each. */
function failing(length: number, readsMax: number): FakeSource {
  const source = new FakeSource(length, 1000);
  source.readsMax = readsMax;
  return source;
}

function append(output: Output, ...body: (Uint8Array | FakeSource)[]) {
  return output.append(replyOf(...body), "persistent", NOW);
}

for (const before of [[], ["one"], ["one", "two"]]) {
  Deno.test(`Output keeps ${before.length} replies, and nothing of the one that fails behind them`, async () => {
    const sink = new FakeSink();
    const output = new Output(sink);
    for (const text of before) append(output, bytesOf(text));
    for (const readsMax of [0, 3]) {
      const source = failing(5000, readsMax);
      await assertRejects(
        () => append(output, bytesOf("part"), source)!,
        SourceChanged,
      );
      assertEquals(source.held, 0);
      assertEquals(output.isInside, false);
    }
    await output.flush();
    assertEquals(sink.writes.length, Math.min(before.length, 1));
    append(output, bytesOf("instead"));
    await output.flush();
    assertEquals(bodiesIn(sink, before.length + 1), [...before, "instead"]);
  });
}

/** Three sources, of which the one with this index cannot be opened. */
function sourcesWithout(index: number): FakeSource[] {
  const sources = [0, 1, 2].map(() => new FakeSource(LARGE_BYTES));
  sources[index]!.opensMax = 0;
  return sources;
}

Deno.test("Output has nothing of a large reply whose first source cannot be opened", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  append(output, bytesOf("before"));
  const sources = sourcesWithout(0);
  await assertRejects(() => append(output, ...sources)!, SourceChanged);
  assertEquals(sources.map(({ opened }) => opened), [1, 0, 0]);
  assertEquals(output.isInside, false);
  await output.flush();
  assertEquals(bodiesIn(sink, 1), ["before"]);
});

for (const index of [1, 2]) {
  Deno.test(`Output is inside of a large reply whose source ${index} cannot be opened, and holds no other`, async () => {
    const sink = new FakeSink();
    const output = new Output(sink);
    const sources = sourcesWithout(index);
    await assertRejects(() => append(output, ...sources)!, SourceChanged);
    assertEquals(sources.map(({ held }) => held), [0, 0, 0]);
    assertEquals(output.isInside, true);
  });
}

Deno.test("Output has nothing of a large reply that fails before its first bytes are written", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  append(output, bytesOf("before"));
  const source = failing(2 * LARGE_BYTES, 0);
  await assertRejects(
    () => append(output, bytesOf("--part"), source)!,
    SourceChanged,
  );
  assertEquals(output.isInside, false);
  assertEquals(output.bodyWritten, 0);
  append(output, bytesOf("instead"));
  await output.flush();
  assertEquals(bodiesIn(sink, 2), ["before", "instead"]);
});

Deno.test("Output is inside of a large reply of which something was written", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const source = failing(2 * LARGE_BYTES, 3);
  await assertRejects(() => append(output, source)!, SourceChanged);
  assertEquals(output.isInside, true);
  const body = sink.text.slice(sink.text.indexOf("\r\n\r\n") + 4);
  assertEquals(body.length, 3000);
  assertEquals(output.bodyWritten, 3000);
});

Deno.test("Output is inside of a large reply until it is complete", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  const rest = append(output, new FakeSource(2 * LARGE_BYTES));
  assertEquals(output.isInside, true);
  await rest;
  assertEquals(output.isInside, false);
});

for (const goodWrites of [0, 1]) {
  Deno.test(`Output is inside when of what comes before a large reply ${goodWrites} of two parts are written`, async () => {
    const sink = new FakeSink(10);
    sink.gate = () =>
      sink.writes.length < goodWrites
        ? Promise.resolve()
        : Promise.reject(new Error());
    const output = new Output(sink);
    append(output, bytesOf("before"));
    await assertRejects(() => append(output, new FakeSource(2 * LARGE_BYTES))!);
    assertEquals(sink.text.length, 10 * goodWrites);
    assertEquals(output.isInside, true);
    assertEquals(output.bodyWritten, 0);
  });
}

Deno.test("bodyWritten counts nothing of an earlier large reply", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  await append(output, new FakeSource(2 * LARGE_BYTES));
  sink.gate = () => Promise.reject(new Deno.errors.BrokenPipe());
  await assertRejects(() => append(output, new FakeSource(2 * LARGE_BYTES))!);
  assertEquals(output.bodyWritten, 0);
});

for (const takenBytes of [0, 1, 5000]) {
  Deno.test(`bodyWritten counts ${takenBytes} bytes of a body, no head and no reply before it`, async () => {
    const sink = new FakeSink();
    const output = new Output(sink);
    append(output, bytesOf("before"));
    const headBytes = `HTTP/1.1 200 OK\r\n`.length;
    let bodyBytes = 0;
    // Takes the replies before, and the head, at once; of the body only some.
    const write = sink.write.bind(sink);
    sink.write = (bytes) => {
      if (bytes.length < LARGE_BYTES) return write(bytes);
      if (bodyBytes > 0 || takenBytes === 0) {
        return Promise.reject(new Deno.errors.BrokenPipe());
      }
      bodyBytes = takenBytes;
      return write(bytes.subarray(0, takenBytes));
    };
    await assertRejects(
      () => append(output, new Uint8Array(2 * LARGE_BYTES))!,
      Deno.errors.BrokenPipe,
    );
    assert(output.written > takenBytes + 2 * headBytes);
    assertEquals(output.bodyWritten, takenBytes);
  });
}

Deno.test("bodyWritten counts nothing while only some of a head is written", async () => {
  const sink = new FakeSink(7);
  sink.gate = () =>
    sink.writes.length < 2
      ? Promise.resolve()
      : Promise.reject(new Deno.errors.BrokenPipe());
  const output = new Output(sink);
  await assertRejects(() => append(output, new FakeSource(2 * LARGE_BYTES))!);
  assertEquals(output.written, 14);
  assertEquals(output.bodyWritten, 0);
  assertEquals(output.isInside, true);
});

for (const writesMax of [0, 1, 2]) {
  Deno.test(`Output leaves no failure of a write to nobody while it sends many files: after ${writesMax} writes`, async () => {
    const sink = new FakeSink();
    const output = new Output(sink);
    const source = Object.assign(new FakeSource(LARGE_BYTES, 3000), {
      isScattered: true,
    });
    let writes = 0;
    sink.gate = () =>
      writes++ < writesMax
        ? Promise.resolve()
        : Promise.reject(new Deno.errors.BrokenPipe("gone"));
    await assertRejects(
      () => append(output, source)!,
      Deno.errors.BrokenPipe,
    );
    assertEquals(source.held, 0);
  });
}
