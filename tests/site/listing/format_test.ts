import { assertEquals } from "@std/assert";
import { counted, humanSize } from "../../../lib/site/listing/format.ts";

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

const SIZES: readonly [bytes: number, text: string][] = [
  [0, "0 B"],
  [1000, "1000 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [48.3 * 1024 * 1024, "48.3 MiB"],
];

for (const [bytes, text] of SIZES) {
  Deno.test(`humanSize() writes "${text}"`, () => {
    assertEquals(humanSize(bytes), text);
  });
}
