import { assertEquals, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { CODINGS } from "../../../lib/http/coding.ts";
import { SourceChanged, type SourceSegment } from "../../../lib/http/reply.ts";
import { contentPlace, readDirectory } from "../../../lib/site/zip/reader.ts";
import {
  readSource,
  ZippedVariant,
} from "../../../lib/site/zip/zipped_variant.ts";
import { readSegment } from "../../bodies.ts";
import { bytesOf, textOf } from "../../helpers.ts";
import { type Forged, forgeZip } from "./zip_forge.ts";

const GZIP = CODINGS.find(({ token }) => token === "gzip")!;

/** The only file of a ZIP file, as it is packed. */
function variantOf(entry: Forged): ZippedVariant {
  const zip = forgeZip([entry]);
  const slice = (start: number, end: number) => zip.subarray(start, end);
  const [file] = readDirectory(zip.length, slice).files;
  const content = { file: file!, ...contentPlace(file!, slice)! };
  const coding = file!.isDeflated ? GZIP : undefined;
  return new ZippedVariant({ length: zip.length, slice }, content, coding);
}

const TEXT = "text ".repeat(50);

Deno.test("ZippedVariant sends a stored content as it is", () => {
  const variant = variantOf({ name: "a", content: TEXT });
  assertEquals(textOf(readSegment(variant.slice(0, TEXT.length))), TEXT);
  assertEquals(textOf(readSegment(variant.slice(5, 9))), "text");
  assertEquals(variant.length, TEXT.length);
});

Deno.test("ZippedVariant sends a deflated content as gzip, in any slice", async () => {
  const gzip = variantOf({ name: "a", content: TEXT, method: 8 });
  const whole = readSegment(gzip.slice(0, gzip.length));
  assertEquals(textOf(gunzipSync(whole)), TEXT);
  assertEquals(await gzip.copy(), new Uint8Array(whole));
  for (let start = 0; start <= whole.length; start++) {
    for (let end = start; end <= whole.length; end++) {
      const slice = readSegment(gzip.slice(start, end));
      const expected = textOf(whole.subarray(start, end));
      assertEquals(textOf(slice), expected, `${start}-${end}`);
    }
  }
});

Deno.test("readSource() reads in pieces, and notices an end that comes too early", () => {
  const sourceOf = (text: string, length: number): SourceSegment => ({
    length,
    open: (at = 0) => ({
      read: (into) => {
        const piece = bytesOf(text.slice(at, at + Math.min(2, into.length)));
        into.set(piece);
        at += piece.length;
        return piece.length;
      },
      close: () => closed++,
    }),
  });
  let closed = 0;
  assertEquals(textOf(readSource(sourceOf("abcde", 5))), "abcde");
  assertThrows(() => readSource(sourceOf("abcde", 6)), SourceChanged);
  assertEquals(closed, 2);
});

Deno.test("ZippedVariant has a tag for each content and coding", () => {
  const entries: Forged[] = [
    { name: "a", content: "a" },
    { name: "a", content: "b" },
    { name: "a", content: "a", method: 8 },
  ];
  const tags = entries.map((entry) => variantOf(entry).etag);
  assertEquals(new Set(tags).size, 3);
  assertEquals(tags[2], tags[0]!.replace(/"$/, '-gzip"'));
});
