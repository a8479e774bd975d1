import { assertEquals } from "@std/assert";
import { CODINGS } from "../../../lib/http/coding.ts";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import type { Version } from "../../../lib/site/content/version.ts";
import {
  MAKING_MAX,
  VariantMaker,
} from "../../../lib/site/disk/variant_maker.ts";
import { utf8 } from "../../helpers.ts";

const VERSION: Version = {
  device: 1,
  inode: 2,
  size: 4000,
  modified: 3,
  changed: 4,
};

const GZIP = CODINGS[2]!;

function fileAt(path: string): SiteFile {
  const content = new MemoryVariant(utf8("row ".repeat(1000)));
  return new SiteFile(path, content, undefined, true);
}

Deno.test("a VariantMaker makes a variant once, and tells of it", async () => {
  const made: string[] = [];
  const maker = new VariantMaker(({ path }) => made.push(path));
  const file = fileAt("/a.txt");
  maker.make(file, VERSION, GZIP);
  maker.make(file, VERSION, GZIP);
  await maker.idle();
  maker.make(file, VERSION, GZIP);
  await maker.idle();
  maker.close();
  assertEquals(made, ["/a.txt"]);
  assertEquals(file.encoded.map(({ coding }) => coding), [GZIP]);
});

Deno.test("a VariantMaker takes on so many variants, and no more", async () => {
  const maker = new VariantMaker(() => {});
  const files = Array.from(
    { length: MAKING_MAX + 1 },
    (_, index) => fileAt(`/${index}.txt`),
  );
  for (const file of files) maker.make(file, VERSION, GZIP);
  await maker.idle();
  maker.close();
  assertEquals(
    files.filter(({ encoded }) => encoded.length > 0).length,
    MAKING_MAX,
  );
});

Deno.test("a VariantMaker does not make at once again what was lost", async () => {
  const maker = new VariantMaker(() => {});
  maker.lose("/a.txt", VERSION);
  const first = fileAt("/a.txt");
  maker.make(first, VERSION, GZIP);
  const second = fileAt("/a.txt");
  maker.make(second, VERSION, GZIP);
  await maker.idle();
  maker.close();
  assertEquals([first.encoded.length, second.encoded.length], [1, 0]);
});
