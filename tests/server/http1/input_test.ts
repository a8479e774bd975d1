import { assert, assertEquals } from "@std/assert";
import { Input } from "../../../lib/server/http1/input.ts";
import { INPUT_BYTES } from "../../../lib/server/buffers.ts";
import { bytesOf, textOf } from "../../helpers.ts";

function textIn({ bytes, start, end }: Input): string {
  return textOf(bytes.subarray(start, end));
}

Deno.test("an Input begins with what was received before", () => {
  const input = new Input(bytesOf("GET"));
  assertEquals(textIn(input), "GET");
  assert(!input.isEmpty);
  assert(new Input(undefined).isEmpty);
});

Deno.test("an Input keeps what is not parsed when it needs more room", () => {
  const input = new Input(undefined);
  input.room().fill(0x61);
  input.end = INPUT_BYTES;
  const whole = input.bytes;
  input.start = INPUT_BYTES - 3;
  assert(input.room().length > INPUT_BYTES / 2);
  assertEquals(input.bytes, whole);
  assertEquals(textIn(input), "aaa");
  input.room().fill(0x62);
  input.end = input.bytes.length;
  assert(input.room().length > 0);
  assert(input.bytes.length > INPUT_BYTES);
  assertEquals(textIn(input).slice(0, 4), "aaab");
  input.start = input.end;
  assertEquals(input.room().length, INPUT_BYTES);
});

Deno.test("an Input leaves the bytes alone that a head refers to", () => {
  const input = new Input(bytesOf("GET"));
  const before = input.bytes;
  input.replace();
  assert(input.isEmpty && input.bytes !== before);
  assertEquals(textOf(before.subarray(0, 3)), "GET");
});
