import { assertStrictEquals } from "@std/assert";
import {
  type ByteClass,
  DIGIT,
  FIELD_BYTE,
  hasControl,
  HEXDIG,
  hexValue,
  isToken,
  isWhiteSpace,
  latin1,
  lowerCased,
  QDTEXT,
  skipSpace,
  TARGET_BYTE,
  TCHAR,
  trimSpace,
} from "../../lib/http/ascii.ts";
import { HEAD_BYTES_MAX } from "../../lib/http/http1/request.ts";
import { bytesOf } from "../helpers.ts";

/** Each class with its grammar as a regular expression for one character. */
const CLASSES: readonly [
  name: string,
  byteClass: ByteClass,
  grammar: RegExp,
][] = [
  ["TCHAR", TCHAR, /^[A-Za-z0-9!#$%&'*+.^_`|~-]$/],
  ["FIELD_BYTE", FIELD_BYTE, /^[\t\x20-\x7e\x80-\xff]$/],
  ["TARGET_BYTE", TARGET_BYTE, /^[\x21-\x7e]$/],
  ["QDTEXT", QDTEXT, /^[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]$/],
  ["DIGIT", DIGIT, /^[0-9]$/],
  ["HEXDIG", HEXDIG, /^[0-9A-Fa-f]$/],
];

for (const [name, byteClass, grammar] of CLASSES) {
  Deno.test(`${name} has exactly the bytes of its grammar`, () => {
    assertStrictEquals(byteClass.length, 256);
    for (let byte = 0; byte < 256; byte++) {
      const want = grammar.test(String.fromCharCode(byte)) ? 1 : 0;
      assertStrictEquals(byteClass[byte], want, `byte ${byte}`);
    }
  });
}

Deno.test("isToken() asks every character for its class, and for one at least", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const want = TCHAR[code] === 1;
    const text = String.fromCharCode(code);
    assertStrictEquals(isToken(text), want, `${code}`);
    assertStrictEquals(isToken(`a${text}`), want, `a, ${code}`);
    assertStrictEquals(isToken(`${text}a`), want, `${code}, a`);
  }
  assertStrictEquals(isToken(""), false);
});

Deno.test("hasControl() finds those ASCII characters that are no bytes of a field", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const want = code < 0x80 && FIELD_BYTE[code] !== 1;
    const text = `a${String.fromCharCode(code)}b`;
    assertStrictEquals(hasControl(text), want, `${code}`);
  }
  assertStrictEquals(hasControl(""), false);
});

Deno.test("hexValue() reads every digit in both cases", () => {
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    assertStrictEquals(hexValue(digit.charCodeAt(0)), value);
    assertStrictEquals(hexValue(digit.toUpperCase().charCodeAt(0)), value);
  }
});

Deno.test("lowerCased() changes the 26 capital letters and nothing else", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isCapital = byte >= 65 && byte <= 90;
    assertStrictEquals(lowerCased(byte), isCapital ? byte + 32 : byte);
  }
});

Deno.test("isWhiteSpace() holds for space and tab alone", () => {
  for (let code = 0; code <= 0xffff; code++) {
    assertStrictEquals(isWhiteSpace(code), code === 32 || code === 9);
  }
  assertStrictEquals(isWhiteSpace(NaN), false);
});

Deno.test("skipSpace() goes to the next other character, or to the end of the text", () => {
  assertStrictEquals(skipSpace("a  ", 1), 3);
  assertStrictEquals(skipSpace("a \tb", 1), 3);
  assertStrictEquals(skipSpace("a b", 0), 0);
  assertStrictEquals(skipSpace("a\xa0b", 1), 1);
  assertStrictEquals(skipSpace("ab", 2), 2);
});

const TRIMMED: readonly [name: string, text: string, want: string][] = [
  ["spaces and tabs", " \t a\t b \t ", "a\t b"],
  ["nothing from a word", "a", "a"],
  ["all of white space", " \t ", ""],
  ["nothing from nothing", "", ""],
  ["no line breaks", "\r\na\n", "\r\na\n"],
  ["no NBSP", "\xa0a\xa0", "\xa0a\xa0"],
  ["no vertical tab and form feed", "\x0ba\x0c", "\x0ba\x0c"],
  ["no byte order mark", "\ufeffa\u2003", "\ufeffa\u2003"],
];

for (const [name, text, want] of TRIMMED) {
  Deno.test(`trimSpace() takes off ${name}`, () => {
    assertStrictEquals(trimSpace(text), want);
  });
}

Deno.test("latin1() makes one character of each byte", () => {
  let all = "";
  for (let byte = 0; byte < 256; byte++) all += String.fromCharCode(byte);
  const bytes = bytesOf(all);
  assertStrictEquals(latin1(bytes, 0, 256), all);
  assertStrictEquals(latin1(bytes, 65, 68), "ABC");
  assertStrictEquals(latin1(bytes, 200, 200), "");
  assertStrictEquals(latin1(bytes, 128, 256), all.slice(128));
});

Deno.test("latin1() reads bytes in the middle of a buffer", () => {
  const view = bytesOf("0123456789").subarray(3, 8);
  assertStrictEquals(latin1(view, 1, 4), "456");
});

Deno.test("latin1() makes a string of the longest head", () => {
  const bytes = new Uint8Array(HEAD_BYTES_MAX).fill(0xff);
  assertStrictEquals(
    latin1(bytes, 0, bytes.length),
    "\xff".repeat(HEAD_BYTES_MAX),
  );
});
