import { assert, assertEquals } from "@std/assert";
import {
  HEADER_BLOCK_BYTES_MAX,
  HpackDecoder,
  STRING_BYTES_MAX,
} from "../../../lib/http/http2/hpack_decoder.ts";
import {
  type HeaderField,
  TABLE_BYTES_MAX,
} from "../../../lib/http/http2/hpack_tables.ts";
import { numberFrom, Random } from "../../helpers.ts";
import { HpackEncoder, type Line } from "../../hpack_encoder.ts";
import { EXAMPLES } from "./hpack_examples.ts";

/** The lines of a block, whose bytes stand between others; undefined if it breaks a rule. */
function decode(
  decoder: HpackDecoder,
  block: Uint8Array,
): HeaderField[] | undefined {
  const bytes = new Uint8Array(block.length + 6).fill(0x82);
  bytes.set(block, 3);
  const fields: HeaderField[] = [];
  const sink = { add: (field: HeaderField) => void fields.push(field) };
  return decoder.decode(bytes, 3, 3 + block.length, sink) ? fields : undefined;
}

function linesOf(
  fields: readonly HeaderField[] | undefined,
): readonly Line[] | undefined {
  return fields?.map(({ name, value }) => [name, value] as const);
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

for (const { name, tableBytes, blocks } of EXAMPLES) {
  Deno.test(`HpackDecoder reads the example ${name}`, () => {
    const decoder = new HpackDecoder();
    // The size of the examples' table: 256.
    if (tableBytes !== undefined) decode(decoder, fromHex("3fe101"));
    for (const { hex, lines, size } of blocks) {
      assertEquals(linesOf(decode(decoder, fromHex(hex))), lines);
      assertEquals(decoder.tableBytes, size);
    }
  });
}

/** Single blocks: hexadecimal, and the lines, or undefined if the connection must end. */
const BLOCKS: readonly [
  name: string,
  hex: string,
  want: readonly (readonly [string, string])[] | undefined,
][] = [
  ["no line", "", []],
  ["an example C.2.1", "400a637573746f6d2d6b65790d637573746f6d2d686561646572", [
    ["custom-key", "custom-header"],
  ]],
  ["an example C.2.2", "040c2f73616d706c652f70617468", [[
    ":path",
    "/sample/path",
  ]]],
  ["an example C.2.3", "100870617373776f726406736563726574", [
    ["password", "secret"],
  ]],
  ["an example C.2.4", "82", [[":method", "GET"]]],
  ["a line that is in the table and then an index", "40 0161 0162 be", [
    ["a", "b"],
    ["a", "b"],
  ]],
  ["a line that is not put into the table", "00 0161 0162 be", undefined],
  ["the last static entry", "bd", [["www-authenticate", ""]]],
  ["index 0", "80", undefined],
  ["an index beyond both tables", "be", undefined],
  ["an index far beyond", "ff8001", undefined],
  ["the name of an index beyond both tables", "7f00 0161", undefined],
  ["an empty name and value", "00 00 00", [["", ""]]],
  ["an integer without its end", "ff", undefined],
  ["an integer with leading zeros", "ff 80 80 00", undefined],
  ["an integer in five bytes", `00 01 61 7f 80 80 80 00 ${"62".repeat(127)}`, [
    ["a", "b".repeat(127)],
  ]],
  [
    "an integer in six bytes",
    `00 01 61 7f 80 80 80 80 00 ${"62".repeat(127)}`,
    undefined,
  ],
  ["an integer that overflows 32 bits", "ff ff ff ff ff 0f", undefined],
  ["an integer without any end", "ff" + "ff".repeat(30), undefined],
  ["a text longer than the block", "00 05 61 62", undefined],
  ["a text with a length of 2^28", "00 7f 81 ff ff 7f", undefined],
  ["a line without a value", "00 01 61", undefined],
  ["a line without anything", "00", undefined],
  ["a size update at the beginning", "20 82", [[":method", "GET"]]],
  ["a size update to the most", "3f e1 1f 82", [[":method", "GET"]]],
  ["a size update to one byte more", "3f e2 1f 82", undefined],
  ["a size update to 2^28", "3f ff ff ff 7f 82", undefined],
  ["two size updates", "20 3f e1 1f 82", [[":method", "GET"]]],
  ["three size updates", "20 20 20 82", undefined],
  ["a size update behind a line", "82 20", undefined],
  ["a size update between lines", "82 20 82", undefined],
  ["only a size update", "20", []],
  ["a Huffman code with padding of ones", "00 01 61 81 1f", [["a", "a"]]],
  ["a Huffman code with padding of zeros", "00 01 61 81 18", undefined],
  ["a Huffman code with padding of a byte", "00 01 61 82 1f ff", undefined],
  ["a Huffman code that is padding alone", "00 01 61 81 ff", undefined],
  ["a Huffman code with an end of text", "00 01 61 84 ff ff ff ff", undefined],
  ["a Huffman code of no byte", "00 01 61 80", [["a", ""]]],
];

for (const [name, hex, want] of BLOCKS) {
  const verb = want === undefined ? "refuses" : "reads";
  Deno.test(`HpackDecoder ${verb} ${name}`, () => {
    assertEquals(linesOf(decode(new HpackDecoder(), fromHex(hex))), want);
  });
}

Deno.test("HpackDecoder gives a line that comes again as the same object", () => {
  const decoder = new HpackDecoder();
  const [first] = decode(decoder, fromHex("40 0161 0162"))!;
  const [again] = decode(decoder, fromHex("be"))!;
  assert(first === again);
});

Deno.test("HpackDecoder counts a line in full that is too long to be read, and reads on", () => {
  const line: Line = ["a", "x".repeat(STRING_BYTES_MAX + 1)];
  for (const isHuffman of [true, false]) {
    const block = new HpackEncoder(isHuffman).encode([line, ["b", "c"]]);
    const decoder = new HpackDecoder();
    const [long, next] = decode(decoder, block)!;
    assertEquals(long!.value, "");
    assertEquals(long!.size, 32 + 1 + STRING_BYTES_MAX + 1);
    assertEquals(linesOf([next!]), [["b", "c"]]);
    // Neither is it kept.
    assertEquals(decoder.tableBytes, 34);
  }
});

Deno.test("HpackDecoder keeps the size of its table whatever comes (HPACK bomb)", () => {
  const decoder = new HpackDecoder();
  const line: Line = ["a", "x".repeat(TABLE_BYTES_MAX - 33)];
  const block = new HpackEncoder().encode([line]);
  const bomb = new Uint8Array(HEADER_BLOCK_BYTES_MAX).fill(0xbe);
  bomb.set(block);
  const fields = decode(decoder, bomb)!;
  assertEquals(decoder.tableBytes, TABLE_BYTES_MAX);
  // Thirty thousand lines of 4 KiB are one object.
  assertEquals(new Set(fields).size, 1);
});

/** Blocks of a browser's connection. */
function browserBlocks(): Uint8Array<ArrayBuffer>[] {
  const encoder = new HpackEncoder();
  const request = (path: string): Line[] => [
    [":method", "GET"],
    [":authority", "example.org"],
    [":scheme", "https"],
    [":path", path, "none"],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64)"],
    ["accept-encoding", "gzip, deflate, br"],
    ["cookie", "secret=42", "never"],
    ["x-obs", "\xff\x80"],
  ];
  const first = encoder.encode(request("/"));
  encoder.resize(512);
  return [first, ...["/a.css", "/b.js"].map((p) => encoder.encode(request(p)))];
}

