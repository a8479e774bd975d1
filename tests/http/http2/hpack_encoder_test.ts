import { assertEquals } from "@std/assert";
import { HpackDecoder } from "../../../lib/http/http2/hpack_decoder.ts";
import {
  encodeFields,
  encodeInteger,
} from "../../../lib/http/http2/hpack_encoder.ts";
import type { HeaderField } from "../../../lib/http/http2/hpack_tables.ts";
import { HpackEncoder } from "../../hpack_encoder.ts";
import { EXAMPLES } from "./hpack_examples.ts";

/** RFC 7541 Appendix C.1, and where one byte more begins. */
const INTEGERS: readonly (readonly [number, mask: number, hex: string])[] = [
  [10, 0x1f, "0a"],
  [1337, 0x1f, "1f9a0a"],
  [42, 0xff, "2a"],
  [30, 0x1f, "1e"],
  [31, 0x1f, "1f00"],
  [127, 0x7f, "7f00"],
  [127 + 127, 0x7f, "7f7f"],
  [127 + 128, 0x7f, "7f8001"],
];

for (const [value, mask, hex] of INTEGERS) {
  Deno.test(`encodeInteger() of ${value} with the mask ${mask}`, () => {
    const out = new Uint8Array(8);
    const end = encodeInteger(value, mask, 0, out, 0);
    assertEquals(out.subarray(0, end).toHex(), hex);
  });
}

const LINES: readonly (readonly [name: string, value: string, hex: string])[] =
  [
    [":status", "200", "88"],
    [":status", "302", "08826402"],
    ["Content-Type", "", "9f"],
    ["X", "&&", "000178022626"],
    ["ETag", "a\u00e4", "0f130361c3a4"],
  ];

for (const [name, value, hex] of LINES) {
  Deno.test(`encodeFields() of "${name}: ${value}"`, () => {
    assertEquals(encodeFields([[name, value]]).toHex(), hex);
  });
}

Deno.test("encodeFields() puts nothing into a table, and all comes back", () => {
  const lines = [
    [":status", "404"],
    ["server", "skiff"],
    ["x-long", "v ".repeat(5000)],
    ["x-empty", ""],
    ["x-obs", "\xff"],
  ] as const;
  const block = encodeFields(lines);
  const decoder = new HpackDecoder();
  const fields: HeaderField[] = [];
  const sink = { add: (field: HeaderField) => void fields.push(field) };
  assertEquals(decoder.decode(block, 0, block.length, sink), true);
  assertEquals(decoder.tableBytes, 0);
  assertEquals(
    fields.map(({ name, value }) => [name, value]),
    [...lines.slice(0, 4), ["x-obs", "\xc3\xbf"]] as string[][],
  );
});

for (const { name, isHuffman, tableBytes, blocks } of EXAMPLES) {
  Deno.test(`the encoder of the tests makes the example ${name}`, () => {
    const encoder = new HpackEncoder(isHuffman);
    if (tableBytes !== undefined) {
      encoder.resize(tableBytes);
      encoder.encode([]);
    }
    for (const { hex, lines } of blocks) {
      assertEquals(encoder.encode(lines).toHex(), hex);
    }
  });
}
