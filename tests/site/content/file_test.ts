import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Coding, CODINGS } from "../../../lib/http/coding.ts";
import {
  chooseStandIn,
  COMPRESS_BYTES_MAX,
  COMPRESS_BYTES_MIN,
  SiteFile,
} from "../../../lib/site/content/file.ts";
import { Policy } from "../../../lib/site/policy.ts";
import { prepare } from "../../../lib/site/prepare.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { utf8 } from "../../helpers.ts";

const TIME = Date.UTC(2024, 4, 1, 10, 20, 30);
const [BR, ZSTD, GZIP] = CODINGS as [Coding, Coding, Coding];

function contentOf(length: number): MemoryVariant {
  return new MemoryVariant(new Uint8Array(length));
}

/** A file of which variants can be made. */
function scriptFile(canMake = true): SiteFile {
  return new SiteFile("/app.js", contentOf(5000), TIME, canMake);
}

/** Tokens of the codings there are and may be, and of the variants that are ready. */
function tokensOf(file: SiteFile): { codings: string; encoded: string } {
  return {
    codings: file.codings.map(({ token }) => token).join(" "),
    encoded: file.encoded.map(({ coding }) => coding!.token).join(" "),
  };
}

const NONE = { codings: "", encoded: "" };
const ALL = { codings: "br zstd gzip", encoded: "" };

const MAKEABLE_ROWS: readonly [
  name: string,
  path: string,
  length: number,
  canMake: boolean,
  want: typeof NONE,
][] = [
  ["a script", "/app.js", 5000, true, ALL],
  ["a page", "/index.html", 5000, true, ALL],
  ["a drawing", "/logo.svg", 5000, true, ALL],
  ["a module", "/app.wasm", 5000, true, ALL],
  ["a script, when nothing is to be made", "/app.js", 5000, false, NONE],
  ["a picture", "/photo.jpg", 5000, true, NONE],
  ["an archive", "/app.js.gz", 5000, true, NONE],
  ["a file of unknown type", "/data.unknown", 5000, true, NONE],
  ["a file without extension", "/data", 5000, true, NONE],
  ["a license", "/LICENSE", 5000, true, ALL],
  ["an empty script", "/app.js", 0, true, NONE],
  ["the largest script that is too small", "/app.js", 1023, true, NONE],
  ["the smallest script", "/app.js", 1024, true, ALL],
  ["the largest script", "/app.js", 10 * 1024 * 1024, true, ALL],
  ["a script too large", "/app.js", 10 * 1024 * 1024 + 1, true, NONE],
];

for (const [name, path, length, canMake, want] of MAKEABLE_ROWS) {
  Deno.test(`a SiteFile can have ${want.codings || "no codings"} made of ${name}`, () => {
    const file = new SiteFile(path, contentOf(length), TIME, canMake);
    assertEquals(tokensOf(file), want);
    for (const coding of CODINGS) {
      assertEquals(file.canMake(coding), want === ALL);
    }
  });
}

Deno.test("a SiteFile's limits are those that the rows above speak of", () => {
  assertEquals(COMPRESS_BYTES_MIN, 1024);
  assertEquals(COMPRESS_BYTES_MAX, 10 * 1024 * 1024);
});

Deno.test("a SiteFile's type follows from its path, unless it has one of its own", () => {
  const content = contentOf(5000);
  const plain = new SiteFile("/a/b.html", content, TIME, true);
  assertEquals(plain.contentType, "text/html; charset=UTF-8");
  assert(plain.compressible);
  assertEquals([plain.varies, plain.fields], [[], []]);

  const own = new SiteFile("/a/b.html", content, undefined, true, {
    contentType: "image/png",
    varies: ["Accept"],
    fields: [["X-Own", "1"]],
  });
  assertEquals(own.contentType, "image/png");
  assertEquals(own.compressible, false);
  assertEquals(tokensOf(own), NONE);
  assertEquals(own.modified, undefined);
  assertEquals(own.varies, ["Accept"]);
  assertEquals(own.fields, [["X-Own", "1"]]);
});

Deno.test("a variant of a SiteFile is made once", () => {
  const file = scriptFile();
  file.beginMaking(GZIP);
  assertEquals(file.canMake(GZIP), false);
  file.beginMaking(BR);
  assertEquals(tokensOf(file), ALL);

  const made = new MemoryVariant(utf8("gzip"), GZIP);
  file.endMaking(GZIP, made);
  assertEquals(tokensOf(file), { ...ALL, encoded: "gzip" });
  assertStrictEquals(file.encoded[0], made);
  assertEquals(file.canMake(GZIP), false);
  assertEquals(file.canMake(BR), false);

  file.endMaking(BR, new MemoryVariant(utf8("brotli"), BR));
  assertEquals(tokensOf(file), { ...ALL, encoded: "br gzip" });
  assertEquals(file.madeBytes, "gzipbrotli".length);
});

Deno.test("a variant of a SiteFile that is not worth sending is not made again", () => {
  const file = scriptFile();
  file.beginMaking(BR);
  file.endMaking(BR, undefined);
  assertEquals(tokensOf(file), { codings: "zstd gzip", encoded: "" });
  assertEquals(file.canMake(BR), false);
  file.beginMaking(ZSTD);
  assertEquals(file.madeBytes, 0);
});

