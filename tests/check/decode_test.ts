import { assertEquals } from "@std/assert";
import { decodeDocument } from "../../lib/check/decode.ts";
import { bytesOf, utf8 } from "../helpers.ts";

/** Documents, and the text that they come to. */
const DOCUMENTS: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  type: string,
  text: string,
  isClean: boolean,
])[] = [
  ["UTF-8", utf8("ü"), "text/html; charset=UTF-8", "ü", true],
  ["a mark", utf8("\ufeffü"), "text/html", "ü", true],
  ["UTF-16", bytesOf("\xff\xfea\0"), "text/html", "a", true],
  ["UTF-16, big end first", bytesOf("\xfe\xff\0a"), "text/html", "a", true],
  [
    "a declared encoding",
    bytesOf("\xfc"),
    "text/html; charset=iso-8859-1",
    "ü",
    true,
  ],
  [
    "a meta element",
    bytesOf("<meta charset=latin1>\xfc"),
    "text/html",
    "<meta charset=latin1>ü",
    true,
  ],
  [
    "an XML declaration",
    bytesOf('<?xml version="1.0" encoding="latin1"?>\xfc'),
    "text/xml",
    '<?xml version="1.0" encoding="latin1"?>ü',
    true,
  ],
  [
    "a style sheet",
    bytesOf('@charset "latin1";\xfc'),
    "text/css",
    '@charset "latin1";ü',
    true,
  ],
  [
    "an encoding that does not exist",
    utf8("ü"),
    "text/html; charset=klingon",
    "ü",
    true,
  ],
  [
    "bytes of another encoding",
    bytesOf("a\xfc"),
    "text/html; charset=UTF-8",
    "a\ufffd",
    false,
  ],
  ["NUL", bytesOf("a\0"), "text/html", "a\0", false],
  ["nothing", bytesOf(""), "", "", true],
];

for (const [name, bytes, type, text, isClean] of DOCUMENTS) {
  Deno.test(`decodeDocument() of ${name}`, () => {
    assertEquals(decodeDocument(bytes, type, false), { text, isClean });
  });
}

Deno.test("decodeDocument() lets a character end where the document is cut", () => {
  const bytes = utf8("aü").subarray(0, 2);
  assertEquals(decodeDocument(bytes, "", true).isClean, true);
  assertEquals(decodeDocument(bytes, "", false).isClean, false);
});
