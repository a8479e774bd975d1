import { assert, assertEquals } from "@std/assert";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { SLAB_BYTES, UNKEPT_BYTES } from "../../../lib/site/content/slabs.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { ContentMemory } from "../../../lib/site/disk/content_memory.ts";
import { ABSENT } from "../../../lib/site/site.ts";

function fileAt(path: string, bytes: Uint8Array<ArrayBuffer>): SiteFile {
  return new SiteFile(path, new MemoryVariant(bytes), undefined, true);
}

/** How large the memory is in which a content of 100 bytes lies, when it is read and once it is cached. */
const ROWS: readonly (readonly [
  path: string,
  isKept: boolean,
  atFirst: number,
  inTheEnd: number,
])[] = [
  ["/a.js", true, SLAB_BYTES, SLAB_BYTES],
  ["/a.js", false, UNKEPT_BYTES, SLAB_BYTES],
  ["/a.js.gz", true, 100, 100],
  ["/a.js.br", false, 100, 100],
];

for (const [path, isKept, atFirst, inTheEnd] of ROWS) {
  Deno.test(`ContentMemory: ${path}, ${isKept ? "kept" : "not kept"}`, () => {
    const memory = new ContentMemory();
    const bytes = memory.take(path, 100, isKept).fill(7);
    assertEquals(bytes.buffer.byteLength, atFirst);
    const file = fileAt(path, bytes);
    memory.keep(file);
    const { buffer } = (file.identity as MemoryVariant).bytes;
    assertEquals(buffer.byteLength, inTheEnd);
    assertEquals((file.identity as MemoryVariant).bytes, bytes);
    memory.forget(file);
    memory.forget(file);
  });
}

Deno.test("ContentMemory leaves a file alone whose writer is awaited, and what is no file", () => {
  const memory = new ContentMemory();
  const file = fileAt("/a.js", new Uint8Array(100));
  file.awaitWriter = () => Promise.resolve(ABSENT);
  memory.keep(file);
  memory.keep(ABSENT);
  const { bytes } = file.identity as MemoryVariant;
  assertEquals(bytes.buffer.byteLength, 100);
  file.awaitWriter = undefined;
  memory.keep(file);
  const kept = (file.identity as MemoryVariant).bytes;
  assertEquals(kept.buffer.byteLength, SLAB_BYTES);
  assert(kept !== bytes);
});
