import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import {
  BytesVariant,
  MemoryVariant,
  suffixedTag,
} from "../../../lib/site/content/variant.ts";
import { utf8 } from "../../helpers.ts";

/** entity-tag = opaque-tag, strong (RFC 9110 §8.8.3), of characters that need no care anywhere. */
const STRONG_TAG = /^"[\w-]+"$/;

const CONTENTS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "no bytes": utf8(""),
  "one byte": utf8("a"),
  "one byte NUL": new Uint8Array(1),
  "two bytes NUL": new Uint8Array(2),
  "text": utf8("Hello"),
  "text with a line end": utf8("Hello\n"),
  "text in another case": utf8("hello"),
  "every byte": Uint8Array.from({ length: 256 }, (_, index) => index),
};

for (const [name, bytes] of Object.entries(CONTENTS)) {
  Deno.test(`a MemoryVariant of ${name} has a tag made of its content alone`, async () => {
    const variant = new MemoryVariant(bytes);
    assert(STRONG_TAG.test(variant.etag), variant.etag);
    assertEquals(new MemoryVariant(bytes.slice()).etag, variant.etag);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const text = digest.toBase64({ alphabet: "base64url" });
    assertEquals(variant.etag, `"${text.slice(0, 22)}"`);
  });
}

Deno.test("MemoryVariants of different content, or with different codings, have different tags", () => {
  const tags = Object.values(CONTENTS).flatMap((bytes) => [
    new MemoryVariant(bytes).etag,
    ...CODINGS.map((coding) => new MemoryVariant(bytes, coding).etag),
  ]);
  assertEquals(new Set(tags).size, tags.length);
  for (const tag of tags) assert(STRONG_TAG.test(tag), tag);
});

Deno.test("a MemoryVariant's slices are its bytes, without a copy", () => {
  const bytes = utf8("0123456789");
  const variant = new MemoryVariant(bytes);
  assertEquals(variant.length, 10);
  assertEquals(variant.slice(0, 10), bytes);
  assertEquals(variant.slice(3, 5), utf8("34"));
  assertEquals(variant.slice(9, 10), utf8("9"));
  assertStrictEquals((variant.slice(3, 5) as Uint8Array).buffer, bytes.buffer);
});

for (const coding of CODINGS) {
  Deno.test(`MemoryVariant.withCoding() gives the bytes the coding ${coding.token} and a tag of its own`, () => {
    const content = new MemoryVariant(utf8("0123456789"));
    const variant = content.withCoding(coding);
    assertStrictEquals(variant.coding, coding);
    assertStrictEquals(content.coding, undefined);
    assertEquals(variant.length, 10);
    assertEquals(
      variant.etag,
      content.etag.replace(/"$/, `-${coding.token}"`),
    );
  });
}

Deno.test("MemoryVariant.copy() copies", async () => {
  const content = new MemoryVariant(utf8("0123456789"));
  const copy = await content.copy();
  assertEquals(copy, content.bytes);
  assert(copy.buffer !== content.bytes.buffer);
});

Deno.test("a BytesVariant has the bytes and the tag that it is given", async () => {
  const bytes = utf8("content");
  for (const tag of [undefined, '"abc"']) {
    const variant = new BytesVariant(bytes, tag);
    assertEquals([variant.etag, variant.coding], [tag, undefined]);
    assertEquals(variant.length, 7);
    assertEquals(variant.slice(1, 3), utf8("on"));
    assertEquals(await variant.copy(), bytes);
  }
});

Deno.test("suffixedTag() adds to the opaque part of a tag", () => {
  assertEquals(suffixedTag('"abc-gzip"', "identity"), '"abc-gzip-identity"');
  assertEquals(suffixedTag('W/"abc-br"', "x"), 'W/"abc-br-x"');
});
