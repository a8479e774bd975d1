import { assertEquals } from "@std/assert";
import { CODINGS } from "../../lib/http/coding.ts";
import { BytesVariant } from "../../lib/site/content/variant.ts";
import { packedResource } from "../../lib/site/packed_site.ts";
import type { FileResource } from "../../lib/site/site.ts";
import { bytesOf } from "../helpers.ts";

const NOW = Date.UTC(2026, 10, 20);

/** A file at a path, with a variant in each of the codings. */
function resourceOf(path: string, contentType: string): FileResource {
  const encoded = CODINGS.map((coding) =>
    new BytesVariant(bytesOf("a"), `"${coding.token}"`, coding)
  );
  const file = { path: `${path}.real`, modified: NOW };
  const identity = undefined;
  const contents = { identity, encoded, contentType };
  return packedResource(path, file, contents, NOW);
}

Deno.test("packedResource() offers the encodings that there are, of any type", () => {
  const resource = resourceOf("/a.png", "image/png");
  assertEquals(resource.codings, CODINGS);
  assertEquals(resource.compressible, true);
  assertEquals([resource.path, resource.realPath, resource.modified], [
    "/a.png",
    "/a.png.real",
    NOW,
  ]);
});

Deno.test("packedResource() offers no encoding of what is encoded already", () => {
  const { fields, codings, encoded, compressible } = resourceOf(
    "/a.svgz",
    "image/svg+xml",
  );
  assertEquals(fields, [["Content-Encoding", "gzip"]]);
  assertEquals([codings, compressible], [[], false]);
  // It is decoded from these.
  assertEquals(encoded.length, CODINGS.length);
});