Deno.test("HpackDecoder reads or refuses every prefix of a block, and never more than is there", () => {
  for (const block of browserBlocks()) {
    for (let length = 0; length < block.length; length++) {
      const whole = decodeAfter(block, block.length);
      const prefix = decodeAfter(block, length);
      if (prefix === undefined || whole === undefined) continue;
      assertEquals(prefix, whole.slice(0, prefix.length));
    }
  }
});

function decodeAfter(block: Uint8Array, length: number) {
  const decoder = new HpackDecoder();
  decode(decoder, browserBlocks()[0]!);
  return linesOf(decode(decoder, block.subarray(0, length)));
}

const ROUNDS = numberFrom("FUZZ_ROUNDS", 3000);
const SEED = numberFrom(
  "FUZZ_SEED",
  Number(new Date().toISOString().slice(0, 10).replaceAll("-", "")),
);

Deno.test(`HpackDecoder never fails otherwise, and keeps its bounds, on damaged blocks (seed ${SEED})`, () => {
  const random = new Random(SEED);
  let decoder = new HpackDecoder();
  const blocks = browserBlocks();
  for (let round = 0; round < ROUNDS; round++) {
    const block = random.below(4) === 0
      ? random.bytes(random.below(64))
      : blocks[random.below(blocks.length)]!.slice();
    for (let count = random.below(4); count > 0 && block.length > 0; count--) {
      block[random.below(block.length)] = random.below(256);
    }
    const fields = decode(decoder, block);
    assert(decoder.tableBytes <= TABLE_BYTES_MAX);
    for (const { name, value, size } of fields ?? []) {
      assertEquals(size, name.length + value.length + 32);
    }
    if (fields === undefined) decoder = new HpackDecoder();
  }
});

Deno.test(`HpackDecoder reads what any encoder makes of random lines (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const names = [":path", "cookie", "x-a", "etag", "x-" + "n".repeat(200)];
  for (let connection = 0; connection < 50; connection++) {
    const encoder = new HpackEncoder(random.below(2) === 0);
    const decoder = new HpackDecoder();
    for (let block = 0; block < 20; block++) {
      if (random.below(8) === 0) encoder.resize(random.below(4097));
      const lines = Array.from({ length: random.below(12) }, (): Line => [
        names[random.below(names.length)]!,
        String.fromCharCode(...random.bytes(random.below(300))).slice(
          0,
          random.below(3) === 0 ? 300 : 2,
        ),
        (["table", "none", "never"] as const)[random.below(3)]!,
      ]);
      assertEquals(
        linesOf(decode(decoder, encoder.encode(lines))),
        lines.map(([name, value]) => [name, value]),
      );
    }
  }
});
