import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BundleError } from "../../../lib/site/bundle/archive.ts";
import type { Bundle, BundleFile } from "../../../lib/site/bundle/format.ts";
import { bundleLength, readBundle } from "../../../lib/site/bundle/reader.ts";
import { utf8 } from "../../helpers.ts";
import {
  archiveOf,
  fileOf,
  forge,
  FORGED_FILE,
  forgeIndex,
  type Forgery,
} from "./bundle_forge.ts";
import { filesOf, HOSTILE } from "./bundle_hostile.ts";

/** An archive of everything that a small one can have. */
function createArchive(): Uint8Array<ArrayBuffer> {
  return archiveOf([
    fileOf("/index.html", "<h1>Home</h1>", { br: "brotli", gzip: "gnuzip" }),
    fileOf("/docs/guide.txt", "Read me.", { zstd: "standard" }),
    fileOf("/docs/copy.txt", "Read me."),
    fileOf("/empty.txt", ""),
    fileOf("/.well-known/security.txt", "Contact: https://example.org/"),
    fileOf("/ünï ☃.txt", "letters"),
  ], [{ ...fileOf("/docs/app-1f0c9a7e.js", "old"), age: 2 }]);
}

/** What an archive has, or the message of the BundleError that they could not be read for. Other errors pass. */
function attempt(
  archive: Uint8Array<ArrayBuffer>,
): Bundle | string {
  try {
    return readBundle(archive);
  } catch (error) {
    if (error instanceof BundleError) return error.message;
    throw error;
  }
}

Deno.test("readBundle() refuses an archive with any bit of any byte flipped", () => {
  const archive = createArchive();
  for (let at = 0; at < archive.length; at++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      archive[at]! ^= bit;
      const found = attempt(archive);
      assert(
        typeof found === "string",
        `byte ${at}, bit ${bit} went unnoticed`,
      );
      archive[at]! ^= bit;
    }
  }
  assertEquals(typeof attempt(archive), "object");
});

Deno.test("readBundle() refuses an archive that is cut at any length", () => {
  const archive = createArchive();
  for (let length = 0; length < archive.length; length++) {
    const found = attempt(archive.slice(0, length));
    assert(typeof found === "string", `${length} bytes are taken for all`);
  }
});

Deno.test("readBundle() refuses an archive with more behind it", () => {
  const archive = createArchive();
  for (let more = 1; more < 20; more++) {
    const longer = new Uint8Array(archive.length + more);
    longer.set(archive);
    assertStringIncludes(attempt(longer) as string, "in place of");
  }
});

Deno.test("readBundle() reads an archive that is a part of a larger buffer", () => {
  const archive = createArchive();
  const buffer = new Uint8Array(archive.length + 16);
  buffer.set(archive, 8);
  assertEquals(readBundle(buffer.subarray(8, -8)), readBundle(archive));
});

Deno.test("bundleLength() tells where an archive ends that begins so", () => {
  const archive = createArchive();
  const longer = new Uint8Array(archive.length + 5);
  longer.set(archive);
  assertEquals(bundleLength(longer), archive.length);
  assertEquals(bundleLength(archive.subarray(0, 55)), undefined);
  assertEquals(bundleLength(longer.subarray(1)), undefined);
});

/** What holds for every archive that can be read, whoever made it. */
function assertSound(
  files: readonly BundleFile[],
  archive: Uint8Array,
): void {
  let last = "";
  for (const { path, contentType, modified, identity, encoded } of files) {
    assert(path > last, `${path} is not in order`);
    assert(/^(?:\/(?!\.(?!well-known(?:\/|$)))[^/\\\0]+)+$/.test(path), path);
    assert(/^[!-~]+\/[ -~]+$/.test(contentType), contentType);
    assert(!Number.isNaN(new Date(modified).getTime()));
    for (const { etag, bytes } of [identity, ...encoded]) {
      assert(/^"[!#-~]+"$/.test(etag), etag);
      assertEquals(bytes.buffer, archive.buffer);
      assert(bytes.byteOffset + bytes.length <= archive.length);
    }
    last = path;
  }
}

Deno.test("readBundle() reads nothing unsound from an index with any byte changed and signed again", () => {
  const forgery: Forgery = {
    codings: ["br", "gzip"],
    types: ["text/plain", "text/html; charset=UTF-8"],
    lengths: [5, 2, 9],
    contents: utf8("hello\0\0\0hi\0\0\0\0\0\0something\0\0\0\0\0\0\0"),
    files: [
      {
        ...FORGED_FILE,
        path: "/a",
        contents: [[0, '"a"'], [1, '"b"'], [2, '"c"']],
      },
      {
        ...FORGED_FILE,
        path: "/b/c",
        contents: [[1, '"d"'], [2, '"e"'], [0xffff_ffff]],
      },
      {
        ...FORGED_FILE,
        path: "/b/d",
        type: 1,
        contents: [[2, '"f"'], [0, '"g"'], [1, '"h"']],
      },
    ],
    kept: [{
      ...FORGED_FILE,
      path: "/c-1f0c9a7e.js",
      contents: [[1, '"i"'], [0xffff_ffff], [0, '"j"']],
      age: 1,
    }],
  };
  const index = forgeIndex(forgery);
  assertEquals(readBundle(forge(forgery, index)).files.length, 3);
  let readable = 0;
  for (let at = 0; at < index.length; at++) {
    for (const value of [0, 1, 0x22, 0x2e, 0x2f, 0x5c, 0x7f, 0x80, 0xff]) {
      const changed = index.slice();
      changed[at] = value;
      const archive = forge(forgery, changed);
      const found = attempt(archive);
      if (typeof found === "string") continue;
      readable++;
      assertSound(found.files, archive);
      assertSound(found.kept, archive);
      assert(found.kept.every(({ age }) => age >= 1));
    }
  }
  assert(readable > 0, "nothing was read at all");
});

