import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type Segment,
  SourceRefused,
  type SourceSegment,
} from "../../../lib/http/reply.ts";
import { joinSegments } from "../../../lib/site/content/joined_segment.ts";
import { bytesOf, textOf } from "../../helpers.ts";

/** Sources that give so many bytes at a time. */
class Sources {
  open = 0;

  segment(text: string, most: number): SourceSegment {
    return {
      length: text.length,
      open: (at = 0) => {
        this.open++;
        return {
          read: (into) => {
            const count = Math.min(most, into.length, text.length - at);
            into.set(bytesOf(text.slice(at, at += count)));
            return count;
          },
          close: () => void this.open--,
        };
      },
    };
  }
}

function read(segment: SourceSegment, most: number): string {
  const reader = segment.open();
  let text = "";
  for (;;) {
    const into = new Uint8Array(most);
    const count = reader.read(into);
    if (count === 0) break;
    text += textOf(into.subarray(0, count));
  }
  reader.close();
  return text;
}

for (const most of [1, 2, 3, 100]) {
  Deno.test(`joinSegments() reads all parts in order, ${most} bytes at a time`, () => {
    const sources = new Sources();
    const parts: Segment[] = [
      bytesOf("abc"),
      sources.segment("defgh", 2),
      new Uint8Array(),
      bytesOf("i"),
      sources.segment("jk", 9),
    ];
    const joined = joinSegments(parts) as SourceSegment;
    assertEquals(joined.length, 11);
    for (let count = 0; count < 2; count++) {
      assertEquals(read(joined, most), "abcdefghijk");
    }
    assertEquals(sources.open, 0);
  });
}

Deno.test("joinSegments() begins at any byte, and opens nothing before it", () => {
  const sources = new Sources();
  const joined = joinSegments([
    bytesOf("ab"),
    sources.segment("cde", 2),
    new Uint8Array(),
    sources.segment("fg", 2),
    bytesOf("h"),
  ]) as SourceSegment;
  for (let at = 0; at <= joined.length; at++) {
    const reader = joined.open(at);
    assertEquals(sources.open, at < 5 ? 2 : at < 7 ? 1 : 0);
    let text = "";
    for (let count = -1; count !== 0;) {
      const into = new Uint8Array(2);
      count = reader.read(into);
      text += textOf(into.subarray(0, count));
    }
    reader.close();
    assertEquals(text, "abcdefgh".slice(at));
  }
});

Deno.test("joinSegments() leaves a single part as it is", () => {
  const part = bytesOf("a");
  assertStrictEquals(joinSegments([part]), part);
});

Deno.test("joinSegments() closes what is open when a part cannot be opened", () => {
  const sources = new Sources();
  const refused: SourceSegment = {
    length: 1,
    open: () => {
      throw new SourceRefused("no", 403);
    },
  };
  const joined = joinSegments([sources.segment("a", 1), refused]);
  assertThrows(() => (joined as SourceSegment).open(), SourceRefused);
  assertEquals(sources.open, 0);
});
