import { assertEquals, assertStrictEquals } from "@std/assert";
import { AUTHORIZATION_MAX, parseBasic } from "../../lib/access/basic.ts";
import { utf8 } from "../helpers.ts";

function basic(text: string): string {
  return `Basic ${utf8(text).toBase64()}`;
}

const GOOD: readonly [
  name: string,
  value: string,
  user: string,
  password: string,
][] = [
  [
    "RFC 7617's first",
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "Aladdin",
    "open sesame",
  ],
  ["RFC 7617's second", "Basic dGVzdDoxMjPCow==", "test", "123£"],
  ["a scheme in lower case", "basic YTpi", "a", "b"],
  ["a scheme in upper case", "BASIC YTpi", "a", "b"],
  ["more spaces", "Basic    YTpi", "a", "b"],
  ["a password with colons", basic("a:b:c:"), "a", "b:c:"],
  ["an empty password", basic("a:"), "a", ""],
  ["an empty name", basic(":b"), "", "b"],
  ["spaces", basic(" a : b "), " a ", " b "],
  ["astral characters", basic("a:🛶"), "a", "🛶"],
  ["a byte order mark", basic("\uFEFFa:b"), "\uFEFFa", "b"],
];

for (const [name, value, user, password] of GOOD) {
  Deno.test(`parseBasic() reads ${name}`, () => {
    assertEquals(parseBasic(value), { name: user, password });
  });
}

const BAD: Readonly<Record<string, string>> = {
  "nothing": "",
  "the scheme alone": "Basic",
  "the scheme and a space": "Basic ",
  "another scheme": "Bearer YTpi",
  "a scheme that begins like it": "Basics YTpi",
  "no space": "BasicYTpi",
  "a tab for the space": "Basic\tYTpi",
  "no colon": basic("ab"),
  "no padding": "Basic YTpiYw",
  "too much padding": "Basic YTpi====",
  "padding inside": "Basic YT==YTpi",
  "URL-safe base64": "Basic YTo_-_8=",
  "a space inside": "Basic YT pi",
  "two values": "Basic YTpi, Basic YTpj",
  "text behind": "Basic YTpi x",
  "a NUL": basic("a:\0"),
  "a line feed in the name": basic("a\n:b"),
  "a DEL": basic("a:\x7f"),
  "Latin-1": "Basic YTrk",
  "an overlong encoding": `Basic ${
    Uint8Array.of(0x61, 0x3a, 0xc0, 0x80).toBase64()
  }`,
  "a surrogate": `Basic ${Uint8Array.of(0x3a, 0xed, 0xa0, 0x80).toBase64()}`,
  "too much": basic("a:" + "b".repeat(AUTHORIZATION_MAX)),
  "very much": "Basic " + "=".repeat(1_000_000),
};

for (const [name, value] of Object.entries(BAD)) {
  Deno.test(`parseBasic() refuses ${name}`, () => {
    assertStrictEquals(parseBasic(value), undefined);
  });
}