Deno.test("readBundle() reads nothing unsound from an index that is cut anywhere and signed again", () => {
  const index = forgeIndex({});
  for (let length = 0; length < index.length; length += 8) {
    const found = attempt(forge({}, index.slice(0, length)));
    assertStringIncludes(found as string, "its index is cut short");
  }
});

Deno.test("readBundle() reads an archive made by hand after the document", () => {
  const { files: [file, ...others], kept } = readBundle(forge({
    codings: ["zstd", "br"],
    types: ["text/html; charset=UTF-8"],
    lengths: [5, 2],
    contents: utf8("hello\0\0\0hi\0\0\0\0\0\0"),
    files: [{
      path: "/a.html",
      type: 0,
      modified: -1,
      contents: [[0, '"whole"'], [0xffff_ffff], [1, '"small"']],
    }],
    kept: [{
      path: "/app-1f0c9a7e.js",
      type: 0,
      modified: 7,
      contents: [[1, '"kept"'], [0xffff_ffff], [0xffff_ffff]],
      age: 3,
    }],
  }));
  assertEquals(others, []);
  assertEquals(kept, [{
    path: "/app-1f0c9a7e.js",
    contentType: "text/html; charset=UTF-8",
    modified: 7,
    identity: { etag: '"kept"', bytes: utf8("hi") },
    encoded: [],
    age: 3,
  }]);
  assertEquals(file, {
    path: "/a.html",
    contentType: "text/html; charset=UTF-8",
    modified: -1,
    identity: { etag: '"whole"', bytes: utf8("hello") },
    encoded: [{
      coding: { token: "br", suffix: ".br" },
      etag: '"small"',
      bytes: utf8("hi"),
    }],
  });
});

Deno.test("readBundle() reads an archive without files", () => {
  assertEquals(readBundle(archiveOf([])), { files: [], kept: [] });
});

/** Paths that no Target has, or that no client may see. */
const FORBIDDEN_PATHS = [
  "",
  "a",
  "a/b",
  "/",
  "//",
  "/a/",
  "//a",
  "/a//b",
  "/.",
  "/..",
  "/../etc/passwd",
  "/a/../b",
  "/a/./b",
  "/a/..",
  "/.env",
  "/.git/config",
  "/a/.b/c",
  "/a\\b",
  "/..\\..\\windows",
  "/a\0b",
  "/\0",
  "\ufeff/a",
  "/.well-known/.private",
  "/.well-knownish/a",
];

for (const { name, forgery, message } of HOSTILE) {
  Deno.test(`readBundle() refuses an archive with ${name}`, () => {
    const found = attempt(forge(forgery));
    assertStringIncludes(
      typeof found === "string" ? found : "it was read",
      message,
    );
  });
}

/** A text that fills a terminal, ends a line, and acts on what shows it. */
const LOUD = `/\u001b]0;a\u0007\r\n\u202e${"y".repeat(60_000)}`;

for (
  const [name, forgery] of Object.entries<Forgery>({
    path: filesOf({ path: `${LOUD}/../a` }),
    order: filesOf({ path: LOUD }, { path: LOUD }),
    type: { ...filesOf({}), types: [LOUD] },
    tag: filesOf({ contents: [[0, LOUD]] }),
    coding: { ...filesOf({}), codings: [LOUD] },
  })
) {
  Deno.test(`readBundle() refuses a loud ${name} in a short line`, () => {
    const found = attempt(forge(forgery));
    assert(typeof found === "string" && found.length < 400, `${found}`);
    assertEquals(/\p{C}/u.test(found), false);
  });
}

for (const path of FORBIDDEN_PATHS) {
  Deno.test(`readBundle() refuses the path ${JSON.stringify(path)}`, () => {
    const found = attempt(forge(filesOf({ path })));
    assertStringIncludes(
      typeof found === "string" ? found : "it was read",
      "is not the path of a file",
    );
  });
}

/** Paths that look dangerous and are not. */
const ALLOWED_PATHS = [
  "/a",
  "/a b",
  "/a.b/c",
  "/a...txt",
  "/.well-known/security.txt",
  "/x/.well-known/y",
  "/C:",
  "/a:b",
  "/con",
  "/a%2fb",
  "/%00",
  "/a\nb",
  "/\u202etxt.exe",
  "/e\u0301",
  "/\ufeff",
  "/\u{1f6f6}",
  "/a?b#c",
  "/~root",
  "/a ",
  "/a.",
];

for (const path of ALLOWED_PATHS) {
  Deno.test(`readBundle() reads the path ${JSON.stringify(path)} as it is`, () => {
    assertEquals(readBundle(forge(filesOf({ path }))).files[0]?.path, path);
  });
}

Deno.test("readBundle() takes an index of paths that begin with each other in linear time", () => {
  const files = Array.from(
    { length: 2000 },
    (_, index) => ({ ...FORGED_FILE, path: "/" + "a".repeat(index + 1) }),
  );
  const started = performance.now();
  assertEquals(readBundle(forge({ files })).files.length, 2000);
  assert(performance.now() - started < 2000);
});