Deno.test("a SiteFile with siblings has those, and nothing is made beside them", () => {
  const file = scriptFile();
  file.beginMaking(BR);
  file.endMaking(BR, new MemoryVariant(utf8("made"), BR));
  const content = new MemoryVariant(utf8("sibling"));
  file.setSibling(GZIP, content);
  assertEquals(tokensOf(file), { codings: "gzip", encoded: "gzip" });
  assertEquals(file.hasSibling(GZIP), true);
  assertEquals(file.hasSibling(BR), false);
  assertEquals(
    (file.encoded[0] as MemoryVariant).bytes,
    utf8("sibling"),
  );
  assertStrictEquals(file.encoded[0]!.coding, GZIP);
  // The sibling's bytes are counted where it is a file itself.
  assertEquals(file.madeBytes, "made".length);

  file.setSibling(GZIP, undefined);
  assertEquals(file.hasSibling(GZIP), false);
  assertEquals(tokensOf(file), { ...ALL, encoded: "br" });
});

Deno.test("a variant of a SiteFile that is made after a sibling has come is not sent", () => {
  const file = scriptFile();
  file.beginMaking(BR);
  file.setSibling(GZIP, new MemoryVariant(utf8("sibling")));
  file.endMaking(BR, new MemoryVariant(utf8("made"), BR));
  assertEquals(tokensOf(file), { codings: "gzip", encoded: "gzip" });
});

Deno.test("a sibling takes the place of a made variant with the same coding", () => {
  const file = scriptFile();
  file.beginMaking(BR);
  file.endMaking(BR, new MemoryVariant(utf8("made"), BR));
  file.setSibling(BR, new MemoryVariant(utf8("sibling")));
  assertEquals((file.encoded[0] as MemoryVariant).bytes, utf8("sibling"));
});

Deno.test("siblings are in the server's order, whichever came first", () => {
  const file = scriptFile(false);
  for (const coding of [GZIP, BR, ZSTD]) {
    file.setSibling(coding, new MemoryVariant(utf8(coding.token)));
  }
  assertEquals(tokensOf(file), {
    codings: "br zstd gzip",
    encoded: "br zstd gzip",
  });
});

Deno.test("a sibling that is the same keeps what was prepared with it, another one does not", () => {
  const file = scriptFile();
  const content = new MemoryVariant(utf8("sibling"));
  file.setSibling(BR, content);
  const variant = file.encoded[0]!;
  file.setSibling(BR, content);
  assertStrictEquals(file.encoded[0], variant);

  file.setSibling(BR, new MemoryVariant(utf8("another")));
  assert(file.encoded[0] !== variant);
  assert(file.encoded[0]!.etag !== variant.etag);
});

Deno.test("a file that was told of no sibling has none", () => {
  const file = scriptFile();
  for (const coding of CODINGS) file.setSibling(coding, undefined);
  assertEquals(tokensOf(file), ALL);
});

Deno.test("a picture varies from its first sibling on, and what was prepared before is forgotten", () => {
  const file = new SiteFile("/a.png", contentOf(5000), TIME, true);
  const identity = file.identity!;
  identity.prepared = prepare(file, identity, new Policy());
  for (const coding of CODINGS) file.setSibling(coding, undefined);
  assertEquals(file.compressible, false);
  assert(identity.prepared !== undefined);

  file.setSibling(GZIP, new MemoryVariant(utf8("sibling")));
  assertEquals(file.compressible, true);
  assertStrictEquals(identity.prepared, undefined);
  assertEquals(tokensOf(file), { codings: "gzip", encoded: "gzip" });

  const prepared = prepare(file, identity, new Policy());
  identity.prepared = prepared;
  file.setSibling(BR, new MemoryVariant(utf8("another")));
  file.setSibling(BR, undefined);
  file.setSibling(GZIP, undefined);
  assertEquals(file.compressible, true);
  assertStrictEquals(identity.prepared, prepared);
  assertEquals(tokensOf(file), NONE);
  assertEquals(file.canMake(GZIP), false);
});

Deno.test("a script keeps what was prepared when it gets a sibling", () => {
  const file = scriptFile();
  const prepared = prepare(file, file.identity!, new Policy());
  file.identity!.prepared = prepared;
  file.setSibling(GZIP, new MemoryVariant(utf8("sibling")));
  assertStrictEquals(file.identity!.prepared, prepared);
});

Deno.test("chooseStandIn() prefers what is not protected, and then the oldest", () => {
  const file = (modified: number, isProtected = false) => ({
    modified,
    isProtected,
  });
  const choose = (...files: ReturnType<typeof file>[]) => chooseStandIn(files);
  assertEquals(choose(), undefined);
  assertEquals(choose(file(2), file(1), file(3)), file(1));
  assertEquals(choose(file(2), file(1, true)), file(2));
  assertEquals(choose(file(2, true), file(1, true)), file(1, true));
});

Deno.test("a SiteFile without its content as it is has its name's type, and makes nothing", () => {
  const file = new SiteFile("/a.html", undefined, TIME, true);
  assertEquals(file.contentType, "text/html; charset=UTF-8");
  assertEquals(tokensOf(file), NONE);
  file.setSibling(GZIP, new MemoryVariant(utf8("sibling")));
  assertEquals(tokensOf(file), { codings: "gzip", encoded: "gzip" });
  assertEquals(CODINGS.map((coding) => file.canMake(coding)), [
    false,
    false,
    false,
  ]);
});
