import { assert, assertEquals } from "@std/assert";
import { printable, quote } from "../../lib/http/printable.ts";

const ROWS: readonly (readonly [text: string, shown: string])[] = [
  ["", ""],
  ["Ünï → 日本 \u{1f600} \\u001b", "Ünï → 日本 \u{1f600} \\u001b"],
  ["\x1b[2J", "\\u001b[2J"],
  ["a\nb\r\tc\0", "a\\u000ab\\u000d\\u0009c\\u0000"],
  ["\x7f\x9b\x85", "\\u007f\\u009b\\u0085"],
  ["\u061c\u200e\u200f", "\\u061c\\u200e\\u200f"],
  ["a\u202etxt.exe", "a\\u202etxt.exe"],
  ["\u2028\u2029", "\\u2028\\u2029"],
  ["\u2066\u2069", "\\u2066\\u2069"],
  // Soft hyphen, zero width space and joiner, byte order mark: nobody sees them.
  ["a\u00adb\u200b\u200d\ufeff", "a\\u00adb\\u200b\\u200d\\ufeff"],
  // Tags, which hide a text in another.
  ["\u{e0041}", "\\udb40\\udc41"],
  ["\u{1d173}", "\\ud834\\udd73"],
  ["\ud800x", "\\ud800x"],
];

for (const [text, shown] of ROWS) {
  Deno.test(`printable() of ${JSON.stringify(shown)}`, () => {
    assertEquals(printable(text), shown);
    assertEquals(
      JSON.parse(`"${printable(text.replaceAll("\\", ""))}"`),
      text.replaceAll("\\", ""),
    );
  });
}

Deno.test("printable() leaves none of Unicode's controls and format characters", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character)) continue;
    assert(/^[\x20-\x7e]+$/.test(printable(character)), code.toString(16));
  }
});

Deno.test("printable() escapes as it is told to", () => {
  assertEquals(printable("/a\u202e\nb", encodeURIComponent), "/a%E2%80%AE%0Ab");
});

const QUOTE_ROWS: readonly [text: string, quoted: string][] = [
  ["/a", `"/a"`],
  ["", `""`],
  ["é\u4f60", `"é\u4f60"`],
  ["\x1b[2J\r\n\x9b", `"\\u001b[2J\\u000d\\u000a\\u009b"`],
  ["\u202egnp", `"\\u202egnp"`],
  ["x".repeat(81), `"${"x".repeat(80)}…"`],
];

for (const [text, quoted] of QUOTE_ROWS) {
  Deno.test(`quote() shows ${quoted.slice(0, 30)}`, () => {
    assertEquals(quote(text), quoted);
  });
}
