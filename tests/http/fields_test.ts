import { assert, assertStrictEquals } from "@std/assert";
import {
  Field,
  FIELD_NAMES,
  fieldNumber,
  HASH_SEED,
  hashByte,
  isOwnField,
} from "../../lib/http/fields.ts";
import { bytesOf } from "../helpers.ts";

function hashOf(bytes: Uint8Array): number {
  return bytes.reduce(hashByte, HASH_SEED);
}

/** The field number of a name that stands between other bytes. */
function numberOf(name: string): number {
  const bytes = bytesOf(`host${name}host`);
  const hash = hashOf(bytesOf(name));
  return fieldNumber(bytes, 4, 4 + name.length, hash);
}

Deno.test("FIELD_NAMES has the name of every Field at its number", () => {
  Object.values(Field).forEach((number, index) => {
    assertStrictEquals(number, index);
  });
  for (
    const [field, name] of [
      [Field.Host, "host"],
      [Field.IfNoneMatch, "if-none-match"],
      [Field.XForwardedFor, "x-forwarded-for"],
      [Field.Cookie, "cookie"],
    ] as const
  ) assertStrictEquals(FIELD_NAMES[field], name);
});

Deno.test("FIELD_NAMES has no more names than a mask has bits", () => {
  assert(FIELD_NAMES.length <= 32);
  assertStrictEquals(new Set(FIELD_NAMES).size, FIELD_NAMES.length);
});

FIELD_NAMES.forEach((name, number) => {
  Deno.test(`fieldNumber() finds ${name} in any case`, () => {
    assertStrictEquals(numberOf(name), number);
    assertStrictEquals(numberOf(name.toUpperCase()), number);
    for (let i = 0; i < name.length; i++) {
      const mixed = name.slice(0, i) + name[i]!.toUpperCase() +
        name.slice(i + 1);
      assertStrictEquals(numberOf(mixed), number);
    }
  });

  Deno.test(`fieldNumber() takes nothing else for ${name}`, () => {
    assertStrictEquals(numberOf(name + "s"), -1);
    assertStrictEquals(numberOf("x" + name), -1);
    assertStrictEquals(numberOf(name.slice(1)), -1);
    assertStrictEquals(numberOf(name.slice(0, -1)), -1);
    const hash = hashOf(bytesOf(name));
    for (let i = 0; i < name.length; i++) {
      for (let byte = 0; byte < 256; byte++) {
        const character = String.fromCharCode(byte);
        if (character.toLowerCase() === name[i]) continue;
        const other = name.slice(0, i) + character + name.slice(i + 1);
        assertStrictEquals(numberOf(other), -1, other);
        // Even where the hash would lead to the name.
        assertStrictEquals(
          fieldNumber(bytesOf(other), 0, other.length, hash),
          -1,
        );
      }
    }
  });
});

const UNKNOWN: readonly [name: string, fieldName: string][] = [
  ["an empty name", ""],
  ["one letter", "h"],
  ["a field that skiff does not read", "Accept-Language"],
  ["underscores for hyphens", "content_length"],
  ["a space for a hyphen", "content length"],
  ["a CR, which hashes like a hyphen", "content\rlength"],
  ["two names", "hosthost"],
  ["white space behind", "host "],
  ["obs-text", "h\xf6st"],
  ["a very long name", "host".repeat(4096)],
];

for (const [name, fieldName] of UNKNOWN) {
  Deno.test(`fieldNumber() does not know ${name}`, () => {
    assertStrictEquals(numberOf(fieldName), -1);
  });
}

Deno.test("fieldNumber() comes to an end whatever the hash", () => {
  const bytes = bytesOf("x-unknown");
  for (let low = 0; low < 256; low++) {
    assertStrictEquals(fieldNumber(bytes, 0, bytes.length, low), -1);
    assertStrictEquals(fieldNumber(bytes, 0, bytes.length, ~low), -1);
  }
});

Deno.test("hashByte() folds the case of letters", () => {
  const lower = bytesOf("abcdefghijklmnopqrstuvwxyz-0123456789");
  const upper = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789");
  assertStrictEquals(hashOf(lower), hashOf(upper));
});

Deno.test("hashByte() keeps different names apart", () => {
  const slots = new Set(FIELD_NAMES.map((name) => hashOf(bytesOf(name))));
  assertStrictEquals(slots.size, FIELD_NAMES.length);
});

for (
  const [name, isOwn] of [
    ["ETag", true],
    ["content-length", true],
    ["Transfer-Encoding", true],
    ["VARY", true],
    ["Content-Type", false],
    ["Cache-Control", false],
    ["X-Frame-Options", false],
    ["ETag ", false],
    ["", false],
  ] as const
) {
  Deno.test(`isOwnField() of ${JSON.stringify(name)}: ${isOwn}`, () => {
    assertStrictEquals(isOwnField(name), isOwn);
  });
}
