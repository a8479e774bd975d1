import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  contentRange,
  decideRange,
  multipartByteranges,
  RANGES_MAX,
  type Slice,
  unsatisfiedContentRange,
} from "../../lib/http/range.ts";
import { assertQuick } from "../quickness.ts";

/** The slices as [start, end) pairs, or the kind of another decision. */
type Want = readonly (readonly [number, number])[] | "whole" | "unsatisfiable";

const HUGE = "9".repeat(25);
const MAX = Number.MAX_SAFE_INTEGER;

const RANGES: readonly [
  name: string,
  value: string,
  length: number,
  want: Want,
][] = [
  // One range.
  ["first and last position", "bytes=0-4", 10, [[0, 5]]],
  ["the first byte", "bytes=0-0", 10, [[0, 1]]],
  ["the last byte", "bytes=9-9", 10, [[9, 10]]],
  ["the only byte", "bytes=0-0", 1, [[0, 1]]],
  ["a middle", "bytes=2-7", 10, [[2, 8]]],
  ["an open range", "bytes=5-", 10, [[5, 10]]],
  ["an open range from 0", "bytes=0-", 10, [[0, 10]]],
  ["an open range at the last byte", "bytes=9-", 10, [[9, 10]]],
  ["a suffix", "bytes=-5", 10, [[5, 10]]],
  ["a suffix of one byte", "bytes=-1", 10, [[9, 10]]],
  ["a suffix as long as the file", "bytes=-10", 10, [[0, 10]]],
  ["a suffix longer than the file", "bytes=-11", 10, [[0, 10]]],
  ["every byte", "bytes=0-9", 10, [[0, 10]]],
  ["an end just beyond the file", "bytes=0-10", 10, [[0, 10]]],
  ["an end far beyond the file", "bytes=5-999", 10, [[5, 10]]],
  ["leading zeros", "bytes=0000-0004", 10, [[0, 5]]],
  ["leading zeros in a suffix", "bytes=-0005", 10, [[5, 10]]],

  // The unit.
  ["the unit in upper case", "BYTES=0-4", 10, [[0, 5]]],
  ["the unit in mixed case", "Bytes=0-4", 10, [[0, 5]]],
  ["another unit", "lines=0-4", 10, "whole"],
  ["a longer unit", "bytesx=0-4", 10, "whole"],
  ["a shorter unit", "byte=0-4", 10, "whole"],
  ["no unit", "0-4", 10, "whole"],
  ["no unit but the sign", "=0-4", 10, "whole"],
  ["the unit alone", "bytes", 10, "whole"],
  ["nothing", "", 10, "whole"],
  ["a space before the sign", "bytes =0-4", 10, "whole"],
  ["a colon for the sign", "bytes:0-4", 10, "whole"],
  ["Content-Range's form", "bytes 0-4/10", 10, "whole"],
  ["a long s in the unit", "byte\u017f=0-4", 10, "whole"],

  // Syntax errors: the field is ignored.
  ["no ranges", "bytes=", 10, "whole"],
  ["only white space", "bytes= \t", 10, "whole"],
  ["only commas", "bytes=,,", 10, "whole"],
  ["a lone hyphen", "bytes=-", 10, "whole"],
  ["a number alone", "bytes=5", 10, "whole"],
  ["the first position after the last", "bytes=5-4", 10, "whole"],
  ["the same, beyond the file", "bytes=25-24", 10, "whole"],
  ["the same, in a list", "bytes=0-4, 7-6", 10, "whole"],
  ["a word", "bytes=first", 10, "whole"],
  ["letters for positions", "bytes=a-b", 10, "whole"],
  ["a letter at the end", "bytes=0-4x", 10, "whole"],
  ["hexadecimal", "bytes=0x0-0x4", 10, "whole"],
  ["a fraction", "bytes=0.5-4", 10, "whole"],
  ["an exponent", "bytes=0-1e1", 10, "whole"],
  ["a plus sign", "bytes=+0-4", 10, "whole"],
  ["a minus sign", "bytes=--4", 10, "whole"],
  ["a minus sign behind", "bytes=0--4", 10, "whole"],
  ["three positions", "bytes=0-4-8", 10, "whole"],
  ["a hyphen too many", "bytes=0-4-", 10, "whole"],
  ["white space before the hyphen", "bytes=0 -4", 10, "whole"],
  ["white space after the hyphen", "bytes=0- 4", 10, "whole"],
  ["white space in a suffix", "bytes=- 4", 10, "whole"],
  ["white space within a number", "bytes=0-1 2", 10, "whole"],
  ["no comma between ranges", "bytes=0-1 3-4", 10, "whole"],
  ["a semicolon between ranges", "bytes=0-1;3-4", 10, "whole"],
  ["the unit twice", "bytes=0-1, bytes=3-4", 10, "whole"],
  ["an error after good ranges", "bytes=0-1,x", 10, "whole"],
  ["an error after hopeless ranges", "bytes=20-,x", 10, "whole"],
  ["a hyphen only in a later range", "bytes=1,3-4", 10, "whole"],
  ["NUL", "bytes=0-4\0", 10, "whole"],
  ["wide digits", "bytes=\uff10-\uff14", 10, "whole"],
  ["NBSP for a space", "bytes=\xa00-4", 10, "whole"],

  // Unsatisfiable.
  ["a start at the length", "bytes=10-", 10, "unsatisfiable"],
  ["a start beyond the length", "bytes=11-", 10, "unsatisfiable"],
  ["a range beyond the length", "bytes=10-19", 10, "unsatisfiable"],
  ["a suffix of no bytes", "bytes=-0", 10, "unsatisfiable"],
  ["a suffix of many zeros", "bytes=-000", 10, "unsatisfiable"],
  ["only hopeless ranges", "bytes=10-, 20-29, -0", 10, "unsatisfiable"],
  ["bytes of an empty file", "bytes=0-4", 0, "unsatisfiable"],
  ["the start of an empty file", "bytes=0-", 0, "unsatisfiable"],
  ["nothing of an empty file", "bytes=-0", 0, "unsatisfiable"],
  ["several of an empty file", "bytes=0-1,5-,-0", 0, "unsatisfiable"],
  ["an error with an empty file", "bytes=4-0", 0, "whole"],

  // A suffix of an empty file: satisfiable (§14.1.2), but not by a 206.
  ["the end of an empty file", "bytes=-5", 0, "whole"],
  ["the last byte of an empty file", "bytes=-1", 0, "whole"],
  ["a huge suffix of an empty file", `bytes=-${HUGE}`, 0, "whole"],
  [
    "a suffix among hopeless ranges of an empty file",
    "bytes=0-1,-1,5-",
    0,
    "whole",
  ],
  ["two suffixes of an empty file", "bytes=-1,-2", 0, "whole"],
  ["an error behind a suffix of an empty file", "bytes=-1,x", 0, "whole"],

  // Numbers that no double holds exactly.
  ["a huge end", `bytes=5-${HUGE}`, 10, [[5, 10]]],
  ["a huge start", `bytes=${HUGE}-`, 10, "unsatisfiable"],
  ["a huge start and end", `bytes=${HUGE}-${HUGE}`, 10, "unsatisfiable"],
  ["a huge start and a small end", `bytes=${HUGE}-5`, 10, "whole"],
  ["a huge suffix", `bytes=-${HUGE}`, 10, [[0, 10]]],
  ["a huge range after a good one", `bytes=0-4,${HUGE}-`, 10, [[0, 5]]],
  ["2^64 + 4, which 64 bits would make 4", "bytes=0-18446744073709551620", 10, [
    [0, 10],
  ]],
  ["a start of 2^64", "bytes=18446744073709551616-", 10, "unsatisfiable"],
  ["a start of 2^32", "bytes=4294967296-", 10, "unsatisfiable"],
  [
    "400 digits, beyond any double",
    `bytes=${"9".repeat(400)}-`,
    10,
    "unsatisfiable",
  ],
  ["25 zeros before a digit", `bytes=${"0".repeat(25)}5-`, 10, [[5, 10]]],
  ["the end of the largest file", `bytes=${MAX - 1}-${MAX}`, MAX, [
    [MAX - 1, MAX],
  ]],

  // Several ranges.
  ["two ranges", "bytes=0-1,4-5", 10, [[0, 2], [4, 6]]],
  ["an open range and a suffix", "bytes=0-0,-1", 10, [[0, 1], [9, 10]]],
  ["the order of the field", "bytes=8-9,0-1,4-5", 10, [[8, 10], [0, 2], [
    4,
    6,
  ]]],
  ["white space around commas", "bytes=0-1 \t,\t 4-5", 10, [[0, 2], [4, 6]]],
  ["white space around the list", "bytes= 0-1, 4-5 ", 10, [[0, 2], [4, 6]]],
  ["empty elements", "bytes=,0-1,, ,4-5,", 10, [[0, 2], [4, 6]]],
  ["a hopeless one among good ones", "bytes=0-1,20-29,4-5", 10, [
    [0, 2],
    [4, 6],
  ]],
  ["one good one among hopeless ones", "bytes=20-,4-5,-0", 10, [[4, 6]]],
  ["overlapping ranges", "bytes=0-4,3-6", 10, [[0, 7]]],
  ["overlapping ranges, the later first", "bytes=3-6,0-4", 10, [[0, 7]]],
  ["adjacent ranges", "bytes=0-1,2-3", 10, [[0, 4]]],
  ["adjacent ranges, the later first", "bytes=2-3,0-1", 10, [[0, 4]]],
  ["adjacent ranges that make the whole", "bytes=0-4,5-9", 10, [[0, 10]]],
  ["one byte between ranges", "bytes=0-1,3-4", 10, [[0, 2], [3, 5]]],
  ["a range inside another", "bytes=0-5,2-3", 10, [[0, 6]]],
  ["a range around another", "bytes=2-3,0-5", 10, [[0, 6]]],
  ["the same range twice", "bytes=0-4,0-4", 10, [[0, 5]]],
  ["a range that joins two", "bytes=0-1,4-5,2-3", 10, [[0, 6]]],
  ["a range that joins two around a third", "bytes=6-7,0-1,9-9,2-5", 10, [
    [0, 8],
    [9, 10],
  ]],
  ["the place of the first of the merged", "bytes=4-5,0-0,6-7", 10, [
    [4, 8],
    [0, 1],
  ]],

  // More than there is.
  ["as many bytes as there are", "bytes=0-4,0-4", 10, [[0, 5]]],
  ["one byte more than there is", "bytes=0-4,0-5", 10, "whole"],
  ["every byte twice", "bytes=0-,0-", 10, "whole"],
  ["every byte and the last one", "bytes=0-,-1", 10, "whole"],
  ["ends that are cut before counting", "bytes=0-4,5-999", 10, [[0, 10]]],
  ["hopeless ranges, which ask for nothing", "bytes=0-9,20-99", 10, [[0, 10]]],
];

