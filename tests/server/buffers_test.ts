import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  giveBuffer,
  giveInput,
  INPUT_BYTES,
  LARGE_BYTES,
  MEDIUM_BYTES,
  SMALL_BYTES,
  takeBuffer,
  takeInput,
} from "../../lib/server/buffers.ts";

const SIZES: readonly (readonly [bytes: number, size: number])[] = [
  [0, SMALL_BYTES],
  [1, SMALL_BYTES],
  [SMALL_BYTES, SMALL_BYTES],
  [SMALL_BYTES + 1, MEDIUM_BYTES],
  [MEDIUM_BYTES, MEDIUM_BYTES],
  [MEDIUM_BYTES + 1, LARGE_BYTES],
  [LARGE_BYTES, LARGE_BYTES],
];

for (const [bytes, size] of SIZES) {
  Deno.test(`takeBuffer() gives ${size} bytes to who needs ${bytes}`, () => {
    assertEquals(takeBuffer(bytes).length, size);
  });

  Deno.test(`takeBuffer() gives a buffer of ${size} bytes again that was given back, for ${bytes}`, () => {
    const buffer = takeBuffer(bytes);
    giveBuffer(buffer);
    assertStrictEquals(takeBuffer(bytes), buffer);
  });
}

Deno.test("takeBuffer() gives no buffer to two", () => {
  const buffers = Array.from({ length: 200 }, () => takeBuffer(1));
  assertEquals(new Set(buffers).size, 200);
  for (const buffer of buffers) giveBuffer(buffer);
  const again = Array.from({ length: 200 }, () => takeBuffer(1));
  assertEquals(new Set(again).size, 200);
});

Deno.test("giveBuffer() keeps so many buffers and no more", () => {
  const given = Array.from({ length: 200 }, () => takeBuffer(LARGE_BYTES));
  for (const buffer of given) giveBuffer(buffer);
  const known = new Set(given);
  const again = given.map(() => takeBuffer(LARGE_BYTES));
  const kept = again.filter((buffer) => known.has(buffer)).length;
  assert(kept > 0 && kept < 200, `${kept} were kept`);
});

Deno.test("takeInput() gives no buffer to two, and gives again what was given back", () => {
  const inputs = Array.from({ length: 2000 }, takeInput);
  assertEquals(new Set(inputs).size, 2000);
  for (const input of inputs) {
    assertEquals(input.length, INPUT_BYTES);
    giveInput(input);
  }
  const known = new Set(inputs);
  const again = Array.from({ length: 2000 }, takeInput);
  assertEquals(new Set(again).size, 2000);
  const kept = again.filter((input) => known.has(input)).length;
  assert(kept > 0 && kept < 2000, `${kept} were kept`);
});

Deno.test("giveInput() keeps no buffer of another size", () => {
  giveInput(new Uint8Array(2 * INPUT_BYTES));
  assertEquals(takeInput().length, INPUT_BYTES);
});
