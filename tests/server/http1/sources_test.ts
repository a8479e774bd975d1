import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { SourceChanged } from "../../../lib/http/reply.ts";
import { Sources } from "../../../lib/server/http1/sources.ts";
import { bytesOf } from "../../helpers.ts";
import { FakeSource } from "./output_fakes.ts";

/** How many readers of each source are open. */
function heldOf(sources: readonly FakeSource[]): number[] {
  return sources.map(({ held }) => held);
}

Deno.test("Sources opens the first source at once, and each other before the last is closed", () => {
  const fakes = [new FakeSource(1), new FakeSource(2), new FakeSource(3)];
  const segments = [bytesOf("a"), fakes[0]!, bytesOf("b"), ...fakes.slice(1)];
  const sources = new Sources(segments);
  assertStrictEquals(sources.segments, segments);
  const seen = [heldOf(fakes)];
  for (const _ of fakes) {
    sources.next();
    seen.push(heldOf(fakes));
  }
  assertEquals(seen, [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  sources.close();
  sources.close();
  assertEquals(heldOf(fakes), [0, 0, 0]);
  assertEquals(fakes.map(({ opened }) => opened), [1, 1, 1]);
});

Deno.test("Sources.close() closes a first source that was not read", () => {
  const fake = new FakeSource(1);
  new Sources([fake]).close();
  assertEquals([fake.opened, fake.held], [1, 0]);
});

Deno.test("Sources throws what opening the first source throws", () => {
  const fake = new FakeSource(1);
  fake.opensMax = 0;
  assertThrows(() => new Sources([bytesOf("a"), fake]), SourceChanged);
});

Deno.test("Sources.next() closes the last source when the next cannot be opened", () => {
  const fakes = [new FakeSource(1), new FakeSource(2)];
  fakes[1]!.opensMax = 0;
  const sources = new Sources(fakes);
  sources.next();
  assertThrows(() => sources.next(), SourceChanged);
  sources.close();
  assertEquals(heldOf(fakes), [0, 0]);
});
