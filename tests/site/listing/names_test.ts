import { assertEquals } from "@std/assert";
import {
  hrefOf,
  iconOf,
  isPicture,
  textOf,
  visibleName,
} from "../../../lib/site/listing/names.ts";
import type { DirectoryEntry } from "../../../lib/site/site.ts";

function entry(name: string, kind: DirectoryEntry["kind"] = "file") {
  return { name, kind, size: 0, modified: 0 };
}

Deno.test("a name becomes text or an address, and nothing else", () => {
  const name = `<a href="x">\n\u202E`;
  assertEquals(visibleName(name), `<a href="x">␊[U+202E]`);
  assertEquals(textOf(name), "&lt;a href=&quot;x&quot;&gt;␊[U+202E]");
  assertEquals(hrefOf(entry("a/b c")), "./a/b%20c");
  assertEquals(hrefOf(entry("javascript:x", "directory")), "./javascript%3Ax/");
  assertEquals(iconOf(entry("a.png", "directory")), "folder");
  assertEquals(iconOf(entry("a.png")), "image");
});

const PICTURES: [name: string, expected: boolean][] = [
  ["a.png", true],
  ["A.JPEG", true],
  ["a.svg", true],
  ["a.webp", true],
  ["a.tiff", false],
  ["a.heic", false],
  ["png", false],
  ["a.png.txt", false],
  ["a.png\n", false],
];

for (const [name, expected] of PICTURES) {
  Deno.test(`isPicture() of ${JSON.stringify(name)}`, () => {
    assertEquals(isPicture(entry(name)), expected);
    assertEquals(isPicture(entry(name, "directory")), false);
  });
}
