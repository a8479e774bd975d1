import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Output } from "../../../lib/server/http1/output.ts";
import { bytesOf, textOf } from "../../helpers.ts";
import { bodiesIn, FakeSink, NOW, replyOf } from "./output_fakes.ts";

/** Sends a reply three times, the last two as a whole message. */
async function sendThrice(
  output: Output,
  bytes: Uint8Array,
): Promise<void> {
  const reply = replyOf(bytes);
  for (let index = 0; index < 3; index++) {
    await output.append(reply, "persistent", NOW);
    await output.flush();
  }
}

const HUNDRED = bytesOf("0123456789".repeat(10 * 1024));

for (const most of [Infinity, 50_000, 1000, 50]) {
  Deno.test(`Output sends what it sends again and again whole, taken ${most} at a time`, async () => {
    const sink = new FakeSink(most);
    const output = new Output(sink);
    await sendThrice(output, HUNDRED);
    const text = textOf(HUNDRED);
    assertEquals(bodiesIn(sink, 3), [text, text, text]);
    assertEquals(output.written, sink.text.length);
    if (most === Infinity) assertEquals(sink.writes.length, 4);
  });
}

Deno.test("Output writes the rest of a whole message from the content, which costs no memory", async () => {
  const written: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => {
    written.push(bytes);
    return Promise.resolve(Math.min(bytes.length, 60_000));
  };
  const output = new Output({ write });
  await sendThrice(output, HUNDRED);
  const [whole, rest] = written.slice(-2);
  assert(whole!.length > HUNDRED.length);
  assertStrictEquals(rest!.buffer, HUNDRED.buffer);
});

Deno.test("Output joins what follows a whole message to it", async () => {
  const sink = new FakeSink();
  const output = new Output(sink);
  await sendThrice(output, HUNDRED);
  const before = sink.writes.length;
  const reply = replyOf(HUNDRED);
  for (let index = 0; index < 2; index++) {
    await output.append(reply, "persistent", NOW);
  }
  output.append(replyOf(bytesOf("next")), "persistent", NOW);
  await output.flush();
  const text = textOf(HUNDRED);
  assertEquals(bodiesIn(sink, 6), [...Array(5).fill(text), "next"]);
  // The head and the content of the first, and then everything else.
  assertEquals(sink.writes.length, before + 3);
});

/** What can happen to a whole message that waits for its flush. */
const ENDS: Readonly<
  Record<string, (output: Output, sink: FakeSink) => unknown>
> = {
  "is written": (output) => output.flush(),
  "is joined to the next reply": (output) => {
    output.append(replyOf(bytesOf("next")), "persistent", NOW);
    return output.flush();
  },
  "fails to be written": async (output, sink) => {
    sink.gate = () => Promise.reject(new Deno.errors.BrokenPipe());
    await assertRejects(() => output.flush()!, Deno.errors.BrokenPipe);
  },
  "is not written": () => {},
};

for (const [name, end] of Object.entries(ENDS)) {
  for (const most of [Infinity, 60_000]) {
    Deno.test(`Output lets go of a whole message that ${name}, with ${most} bytes taken at a time`, async () => {
      const reply = replyOf(HUNDRED);
      // More often than there is memory for.
      for (let index = 0; index < 50; index++) {
        const now = NOW + 1000 * index;
        const sink = new FakeSink(most);
        const output = new Output(sink);
        await output.append(reply, "persistent", now);
        await output.flush();
        assertEquals(
          output.append(reply, "persistent", now),
          undefined,
        );
        await end(output, sink);
        output.close();
        assertEquals(output.flush(), undefined);
      }
    });
  }
}
