import { assertEquals } from "@std/assert";
import type { FileResource } from "../../lib/site/site.ts";
import {
  hasOneEncoding,
  selectVariant,
  variantForRange,
} from "../../lib/site/select_variant.ts";
import { headOf, type MemoryFile, MemorySite } from "../memory_site.ts";

const FULL: MemoryFile = {
  content: "content",
  encoded: { gzip: "less" },
  makeable: ["br"],
};

function fileOf(file: MemoryFile): {
  readonly site: MemorySite;
  readonly resource: FileResource;
} {
  const site = new MemorySite({ "/a.txt": file });
  return { site, resource: site.lookup("/a.txt") as FileResource };
}

/** Fields of a request, the coding that it gets ("none" for the content as it is), and codings that are ordered. */
const ROWS: readonly (readonly [
  file: MemoryFile,
  fields: Readonly<Record<string, string>>,
  coding: string,
  ordered: readonly string[],
])[] = [
  [FULL, {}, "none", []],
  [FULL, { "Accept-Encoding": "gzip" }, "gzip", []],
  [FULL, { "Accept-Encoding": "br" }, "none", ["/a.txt br"]],
  [FULL, { "Accept-Encoding": "br, gzip" }, "gzip", ["/a.txt br"]],
  [FULL, { "Accept-Encoding": "zstd" }, "none", []],
  [
    FULL,
    { "Accept-Encoding": "gzip", "If-None-Match": '"7"' },
    "none",
    [],
  ],
  [{ content: "content" }, { "Accept-Encoding": "gzip" }, "none", []],
];

for (const [index, [file, fields, coding, ordered]] of ROWS.entries()) {
  Deno.test(`selectVariant() takes ${coding} for ${JSON.stringify(fields)}, row ${index}`, () => {
    const { site, resource } = fileOf(file);
    const variant = selectVariant(site, resource, headOf("GET", "/", fields));
    assertEquals(variant?.coding?.token ?? "none", coding);
    assertEquals(variant !== undefined, true);
    assertEquals(site.encodings, ordered);
  });
}

Deno.test("selectVariant() has nothing as it is of a file that is there only encoded", () => {
  const { site, resource } = fileOf(FULL);
  const encoded = { ...resource, identity: undefined };
  const select = (accepted: string) =>
    selectVariant(
      site,
      encoded,
      headOf("GET", "/", {
        "Accept-Encoding": accepted,
        "If-None-Match": '"7"',
      }),
    )?.coding?.token;
  assertEquals(select("gzip"), "gzip");
  assertEquals(select("zstd"), undefined);
});

Deno.test("variantForRange() takes an encoding only if its tag is named", () => {
  const { resource } = fileOf(FULL);
  const token = (fields: Readonly<Record<string, string>>) =>
    variantForRange(resource, headOf("GET", "/", fields))?.coding?.token;
  assertEquals(token({ "Accept-Encoding": "gzip" }), undefined);
  for (const name of ["If-Range", "If-Match", "If-None-Match"]) {
    assertEquals(token({ [name]: '"4-gzip"' }), "gzip");
    assertEquals(token({ [name]: '"7"' }), undefined);
  }
});

Deno.test("hasOneEncoding() is so for what has none, and for clients that accept none", () => {
  const { resource } = fileOf(FULL);
  const plain = fileOf({ content: "content" }).resource;
  const accepts = headOf("GET", "/", { "Accept-Encoding": "gzip" });
  assertEquals(hasOneEncoding(plain, accepts), true);
  assertEquals(hasOneEncoding(resource, accepts), false);
  assertEquals(hasOneEncoding(resource, headOf("GET", "/")), true);
});
