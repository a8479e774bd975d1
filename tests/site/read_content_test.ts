import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Segment,
  SourceChanged,
  SourceRefused,
} from "../../lib/http/reply.ts";
import { beginningOf, copyOf } from "../../lib/site/read_content.ts";
import type { Variant } from "../../lib/site/site.ts";
import { bytesOf, textOf } from "../helpers.ts";

function variantOf(text: string, slice: (end: number) => Segment): Variant {
  return {
    coding: undefined,
    length: text.length,
    etag: undefined,
    slice: (_start, end) => slice(end),
    copy: () => Promise.resolve(bytesOf(text)),
    prepared: undefined,
  };
}

/** A source that gives two bytes at a time, or fails. */
function sourceOf(text: string, end: number, error?: Error): Segment {
  let at = 0;
  return {
    length: end,
    open: () => ({
      read: (into) => {
        if (error !== undefined) throw error;
        const count = Math.min(2, into.length, text.length - at);
        into.set(bytesOf(text.slice(at, at += count)));
        return count;
      },
      close: () => {},
    }),
  };
}

for (const [count, text] of [[3, "abc"], [5, "abcde"], [9, "abcde"]] as const) {
  Deno.test(`beginningOf() reads ${count} bytes, or all there are`, () => {
    const memory = variantOf("abcde", (end) => bytesOf("abcde".slice(0, end)));
    const disk = variantOf("abcde", (end) => sourceOf("abcde", end));
    for (const variant of [memory, disk]) {
      assertEquals(textOf(beginningOf(variant, count)!), text);
    }
  });
}

Deno.test("beginningOf() is undefined for what has changed, and tells of other errors", () => {
  const failing = (error: Error) =>
    variantOf("a", (end) => sourceOf("a", end, error));
  assertEquals(beginningOf(failing(new SourceChanged()), 1), undefined);
  assertThrows(() => beginningOf(failing(new TypeError("x")), 1), TypeError);
});

Deno.test("copyOf() is undefined for what has changed or cannot be opened, and tells of other errors", async () => {
  const failing = (error: Error): Variant => ({
    ...variantOf("a", () => bytesOf("a")),
    copy: () => Promise.reject(error),
  });
  const bytes = bytesOf("abc");
  const whole = { ...failing(new Error()), copy: () => Promise.resolve(bytes) };
  assertEquals(await copyOf(whole), bytes);
  assertEquals(await copyOf(failing(new SourceChanged())), undefined);
  const refused = new SourceRefused("no", 503);
  assertEquals(await copyOf(failing(refused)), undefined);
  await assertRejects(() => copyOf(failing(new TypeError("x"))), TypeError);
});
