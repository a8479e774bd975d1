import { assertEquals } from "@std/assert";
import { counted, formatCount } from "../../lib/http/counts.ts";

const COUNTS: readonly [count: number, text: string][] = [
  [0, "0 files"],
  [1, "1 file"],
  [2, "2 files"],
  [1204, "1,204 files"],
];

for (const [count, text] of COUNTS) {
  Deno.test(`counted() writes "${text}"`, () => {
    assertEquals(counted(count, "file"), text);
  });
}

Deno.test("counted() uses the plural of an irregular noun", () => {
  assertEquals(counted(1, "reply", "replies"), "1 reply");
  assertEquals(counted(2, "reply", "replies"), "2 replies");
});

Deno.test("formatCount() separates thousands", () => {
  assertEquals(formatCount(1234567), "1,234,567");
});