for (const [name, value, length, want] of RANGES) {
  Deno.test(`decideRange() ${name}: ${JSON.stringify(want)}`, () => {
    const decision = decideRange(value, length);
    if (typeof want === "string") {
      assertEquals(decision, { kind: want });
    } else {
      const slices = want.map(([start, end]) => ({ start, end }));
      assertEquals(decision, { kind: "slices", slices });
    }
  });
}

Deno.test("decideRange() allows RANGES_MAX ranges and no more", () => {
  const ranges = Array.from(
    { length: RANGES_MAX },
    (_, i) => `${i * 2}-${i * 2}`,
  );
  const decision = decideRange(`bytes=${ranges.join(",")}`, 1000);
  assert(decision.kind === "slices");
  assertStrictEquals(decision.slices.length, RANGES_MAX);
  assertEquals(decideRange(`bytes=${ranges.join(",")},500-`, 1000), {
    kind: "whole",
  });
});

Deno.test("decideRange() counts hopeless ranges, but no empty elements", () => {
  const hopeless = "2000-,".repeat(RANGES_MAX);
  assertEquals(decideRange(`bytes=${hopeless}`, 1000), {
    kind: "unsatisfiable",
  });
  assertEquals(decideRange(`bytes=${hopeless}2000-`, 1000), { kind: "whole" });
  assertEquals(decideRange(`bytes=${",".repeat(100)}0-4`, 1000), {
    kind: "slices",
    slices: [{ start: 0, end: 5 }],
  });
});

