import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as zlib from "node:zlib";
import { type Coding, CODINGS } from "../../../lib/http/coding.ts";
import { DECODED_BYTES_MAX, Decoder } from "../../../lib/site/disk/decoder.ts";
import {
  DECODED_KEPT_BYTES_MAX,
  decodedPool,
} from "../../../lib/site/disk/pools.ts";
import { SiteFile } from "../../../lib/site/content/file.ts";
import {
  BytesVariant,
  MemoryVariant,
} from "../../../lib/site/content/variant.ts";
import type { FileResource, Variant } from "../../../lib/site/site.ts";
import { textOf, utf8 } from "../../helpers.ts";

const [BR, , GZIP] = CODINGS as [Coding, Coding, Coding];

const TEXT = "row ".repeat(1000);

function gzip(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zlib.gzipSync(text));
}

/** A file that is there only as these bytes with a coding. */
function fileOf(
  bytes: Uint8Array<ArrayBuffer>,
  { path = "/a.txt", realPath = "/a.txt.gz", coding = GZIP } = {},
): SiteFile {
  const file = new SiteFile(path, undefined, 1000, false, { realPath });
  file.setSibling(coding, new MemoryVariant(bytes));
  return file;
}

function contentOf(variant: Variant | number): string {
  assert(typeof variant !== "number", String(variant));
  return textOf(variant.slice(0, variant.length) as Uint8Array);
}

/** Runs with a decoder, and closes it. */
async function withDecoder(
  fn: (decoder: Decoder) => Promise<void>,
  bytesMax?: number,
): Promise<void> {
  const decoder = new Decoder(decodedPool(bytesMax));
  try {
    await fn(decoder);
  } finally {
    decoder.close();
  }
}

Deno.test("a Decoder decodes a content once, and keeps it", () =>
  withDecoder(async (decoder) => {
    const file = fileOf(gzip(TEXT));
    const promise = decoder.decode(file);
    assert(promise instanceof Promise);
    const [first, second] = await Promise.all([promise, decoder.decode(file)]);
    assertEquals(contentOf(first), TEXT);
    assertStrictEquals(first, second);
    assertStrictEquals(decoder.decode(file), first);
    assertEquals((first as Variant).coding, undefined);
  }));

for (
  const [tag, decodedTag] of [
    ['"abc-gzip"', '"abc-gzip-identity"'],
    ['W/"abc-gzip"', 'W/"abc-gzip-identity"'],
    [undefined, undefined],
  ] as const
) {
  Deno.test(`a Decoder gives what it has decoded the tag of what it was, with a suffix: ${tag}`, () =>
    withDecoder(async (decoder) => {
      const file = fileOf(gzip(TEXT));
      file.encoded = [new BytesVariant(gzip(TEXT), tag, GZIP)];
      const variant = await decoder.decode(file) as Variant;
      assertEquals(variant.etag, decodedTag);
    }));
}

Deno.test("a Decoder gives another path of a file its own variant of the same bytes", () =>
  withDecoder(async (decoder) => {
    const bytes = gzip(TEXT);
    const first = await decoder.decode(fileOf(bytes)) as Variant;
    const other = decoder.decode(fileOf(bytes, { path: "/loop/a.txt" }));
    assert(!(other instanceof Promise) && typeof other !== "number");
    assert(other !== first);
    assertStrictEquals(
      (other.slice(0, 1) as Uint8Array).buffer,
      (first.slice(0, 1) as Uint8Array).buffer,
    );
  }));

Deno.test("a Decoder decodes another version at once", () =>
  withDecoder(async (decoder) => {
    await decoder.decode(fileOf(gzip(TEXT)));
    const later = await decoder.decode(fileOf(gzip("other")));
    assertEquals(contentOf(later), "other");
  }));

