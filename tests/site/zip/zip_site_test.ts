import { assert, assertEquals, assertThrows } from "@std/assert";
import { Decoder } from "../../../lib/site/disk/decoder.ts";
import { ZipError } from "../../../lib/site/zip/reader.ts";
import { ZipSite } from "../../../lib/site/zip/zip_site.ts";
import type { ZipSource } from "../../../lib/site/zip/zipped_variant.ts";
import { readSegment } from "../../bodies.ts";
import { testWith, textOf } from "../../helpers.ts";
import { type Forged, forgeZip } from "./zip_forge.ts";

const NOW = Date.UTC(2026, 0, 1);

function sourceOf(zip: Uint8Array): ZipSource {
  return {
    length: zip.length,
    slice: (start, end) => zip.subarray(start, end),
  };
}

function siteOf(
  entries: readonly Forged[],
  isProtected?: (path: string) => boolean,
) {
  return new ZipSite(sourceOf(forgeZip(entries)), isProtected);
}

function textAt(site: ZipSite, path: string, now = NOW): string | undefined {
  const found = site.lookup(path, now);
  if (found.kind !== "file") return undefined;
  const { identity } = found;
  return identity && textOf(readSegment(identity.slice(0, identity.length)));
}

Deno.test("ZipSite.lookup() finds files and the folders that they imply, by their exact names", () => {
  const site = siteOf([{ name: "a/b.txt", content: "b" }, { name: "c" }]);
  assertEquals(textAt(site, "/a/b.txt"), "b");
  assertEquals(textAt(site, "/c"), "");
  assertEquals(site.lookup("/a", NOW).kind, "directory");
  for (const path of ["/b.txt", "/A/b.txt", "/a/b.txt/", "/c/", "/d"]) {
    assertEquals(site.lookup(path, NOW).kind, "absent", path);
  }
});

Deno.test("ZipSite finds and lists nothing that is hidden", async () => {
  const site = siteOf([
    { name: ".env", content: "secret" },
    { name: "a/.git/config", content: "secret" },
    { name: ".well-known/x", content: "x" },
  ]);
  for (const path of ["/.env", "/a/.git/config", "/a/", "/a/.git/"]) {
    assertEquals(site.lookup(path, NOW).kind, "absent", path);
  }
  assertEquals(textAt(site, "/.well-known/x"), "x");
  const list = await site.list("/");
  assert(list.kind === "entries");
  assertEquals(list.entries.map(({ name }) => name), [".well-known"]);
});

Deno.test("ZipSite tells the type of a file by its content, stored or deflated", () => {
  const page = '<meta charset="latin1">'.padEnd(2000);
  const site = siteOf([
    { name: "stored.html", content: page },
    { name: "deflated.html", content: page, method: 8 },
    { name: "text", content: "text", method: 8 },
  ]);
  const types = ["/stored.html", "/deflated.html", "/text"].map((path) => {
    const found = site.lookup(path, NOW);
    return found.kind === "file" && found.contentType;
  });
  assertEquals(types, ["text/html", "text/html", "text/plain; charset=UTF-8"]);
});

Deno.test("ZipSite never gives a public file a protected sibling", () => {
  const entries = [{ name: "a.css", content: "a" }, {
    name: "a.css.br",
    content: "b",
  }];
  const codingsOf = (site: ZipSite) => {
    const found = site.lookup("/a.css", NOW);
    return found.kind === "file" && found.codings.map(({ token }) => token);
  };
  assertEquals(codingsOf(siteOf(entries)), ["br"]);
  assertEquals(codingsOf(siteOf(entries, (path) => path.endsWith(".br"))), []);
});

Deno.test("ZipSite takes only stored files for encodings of a file", () => {
  const site = siteOf([
    { name: "a.css", content: "a" },
    { name: "a.css.br", content: "b".repeat(99), method: 8 },
    { name: "a.css.gz", content: "c" },
  ]);
  const found = site.lookup("/a.css", NOW);
  assert(found.kind === "file");
  assertEquals(found.codings.map(({ token }) => token), ["gzip"]);
});

Deno.test("ZipSite sends a deflated file as gzip beside its encodings, unless one is gzip", () => {
  for (
    const [sibling, codings] of [["br", "br gzip"], ["gz", "gzip"]] as const
  ) {
    const site = siteOf([
      { name: "a.css", content: "", method: 8 },
      { name: `a.css.${sibling}`, content: "b" },
    ]);
    const found = site.lookup("/a.css", NOW);
    assert(found.kind === "file");
    const tokens = found.encoded.map(({ coding }) => coding!.token);
    assertEquals(tokens.join(" "), codings);
    assertEquals(found.encoded[0]!.length, 1);
    assertEquals(found.identity, undefined);
  }
});

Deno.test("ZipSite never gives a missing public file a protected encoding", () => {
  const site = siteOf([
    { name: "a.css.br", content: "b" },
    { name: "a.css.gz", content: "c" },
  ], (path) => path.endsWith(".br"));
  const found = site.lookup("/a.css", NOW);
  assert(found.kind === "file");
  assertEquals(found.codings.map(({ token }) => token), ["gzip"]);
});

testWith(
  true,
  "ZipSite.decode() inflates within its bounds, and notices lies",
  async () => {
    const big = "x".repeat(33 * 1024 * 1024);
    const zip = forgeZip([
      { name: "good", content: "good ".repeat(100), method: 8 },
      { name: "checksum", content: "b", method: 8, checksum: 1 },
      { name: "size", content: "c", method: 8, size: 2 },
      { name: "bomb", content: big, method: 8 },
      { name: "smallbomb", content: big, method: 8, size: 10 },
    ]);
    const site = new ZipSite(sourceOf(zip), undefined, new Decoder());
    const results: Record<string, unknown> = {};
    for (const name of ["good", "checksum", "size", "bomb", "smallbomb"]) {
      const found = site.lookup(`/${name}`, NOW);
      assert(found.kind === "file");
      const decoded = await site.decode(found);
      results[name] = typeof decoded === "number" ? decoded : decoded.length;
    }
    assertEquals(results, {
      good: 500,
      checksum: 406,
      size: 406,
      bomb: 406,
      smallbomb: 406,
    });
    site.close();
  },
);

Deno.test("ZipSite serves the ZIP file that takes the place of another, once it is whole", () => {
  const zips = [
    forgeZip([{ name: "a", content: "1" }]),
    forgeZip([{ name: "a", content: "2" }]).subarray(0, -1),
    forgeZip([{ name: "a", content: "3" }]),
  ];
  const closed: number[] = [];
  const sourceAt = (index: number): ZipSource => ({
    ...sourceOf(zips[index]!),
    renew: () => zips[latest] === zips[index] ? undefined : sourceAt(latest),
    close: () => closed.push(index),
  });
  let latest = 0;
  const site = new ZipSite(sourceAt(0));
  assertEquals(textAt(site, "/a", NOW), "1");
  latest = 1;
  assertEquals(textAt(site, "/a", NOW + 1000), "1");
  latest = 2;
  assertEquals(textAt(site, "/a", NOW + 1001), "1");
  assertEquals(textAt(site, "/a", NOW + 2000), "3");
  assertEquals(closed, [1, 0]);
  site.close();
  assertEquals(closed, [1, 0, 2]);
});

Deno.test("ZipSite reads no ZIP file that is damaged", () => {
  assertThrows(() => new ZipSite(sourceOf(new Uint8Array(99))), ZipError);
});