/** The same decision by the slowest means: marks on every byte. */
function bytesOf(slices: readonly Slice[], length: number): string {
  const marks = new Array<string>(length).fill(".");
  for (const { start, end } of slices) marks.fill("#", start, end);
  return marks.join("");
}

Deno.test("decideRange() keeps exactly the bytes asked for, apart from each other", () => {
  const length = 200;
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 2000; round++) {
    const asked: Slice[] = Array.from({ length: 1 + random(8) }, () => {
      const start = random(length - 10);
      return { start, end: start + 1 + random(10) };
    });
    const list = asked.map(({ start, end }) => `${start}-${end - 1}`).join(",");
    const decision = decideRange(`bytes=${list}`, length);
    assert(decision.kind === "slices");
    const { slices } = decision;
    assertStrictEquals(bytesOf(slices, length), bytesOf(asked, length));
    for (const one of slices) {
      for (const other of slices) {
        assert(one === other || one.end < other.start || other.end < one.start);
      }
    }
  }
});

Deno.test("contentRange() writes the last position inclusive", () => {
  assertStrictEquals(contentRange({ start: 0, end: 5 }, 10), "bytes 0-4/10");
  assertStrictEquals(contentRange({ start: 9, end: 10 }, 10), "bytes 9-9/10");
  assertStrictEquals(
    contentRange({ start: 2 ** 40, end: 2 ** 41 }, 2 ** 42),
    "bytes 1099511627776-2199023255551/4398046511104",
  );
});

