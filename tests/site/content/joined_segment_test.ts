import { assertEquals, assertThrows } from "@std/assert";
import type { SourceReader, SourceSegment } from "../../../lib/http/reply.ts";
import { JoinedSegment } from "../../../lib/site/content/joined_segment.ts";
import { readSegment } from "../../bodies.ts";
import { textOf, utf8 } from "../../helpers.ts";

/** A source, and what happened to it. */
function sourceOf(text: string, told: string[]): SourceSegment {
  const bytes = utf8(text);
  return {
    length: bytes.length,
    open(): SourceReader {
      told.push(`open ${text}`);
      let at = 0;
      return {
        read(into) {
          const piece = bytes.subarray(at, at + into.length);
          into.set(piece);
          at += piece.length;
          return piece.length;
        },
        close: () => void told.push(`close ${text}`),
      };
    },
  };
}

for (const step of [1, 2, 3, 100]) {
  Deno.test(`JoinedSegment reads ${step} bytes at a time`, () => {
    const told: string[] = [];
    const joined = new JoinedSegment([
      utf8("ab"),
      utf8(""),
      sourceOf("cde", told),
      sourceOf("f", told),
      utf8("g"),
    ]);
    assertEquals(joined.length, 7);
    for (let time = 0; time < 2; time++) {
      told.length = 0;
      assertEquals(textOf(readSegment(joined, step)), "abcdefg");
      assertEquals(told, ["open cde", "close cde", "open f", "close f"]);
    }
  });
}

Deno.test("JoinedSegment opens its first source at once, so that errors come first", () => {
  const broken: SourceSegment = {
    length: 1,
    open: () => {
      throw new Error("broken");
    },
  };
  const joined = new JoinedSegment([utf8("a"), broken]);
  assertThrows(() => joined.open(), Error, "broken");
});

Deno.test("JoinedSegment closes a source that was not read to its end", () => {
  const told: string[] = [];
  new JoinedSegment([utf8("a"), sourceOf("b", told)]).open().close();
  assertEquals(told, ["open b", "close b"]);
});
