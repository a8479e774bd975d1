import { assertEquals } from "@std/assert";
import {
  BEGINNING_BYTES_MAX,
  isText,
  isTransportStream,
  isUtf16,
  namesOtherEncoding,
} from "../../../lib/site/content/beginning.ts";
import { bytesOf, utf8 } from "../../helpers.ts";

/** One character for each byte. */
const TEXT_ROWS: readonly [name: string, bytes: Uint8Array, want: boolean][] = [
  ["nothing", utf8(""), true],
  ["ASCII", utf8("# Title\r\n\tindented\f\n"), true],
  ["letters and pictures", utf8("für 東京 🛶"), true],
  ["a byte order mark of UTF-8", utf8("\uFEFFtext"), true],
  ["NUL", utf8("a\0b"), false],
  ["an escape", utf8("\x1b[31mred"), false],
  ["a backspace", utf8("a\bb"), false],
  ["delete", utf8("a\x7fb"), false],
  ["a C1 control", utf8("a\u009Bb"), false],
  ["ISO 8859-1", bytesOf("f\xfcr"), false],
  ["UTF-16", bytesOf("\xff\xfea\0"), false],
  ["an overlong slash", bytesOf("a\xc0\xafb"), false],
  ["half a surrogate pair", bytesOf("\xed\xa0\x80"), false],
  ["a small file that ends within a character", bytesOf("a\xe6\x9d"), false],
  [
    "a large file that is cut within a character",
    bytesOf("a".repeat(BEGINNING_BYTES_MAX - 2) + "\xe6\x9d"),
    true,
  ],
  ["PNG", bytesOf("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), false],
  ["PDF", bytesOf("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), false],
];

for (const [name, bytes, want] of TEXT_ROWS) {
  Deno.test(`isText() says ${want ? "yes" : "no"} to ${name}`, () => {
    assertEquals(isText(bytes), want);
  });
}

/** Bytes with "G" at every place of a packet, filled with one byte. */
function packets(
  length: number,
  first: number,
  step: number,
  fill = 0xff,
): Uint8Array {
  const bytes = new Uint8Array(length).fill(fill);
  for (let at = first; at < length; at += step) bytes[at] = 0x47;
  return bytes;
}

/** The same with one byte changed. */
function broken(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, 0x46);
}

const STREAM_ROWS: readonly [
  name: string,
  bytes: Uint8Array,
  want: boolean,
][] = [
  ["packets of 188 bytes", packets(1024, 0, 188), true],
  ["packets with a time code", packets(1024, 4, 192), true],
  ["packets with error correction", packets(1024, 0, 204), true],
  ["two packets", packets(376, 0, 188), true],
  ["one packet", packets(188, 0, 188), false],
  ["nothing", new Uint8Array(0), false],
  ["TypeScript", utf8("const G = 47;\n".repeat(100)), false],
  ["text with G where packets begin", packets(1024, 0, 188, 0x61), false],
  [
    "packets of which the last lacks its sync byte",
    broken(packets(1024, 0, 188), 940),
    false,
  ],
  ["packets that begin a byte late", packets(1024, 1, 188), false],
];

for (const [name, bytes, want] of STREAM_ROWS) {
  Deno.test(`isTransportStream() says ${want ? "yes" : "no"} to ${name}`, () => {
    assertEquals(isTransportStream(bytes), want);
  });
}

Deno.test("isUtf16() looks for either byte order mark", () => {
  assertEquals(isUtf16(bytesOf("\xff\xfeh\0")), true);
  assertEquals(isUtf16(bytesOf("\xfe\xff\0h")), true);
  for (const other of ["", "\xff", "\xfe", "\xef\xbb\xbf", "h\0", "\xff\xff"]) {
    assertEquals(isUtf16(bytesOf(other)), false);
  }
});

const META = `<meta charset="iso-8859-1">`;

/** One character for each byte. */
const PAGE_ROWS: readonly [name: string, page: string, want: boolean][] = [
  ["nothing", "", false],
  ["a page that names none", "<!doctype html><title>x</title>", false],
  ["a page in UTF-8", `<meta charset="utf-8">${META}`, false],
  ["a page in UTF-8, by another name", "<meta charset=UTF8>", false],
  ["a page in another", `<!DOCTYPE html><html><head>${META}`, true],
  ["single quotes", "<meta charset='windows-1251'>", true],
  ["no quotes", "<META CHARSET=shift_jis>", true],
  ["white space around", `<meta\n charset = " EUC-KR " />`, true],
  ["a slash in the place of a space", "<meta/charset=big5>", true],
  [
    "http-equiv",
    `<meta http-equiv="Content-Type" content="text/html; charset=gb2312">`,
    true,
  ],
  [
    "http-equiv behind its content",
    `<meta content='text/html; charset="koi8-r"' http-equiv=content-type>`,
    true,
  ],
  ["content without http-equiv", `<meta content="charset=koi8-r">`, false],
  [
    "another http-equiv",
    `<meta http-equiv="refresh" content="1; charset=koi8-r">`,
    false,
  ],
  ["a comment", `<!-- ${META} -->`, false],
  ["a comment without end", `<!-- ${META}`, false],
  ["an empty comment before it", `<!-->${META}<!-- -->`, true],
  ["an attribute of another tag", `<p title='${META}'>`, false],
  ["an attribute without end", `<p title="${META}`, false],
  ["a quote that opens nothing", `<p it's>${META}`, true],
  ["a tag without end", `<p ${META.slice(0, -1)}`, false],
  ["a declaration before it", `<?php echo 1 ?>${META}`, true],
  ["an end tag before it", `</p x="${META}">`, false],
  ["another element", `<metadata charset="iso-8859-1">`, false],
  ["another attribute", `<meta data-charset="iso-8859-1">`, false],
  ["no encoding", `<meta charset="nonsense">`, false],
  ["no encoding, and then one", `<meta charset="nonsense">${META}`, true],
  ["an empty name", `<meta charset>`, false],
  ["the first of two attributes", `<meta charset=utf-8 charset=big5>`, false],
  ["UTF-16, which it cannot be", `<meta charset="utf-16le">`, false],
  ["a mark of UTF-8", `\xef\xbb\xbf${META}`, false],
  ["a mark of UTF-16", "\xff\xfe<\0", true],
];

for (const [name, page, want] of PAGE_ROWS) {
  Deno.test(`namesOtherEncoding() says ${want ? "yes" : "no"} to ${name}`, () => {
    assertEquals(namesOtherEncoding(bytesOf(page)), want);
  });
}

const HOSTILE_PAGES: readonly string[] = [
  "<",
  "<a",
  "<!--",
  "<meta ",
  `<a b="`,
  `<a =""`,
  "<a b= ' ",
  "=''",
  "<meta charset=",
  "<meta charset charset",
];

Deno.test("namesOtherEncoding() takes no longer for pages made to be slow", () => {
  const began = performance.now();
  for (const piece of HOSTILE_PAGES) {
    for (const start of ["", "<a ", "<meta "]) {
      const page = (start + piece.repeat(BEGINNING_BYTES_MAX))
        .slice(0, BEGINNING_BYTES_MAX);
      assertEquals(namesOtherEncoding(utf8(page)), false, page.slice(0, 20));
    }
  }
  // An exponential one would take longer than anybody lives.
  assertEquals(performance.now() - began < 5000, true);
});