/** What cannot be decoded, or must not be. */
const REFUSED: Readonly<Record<string, FileResource>> = {
  "no bytes": fileOf(new Uint8Array(0)),
  "what is no gzip": fileOf(utf8("not gzip")),
  "what is cut": fileOf(gzip(TEXT).subarray(0, -1)),
  "what has something behind it": fileOf(Uint8Array.of(...gzip(TEXT), 1)),
  "another coding": fileOf(gzip(TEXT), { coding: BR }),
  "brotli that is cut": fileOf(
    new Uint8Array(zlib.brotliCompressSync(TEXT)).subarray(0, -1),
    { coding: BR },
  ),
  "a bomb": fileOf(gzip(new Uint8Array(DECODED_BYTES_MAX + 1))),
  "a bomb in brotli": fileOf(
    new Uint8Array(zlib.brotliCompressSync(
      new Uint8Array(DECODED_BYTES_MAX + 1),
      { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } },
    )),
    { coding: BR },
  ),
  "a bomb of bombs": fileOf(gzip(gzip(new Uint8Array(DECODED_BYTES_MAX + 1)))),
};

for (const [name, file] of Object.entries(REFUSED)) {
  if (name === "a bomb of bombs") continue;
  Deno.test(`a Decoder refuses ${name} for good`, () =>
    withDecoder(async (decoder) => {
      assertEquals(await decoder.decode(file), 406);
      assertEquals(decoder.decode(file), 406);
    }));
}

Deno.test("a Decoder takes off one coding of a bomb of bombs, and no more", () =>
  withDecoder(async (decoder) => {
    const variant = await decoder.decode(REFUSED["a bomb of bombs"]!);
    assert((variant as Variant).length < 100_000);
  }));

Deno.test("a Decoder decodes what has just as many bytes as it may", () =>
  withDecoder(async (decoder) => {
    const file = fileOf(gzip(new Uint8Array(DECODED_BYTES_MAX)));
    const variant = await decoder.decode(file) as Variant;
    assertEquals(variant.length, DECODED_BYTES_MAX);
  }));

Deno.test("a Decoder that has no room for a content does not decode it for every request", () =>
  withDecoder(async (decoder) => {
    const file = fileOf(gzip(TEXT));
    assertEquals(contentOf(await decoder.decode(file)), TEXT);
    // It was lost at once: it is decoded again, and then not for a while.
    assertEquals(contentOf(await decoder.decode(file)), TEXT);
    assertEquals(decoder.decode(file), 503);
  }, 1000));

Deno.test("a Decoder keeps no more bytes than it may", () =>
  withDecoder(async (decoder) => {
    const files = Array.from(
      { length: 4 },
      (_, index) =>
        fileOf(gzip(TEXT + index), {
          path: `/${index}.txt`,
          realPath: `/${index}.txt.gz`,
        }),
    );
    for (const file of files) await decoder.decode(file);
    const kept = files.filter((file) =>
      typeof decoder.decode(file) === "object" &&
      !(decoder.decode(file) instanceof Promise)
    );
    assert(kept.length <= 2, `${kept.length} are kept`);
  }, 2.5 * TEXT.length));

Deno.test("a Decoder has many contents wait, and decodes them all", () =>
  withDecoder(async (decoder) => {
    const texts = Array.from({ length: 20 }, (_, index) => TEXT + index);
    const variants = await Promise.all(
      texts.map((text, index) =>
        decoder.decode(fileOf(gzip(text), { realPath: `/${index}.txt.gz` }))
      ),
    );
    assertEquals(variants.map(contentOf), texts);
  }));

Deno.test("a Decoder that is closed gives everybody an answer", async () => {
  const decoder = new Decoder();
  const promises = Array.from(
    { length: 5 },
    (_, index) =>
      decoder.decode(fileOf(gzip(TEXT), { realPath: `/${index}.txt.gz` })),
  );
  decoder.close();
  assertEquals(await Promise.all(promises), Array(5).fill(503));
  assertEquals(await decoder.decode(fileOf(gzip(TEXT))), 503);
});

Deno.test("a Decoder has nothing to decode of a file whose encoded file has gone", () =>
  withDecoder((decoder) => {
    const file = new SiteFile("/a.txt", undefined, 1000, false);
    assertEquals(decoder.decode(file), 503);
    return Promise.resolve();
  }));

Deno.test("a Decoder can keep the largest content", () => {
  assert(DECODED_BYTES_MAX < DECODED_KEPT_BYTES_MAX);
});
