import { assertEquals } from "@std/assert";
import {
  decodeHuffman,
  encodeHuffman,
  huffmanLength,
} from "../../../lib/http/http2/huffman.ts";
import { bytesOf, Random, textOf } from "../../helpers.ts";

function encoded(text: string): Uint8Array {
  const out = new Uint8Array(huffmanLength(text) + 2);
  assertEquals(encodeHuffman(text, out, 1), out.length - 1);
  return out.subarray(1, -1);
}

/** The text of a code; undefined if it is invalid. */
function decoded(code: Uint8Array, room: number = 1000): string | undefined {
  const bytes = new Uint8Array([0xff, ...code, 0xff]);
  const out = new Uint8Array(room);
  const length = decodeHuffman(bytes, 1, bytes.length - 1, out);
  return length < 0 ? undefined : textOf(out.subarray(0, length));
}

/** Texts and their codes: of RFC 7541 Appendix C, and of the longest codes of Appendix B. */
const CODES: readonly (readonly [text: string, hex: string])[] = [
  ["", ""],
  ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
  ["no-cache", "a8eb10649cbf"],
  ["custom-key", "25a849e95ba97d7f"],
  ["custom-value", "25a849e95bb8e8b4bf"],
  [
    "Mon, 21 Oct 2013 20:13:21 GMT",
    "d07abe941054d444a8200595040b8166e082a62d1bff",
  ],
  ["a", "1f"],
  ["\n", "fffffff3"],
  ["\r", "fffffff7"],
  ["\x16", "fffffffb"],
  ["\xff", "fffffbbf"],
  ["\0", "ffc7"],
];

for (const [text, hex] of CODES) {
  Deno.test(`the Huffman code of ${JSON.stringify(text)} is ${hex}`, () => {
    assertEquals(encoded(text).toHex(), hex);
    assertEquals(decoded(Uint8Array.fromHex(hex)), text);
  });
}

Deno.test("decodeHuffman() reads what encodeHuffman() writes, of every byte and every pair", () => {
  for (let first = 0; first < 256; first++) {
    assertEquals(decoded(encoded(String.fromCharCode(first)))!.length, 1);
    let text = "";
    for (let second = 0; second < 256; second++) {
      text += String.fromCharCode(first, second);
    }
    assertEquals(decoded(encoded(text)), text);
  }
});

Deno.test("decodeHuffman() takes no code for another: a valid one is that of its text", () => {
  const random = new Random(7);
  let valid = 0;
  for (let round = 0; round < 20_000; round++) {
    const code = random.bytes(1 + random.below(6));
    const text = decoded(code);
    if (text === undefined) continue;
    valid++;
    assertEquals(encoded(text), code);
  }
  assertEquals(valid > 100, true);
});

/** Codes that break a rule of RFC 7541 §5.2. */
const INVALID: readonly (readonly [name: string, hex: string])[] = [
  ["padding of eight bits", "ff"],
  ["padding of a byte more", "1fff"],
  ["padding of zeros", "18"],
  ["padding of zero and ones", "1b"],
  ["the end of a text", "fffffffc"],
  ["the end of a text, and padding", "ffffffff"],
  ["the end of a text inside", "1ffffffff1f"],
  ["a code that is not whole", "fffe"],
];

for (const [name, hex] of INVALID) {
  Deno.test(`decodeHuffman() refuses ${name}`, () => {
    const even = hex.length % 2 === 0 ? hex : hex + "f";
    assertEquals(decoded(Uint8Array.fromHex(even)), undefined);
  });
}

Deno.test("decodeHuffman() counts what it has no room for", () => {
  const out = new Uint8Array(3);
  const code = encoded("abcdefgh");
  assertEquals(decodeHuffman(code, 0, code.length, out), 8);
  assertEquals(out, bytesOf("abc"));
});
