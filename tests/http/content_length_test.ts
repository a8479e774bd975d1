import { assertStrictEquals } from "@std/assert";
import {
  BODY_BYTES_MAX,
  parseContentLength,
} from "../../lib/http/content_length.ts";

const VALUES: readonly [name: string, value: string, want: number][] = [
  ["a length", "5", 5],
  ["no length", "0", 0],
  ["leading zeros", "0005", 5],
  ["the same length again", "5, 5", 5],
  ["the greatest length", String(BODY_BYTES_MAX), BODY_BYTES_MAX],
  ["one byte too many", String(BODY_BYTES_MAX + 1), -413],
  ["15 digits", "9".repeat(15), -413],
  ["16 digits", "9".repeat(16), -413],
  ["nothing", "", -400],
  ["two lengths", "5, 6", -400],
  ["an empty member", "5,", -400],
  ["a sign", "+5", -400],
  ["another base", "0x5", -400],
  ["a fraction", "5.0", -400],
  ["an exponent", "1e3", -400],
  ["white space inside", "5 5", -400],
];

for (const [name, value, want] of VALUES) {
  Deno.test(`parseContentLength() reads ${name}: ${want}`, () => {
    assertStrictEquals(parseContentLength(value), want);
  });
}