Deno.test("unsatisfiedContentRange() writes a star and the length", () => {
  assertStrictEquals(unsatisfiedContentRange(10), "bytes */10");
  assertStrictEquals(unsatisfiedContentRange(0), "bytes */0");
});

Deno.test("multipartByteranges() lays out the body of RFC 9110 §14.6", () => {
  const content = "0123456789";
  const slices = [{ start: 0, end: 2 }, { start: 8, end: 10 }];
  const { parts, closing, contentLength } = multipartByteranges(
    slices,
    content.length,
    "text/plain; charset=utf-8",
    "b0undary",
  );
  const text = new TextDecoder();
  let body = "";
  for (const { head, slice } of parts) {
    body += text.decode(head) + content.slice(slice.start, slice.end);
  }
  body += text.decode(closing);
  assertStrictEquals(
    body,
    [
      "",
      "--b0undary",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Range: bytes 0-1/10",
      "",
      "01",
      "--b0undary",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Range: bytes 8-9/10",
      "",
      "89",
      "--b0undary--",
      "",
    ].join("\r\n"),
  );
  assertStrictEquals(contentLength, new TextEncoder().encode(body).length);
  assertEquals(parts.map((part) => part.slice), slices);
});

Deno.test("multipartByteranges() counts bytes, not characters", () => {
  const { parts, closing, contentLength } = multipartByteranges(
    [{ start: 10, end: 1010 }],
    2000,
    "text/plain; name=é",
    "b",
  );
  const heads = parts.reduce((sum, { head }) => sum + head.length, 0);
  assertStrictEquals(contentLength, heads + 1000 + closing.length);
});

const HOSTILE: readonly [name: string, value: string][] = [
  ["commas", `bytes=${",".repeat(16_384)}`],
  ["spaces", `bytes=${" ".repeat(16_384)}x`],
  ["spaces between commas", `bytes=${" ,".repeat(8192)}`],
  ["one number", `bytes=${"9".repeat(16_384)}`],
  ["hyphens", `bytes=${"-".repeat(16_384)}`],
  ["ranges", `bytes=${"0-0,".repeat(4096)}`],
  ["numbers without a hyphen", `bytes=${"1,".repeat(8192)}`],
  ["a unit", "b".repeat(16_384)],
];

for (const [name, value] of HOSTILE) {
  Deno.test(`decideRange() is quick about 16 KiB of ${name}`, async () => {
    await assertQuick(
      50,
      () => assertStrictEquals(decideRange(value, 1_000_000).kind, "whole"),
    );
  });
}
