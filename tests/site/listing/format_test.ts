import { assertEquals } from "@std/assert";
import { humanSize } from "../../../lib/site/listing/format.ts";

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
